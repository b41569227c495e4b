#pragma once

#include "processor_time.hpp"

#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

/// \file
/// Several processes that do the same thing at the same time.

namespace benchmarks {

struct throughput {
    double seconds;
    std::int64_t operations; // of all processes together
    double processors;       // that they had on average: fewer than there are when other programs took some
};

/// `processes` children begin together and call `operation()` over and over, until the time is up.
template <class Operation>
throughput contend(int processes, std::chrono::milliseconds wanted, Operation operation) {
    namespace mp = multiprocessing;
    using clock = std::chrono::steady_clock;
    enum phase : int { gathering, running, over };

    const double used_before = seconds_used_by_children();
    const mp::RawValue<std::atomic<int>> now(gathering);
    const mp::RawValue<std::atomic<int>> ready(0);
    const mp::RawValue<std::atomic<std::int64_t>> operations(0);

    std::vector<mp::Process> crew;
    for (int i = 0; i < processes; ++i) {
        crew.push_back(mp::fork([&] {
            const std::atomic<int>& phase_now = now.value();
            ready->fetch_add(1);
            while (phase_now == gathering) {
                std::this_thread::yield();
            }
            std::int64_t done = 0;
            while (phase_now.load(std::memory_order_relaxed) == running) {
                operation();
                ++done;
            }
            operations->fetch_add(done);
        }));
    }
    while (*ready != processes) {
        std::this_thread::yield();
    }
    const auto begin = clock::now();
    *now = running;
    std::this_thread::sleep_for(wanted);
    *now = over;
    const std::chrono::duration<double> elapsed = clock::now() - begin;
    crew.clear(); // joins
    return {elapsed.count(), *operations, (seconds_used_by_children() - used_before) / elapsed.count()};
}

/// The same, again if other programs left the contenders too little of the machine, for then they hardly met: up to ten times,
/// and of these the race that had most of it.
template <class Operation>
throughput contend_undisturbed(int processes, std::chrono::milliseconds wanted, Operation operation) {
    const double enough = 0.75 * std::min(processes, static_cast<int>(std::thread::hardware_concurrency()));
    throughput best = contend(processes, wanted, operation);
    for (int i = 1; i < 10 && best.processors < enough; ++i) {
        const throughput next = contend(processes, wanted, operation);
        if (next.processors > best.processors) {
            best = next;
        }
    }
    return best;
}

} // namespace benchmarks
