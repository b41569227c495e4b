#pragma once

#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/state_with_mutex.hpp>
#include <multiprocessing/process/detail/process_record.hpp>
#include <multiprocessing/process/detail/process_record_ptr.hpp>

#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

/// \file
/// The children of a process.

namespace multiprocessing::detail {

/// All children that have not been seen to end, for `active_children` and for the end of the process.
class children {
public:
    static void add(process_record_ptr record) {
        const std::lock_guard guard(mutex());
        forget_other_processes();
        std::erase_if(records(), [](const auto& each) { return each->is_detached && has_ended(*each); });
        if (auto& finishing_for = platform::one_per_process<list>().finishing_for; finishing_for != record->maker) {
            finishing_for = record->maker;
            static_cast<void>(std::atexit([] { finish_all(); })); // where there is no room for one more, its children outlive it
        }
        records().push_back(std::move(record));
    }

    /// It has been seen to end, and nobody holds it any more: its descriptor goes.
    static void forget(const process_record_ptr& record) {
        const std::lock_guard guard(mutex());
        std::erase(records(), record);
    }

    /// Lets go of a child that has ended, while no other thread looks at it in active().
    static void close(process_record& record) {
        const std::lock_guard guard(mutex());
        record.child.reset();
    }

    /// Those that have not ended.
    [[nodiscard]] static std::vector<process_record_ptr> active() {
        const std::lock_guard guard(mutex());
        forget_other_processes();
        std::erase_if(records(), [](const auto& each) { return has_ended(*each); });
        return records();
    }

private:
    /// It is collected by that, if it has.
    [[nodiscard]] static bool has_ended(const process_record& record) { return !record.child || record.child->exit_status(); }

    /// What was inherited over a fork: the parent's children are none of this process.
    static void forget_other_processes() {
        std::erase_if(records(), [](const auto& each) { return !each->is_mine(); });
    }

    /// As Python does: first the daemons are told, then everybody is waited for; but for those that are detached.
    static void finish_all() {
        auto left = active();
        std::erase_if(left, [](const auto& each) { return each->is_detached && !each->daemon; });
        for (const auto& each : left) {
            if (each->daemon && each->child) {
                each->child->terminate();
            }
        }
        for (const auto& each : left) {
            each->finish();
        }
    }

    struct list : platform::state_with_mutex {
        static constexpr const char* name = "children";
        static constexpr platform::fork_turn turn = platform::fork_turn::others;

        std::vector<process_record_ptr> records;
        std::optional<std::uint64_t> finishing_for; // the fork_depth of the process whose exit handler is registered
    };
    [[nodiscard]] static std::mutex& mutex() { return platform::one_per_process<list>().mutex; }
    [[nodiscard]] static std::vector<process_record_ptr>& records() { return platform::one_per_process<list>().records; }
};

} // namespace multiprocessing::detail
