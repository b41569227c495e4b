#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/segment_keeper.hpp>
#else
#    include <multiprocessing/platform/posix/segment_keeper.hpp>
#endif

/// \file
/// Named memory that is gone when the process that made it is, however that ends.
///
/// What both backends give:
/// * `segment_keeper()`: from now on, for this process. Throws `std::system_error` when it cannot be had.
/// * `create(name, bytes, mode, fill)`: as `named_memory::create`. Throws `std::system_error` with `broken_pipe` when what guards the names is gone.
/// * `finish()`: every name made here is gone; then so is the keeper. Also by the destructor. In a forked child, and a second time, nothing happens.
/// * `is_of_this_process()`: whether this process made the keeper, and not a parent.
/// * POSIX: a child process, which ends as soon as its work is done and cannot be ended by Ctrl-C. If it is killed, `finish` does its work;
///   only if it *and* this process are killed do names stay. It is a copy of this process as it was: make a keeper before there is much
///   memory. Windows: names are gone with the last handle, so the keeper is the handles. Who else has one keeps its memory, name and all.
/// Every function may be called by several threads at once.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::segment_keeper;
#else
using posix::segment_keeper;
#endif

template <class T>
concept is_segment_keeper = std::default_initializable<T> && requires(T one, const std::string& name, std::size_t bytes, std::uint32_t mode) {
    { one.create(name, bytes, mode, [](std::byte*) {}) } -> std::same_as<std::optional<named_memory>>;
    { one.finish() } -> std::same_as<void>;
    { one.is_of_this_process() } -> std::same_as<bool>;
};
static_assert(is_segment_keeper<segment_keeper>);

} // namespace multiprocessing::platform
