#pragma once

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/heap.hpp>

namespace multiprocessing::memory {

MULTIPROCESSING_INLINE block allocate(std::size_t bytes, std::size_t alignment) { return heap::current().allocate(bytes, alignment); }

} // namespace multiprocessing::memory
