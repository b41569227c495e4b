#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/function_ref.hpp>
#include <multiprocessing/process/detail/child_function.hpp>
#include <multiprocessing/process/detail/spawn_entry.hpp>
#include <multiprocessing/process/detail/spawn_parameters.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/process/process_options.hpp>
#include <multiprocessing/process/spawn_error.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/reduction/by_cereal.hpp>
#include <multiprocessing/reduction/outgoing.hpp>

#include <type_traits>
#include <utility>

/// \file
/// A fresh process of the same program that runs a function. Every system.

namespace multiprocessing {

namespace detail {

/// Whether a T does not travel because cereal is not included.
template <class T>
consteval bool lacks_cereal() {
    if constexpr (reduction::transferable<T>) {
        return false;
    } else {
        using number = decltype(sizeof(T) != 0); // bool, which cereal knows; asked here, and not where this template is defined
        return !by_cereal<number>::is_known && reduction::find_transferable<T, cereal_help::promised>();
    }
}

template <class T>
struct require_transferable {
    static_assert(!lacks_cereal<T>(),
                  "multiprocessing: this argument is, or has in it, an object of a class with a serialize function for cereal, and cereal is not "
                  "included. Write #include <multiprocessing/reduction/cereal.hpp> above, or link to the target multiprocessing::cereal.");
    static_assert(reduction::transferable<T> || lacks_cereal<T>(),
                  "multiprocessing: an argument of this type cannot be passed to a spawned process, which shares no memory with this one. Pass a "
                  "shared object, numbers and plain structs, std::string (not string_view or a pointer), containers, tuples, optionals "
                  "and variants of these, or give the type a serialize function for cereal, and a default constructor.");
    static constexpr bool value = reduction::transferable<T>;
};

/// Converts to the parameter's type as a call would.
template <class T>
void encode_as(reduction::outgoing& out, const T& value) {
    reduction::encode(out, value);
}

/// A child that calls the function, whose arguments are what `put_arguments` puts.
[[nodiscard]] Process start_spawned(const spawn_entry_base& function, process_options options,
                                    function_ref<void(reduction::outgoing&)> put_arguments);

template <auto f, class... P, class... Args>
[[nodiscard]] Process spawn_with(parameter_list<P...>, process_options options, Args&&... args) {
    if constexpr ((require_transferable<std::remove_cvref_t<P>>::value && ...)) {
        constexpr bool takes_reference = (is_written_in_vain<P> || ...);
        if constexpr (require_child_function<takes_reference, std::invoke_result_t<decltype(f), P&&...>>::value) {
            return start_spawned(spawn_entry<f, P...>::registered, std::move(options), [&]([[maybe_unused]] reduction::outgoing& out) {
                (encode_as<std::remove_cvref_t<P>>(out, std::forward<Args>(args)), ...);
            });
        }
    }
}

} // namespace detail

/// Starts a fresh process of the running program, which calls `f(args...)` from `run_if_spawned()` and ends. `f` is a function, or a lambda without
/// captures; nothing has to be registered. Costs the same however large this process is and however many threads it has.
///
/// `f` returns void, and takes a reference to non-const only of a handle of a shared object: what it returned, or wrote to a copy, would be lost.
///
/// The arguments travel: shared objects as what they are, the same memory; anything else as a copy, converted to the type of
/// the parameter (for generic lambdas, of the argument). What cannot travel does not compile. The child may pass on what it got.
///
/// Blocks until the child runs `f`: all that was passed then lives as long as the child needs it, also if this process ends at
/// once. The child inherits the standard streams (its standard input is empty) and nothing else; no signal is
/// blocked in it or, but for nohup's and the like, ignored: see `process_options::inherit_signals`. It ends as a forked one does, with the same
/// exit codes; exit handlers and static objects are its own, and run.
///
/// Throws `SpawnError` when the child does not get to `f`: above all when `run_if_spawned()` is missing from main. That is found out at once
/// where this process has not called it either; otherwise when the child ends, or five seconds after its static initialisation reached this
/// library (10 seconds are given to get as far as that), and four times longer than this process itself took for the same way, up to a
/// minute. Throws `std::system_error` when there can be no child: operation_not_permitted in a program that its set-user-ID bit or the like gives
/// more rights than this process has, for there the child would not believe its parent (`fork` serves). `std::logic_error` in a daemon. Then there
/// is no child.
///
/// \see docs/processes.md, examples/inheritance_spawn.cpp
template <auto f, class... Args>
    requires detail::spawnable_with<decltype(f), Args...>
[[nodiscard]] Process spawn(process_options options, Args&&... args) {
    return detail::spawn_with<f>(detail::spawn_parameters<decltype(f), Args...>(), std::move(options),
                                 std::forward<Args>(args)...);
}

/// The same without options.
template <auto f, class... Args>
    requires detail::spawnable_with<decltype(f), Args...>
[[nodiscard]] Process spawn(Args&&... args) {
    return detail::spawn_with<f>(detail::spawn_parameters<decltype(f), Args...>(), process_options{},
                                 std::forward<Args>(args)...);
}

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/spawn.ipp>
#endif
