#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/child.hpp>
#include <multiprocessing/platform/posix/handed_over_list.hpp>
#include <multiprocessing/platform/posix/inherited_handles.hpp>
#include <multiprocessing/platform/posix/ignored_at_start.hpp>
#include <multiprocessing/platform/posix/own_program.hpp>
#include <multiprocessing/platform/posix/printed_output.hpp>
#include <multiprocessing/platform/posix/trust.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

// musl has it not, nor had glibc before 2.34.
#if !defined(__GLIBC__)
#    define MULTIPROCESSING_HAS_ADDCLOSEFROM 0
#elif __GLIBC_PREREQ(2, 34)
#    define MULTIPROCESSING_HAS_ADDCLOSEFROM 1
#else
#    define MULTIPROCESSING_HAS_ADDCLOSEFROM 0
#endif

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
    [[nodiscard]] static std::vector<std::string> arguments() {
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
        return strings;
    }

    /// The environment as it is now, but for one variable. (Of two with the same name a program would find the first.)
    [[nodiscard]] static exec_strings environment_with(std::string_view name, const std::string& value) {
        const std::string begin = std::string(name) + "=";
        std::vector<std::string> strings;
        for (char** each = ::environ; each != nullptr && *each != nullptr; ++each) {
            if (!std::string_view(*each).starts_with(begin)) {
                strings.emplace_back(*each);
            }
        }
        strings.push_back(begin + value);
        return exec_strings(std::move(strings));
    }

    [[nodiscard]] char* const* data() noexcept { return pointers_.data(); }

private:
    std::vector<std::string> strings_;
    std::vector<char*> pointers_;
};

/// Of what posix_spawn is told before.
inline void require_done(int code, const char* call) {
    if (code != 0) {
        throw_os_error(code, call, "a child process");
    }
}

class spawn_actions {
public:
    spawn_actions() { require_done(::posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init"); }
    ~spawn_actions() { ::posix_spawn_file_actions_destroy(&actions_); }
    spawn_actions(const spawn_actions&) = delete;
    spawn_actions& operator=(const spawn_actions&) = delete;

    void open_null(int target) {
        require_done(::posix_spawn_file_actions_addopen(&actions_, target, "/dev/null", O_RDONLY, 0), "posix_spawn_file_actions_addopen");
    }
    void duplicate(int from, int target) {
        const int code = ::posix_spawn_file_actions_adddup2(&actions_, from, target);
        require_done(code == EBADF ? EMFILE : code, "posix_spawn_file_actions_adddup2"); // it means: a number above the limit
        end_of_duplicates_ = (std::max)(end_of_duplicates_, target + 1);
    }
    /// All from that one on, which those are among that were duplicated before.
    void close_from(int first) {
#if MULTIPROCESSING_HAS_ADDCLOSEFROM
        require_done(::posix_spawn_file_actions_addclosefrom_np(&actions_, first), "posix_spawn_file_actions_addclosefrom_np");
#else
        close_each_from(first);
#endif
    }
    /// The same, by what each POSIX system has, for a C library without that: those that are open now. What another thread opens meanwhile without
    /// O_CLOEXEC, the child has, too.
    void close_each_from(int first) {
        const std::unique_ptr<::DIR, int (*)(::DIR*)> all(::opendir("/proc/self/fd"), ::closedir);
        if (!all) {
            throw_os_error(last_os_error(), "opendir", "/proc/self/fd, which lists what a child process is not to inherit");
        }
        for (const ::dirent* each = ::readdir(all.get()); each != nullptr; each = ::readdir(all.get())) {
            const int number = std::atoi(each->d_name); // 0 for `.` and `..`
            if (number >= (std::max)(first, end_of_duplicates_)) {
                close(number);
            }
        }
        for (int number = first; number < end_of_duplicates_; ++number) {
            close(number);
        }
    }
    [[nodiscard]] const ::posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    void close(int number) { require_done(::posix_spawn_file_actions_addclose(&actions_, number), "posix_spawn_file_actions_addclose"); }

    ::posix_spawn_file_actions_t actions_{};
    int end_of_duplicates_ = 0;
};

class spawn_attributes {
public:
    spawn_attributes() { require_done(::posix_spawnattr_init(&attributes_), "posix_spawnattr_init"); }
    ~spawn_attributes() { ::posix_spawnattr_destroy(&attributes_); }
    spawn_attributes(const spawn_attributes&) = delete;
    spawn_attributes& operator=(const spawn_attributes&) = delete;

    /// No signal is blocked, and each has its default action. (What has a handler has it always, in another program.)
    void reset_signals_but(const ::sigset_t& left_alone) {
        ::sigset_t none;
        ::sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::sigdelset(&all, SIGKILL); // these two cannot be set
        ::sigdelset(&all, SIGSTOP);
        for (const int each : ignored_at_start::asked) {
            if (::sigismember(&left_alone, each) == 1) {
                ::sigdelset(&all, each);
            }
        }
        require_done(::posix_spawnattr_setsigmask(&attributes_, &none), "posix_spawnattr_setsigmask");
        require_done(::posix_spawnattr_setsigdefault(&attributes_, &all), "posix_spawnattr_setsigdefault");
        require_done(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF), "posix_spawnattr_setflags");
    }
    [[nodiscard]] const ::posix_spawnattr_t* get() const noexcept { return &attributes_; }

private:
    ::posix_spawnattr_t attributes_{};
};

/// What start_self executes, for messages.
[[nodiscard]] inline std::string name_of_started() {
    std::vector<std::string> arguments = exec_strings::arguments();
    return own_program::find(arguments).title();
}

inline void write_printed_output() noexcept { printed_output::write_first(); }

[[nodiscard]] inline std::unique_ptr<child> start_self(std::span<const native_handle> handles, bool inherit_signals = false) {
    std::vector<std::string> all_arguments = exec_strings::arguments();
    const own_program program = own_program::find(all_arguments);
    if (handed_over_to_process::get().told_in_vain || !next_start_is_trusted(program.path.c_str())) {
        throw_os_error(EPERM, "posix_spawn",
                       "this program, " + program.title() + ", which is given more rights than who starts it has (by a set-user-ID or set-group-ID bit, or "
                       "capabilities of its file), so that it would believe nothing it is told: use fork, or spawn in a program without these");
    }
    auto one = std::make_unique<child>();
    const owned_handle list = handed_over_list::write(handles);
    const auto count = static_cast<int>(handles.size()) + 1; // with the list, which is the last
    // The child's descriptors are to be those from 3 on. Those in that range now are first moved out of it, or one dup2 could overwrite the source
    // of another. All of it happens in the child: to close a duplicate in this process would let go of this process's byte locks.
    std::vector<int> sources(handles.begin(), handles.end());
    sources.push_back(list.get());
    int free_number = first_handed_over + count;
    for (const int each : sources) {
        free_number = (std::max)(free_number, each + 1);
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

    spawn_attributes attributes;
    if (!inherit_signals) {
        attributes.reset_signals_but(one_per_process<ignored_at_start>().set);
    }
    exec_strings arguments(std::move(all_arguments));
    exec_strings environment = exec_strings::environment_with(handed_over_variable, std::to_string(handles.size()));
    ::pid_t pid = 0;
    const int code = ::posix_spawn(&pid, program.path.c_str(), actions.get(), attributes.get(), arguments.data(), environment.data());
    if (code != 0) {
        throw_os_error(code, "posix_spawn", "this program, " + program.title());
    }
    one->adopt(pid);
    return one;
}

} // namespace multiprocessing::platform::posix

#undef MULTIPROCESSING_HAS_ADDCLOSEFROM
