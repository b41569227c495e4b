#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/forward.hpp>

#include <cstddef>

/// \file
/// Notices when the function given to `update` changes the object it is updating behind its own back.

namespace multiprocessing::detail {

/// An object that this thread is updating. The function works on a copy, which is stored when it returns; a store to the
/// object itself meanwhile, which the recursive lock would let through, would be lost. It throws instead.
class update_scope {
public:
    explicit update_scope(const void* object) noexcept : object_(static_cast<const std::byte*>(object)), outer_(innermost_) {
        innermost_ = this;
    }
    ~update_scope() {
        if (innermost_ == this) { // not so in a child that was forked in the function, and leaves it
            innermost_ = outer_;
        }
    }
    update_scope(const update_scope&) = delete;
    update_scope& operator=(const update_scope&) = delete;

    /// Throws `std::logic_error` if one of `count` pieces, `stride` bytes apart from `first` on, is being updated.
    static void refuse_store_to(const void* first, std::ptrdiff_t stride = 1, std::size_t count = 1) {
        if (innermost_ != nullptr) [[unlikely]] {
            look_for(static_cast<const std::byte*>(first), stride, count);
        }
    }

    /// Throws `std::system_error`, operation_not_permitted: the function has returned where the lock is not held.
    [[noreturn, gnu::cold]] static void throw_not_in_it();

private:
    [[gnu::cold]] static void look_for(const std::byte* first, std::ptrdiff_t stride, std::size_t count);

    const std::byte* object_;
    update_scope* outer_;

    static constinit thread_local update_scope* innermost_;
    static const platform::fork_hook hooked_;
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/sharedctypes/detail/update_scope.ipp>
#endif
