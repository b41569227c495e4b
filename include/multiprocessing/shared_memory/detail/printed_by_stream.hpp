#pragma once

#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/shared_memory/shareable_list.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>
#include <multiprocessing/sharedctypes/detail/array_element.hpp>
#include <multiprocessing/sharedctypes/detail/print.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/barrier.hpp>
#include <multiprocessing/synchronize/bounded_semaphore.hpp>
#include <multiprocessing/synchronize/condition.hpp>
#include <multiprocessing/synchronize/detail/lock_handle.hpp>
#include <multiprocessing/synchronize/event.hpp>
#include <multiprocessing/synchronize/semaphore.hpp>

#include <concepts>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>

/// \file
/// What can be formatted as text, because it can be written to a stream: on the highest floor, for it names types of all.

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
template <class T>
inline constexpr bool is_printed_by_stream<element_copy<T>> = printable<T>;
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
