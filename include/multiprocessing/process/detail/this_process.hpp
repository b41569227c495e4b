#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/platform/process_watch.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

/// \file
/// What a process knows of itself.

namespace multiprocessing::detail {

/// What a new process is told of itself by the one that makes it.
struct birth_certificate {
    /// The numbers of the children on the way from the first process to this one: "", "1", "1:2".
    std::string path;
    std::string name = "MainProcess";
    bool daemon = false;
    std::int64_t parent_number = 0; // 0: none that the library knows of
    std::string parent_name;
};

/// Changed only while the process is born, before it has threads.
class this_process {
public:
    [[nodiscard]] static const birth_certificate& born_as() noexcept { return mine(); }

    /// The process that made this one; null in the first.
    [[nodiscard]] static platform::process_watch* parent() noexcept { return watch().get(); }

    /// In a process that has just been made. `parent` is its parent's watchable_self(), or empty.
    static void be_born(birth_certificate certificate, platform::owned_handle parent) {
        const std::int64_t number = certificate.parent_number;
        watch() = parent ? std::make_unique<platform::process_watch>(number, std::move(parent)) : std::make_unique<platform::process_watch>(number);
        mine() = std::move(certificate);
        children().store(0, std::memory_order_relaxed);
    }

private:
    friend class next_child;

    struct state {
        static constexpr const char* name = "this process";
        static constexpr platform::fork_turn turn = platform::fork_turn::others;

        birth_certificate certificate;
        std::unique_ptr<platform::process_watch> parent;
        std::atomic<int> children{0};
    };
    [[nodiscard]] static birth_certificate& mine() { return platform::one_per_process<state>().certificate; }
    [[nodiscard]] static std::unique_ptr<platform::process_watch>& watch() { return platform::one_per_process<state>().parent; }
    [[nodiscard]] static std::atomic<int>& children() { return platform::one_per_process<state>().children; }
};

/// A child that is being made. Its number is taken only once there is the child: if that fails, the next child is given it (unless another
/// thread has the one after it already; two children never have the same).
class next_child {
public:
    /// Throws `std::logic_error` in a daemon.
    next_child(std::string name, bool daemon) {
        const birth_certificate& mine = this_process::born_as();
        if (mine.daemon) {
            throw std::logic_error("multiprocessing: process " + mine.name +
                                   " is a daemon, and daemons may have no children, which nobody would end");
        }
        parent_ = platform::watchable_self(); // may throw, and there is no number yet to give back
        number_ = this_process::children().fetch_add(1, std::memory_order_relaxed) + 1;
        std::string path = (mine.path.empty() ? "" : mine.path + ":") + std::to_string(number_);
        if (name.empty()) {
            name = "Process-" + path;
        }
        certificate_ = {std::move(path), std::move(name), daemon, platform::current_process_number(), mine.name};
    }
    ~next_child() {
        if (!is_there_) {
            int last = number_;
            this_process::children().compare_exchange_strong(last, number_ - 1, std::memory_order_relaxed);
        }
    }
    next_child(const next_child&) = delete;
    next_child& operator=(const next_child&) = delete;

    /// What it is to be told.
    [[nodiscard]] const birth_certificate& certificate() const noexcept { return certificate_; }

    /// What it watches its parent by; may be empty. A fork of this process has it; a process that is started is handed it.
    [[nodiscard]] platform::owned_handle& parent() noexcept { return parent_; }

    void is_there() noexcept { is_there_ = true; }

private:
    int number_ = 0;
    birth_certificate certificate_;
    platform::owned_handle parent_;
    bool is_there_ = false;
};

} // namespace multiprocessing::detail
