#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>

#include <cstddef>

/// \file
/// Where shared objects get their memory.

namespace multiprocessing::memory {

/// Zero-filled shared memory of at least `bytes` from this process's heap (memory/heap.hpp), aligned to `alignment`, a power of two; 0 bytes are as
/// good as any number. The block goes back when the last copy of it is destroyed. Thread-safe. Throws `std::system_error` or `std::bad_alloc`
/// when the memory cannot be had.
[[nodiscard]] block allocate(std::size_t bytes, std::size_t alignment);

} // namespace multiprocessing::memory

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/memory/allocate.ipp>
#endif
