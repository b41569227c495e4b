// Promise 2, where random kills do not come: interleavings that are constructed.
//
// Taken out, and this file failed: the slices of a sleep (mutex::lock_slowly), the generation of a name (life_registry::enrol), the table of lives that
// a spawned process is handed (life_table_memory::of_family; one of its own in its place: "in two pid namespaces").
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/kill_scene.hpp>
#include <support/run.hpp>
#include <support/sanitized.hpp>
#include <support/start.hpp>

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using support::child_process;
using support::expect;

namespace {

void stay_on_processor(int number) {
    ::cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(number), &only);
    ::sched_setaffinity(0, sizeof only, &only);
}

bool is_asleep_on(const mp::RLock& lock, const child_process& process) {
    return (stepper::word_of(lock) & mp::robust::mutex::somebody_waits) != 0 && support::state_of(process.pid()) == 'S';
}

/// Looks for the mapping that an address is in, and takes it away from this process.
void unmap_around(const void* address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream maps("/proc/self/maps");
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    for (std::string rest; maps >> std::hex >> begin >> dash >> end && std::getline(maps, rest);) {
        if (begin <= wanted && wanted < end) {
            expect(::munmap(reinterpret_cast<void*>(begin), end - begin) == 0, "munmap");
            return;
        }
    }
    expect(false, "the address is mapped");
}

} // namespace

TEST_CASE("a wake-up that died with the one who was woken is made up for") {
    // The owner unlocks, which wakes the first of two sleepers; takes the lock again before that one runs, and so clears the mark that somebody
    // waits; the first sleeper is killed; the owner unlocks, and wakes nobody. The second sleeper must not sleep beside a free lock.
    //
    // The owner keeps the first sleeper from running: they have one processor, and the owner the higher priority, where that is allowed.
    std::chrono::steady_clock::duration worst{};
    for (int round = 0; round < 50; ++round) {
        const mp::RLock lock;
        const support::shared<support::flag> go;
        const support::shared<std::atomic<::pid_t>> first_pid(0);
        const support::shared<std::atomic<std::chrono::steady_clock::rep>> freed_at(0);
        const support::shared<support::flag> held;
        child_process owner([&] {
            stay_on_processor(0);
            lock.lock();
            held->raise();
            go->wait();
            const ::sched_param high{.sched_priority = 1};
            ::sched_setscheduler(0, SCHED_FIFO, &high);
            lock.unlock();
            while (!lock.try_lock()) {
            }
            ::kill(*first_pid, SIGKILL);
            freed_at->store(std::chrono::steady_clock::now().time_since_epoch().count());
            lock.unlock();
        });
        held->wait();
        child_process first([&] {
            stay_on_processor(0);
            lock.lock();
            lock.unlock();
        });
        *first_pid = first.pid();
        REQUIRE(support::eventually([&] { return is_asleep_on(lock, first); }));
        stepper::waiter<mp::RLock> second(lock);
        REQUIRE(support::eventually([&] { return support::state_of(second.pid()) == 'S'; }));
        go->raise();
        REQUIRE(second.had_it());
        REQUIRE(owner.wait() == 0);
        first.wait();
        const std::chrono::steady_clock::time_point freed{std::chrono::steady_clock::duration(freed_at->load())};
        worst = std::max(worst, second.had_at() - freed);
        REQUIRE(worst < stepper::longest_wait);
        REQUIRE(lock.try_lock());
        lock.unlock();
    }
    std::printf("lost wake-ups: 50 constructed, longest wait %.1f ms\n", std::chrono::duration<double, std::milli>(worst).count());
}

TEST_CASE("a thread is killed with thousands of locks held: all are recovered") {
    // More than the 2,048 robust mutexes of a dead thread that the kernel looks at.
    constexpr int count = 3000;
    std::vector<mp::SharedValue<int>> values;
    for (int i = 0; i < count; ++i) {
        values.emplace_back(i);
    }
    child_process victim([&] {
        for (const auto& each : values) {
            each.lock();
            each += 1;
        }
        ::raise(SIGKILL);
    });
    REQUIRE(victim.wait() == -SIGKILL);
    int recovered = 0;
    for (int i = 0; i < count; ++i) {
        const auto& each = values[static_cast<std::size_t>(i)];
        recovered += each.try_lock() && each.get_lock().owner_died() && each.get_obj().value() == i + 1 ? 1 : 0;
    }
    REQUIRE(recovered == count);
    for (const auto& each : values) {
        each.unlock();
    }
}

