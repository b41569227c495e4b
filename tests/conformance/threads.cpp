// What many threads of one process do with the library at once. The thread sanitizer's preset runs it: a race of the library's own tables,
// or a lock that orders nothing, is found there; here the results are counted.
//
// Taken out once, to see it fail: the table's mutex in lock_table (every system: a crash or a report within a second); the acquire in
// mutex::try_take_free (thread sanitizer: data race in "all of an object's operations").

#include "support/catch.hpp"
#include "support/start.hpp"
#include "support/structs.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/wait.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using support::numbered;
using support::Whole;
using namespace std::chrono_literals;

namespace {

constexpr int thread_count = 4;
constexpr int rounds = 300;

/// Runs `work(0)` to `work(thread_count - 1)`, each `rounds` times, in threads that begin together.
template <class Work>
void side_by_side(Work work) {
    std::atomic<int> missing = thread_count;
    std::vector<std::jthread> threads;
    for (int i = 0; i < thread_count; ++i) {
        threads.emplace_back([&, i] {
            // It gets its name now: one that takes over an ended thread's is in order with it, whatever the locks do.
            static_cast<void>(mp::robust::enrol_this_thread());
            for (--missing; missing > 0;) {
                std::this_thread::yield();
            }
            for (int round = 0; round < rounds; ++round) {
                work(i);
            }
        });
    }
}

bool is_whole(const Whole& seen) { return seen == numbered<Whole>(static_cast<int>(seen.x)); }

} // namespace

TEST_CASE("threads: all of an object's operations") {
    const mp::SharedValue<long> word(0);
    const mp::SharedValue<Whole> large(numbered<Whole>(1));
    const mp::SharedArray<Whole> array(3);
    std::atomic<int> torn = 0;
    side_by_side([&](int i) {
        word += 1;
        static_cast<void>(word.try_lock_for(10s));
        word.get_obj().value() += 1; // plain, under the lock
        word.unlock();
        large.set(numbered<Whole>(i + 1));
        large.update([](Whole& all) { std::swap(all.x, all.y); });
        array[i % 3] = numbered<Whole>(i + 1);
        array.assign_slice(0, 2, std::array{numbered<Whole>(i), numbered<Whole>(i)});
        for (Whole& each : array.synchronize()) {
            torn += is_whole(each) ? 0 : 1;
            each = numbered<Whole>(i);
        }
        torn += is_whole(large.value()) ? 0 : 1;
    });
    CHECK(torn == 0);
    CHECK(word.value() == 2L * thread_count * rounds);
}

TEST_CASE("threads: objects made, passed on and dropped") {
    std::mutex mutex;
    std::vector<mp::RawArray<int>> passed_on;
    std::atomic<int> wrong = 0;
    side_by_side([&](int i) {
        const mp::RawArray<int> mine(1 + i * 1000);
        std::ranges::fill(mine, i);
        const mp::RLock lock;
        const mp::SharedValue<Whole> guarded(mp::with_lock(lock), numbered<Whole>(i));
        {
            const std::scoped_lock guard(mutex);
            passed_on.push_back(mine);
            if (passed_on.size() > 8) {
                passed_on.erase(passed_on.begin()); // another thread's, most of the time
            }
        }
        guarded.set(numbered<Whole>(i + 1));
        wrong += guarded.value() == numbered<Whole>(i + 1) && std::ranges::count(mine, i) == std::ssize(mine) ? 0 : 1;
    });
    CHECK(wrong == 0);
}

TEST_CASE("threads: objects and callbacks come and go at a lock that is in use") {
    const mp::SharedValue<long> counter(0);
    const mp::RLock& lock = counter.get_lock();
    std::atomic<long> repairs = 0;
    side_by_side([&](int i) {
        switch (i) {
        case 0: {
            const mp::SharedValue<Whole> guarded(mp::with_lock(lock), numbered<Whole>(1));
            guarded.set(numbered<Whole>(2));
            break;
        }
        case 1: {
            const mp::OwnerDiedCallback repair(lock, [&] { ++repairs; });
            std::this_thread::yield();
            break;
        }
        case 2:
            std::thread([&] { lock.lock(); }).join(); // ends with it
            break;
        default:
            break;
        }
        counter += 1;
    });
    CHECK(counter.value() == long{thread_count} * rounds);
    CHECK(repairs <= rounds);
}

TEST_CASE("threads: processes started, listed and awaited") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    std::atomic<int> ended = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < thread_count; ++i) {
            threads.emplace_back([&, i] {
                const mp::SharedValue<int> number(i);
                for (int round = 0; round < 3; ++round) {
                    mp::Process one = support::start<[](const mp::SharedValue<int>& theirs) { theirs += 1; }>(method, number);
                    static_cast<void>(mp::active_children());
                    mp::wait({&one}, support::start_patience);
                    ended += support::exit_code(one) == 0 ? 1 : 0;
                }
                ended += number.value() == i + 3 ? 1 : 0;
            });
        }
    }
    CHECK(ended == thread_count * 4);
    CHECK(mp::active_children().empty());
}
