#pragma once

#include <multiprocessing/base/moved_from.hpp>

#include <stdexcept>

namespace multiprocessing::detail {

[[gnu::noinline]] MULTIPROCESSING_INLINE void throw_moved_from() {
    throw std::logic_error("multiprocessing: a handle of a shared object was used that was moved from: use the one that it was moved to, or move a handle "
                           "to it first; a copy of a handle, in place of a move, refers to the same object");
}

} // namespace multiprocessing::detail