TEST_CASE("memory that goes away while its lock is held") {
    SECTION("unmapped in the holder, which then takes other locks and is killed") {
        const mp::RLock in_first_arena;
        const mp::RLock another;
        // So large that it has an arena, and a mapping, of its own.
        const mp::SharedArray<char> in_own_arena(std::size_t{8} << 20);
        child_process victim([&] {
            in_own_arena.lock();
            in_first_arena.lock();
            unmap_around(in_own_arena.get_obj().data());
            another.lock();
            another.unlock();
            another.lock();
            ::raise(SIGKILL);
        });
        REQUIRE(victim.wait() == -SIGKILL);
        for (const mp::RLock* each : {&in_first_arena, &another, &std::as_const(in_own_arena.get_lock())}) {
            REQUIRE(each->try_lock());
            REQUIRE(each->owner_died());
            each->unlock();
        }
    }
    SECTION("dropped by the holder: what is made in its place has a free lock, and nothing to recover") {
        for (int i = 0; i < 100; ++i) {
            auto old = std::make_unique<mp::SharedValue<int>>(1);
            old->lock();
            old->lock();
            old.reset();
            const mp::SharedValue<int> fresh(2);
            REQUIRE(support::run_child([&] {
                        expect(fresh.try_lock(), "it is free");
                        expect(!fresh.get_lock().owner_died(), "nobody died with it");
                        fresh.unlock();
                    }) == 0);
        }
    }
}

TEST_CASE("a lock excludes and outlives processes of the same id in two pid namespaces") {
    // Started by either method: a forked process has its parent's table of lives mapped, a spawned one is handed it.
    const auto method = GENERATE(from_range(support::start_methods));
    const mp::RLock lock;
    const support::signal_flag ids_that_are_1(0);
    // `start()` starts it as process 1, thread 1 of a namespace of its own; `until(process)` is what is done before its end is waited for.
    const auto as_process_1 = [](auto start, auto until) {
        return child_process([=] {
            if (::unshare(CLONE_NEWPID) != 0) {
                return 77;
            }
            const mp::Process process = start();
            until(process);
            return support::exit_code(process);
        });
    };
    SECTION("they exclude each other") {
        const support::signal_flag here(0);
        const mp::RawValue<long> count(0);
        const auto start = [&] {
            return support::start<[](const mp::RLock& mine, const support::signal_flag& ids, const support::signal_flag& arrived, const mp::RawValue<long>& sum) {
                *ids += ::getpid() == 1 ? 1 : 0;
                ++*arrived;
                support::must(support::soon([&] { return *arrived == 2; }));
                for (int i = 0; i < 1'000'000; ++i) {
                    mine.lock();
                    ++*sum; // not atomic
                    mine.unlock();
                }
            }>(method, lock, ids_that_are_1, here, count);
        };
        auto one = as_process_1(start, [](const mp::Process&) {});
        auto other = as_process_1(start, [](const mp::Process&) {});
        const int code = one.wait();
        if (code == 77) {
            WARN("not tested: pid namespaces need more rights than this process has");
            return;
        }
        REQUIRE(code == 0);
        REQUIRE(other.wait() == 0);
        REQUIRE(*ids_that_are_1 == 2);
        REQUIRE(*count == 2'000'000);
    }
    SECTION("each sees that the other dies, and that it does not") {
        const support::signal_flag held(0);
        const support::signal_flag looked(0);
        auto one = as_process_1(
            [&] {
                return support::start<[](const mp::RLock& mine, const support::signal_flag& ids, const support::signal_flag& has_it) {
                    *ids += ::getpid() == 1 ? 1 : 0;
                    mine.lock();
                    support::raise(has_it);
                    support::stay_alive();
                }>(method, lock, ids_that_are_1, held);
            },
            [&](const mp::Process& process) {
                support::await(looked);
                process.kill(); // from outside: process 1 cannot kill itself
            });
        auto other = as_process_1(
            [&] {
                return support::start<[](const mp::RLock& mine, const support::signal_flag& ids, const support::signal_flag& has_it,
                                         const support::signal_flag& has_looked) {
                    *ids += ::getpid() == 1 ? 1 : 0;
                    support::await(has_it);
                    support::must(!mine.try_lock(), "its holder, of the same id, lives");
                    support::must(!mine.try_lock_for(40ms), "and goes on living");
                    support::raise(has_looked);
                    support::must(mine.try_lock_for(stepper::longest_wait), "its holder is gone");
                    support::must(mine.owner_died(), "and left it locked");
                    mine.unlock();
                }>(method, lock, ids_that_are_1, held, looked);
            },
            [](const mp::Process&) {});
        if (one.wait() == 77) {
            other.send(SIGKILL);
            WARN("not tested: pid namespaces need more rights than this process has");
            return;
        }
        REQUIRE(other.wait() == 0);
        REQUIRE(*ids_that_are_1 == 2);
    }
}

