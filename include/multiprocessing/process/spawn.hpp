#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/process/detail/spawn_child.hpp>
#include <multiprocessing/process/detail/spawn_entry.hpp>
#include <multiprocessing/process/detail/spawn_parameters.hpp>
#include <multiprocessing/process/detail/this_process.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/process/process_options.hpp>
#include <multiprocessing/process/spawn_error.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/reduction/outgoing.hpp>

#include <string>
#include <type_traits>
#include <utility>

/// \file
/// A fresh process of the same program that runs a function. Every system.

namespace multiprocessing {

namespace detail {

template <class T>
struct require_transferable {
    static_assert(reduction::transferable<T>,
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

inline void describe(reduction::outgoing& out, const spawn_entry_base& entry, const birth_certificate& certificate) {
    reduction::encode(out, std::string(entry.name()));
    reduction::encode(out, entry.offset());
    reduction::encode(out, certificate.path);
    reduction::encode(out, certificate.name);
    reduction::encode(out, certificate.daemon);
    reduction::encode(out, certificate.parent_number);
    reduction::encode(out, certificate.parent_name);
}

template <auto f, class... P, class... Args>
[[nodiscard]] Process spawn_with(parameter_list<P...>, process_options options, Args&&... args) {
    if constexpr ((require_transferable<std::remove_cvref_t<P>>::value && ...)) {
        require_may_spawn();
        const spawn_entry_base& entry = spawn_entry<f, P...>::registered;
        if (entry.is_ambiguous()) {
            throw SpawnError("multiprocessing: the program has two functions that are both called " + std::string(entry.name()) +
                             " at the same place of their libraries: load the library once only, or rename one of them");
        }
        next_child next(std::move(options.name), options.daemon);
        reduction::outgoing description;
        describe(description, entry, next.certificate());
        (encode_as<std::remove_cvref_t<P>>(description, std::forward<Args>(args)), ...);
        auto child = spawn_child(description);
        next.is_there();
        return process_access::make(std::move(child), next.certificate().name, options.daemon);
    }
}

} // namespace detail

/// Starts a fresh process of the running program, which calls `f(args...)` from `run_if_spawned()` and ends. `f` is a function, or a lambda without
/// captures; nothing has to be registered. Costs the same however large this process is and however many threads it has.
///
/// The arguments travel: shared objects as what they are, the same memory; anything else as a copy, converted to the type of
/// the parameter (for generic lambdas, of the argument). What cannot travel does not compile. The child may pass on what it got.
///
/// Blocks until the child runs `f`: all that was passed then lives as long as the child needs it, also if this process ends at
/// once. The child inherits the standard streams (its standard input is empty) and nothing else. It ends as a forked one does, with the same
/// exit codes; exit handlers and static objects are its own, and run.
///
/// Throws `SpawnError` when the child does not get to `f`: above all when `run_if_spawned()` is missing from main. That is found out at once
/// where this process has not called it either; otherwise when the child ends, or a second after its static initialisation reached this
/// library (10 seconds are given to get as far as that), and four times longer than this process itself took for the same way, up to a
/// minute. Throws `std::system_error` when there can be no child; `std::logic_error` in a daemon. Then there is no child.
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
