#pragma once

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/process/detail/children.hpp>
#include <multiprocessing/process/detail/process_record.hpp>
#include <multiprocessing/process/detail/process_record_ptr.hpp>
#include <multiprocessing/process/process.hpp>

#include <memory>
#include <string>
#include <utility>

/// \file
/// The inside of a Process.

namespace multiprocessing::detail {

/// How the start methods make a Process, and others reach its record.
struct process_access {
    [[nodiscard]] static Process make(std::unique_ptr<platform::child> child, std::string name, bool daemon) {
        process_record_ptr record(new process_record(std::move(child), std::move(name), daemon));
        children::add(record);
        return Process(std::move(record));
    }
    /// Invalid where the system has none. Throws as `sentinel`.
    [[nodiscard]] static platform::native_handle sentinel_if_any(const ProcessRef& of, const char* asked) { return of.mine(asked).child->sentinel_if_any(); }
    [[nodiscard]] static bool join_until(const ProcessRef& one, platform::deadline until) { return one.mine("join_all").child->wait_until(until); }
    [[nodiscard]] static ProcessRef refer(process_record_ptr record) noexcept { return ProcessRef(std::move(record)); }
};

} // namespace multiprocessing::detail
