#pragma once

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/process/detail/children.hpp>
#include <multiprocessing/process/detail/process_record.hpp>
#include <multiprocessing/process/process.hpp>

#include <stdexcept>

namespace multiprocessing {

MULTIPROCESSING_INLINE void ProcessRef::join() const { static_cast<void>(mine("join").child->wait_until(platform::no_deadline)); }

MULTIPROCESSING_INLINE bool ProcessRef::join_until(platform::deadline until) const { return mine("join_for").child->wait_until(until); }

MULTIPROCESSING_INLINE bool ProcessRef::is_alive() const { return !mine("is_alive").child->exit_status(); }

MULTIPROCESSING_INLINE std::optional<int> ProcessRef::exitcode() const { return mine("exitcode").child->exit_status(); }

MULTIPROCESSING_INLINE void ProcessRef::interrupt() const { mine("interrupt").child->interrupt(); }

MULTIPROCESSING_INLINE void ProcessRef::terminate() const { mine("terminate").child->terminate(); }

MULTIPROCESSING_INLINE void ProcessRef::kill() const { mine("kill").child->kill(); }

MULTIPROCESSING_INLINE void ProcessRef::close() {
    if (!record_ || !record_->child) {
        return;
    }
    if (is_alive()) {
        throw std::logic_error("multiprocessing: close of process " + name() + ", which is still running: join it first");
    }
    detail::children::close(*record_);
}

MULTIPROCESSING_INLINE void ProcessRef::detach() const { mine("detach").is_detached = true; }

MULTIPROCESSING_INLINE std::int64_t ProcessRef::pid() const { return opened("pid").child->number(); }

MULTIPROCESSING_INLINE std::string ProcessRef::name() const { return record_ ? record_->name : std::string(); }

MULTIPROCESSING_INLINE bool ProcessRef::daemon() const noexcept { return record_ && record_->daemon; }

MULTIPROCESSING_INLINE platform::native_handle ProcessRef::sentinel() const { return mine("sentinel").child->sentinel(); }

MULTIPROCESSING_INLINE void ProcessRef::finish() {
    if (record_ && !record_->is_detached) {
        record_->finish();
        detail::children::forget(record_);
    }
    record_ = {};
}

MULTIPROCESSING_INLINE detail::process_record& ProcessRef::opened(const char* what) const {
    if (!record_) {
        throw std::logic_error("multiprocessing: " + std::string(what) + " of a Process that was moved from: the one that it was moved to has the child");
    }
    if (!record_->child) {
        throw std::logic_error("multiprocessing: " + std::string(what) + " of process " + name() + ", which is closed");
    }
    return *record_;
}

MULTIPROCESSING_INLINE detail::process_record& ProcessRef::mine(const char* what) const {
    detail::process_record& record = opened(what);
    if (!record.is_mine()) {
        throw std::logic_error("multiprocessing: " + std::string(what) + " of process " + name() +
                               ", which is a child of another process: only the process that made it can do that");
    }
    return record;
}

MULTIPROCESSING_INLINE Process& Process::operator=(Process&& other) { // NOLINT(performance-noexcept-move-constructor): see its declaration
    if (this != &other) {
        finish();
        ProcessRef::operator=(std::move(other));
    }
    return *this;
}

MULTIPROCESSING_INLINE Process::~Process() { finish(); }

} // namespace multiprocessing
