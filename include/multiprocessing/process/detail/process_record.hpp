#pragma once

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/process/detail/this_process.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

/// \file
/// The children of a process.

namespace multiprocessing::detail {

/// One child, as all handles of it in this process see it.
struct process_record {
    process_record(std::unique_ptr<platform::child> started, std::string called, bool is_daemon) noexcept
        : child(std::move(started)), name(std::move(called)), daemon(is_daemon) {}

    std::unique_ptr<platform::child> child; // none once it is closed
    std::string name;
    bool daemon;
    std::int64_t parent = platform::current_process_number();

    [[nodiscard]] bool is_mine() const noexcept { return parent == platform::current_process_number(); }

    /// Waits for the end of the child, which is brought about if it is a daemon: it is asked to end, and made to a second later.
    void finish() {
        if (!child || !is_mine()) {
            return;
        }
        if (daemon) {
            child->terminate();
            if (!child->wait_until(platform::deadline_after(std::chrono::seconds(1)))) {
                child->kill();
            }
        }
        static_cast<void>(child->wait_until(platform::no_deadline));
    }
};
using process_record_ptr = std::shared_ptr<process_record>;

/// All children that have not been seen to end, for `active_children` and for the end of the process.
class children {
public:
    static void add(process_record_ptr record) {
        const std::lock_guard guard(*mutex_);
        forget_other_processes();
        if (finishing_for_ != record->parent) {
            finishing_for_ = record->parent;
            static_cast<void>(std::atexit([] { finish_all(); })); // where there is no room for one more, its children outlive it
        }
        records_->push_back(std::move(record));
    }

    /// It has been seen to end, and nobody holds it any more: its descriptor goes.
    static void forget(const process_record_ptr& record) {
        const std::lock_guard guard(*mutex_);
        std::erase(*records_, record);
    }

    /// Lets go of a child that has ended, while no other thread looks at it in active().
    static void close(process_record& record) {
        const std::lock_guard guard(*mutex_);
        record.child.reset();
    }

    /// Those that have not ended.
    [[nodiscard]] static std::vector<process_record_ptr> active() {
        const std::lock_guard guard(*mutex_);
        forget_other_processes();
        std::erase_if(*records_, [](const auto& each) { return !each->child || each->child->exit_status(); });
        return *records_;
    }

private:
    /// What was inherited over a fork: the parent's children are none of this process.
    static void forget_other_processes() {
        std::erase_if(*records_, [](const auto& each) { return !each->is_mine(); });
    }

    /// As Python does: first the daemons are told, then everybody is waited for.
    static void finish_all() {
        const auto left = active();
        for (const auto& each : left) {
            if (each->daemon && each->child) {
                each->child->terminate();
            }
        }
        for (const auto& each : left) {
            each->finish();
        }
    }

    static inline std::mutex* const mutex_ = new std::mutex;
    static inline std::vector<process_record_ptr>* const records_ = new std::vector<process_record_ptr>;
    static inline constinit std::int64_t finishing_for_ = 0; // the process whose exit handler is registered

    // A fork while another thread holds the mutex must not leave it locked in the child.
    static inline const bool hooked_ = platform::on_fork([] { mutex_->lock(); }, [] { mutex_->unlock(); },
                                                         [] { mutex_->unlock(); });
};

} // namespace multiprocessing::detail
