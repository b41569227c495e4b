#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/posix/handed_over_list.hpp>
#include <multiprocessing/platform/posix/trust.hpp>

#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Says to the child how many descriptors it was handed: they are 3, 4, 5 ... Behind them is their list (handed_over_list), which bears it out.
inline constexpr const char* handed_over_variable = "MULTIPROCESSING_HANDED_OVER";
inline constexpr native_handle first_handed_over = STDERR_FILENO + 1;

/// The number that the variable says, written as start_self writes it and not otherwise.
[[nodiscard]] inline std::optional<int> count_handed_over(std::string_view text) noexcept {
    constexpr int most = (std::numeric_limits<int>::max)() - first_handed_over - 1;
    int count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    if (!is_number || count < 0 || count > most || (text.size() > 1 && text.front() == '0') || text.front() == '-') {
        return std::nullopt;
    }
    return count;
}

/// What this process was handed; emptied in a fork of it, which was handed nothing.
///
/// Anybody can put the variable there. Nothing is believed in a program that has more rights than who started it; nor what the list does not bear
/// out; nor what is another process's. Then the program starts as if the variable were not there: no descriptor is closed, or changed, and nothing throws.
struct handed_over_to_process {
    static constexpr const char* name = "handed over";
    static constexpr fork_turn turn = fork_turn::others;

    std::vector<native_handle> handles;
    bool was_asked = false;

    /// Whether the variable was there and this process did not listen, as it has more rights than who started it. It does nothing but forbid start_self:
    /// if it is a child of start_self's, made more than its parent by rules which that one could not see, its own children would be, too, and theirs.
    bool told_in_vain = false;

    void after_fork_in_child() { handles.clear(); }

    /// The first copy of the library that is loaded asks, before main.
    [[nodiscard]] static handed_over_to_process& get() {
        auto& here = one_per_process<handed_over_to_process>();
        if (!here.was_asked) {
            here.was_asked = true;
            here.ask();
        }
        return here;
    }

private:
    void ask() {
        const char* const text = std::getenv(handed_over_variable);
        if (text == nullptr) {
            return;
        }
        told_in_vain = !starter_is_trusted();
        const std::optional<int> count = told_in_vain ? std::nullopt : count_handed_over(text);
        ::unsetenv(handed_over_variable); // it is said to this process, not to those it starts
        if (!count || !handed_over_list::is_of(first_handed_over + *count, first_handed_over, *count) ||
            !handed_over_list::is_for_this_process(first_handed_over + *count)) {
            return;
        }
        close_native_handle(first_handed_over + *count);
        for (int i = 0; i < *count; ++i) {
            handles.push_back(first_handed_over + i);
            ::fcntl(first_handed_over + i, F_SETFD, FD_CLOEXEC);
        }
    }
};

/// A copy of the library that may not have the state leaves it to the other one.
[[nodiscard]] inline std::span<const native_handle> inherited_handles() {
    return try_one_per_process<handed_over_to_process>() ? handed_over_to_process::get().handles : std::span<const native_handle>();
}

/// Before main, and so before there are threads: the environment is changed.
inline const bool handles_taken_over = (static_cast<void>(inherited_handles()), true);

} // namespace multiprocessing::platform::posix
