#pragma once

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
    [[nodiscard]] static const birth_certificate& born_as() noexcept { return *certificate_; }

    /// The process that made this one; null in the first.
    [[nodiscard]] static platform::process_watch* parent() noexcept { return parent_->get(); }

    /// What the next child will be told. Throws `std::logic_error` in a daemon.
    [[nodiscard]] static birth_certificate next_child(std::string name, bool daemon) {
        if (certificate_->daemon) {
            throw std::logic_error("multiprocessing: process " + certificate_->name +
                                   " is a daemon, and daemons may have no children, which nobody would end");
        }
        std::string path = std::to_string(children_.fetch_add(1, std::memory_order_relaxed) + 1);
        if (!certificate_->path.empty()) {
            path = certificate_->path + ":" + path;
        }
        if (name.empty()) {
            name = "Process-" + path;
        }
        return {std::move(path), std::move(name), daemon, platform::current_process_number(), certificate_->name};
    }

    /// In a process that has just been made.
    static void be_born(birth_certificate certificate) {
        *parent_ = std::make_unique<platform::process_watch>(certificate.parent_number);
        *certificate_ = std::move(certificate);
        children_.store(0, std::memory_order_relaxed);
    }

private:
    // Never destroyed: processes may be made until the very end.
    static inline birth_certificate* const certificate_ = new birth_certificate;
    static inline std::unique_ptr<platform::process_watch>* const parent_ = new std::unique_ptr<platform::process_watch>;
    static inline constinit std::atomic<int> children_{0};
};

} // namespace multiprocessing::detail
