#pragma once

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/robust/guarded_elsewhere.hpp>
#include <multiprocessing/sharedctypes/detail/external_log.hpp>

namespace multiprocessing::detail {

/// In the table of its lock.
class registered_external_log final : public external_log {
public:
    registered_external_log(const RLock& lock, memory::block block, const robust::redo_log& log, bool is_array, std::size_t bytes)
        : external_log(std::move(block), log), lock_(lock), entry_(lock_access::header(lock), log, is_array, bytes) {}

private:
    RLock lock_; // the table refers to it
    robust::guarded_elsewhere::entry entry_;
};

MULTIPROCESSING_INLINE external_log_ptr make_external_log(const RLock& lock, std::byte* object, std::size_t bytes, std::size_t alignment,
                                                          bool is_array, memory::block block) {
    const robust::redo_log log(*reinterpret_cast<robust::mutex*>(block.address()), object, block.address() + external_log::offset(alignment));
    return std::make_shared<const registered_external_log>(lock, std::move(block), log, is_array, bytes);
}

MULTIPROCESSING_INLINE external_log_ptr make_external_log(const RLock& lock, std::byte* object, std::size_t bytes, std::size_t alignment,
                                                          bool is_array) {
    memory::block block = memory::allocate(external_log::bytes_for(bytes, alignment), external_log::offset(alignment));
    return make_external_log(lock, object, bytes, alignment, is_array, std::move(block));
}

} // namespace multiprocessing::detail
