#pragma once

#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/sharedctypes/detail/shared_access.hpp>
#include <multiprocessing/synchronize/detail/guard_header.hpp>
#include <multiprocessing/synchronize/detail/redo_log.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE bool is_behind_its_lock(const RLock& lock, const memory::block& object, std::size_t offset, bool is_array,
                                               std::size_t extent) {
    const guard_header& header = lock_access::header(lock);
    const memory::location where = object.locate();
    return object.address() == reinterpret_cast<const std::byte*>(&header) + offset && redo_log::has_layout(header, offset, is_array) &&
           2 * extent <= where.object->size() - where.offset;
}

} // namespace multiprocessing::detail
