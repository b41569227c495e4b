#pragma once

#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

/// \file
/// Many children at once. All of them end before a test's time is up, whatever the code under test does to them.

namespace support {

inline constexpr std::chrono::seconds crowd_patience{40};

/// How a child ended. One that has not by then is killed, which gives -9.
inline int end_of(multiprocessing::Process& child,
                  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::now() + crowd_patience) {
    if (!child.join_for(until - std::chrono::steady_clock::now())) {
        child.kill();
        child.join();
    }
    return child.exitcode().value();
}

/// Runs `work(0)` to `work(count - 1)` in children that begin together. Whether all of them ended well.
template <class Work>
bool side_by_side(int count, Work work) {
    const auto until = std::chrono::steady_clock::now() + crowd_patience;
    const multiprocessing::RawValue<std::atomic<int>> missing(count);
    std::vector<multiprocessing::Process> children;
    for (int i = 0; i < count; ++i) {
        children.push_back(multiprocessing::fork([&, i] {
            for (--*missing; *missing > 0 && std::chrono::steady_clock::now() < until;) {
                std::this_thread::yield();
            }
            work(i);
        }));
    }
    bool well = true;
    for (auto& child : children) {
        well = end_of(child, until) == 0 && well;
    }
    return well;
}

/// Calls `work` so many times. Yields now and then: without, a child may be done before the next one has begun, and lose nothing
/// because it is alone.
template <class Work>
void repeat(int times, Work work) {
    for (int i = 0; i < times; ++i) {
        work();
        if (i % 128 == 0) {
            std::this_thread::yield();
        }
    }
}

/// Whether another process can have the lock at once.
template <class Lockable>
bool free_for_others(const Lockable& lock) {
    const multiprocessing::RawValue<bool> had;
    auto child = multiprocessing::fork([&] {
        if (lock.try_lock()) {
            lock.unlock();
            *had = true;
        }
    });
    return end_of(child) == 0 && *had;
}

struct sight {
    int looks = 0;
    int changes = 0;
    int torn = 0;
    bool writers_ended_well = true;
};

/// Lets children `write` ever other numbers while this process looks. `look` returns the number it saw, or nothing when what it
/// saw was not one whole number. Looks until it has seen plenty.
template <class Write, class Look>
sight look_while_written(int writers, Write write, Look look) {
    const auto until = std::chrono::steady_clock::now() + crowd_patience;
    const multiprocessing::RawValue<std::atomic<bool>> enough(false);
    std::vector<multiprocessing::Process> children;
    for (int i = 0; i < writers; ++i) {
        children.push_back(multiprocessing::fork([&, i] {
            for (std::int64_t number = i; !*enough && std::chrono::steady_clock::now() < until; number += writers) {
                write(number);
            }
        }));
    }
    sight seen;
    std::int64_t last = -1;
    while ((seen.looks < 20'000 || seen.changes < 1'000) && std::chrono::steady_clock::now() < until) {
        const std::optional<std::int64_t> number = look();
        ++seen.looks;
        seen.torn += number ? 0 : 1;
        seen.changes += number && *number != last ? 1 : 0;
        last = number.value_or(last);
    }
    *enough = true;
    for (auto& child : children) {
        seen.writers_ended_well = end_of(child) == 0 && seen.writers_ended_well;
    }
    return seen;
}

} // namespace support
