#pragma once

#include <thread>

#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64) || defined(_M_IX86)
#    include <immintrin.h>
#endif

/// \file
/// What the lock needs to know of the processor.

namespace multiprocessing::platform {

/// Tells the processor that this is a spinning loop: it saves power and lets the sibling hardware thread run.
inline void spin_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64) || defined(_M_IX86)
    _mm_pause();
#elif defined(__aarch64__) || defined(__arm__)
    asm volatile("yield");
#endif
}

/// Whether spinning can help: with one processor, whoever is waited for cannot run meanwhile.
inline const bool spinning_helps = std::thread::hardware_concurrency() > 1;

} // namespace multiprocessing::platform