TEST_CASE("every place in the registry of names is taken, by real threads", "[slow]") {
    if (sanitized) {
        return; // each of their threads takes too much memory
    }
    constexpr int processes = 9;
    constexpr int threads = 1000; // each
    constexpr auto capacity = static_cast<int>(mp::robust::life_registry::capacity);
    static_assert(processes * threads > capacity);
    const mp::SharedValue<long> counter(0);
    counter += 1; // this thread has a place
    int named_before = 0;
    for (int round = 0; round < 2; ++round) { // the second time with the places that the dead of the first have left
        struct tally {
            std::atomic<int> named{0};
            std::atomic<int> refused{0};
            std::atomic<int> not_made{0};
        };
        const support::shared<tally> all;
        int enough[2]; // a pipe: who has found out about its place waits for its end, without taking time from the others
        REQUIRE(::pipe(enough) == 0);
        const auto live = [&] {
            try {
                counter += 1;
                ++all->named;
            } catch (const std::system_error& error) {
                all->refused += error.code() == std::errc::resource_unavailable_try_again ? 1 : 0;
            }
            for (char none = 0; ::read(enough[0], &none, 1) != 0;) {
            }
        };
        std::vector<child_process> children;
        for (int i = 0; i < processes; ++i) {
            children.emplace_back([&] {
                ::close(enough[1]);
                std::vector<std::thread> crowd;
                try {
                    while (crowd.size() < threads) {
                        crowd.emplace_back(live);
                    }
                } catch (const std::system_error&) { // the system has no more threads
                    all->not_made += threads - static_cast<int>(crowd.size());
                }
                for (auto& each : crowd) {
                    each.join();
                }
            });
        }
        REQUIRE(support::eventually([&] { return all->named + all->refused + all->not_made == processes * threads; }));
        counter += 1; // who has a place goes on
        const bool enough_threads = all->not_made == 0;
        if (round == 0) { // killed: nobody gives anything back
            for (const auto& each : children) {
                each.send(SIGKILL);
            }
        }
        ::close(enough[1]);
        ::close(enough[0]);
        for (auto& each : children) {
            REQUIRE(each.wait() == (round == 0 ? -SIGKILL : 0));
        }
        if (!enough_threads) {
            WARN("not tested: the system does not let this test have 9,000 threads");
            return;
        }
        REQUIRE(all->named < capacity); // one place is this thread's
        REQUIRE(all->named > capacity / 2);
        REQUIRE((round == 0 || all->named == named_before));
        named_before = all->named;
        REQUIRE(support::run_child([&] { counter += 1; }) == 0);
    }
}

TEST_CASE("places in the registry are taken over a million times, and no name comes again") {
    constexpr int processes = 4;
    constexpr int times = 250'000; // each
    struct latest {
        std::atomic<std::uint64_t> of[mp::robust::life_registry::capacity];
    };
    auto& registry = mp::robust::life_registry::family();
    const support::shared<latest> generations;
    std::vector<child_process> children;
    for (int i = 0; i < processes; ++i) {
        children.emplace_back([&] {
            mp::robust::life_id before;
            for (int n = 0; n < times; ++n) {
                const auto mine = registry.enrol();
                const std::uint64_t generation = mine.generation();
                auto& seen = generations->of[mine.slot()];
                expect(seen.exchange(generation) < generation, "a name comes again");
                expect(!before || !registry.is_alive(before), "who has resigned is dead");
                if (n % 64 == 0) {
                    expect(registry.is_alive(mine), "who has not is alive");
                }
                before = mine;
                registry.resign(mine);
            }
        });
    }
    for (auto& each : children) {
        REQUIRE(each.wait() == 0);
    }
}
