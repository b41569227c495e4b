#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/type_name.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/reduction/incoming.hpp>

#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

/// \file
/// How a function is found again in another process that runs the same program.

namespace multiprocessing::detail {

/// A function that `spawn` is called with somewhere in the program. All of them are in a list of the process before main, in parent and child alike,
/// because to write `spawn<f>` is to instantiate the static object below. Those of a library are in it from when the library is loaded.
///
/// It is known by the name of a type, and by where this object is in its executable or library: two files may each have a `static void work()`,
/// whose types have one name.
class spawn_entry_base {
public:
    using run_function = void (*)(reduction::incoming& arguments, void (*ready)());

    spawn_entry_base(std::string_view name, run_function entry) noexcept;

    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] std::uint64_t offset() const noexcept;

    /// Reads the arguments, calls `ready()`, and then the function.
    void run(reduction::incoming& arguments, void (*ready)()) const { run_(arguments, ready); }

    /// Null when the program has no such function.
    [[nodiscard]] static const spawn_entry_base* find(std::string_view name, std::uint64_t offset);

    /// Whether another function cannot be told from this one: two copies of one library in the same program.
    [[nodiscard]] bool is_ambiguous() const;

private:
    std::string_view name_; // of static storage
    run_function run_;
    const spawn_entry_base* next_ = nullptr;

    struct list;
};

/// `f`, with parameters `P...`. An argument is the child's own: moved into a parameter taken by value, bound to one taken by reference.
template <auto f, class... P>
struct spawn_entry {
    static void run(reduction::incoming& in, void (*ready)()) {
        std::tuple<std::remove_cvref_t<P>...> arguments{reduction::decode<std::remove_cvref_t<P>>(in)...}; // braces: in order
        ready();
        std::apply([](auto&... each) { // within it, std::apply calls f as std::invoke does, which would cost <functional>
            std::apply(f, std::forward_as_tuple(static_cast<P&&>(each)...));
        }, arguments);
    }

    static inline const spawn_entry_base registered{type_name<spawn_entry>(), &run};
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/detail/spawn_entry.ipp>
#endif
