#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

/// \file
/// A group of processes that may have so much memory together (cgroups(7), of either version): who wants more is ended by the kernel's OOM killer.

namespace support {

class memory_cgroup {
public:
    explicit memory_cgroup(long bytes) {
        namespace fs = std::filesystem;
        const bool second = fs::exists("/sys/fs/cgroup/cgroup.controllers");
        const fs::path parent = second ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
        if (second) {
            write(parent / "cgroup.subtree_control", "+memory");
        }
        folder_ = parent / ("multiprocessing-test-" + std::to_string(::getpid()));
        std::error_code error;
        fs::create_directory(folder_, error);
        members_ = folder_ / "cgroup.procs";
        is_there_ = !error && write(folder_ / (second ? "memory.max" : "memory.limit_in_bytes"), std::to_string(bytes));
        if (second) {
            write(folder_ / "memory.swap.max", "0");
        }
    }
    memory_cgroup(const memory_cgroup&) = delete;
    memory_cgroup& operator=(const memory_cgroup&) = delete;
    ~memory_cgroup() {
        std::error_code ignored;
        std::filesystem::remove(folder_, ignored); // it has no files of its own, and nobody is in it any more
    }

    /// False where no such group can be made.
    [[nodiscard]] bool is_there() const noexcept { return is_there_; }

    /// The calling process belongs to it from now on. A handler of a signal may call it.
    [[nodiscard]] bool join() const noexcept {
        const int file = ::open(members_.c_str(), O_WRONLY | O_CLOEXEC);
        const bool has_joined = ::write(file, "0", 1) == 1; // 0: who writes
        ::close(file);
        return has_joined;
    }

private:
    static bool write(const std::filesystem::path& file, const std::string& text) {
        std::ofstream out(file);
        out << text;
        return static_cast<bool>(out.flush());
    }

    std::filesystem::path folder_;
    std::filesystem::path members_;
    bool is_there_ = false;
};

} // namespace support
