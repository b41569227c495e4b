#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/child.hpp>
#include <multiprocessing/platform/posix/fork.hpp>
#include <multiprocessing/platform/posix/inherited_handles.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// The strings of a NUL-separated file of /proc, and pointers to them for exec.
class exec_strings {
public:
    explicit exec_strings(std::vector<std::string> strings) : strings_(std::move(strings)) {
        for (std::string& each : strings_) {
            pointers_.push_back(each.data());
        }
        pointers_.push_back(nullptr);
    }

    /// The arguments this process was started with.
    [[nodiscard]] static exec_strings arguments() {
        const owned_handle file(::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC));
        std::string all; // each ends with a NUL
        char part[4096];
        for (::ssize_t length = 0; (length = ::read(file.get(), part, sizeof(part))) > 0;) {
            all.append(part, static_cast<std::size_t>(length));
        }
        std::vector<std::string> strings;
        for (std::size_t at = 0; at < all.size(); at += strings.back().size() + 1) {
            strings.emplace_back(all.c_str() + at);
        }
        return exec_strings(std::move(strings));
    }

    /// The environment as it is now, and one variable more.
    [[nodiscard]] static exec_strings environment_and(std::string variable) {
        std::vector<std::string> strings;
        for (char** each = ::environ; each != nullptr && *each != nullptr; ++each) {
            strings.emplace_back(*each);
        }
        strings.push_back(std::move(variable));
        return exec_strings(std::move(strings));
    }

    [[nodiscard]] char* const* data() noexcept { return pointers_.data(); }

private:
    std::vector<std::string> strings_;
    std::vector<char*> pointers_;
};

class spawn_actions {
public:
    spawn_actions() { check(::posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init"); }
    ~spawn_actions() { ::posix_spawn_file_actions_destroy(&actions_); }
    spawn_actions(const spawn_actions&) = delete;
    spawn_actions& operator=(const spawn_actions&) = delete;

    void open_null(int target) {
        check(::posix_spawn_file_actions_addopen(&actions_, target, "/dev/null", O_RDONLY, 0), "posix_spawn_file_actions_addopen");
    }
    void duplicate(int from, int target) {
        const int code = ::posix_spawn_file_actions_adddup2(&actions_, from, target);
        check(code == EBADF ? EMFILE : code, "posix_spawn_file_actions_adddup2"); // it means: a number above the limit
    }
    void close_from(int first) {
        check(::posix_spawn_file_actions_addclosefrom_np(&actions_, first), "posix_spawn_file_actions_addclosefrom_np");
    }
    [[nodiscard]] const ::posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    static void check(int code, const char* call) {
        if (code != 0) {
            throw_os_error(code, call, "a child process");
        }
    }

    ::posix_spawn_file_actions_t actions_{};
};

[[nodiscard]] inline std::unique_ptr<child> start_self(std::span<const native_handle> handles) {
    auto one = std::make_unique<child>();
    const auto count = static_cast<int>(handles.size());
    // The child's descriptors are to be 3 to 3 + count. Those in that range now are first moved out of it, or one dup2 could overwrite the source
    // of another. All of it happens in the child: to close a duplicate in this process would let go of this process's byte locks.
    std::vector<int> sources(handles.begin(), handles.end());
    int free_number = first_handed_over + count;
    for (const int each : sources) {
        free_number = std::max(free_number, each + 1);
    }
    spawn_actions actions;
    for (int& each : sources) {
        if (each < first_handed_over + count) {
            actions.duplicate(each, free_number);
            each = free_number++;
        }
    }
    actions.open_null(STDIN_FILENO);
    for (int i = 0; i < count; ++i) {
        actions.duplicate(sources[static_cast<std::size_t>(i)], first_handed_over + i);
    }
    actions.close_from(first_handed_over + count);

    exec_strings arguments = exec_strings::arguments();
    exec_strings environment =
        exec_strings::environment_and(std::string(handed_over_variable) + "=" + std::to_string(count));
    flush_output();
    ::pid_t pid = 0;
    const int code = ::posix_spawn(&pid, "/proc/self/exe", actions.get(), nullptr, arguments.data(), environment.data());
    if (code != 0) {
        throw_os_error(code, "posix_spawn", "this program, /proc/self/exe");
    }
    one->adopt(pid);
    return one;
}

} // namespace multiprocessing::platform::posix
