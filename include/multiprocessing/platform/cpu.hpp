#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#include <concepts>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/cpu.hpp>
#else
#    include <multiprocessing/platform/posix/cpu.hpp>
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#    include <intrin.h>
#endif

/// \file
/// What the lock needs to know of the processors.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::processor_count;
#else
using posix::processor_count;
#endif

static_assert(std::same_as<decltype(processor_count()), int>); // that work now; 0 when the system does not say

/// Tells the processor that this is a spinning loop: it saves power and lets the sibling hardware thread run. (By the compiler's own word for
/// it: the header of intrinsics takes longer to compile than all of this library.)
inline void spin_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(_M_X64) || defined(_M_IX86)
    _mm_pause();
#elif defined(__aarch64__) || defined(__arm__)
    asm volatile("yield");
#endif
}

/// Whether spinning can help: with one processor, whoever is waited for cannot run meanwhile.
inline const bool spinning_helps = processor_count() > 1;

} // namespace multiprocessing::platform
