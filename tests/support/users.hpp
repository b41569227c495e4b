#pragma once

#include <support/catch.hpp>
#include <support/run.hpp>
#include <support/small_shm.hpp>

#include <cstdlib>
#include <string>
#include <system_error>

#include <grp.h>
#include <sys/types.h>
#include <unistd.h>

/// \file
/// Several users, in a /dev/shm of the test's own.

namespace support {

inline constexpr ::uid_t nobody = 65'534;

/// Runs it in a child with a /dev/shm of its own; says what was not tested where that is not permitted.
template <class Body>
void in_own_shm(const char* what, Body body, const char* size = "8m") {
    const int code = run_child([&] {
        if (!mount_small_shm(size)) {
            return not_permitted;
        }
        return body();
    });
    if (code == not_permitted) {
        WARN("not tested: " << what << ", because it is not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

/// As another user, and of one group alone. Called in children of children: there is no way back.
inline bool become(::uid_t user, ::gid_t group) { return ::setgroups(0, nullptr) == 0 && ::setgid(group) == 0 && ::setuid(user) == 0; }
inline bool become(::uid_t user) { return become(user, user); }

inline void become_or_end(::uid_t user, ::gid_t group) {
    if (!become(user, group)) {
        std::_Exit(not_permitted);
    }
}

/// What it says, if it is an error of that kind.
template <class Call>
std::string refusal_of(std::errc code, Call call) {
    try {
        call();
    } catch (const std::system_error& error) {
        return error.code() == code ? error.what() : "another error: " + std::string(error.what());
    }
    return "no error";
}

inline bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace support
