#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/native_handle.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// A system call of about 0.1 us: glibc keeps no copy that `fork` could make stale, and neither do we.
[[nodiscard]] inline std::int64_t current_process_number() noexcept { return ::getpid(); }

[[nodiscard]] inline std::int64_t current_thread_number() noexcept { return ::syscall(SYS_gettid); }

/// What /proc/PID/`file` says (proc(5)), as far as it fits, in `text`. Empty when there is no such process, or no such file.
template <std::size_t Size>
[[nodiscard]] std::string_view text_of_process(std::int64_t number, const char* file, char (&text)[Size]) {
    const owned_handle opened(::open(("/proc/" + std::to_string(number) + "/" + file).c_str(), O_RDONLY | O_CLOEXEC));
    const ::ssize_t length = opened ? ::read(opened.get(), text, Size - 1) : 0;
    text[length > 0 ? length : 0] = '\0';
    return text;
}

/// Fields 3 and 22 of /proc/PID/stat (proc(5)). The second field, the program's name in parentheses, may itself hold blanks
/// and parentheses, so fields are counted from the last closing one. Zeros when there is no such process.
struct process_stat {
    char state = 0; // Z: it has ended, and nobody has waited for it
    std::uint64_t start_time = 0;
};

[[nodiscard]] inline process_stat stat_of_process(std::int64_t number) {
    char line[1024]; // the name has 64 bytes, and each of some 50 numbers up to 21
    const std::string_view text = text_of_process(number, "stat", line);
    std::size_t at = text.rfind(')');
    process_stat found;
    if (at != std::string::npos && at + 2 < text.size()) {
        found.state = text[at + 2];
    }
    for (int field = 2; field < 22 && at != std::string::npos; ++field) {
        at = text.find(' ', at + 1);
    }
    found.start_time = at == std::string::npos ? 0 : std::strtoull(line + at + 1, nullptr, 10);
    return found;
}

/// How long its first thread has been ready to run while others had the processors: the second number of /proc/PID/schedstat (proc(5)), in
/// nanoseconds. Zero where the system does not say.
[[nodiscard]] inline std::chrono::nanoseconds waited_for_processor(std::int64_t number) {
    char line[128]; // three numbers
    char* second = line;
    static_cast<void>(std::strtoull(text_of_process(number, "schedstat", line).data(), &second, 10));
    return std::chrono::nanoseconds(std::strtoll(second, nullptr, 10));
}

[[nodiscard]] inline std::uint64_t process_start_time(std::int64_t number) { return stat_of_process(number).start_time; }

/// To the 10 ms of a tick. A process that `exec` made another program of counts from before.
[[nodiscard]] inline std::chrono::milliseconds current_process_age() {
    const std::uint64_t began = process_start_time(current_process_number());
    const long ticks_in_a_second = ::sysconf(_SC_CLK_TCK);
    ::timespec now{};
    if (began == 0 || ticks_in_a_second <= 0 || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) {
        return {};
    }
    const auto boot_to_begin = std::chrono::milliseconds(began * 1000 / static_cast<std::uint64_t>(ticks_in_a_second));
    const auto boot_to_now = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    return std::chrono::floor<std::chrono::milliseconds>(boot_to_now) - boot_to_begin;
}

} // namespace multiprocessing::platform::posix
