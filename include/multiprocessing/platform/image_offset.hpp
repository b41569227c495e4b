#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstdint>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/image_offset.hpp>
#else
#    include <multiprocessing/platform/posix/image_offset.hpp>
#endif

/// \file
/// What a place in the program is called in another process that runs the same program.

namespace multiprocessing::platform {

/// How far an object or function with static storage lies behind the begin of the executable or library it is in. The same in every process that
/// runs the same file, wherever it was loaded. 0 when it is in none.
#if MULTIPROCESSING_WINDOWS
using windows::image_offset;
#else
using posix::image_offset;
#endif
static_assert(requires(const void* place) {
    { image_offset(place) } noexcept -> std::same_as<std::uint64_t>;
});

} // namespace multiprocessing::platform
