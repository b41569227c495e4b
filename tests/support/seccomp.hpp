#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

/// \file
/// A system that refuses a call, as sandboxes do.

namespace support {

/// A system call, or one with a certain argument: one of those from `first` to `last`.
struct filtered_call {
    const char* name;
    long number;
    int argument = -1; // which one, from 0 on; -1: whatever they are
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

/// In this process, a child of the test's, and all it makes: the call fails from now on, with that error. False where filters are not permitted.
[[nodiscard]] inline bool refuse_from_now_on(const filtered_call& call, int error) {
    constexpr auto load = static_cast<std::uint16_t>(BPF_LD | BPF_W | BPF_ABS);
    constexpr auto is = static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K);
    constexpr auto is_at_least = static_cast<std::uint16_t>(BPF_JMP | BPF_JGE | BPF_K);
    constexpr auto is_more = static_cast<std::uint16_t>(BPF_JMP | BPF_JGT | BPF_K);
    constexpr auto end = static_cast<std::uint16_t>(BPF_RET | BPF_K);
    const ::sock_filter refuse{end, 0, 0, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)};
    const ::sock_filter allow{end, 0, 0, SECCOMP_RET_ALLOW};
    std::vector<::sock_filter> filter{{load, 0, 0, offsetof(::seccomp_data, nr)}};
    const auto number = static_cast<std::uint32_t>(call.number);
    if (call.argument >= 0) {
        constexpr std::uint32_t low_half = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
        filter.push_back({is, 0, 4, number});
        filter.push_back({load, 0, 0, static_cast<std::uint32_t>(offsetof(::seccomp_data, args) + 8 * static_cast<std::size_t>(call.argument) + low_half)});
        filter.push_back({is_at_least, 0, 2, call.first});
        filter.push_back({is_more, 1, 0, call.last});
    } else {
        filter.push_back({is, 0, 1, number});
    }
    filter.push_back(refuse);
    filter.push_back(allow);
    ::sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

} // namespace support
