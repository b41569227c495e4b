#pragma once

#include <multiprocessing/base/form.hpp>

#include <utility>

/// \file
/// What a handle of a process holds.

namespace multiprocessing::detail {

struct process_record;

/// A counted reference to the record of a child; empty after it was moved from. (A std::shared_ptr costs its users the whole of <memory>.)
class process_record_ptr {
public:
    process_record_ptr() noexcept = default;
    /// Takes over a reference that is counted already: that of a new record.
    explicit process_record_ptr(process_record* record) noexcept : record_(record) {}
    process_record_ptr(const process_record_ptr& other) noexcept : record_(other.record_) { retain(); }
    process_record_ptr(process_record_ptr&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
    process_record_ptr& operator=(process_record_ptr other) noexcept {
        std::swap(record_, other.record_);
        return *this;
    }
    ~process_record_ptr() { release(); }

    [[nodiscard]] process_record& operator*() const noexcept { return *record_; }
    [[nodiscard]] process_record* operator->() const noexcept { return record_; }
    [[nodiscard]] explicit operator bool() const noexcept { return record_ != nullptr; }
    friend bool operator==(const process_record_ptr&, const process_record_ptr&) = default;

private:
    void retain() noexcept;
    void release() noexcept;

    process_record* record_ = nullptr;
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/detail/process_record_ptr.ipp>
#endif
