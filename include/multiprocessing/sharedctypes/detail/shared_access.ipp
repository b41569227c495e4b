#pragma once

#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/redo_log.hpp>
#include <multiprocessing/sharedctypes/detail/shared_access.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE bool is_behind_its_lock(const RLock& lock, const memory::block& object, std::size_t offset, bool is_array,
                                               std::size_t extent) {
    const robust::mutex_state& header = lock_access::header(lock);
    const memory::location where = object.locate();
    return object.address() == reinterpret_cast<const std::byte*>(&header) + offset && robust::redo_log::has_layout(header, offset, is_array) &&
           2 * extent <= where.object->size() - where.offset;
}

} // namespace multiprocessing::detail
