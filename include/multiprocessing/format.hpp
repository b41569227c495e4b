#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>

#include <concepts>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <version>

#if defined(__cpp_lib_format)
#    include <format>
#endif
#if __has_include(<fmt/ranges.h>)
#    include <fmt/format.h>
#    include <fmt/ranges.h>
#endif

/// \file
/// `std::format("{}", counter)`, and `fmt::format`: values, arrays, locks and all else of the library that can be written to a stream, by
/// `std::format` where the standard library has it, and by {fmt} where its headers are installed.
///
/// What comes out is what `<<` writes, and there is no other form: `{}`. Between the braces may stand what is said of a text, its width,
/// fill and alignment: `{:>10}`. For a number's own form write `std::format("{:.2f}", ratio.value())`. Blocks, throws, and is interrupted,
/// as `<<` of the type is: for a SharedValue or SharedArray that is its lock. Not part of multiprocessing.hpp, because these headers cost
/// compile time.

namespace multiprocessing::detail {

/// Whether it is one of the library's types that can be written to a stream.
template <class T>
inline constexpr bool is_printed_by_stream =
    std::derived_from<T, lock_handle> || std::same_as<T, Semaphore> || std::same_as<T, BoundedSemaphore> || std::same_as<T, Event> ||
    std::same_as<T, Condition> || std::same_as<T, Barrier> || std::same_as<T, ShareableList> || std::same_as<T, ShareableList::reference>;
/// \cond the same for templates
template <class T>
inline constexpr bool is_printed_by_stream<RawValue<T>> = printable<T>;
template <class T>
inline constexpr bool is_printed_by_stream<RawArray<T>> = printable<T>;
template <class T>
inline constexpr bool is_printed_by_stream<SharedValue<T>> = printable<T>;
template <class T>
inline constexpr bool is_printed_by_stream<SharedArray<T>> = printable<T>;
template <class T>
inline constexpr bool is_printed_by_stream<array_element<T>> = printable<T>;
template <platform::access A>
inline constexpr bool is_printed_by_stream<BasicSharedMemory<A>> = true;
/// \endcond

/// The types that can be formatted.
template <class T>
concept printed_by_stream = is_printed_by_stream<T>;

/// What `<<` writes.
template <printed_by_stream T>
[[nodiscard]] std::string text_of(const T& object) {
    std::ostringstream out;
    out << object;
    return std::move(out).str();
}

} // namespace multiprocessing::detail

#if defined(__cpp_lib_format)
/// As a text of that content.
template <multiprocessing::detail::printed_by_stream T>
struct std::formatter<T, char> : std::formatter<std::string, char> {
    template <class Context>
    auto format(const T& object, Context& context) const {
        return std::formatter<std::string, char>::format(multiprocessing::detail::text_of(object), context);
    }
};
#endif

#if __has_include(<fmt/ranges.h>)
/// As a text of that content.
template <multiprocessing::detail::printed_by_stream T>
struct fmt::formatter<T, char> : fmt::formatter<std::string, char> {
    template <class Context>
    auto format(const T& object, Context& context) const {
        return fmt::formatter<std::string, char>::format(multiprocessing::detail::text_of(object), context);
    }
};

/// Not one of the ranges that {fmt} formats by itself.
template <multiprocessing::detail::printed_by_stream T>
struct fmt::is_range<T, char> : std::false_type {};
#endif
