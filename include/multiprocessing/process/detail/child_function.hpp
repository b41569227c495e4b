#pragma once

#include <multiprocessing/reduction/reducer.hpp>

#include <tuple>
#include <type_traits>

/// \file
/// What a function must not promise that is called in another process: a change of its caller's variables, or a result.

namespace multiprocessing::detail {

/// Whether a `P`, a parameter or an argument, is to be written to and is the child's alone, where nobody sees it. A handle is not: its object is shared.
template <class P>
inline constexpr bool is_written_in_vain = std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>> &&
                                           std::is_object_v<std::remove_reference_t<P>> && !reduction::reducible<std::remove_cvref_t<P>>;

/// What is asked of a function in the place of an `Arg` that it could write to: a temporary, which no reference to non-const takes.
template <class Arg>
using child_argument = std::conditional_t<is_written_in_vain<Arg&&>, std::remove_reference_t<Arg>&&, Arg&&>;

/// Instantiated with what a child's function writes to in vain, or returns in vain, this says so, and what to write instead.
template <bool takes_reference, class Result>
struct require_child_function {
    static_assert(!takes_reference,
                  "multiprocessing: this function takes a reference to non-const, and what it is given there is the child's own copy: whatever it "
                  "writes to it is lost. Only a handle of a shared object is given so. Let it take a const reference or a value, and share what it is "
                  "to change: a SharedValue or a SharedArray. (fork alone: std::ref(x), where the child is to have an x to write to.)");
    static_assert(takes_reference || std::is_void_v<Result>,
                  "multiprocessing: this function returns something, which nobody would get: a process has an exit code, and it is 0 when the "
                  "function returns. Let it store its result in a SharedValue or a SharedArray that it is given, or end the process with an exit code "
                  "of its own: fork([&] { std::exit(f()); }).");
    static constexpr bool value = !takes_reference && std::is_void_v<Result>;
};

} // namespace multiprocessing::detail
