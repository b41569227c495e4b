#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/sharedctypes/detail/update_scope.hpp>

#include <stdexcept>
#include <system_error>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE constinit thread_local update_scope* update_scope::innermost_ = nullptr;

MULTIPROCESSING_INLINE void update_scope::look_for(const std::byte* first, std::ptrdiff_t stride, std::size_t count) {
    for (const update_scope* each = innermost_; each != nullptr; each = each->outer_) {
        const std::ptrdiff_t distance = each->object_ - first;
        if (distance % stride == 0 && distance / stride >= 0 && static_cast<std::size_t>(distance / stride) < count) {
            throw std::logic_error("multiprocessing: the function given to update() changed the object it is updating, which would be "
                                   "overwritten when it returns: change its argument instead");
        }
    }
}

MULTIPROCESSING_INLINE void update_scope::throw_not_in_it() {
    throw std::system_error(std::make_error_code(std::errc::operation_not_permitted),
                            "multiprocessing: update: the function has returned in a thread that does not hold the lock, so nothing is stored: it "
                            "gave the lock back itself, or this process was forked in it, and the lock is the parent's; let a child that "
                            "is forked in it end there, as that of multiprocessing::fork does");
}

// A child that is forked from such a function is not in it: it waits for the lock as any other process does.
[[gnu::init_priority(101)]] MULTIPROCESSING_INLINE const platform::fork_hook update_scope::hooked_{nullptr, nullptr, [] { innermost_ = nullptr; }};

} // namespace multiprocessing::detail
