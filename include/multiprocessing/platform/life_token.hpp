#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/life_token.hpp>
#else
#    include <multiprocessing/platform/posix/life_token.hpp>
#endif

/// \file
/// A thing that one process holds for as long as it lives, and that the kernel lets go of when the process's memory goes: at its
/// end, however it ends, and when it becomes another program by exec. So "does that process live?" is "is its token held?":
/// no process id is asked, which could have been given to somebody else or mean another process in another pid namespace.
///
/// Tokens are numbers, of which each is taken once and by one process. Those of one table belong to the memory object that the table
/// lies in, its *home*. What both backends give, in the class `life_tokens`:
/// * `life_tokens(home, table, name)`: the tokens of the table in that memory object, whose name it is, empty if it has none. `table` is a number
///   that no other table has.
/// * `kind`: a number of its own for each way of holding and asking. All who use one table use one kind.
/// * `home()`: the home's handle. Throws `std::system_error`, bad_file_descriptor, when the program has closed it, and it cannot be opened by its name.
/// * `identity()`: which table it is, among all of this machine, as the system knows it and nobody can write it.
/// * `try_take(token)`: this process holds it from now on, until it ends. False: somebody holds it. A child does not hold what its parent
///   took. Throws `std::system_error` when the system refuses.
/// * `let_go()`: this process does not hold what it took last any more. `forget()`: in a child that was just forked, which holds nothing.
/// * `ask(token)`: whether another process holds it: `life::held`, `life::gone`, or `life::unknown` when the system does not say. A question
///   changes nothing, wherever who asks is stopped or killed.
/// * Linux: a lock on a byte of the home, which a mapping keeps. Other POSIX systems, and Linux when asked to
///   (MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS): a record lock. Windows: a kernel object with a name.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::life;
using windows::life_tokens;
#else
using posix::life;
using posix::life_tokens;
#endif

static_assert(std::constructible_from<life_tokens, native_handle, std::uint64_t, const std::string&>);
static_assert(requires(const life_tokens tokens, std::uint64_t token) {
    { tokens.try_take(token) } -> std::same_as<bool>;
    { tokens.ask(token) } noexcept -> std::same_as<life>;
    { tokens.identity() } noexcept -> std::same_as<std::pair<std::uint64_t, std::uint64_t>>;
    { tokens.let_go() } noexcept;
    { tokens.forget() } noexcept;
    { life_tokens::kind + 0 } -> std::convertible_to<std::uint32_t>;
});

} // namespace multiprocessing::platform
