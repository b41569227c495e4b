// A pool of three slots whose users are killed. A BoundedSemaphore knows who has its permits, so those of the dead are free again, without
// anybody cleaning up. With Python's, sem_t, or any other that only counts, the second shift below would wait for ever.

#include <multiprocessing/multiprocessing.hpp>

#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

constexpr int slots = 3;

// Takes a slot and works until it is killed.
void work_for_ever(const mp::BoundedSemaphore& pool, const mp::Semaphore& has_begun) {
    const std::scoped_lock slot(pool);
    has_begun.release();
    for (;;) {
        std::this_thread::sleep_for(1s);
    }
}

// Takes a slot and gives it back.
void work(const mp::BoundedSemaphore& pool, const mp::SharedValue<int>& done) {
    const std::scoped_lock slot(pool);
    std::this_thread::sleep_for(10ms);
    done += 1;
}

int main() {
    mp::run_if_spawned();

    const mp::BoundedSemaphore pool(slots);
    const mp::Semaphore has_begun(0); // counts up: to be acquired once for each worker that has a slot
    std::cout << pool.value() << " slots are free\n";

    std::vector<mp::Process> first_shift;
    for (int i = 0; i < slots; ++i) {
        first_shift.push_back(mp::spawn<work_for_ever>(pool, has_begun));
    }
    for (int i = 0; i < slots; ++i) {
        has_begun.acquire();
    }
    std::cout << "the first shift works: " << pool.value() << " are free, and to wait for one "
              << (pool.acquire(true, 50ms) ? "helps" : "does not help") << '\n';

    for (mp::Process& each : first_shift) {
        each.kill();
        each.join();
    }
    std::cout << "the first shift was killed: " << pool.value() << " are free\n";

    const mp::SharedValue<int> done(0);
    std::vector<mp::Process> second_shift;
    for (int i = 0; i < 2 * slots; ++i) {
        second_shift.push_back(mp::spawn<work>(pool, done));
    }
    for (mp::Process& each : second_shift) {
        each.join();
    }
    std::cout << "the second shift has done " << done.value() << " pieces of work: " << pool.value() << " are free\n";
    return pool.value() == slots ? 0 : 1;
}
