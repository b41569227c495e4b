#include "support/catch.hpp"

#include <multiprocessing/multiprocessing.hpp>
#include <multiprocessing/reduction/codec.hpp>

#include <chrono>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

/// Whether it is told in words.
template <class Use>
bool is_refused(Use use) {
    try {
        use();
    } catch (const std::logic_error& error) {
        return std::string(error.what()).find("was used that was moved from: use the one that it was moved to") != std::string::npos;
    }
    return false;
}

template <class T>
void print(const T& handle) {
    std::ostringstream out;
    out << handle;
}

template <class T>
void encode(const T& handle) {
    mp::reduction::outgoing out;
    mp::reduction::encode(out, handle);
}

} // namespace

// What is done here to handles that were moved from, the linter forbids.
// NOLINTBEGIN(bugprone-use-after-move)
TEST_CASE("a handle that was moved from: every use of it throws std::logic_error, until another is moved to it") {
    SECTION("SharedValue, of a word and of more") {
        struct Three {
            double numbers[3];
        };
        mp::SharedValue<int> from(7);
        mp::SharedValue<Three> wide_from;
        mp::SharedValue<int> to(std::move(from));
        const mp::SharedValue<Three> wide_to(std::move(wide_from));
        CHECK(is_refused([&] { static_cast<void>(from.value()); }));
        CHECK(is_refused([&] { from = 8; }));
        CHECK(is_refused([&] { from += 1; }));
        CHECK(is_refused([&] { ++from; }));
        CHECK(is_refused([&] { from.update([](int& number) { ++number; }); }));
        CHECK(is_refused([&] { from.lock(); }));
        CHECK(is_refused([&] { static_cast<void>(from.try_lock()); }));
        CHECK(is_refused([&] { static_cast<void>(from.try_lock_for(1s)); }));
        CHECK(is_refused([&] { from.unlock(); }));
        CHECK(is_refused([&] { from.get_lock().lock(); }));
        CHECK(is_refused([&] { print(from); }));
        CHECK(is_refused([&] { static_cast<void>(wide_from.value()); }));
        CHECK(is_refused([&] { wide_from.set({}); }));
        CHECK(is_refused([&] { wide_from.update([](Three& three) { three.numbers[0] = 1; }); }));
        from = std::move(to);
        CHECK(from.value() == 7);
        CHECK(is_refused([&] { static_cast<void>(to.value()); }));
    }
    SECTION("SharedArray, which has no elements then") {
        mp::SharedArray<int> from{1, 2, 3};
        const mp::SharedArray<int> to(std::move(from));
        CHECK(from.empty());
        CHECK(from.begin() == from.end());
        CHECK_THROWS_AS(from[0], std::out_of_range);
        CHECK(is_refused([&] { static_cast<void>(from.slice()); }));
        CHECK(is_refused([&] { static_cast<void>(from.synchronize()); }));
        CHECK(is_refused([&] { from.lock(); }));
        CHECK(to.size() == 3);
    }
    SECTION("RawArray, which has no elements then") {
        mp::RawArray<int> from{1, 2, 3};
        mp::RawArray<int> to(std::move(from));
        CHECK(from.empty());
        CHECK(from.begin() == from.end());
        CHECK_THROWS_AS(from.at(0), std::out_of_range);
        from = std::move(to);
        CHECK((from.size() == 3 && to.empty()));
        auto& same = from;
        from = std::move(same);
        CHECK((from.size() == 3 && from[2] == 3));
    }
    SECTION("RLock and Lock") {
        mp::RLock from;
        const mp::RLock to(std::move(from));
        CHECK(is_refused([&] { from.lock(); }));
        CHECK(is_refused([&] { static_cast<void>(from.try_lock()); }));
        CHECK(is_refused([&] { static_cast<void>(from.acquire(true, 1s)); }));
        CHECK(is_refused([&] { from.unlock(); }));
        CHECK(is_refused([&] { static_cast<void>(from.locked()); }));
        CHECK(is_refused([&] { static_cast<void>(from.owner_died()); }));
        CHECK(is_refused([&] { from.make_consistent(); }));
        CHECK(is_refused([&] { from.set_owner_died_policy(mp::OwnerDiedPolicy::recover); }));
        CHECK(is_refused([&] { static_cast<void>(from.repair([] {})); }));
        CHECK(is_refused([&] { print(from); }));
        CHECK(is_refused([&] { const std::scoped_lock guard(from); }));
        CHECK(from != to);
        mp::Lock lock;
        const mp::Lock lock_to(std::move(lock));
        CHECK(is_refused([&] { lock.lock(); }));
    }
    SECTION("Event") {
        mp::Event from;
        const mp::Event to(std::move(from));
        CHECK(is_refused([&] { from.set(); }));
        CHECK(is_refused([&] { from.clear(); }));
        CHECK(is_refused([&] { static_cast<void>(from.is_set()); }));
        CHECK(is_refused([&] { from.wait(); }));
        CHECK(is_refused([&] { static_cast<void>(from.wait_for(1s)); }));
        CHECK(is_refused([&] { print(from); }));
    }
    SECTION("Semaphore and BoundedSemaphore") {
        mp::Semaphore from(1);
        const mp::Semaphore to(std::move(from));
        CHECK(is_refused([&] { static_cast<void>(from.acquire()); }));
        CHECK(is_refused([&] { static_cast<void>(from.try_acquire()); }));
        CHECK(is_refused([&] { from.release(); }));
        CHECK(is_refused([&] { static_cast<void>(from.value()); }));
        mp::BoundedSemaphore bounded(1);
        const mp::BoundedSemaphore bounded_to(std::move(bounded));
        CHECK(is_refused([&] { static_cast<void>(bounded.acquire()); }));
        CHECK(is_refused([&] { static_cast<void>(bounded.acquire(true, 1s)); }));
        CHECK(is_refused([&] { bounded.release(); }));
        CHECK(is_refused([&] { static_cast<void>(bounded.value()); }));
    }
    SECTION("Condition") {
        mp::Condition from;
        const mp::Condition to(std::move(from));
        CHECK(is_refused([&] { from.lock(); }));
        CHECK(is_refused([&] { from.wait(); }));
        CHECK(is_refused([&] { from.notify_one(); }));
        CHECK(is_refused([&] { from.notify_all(); }));
    }
    SECTION("Barrier") {
        mp::Barrier from(1);
        const mp::Barrier to(std::move(from));
        CHECK(is_refused([&] { from.wait(); }));
        CHECK(is_refused([&] { from.abort(); }));
        CHECK(is_refused([&] { from.reset(); }));
        CHECK(is_refused([&] { static_cast<void>(from.broken()); }));
        CHECK(is_refused([&] { static_cast<void>(from.n_waiting()); }));
    }
    SECTION("SharedMemory and ShareableList") {
        mp::SharedMemory from(mp::create_only, 10);
        const mp::SharedMemory to(std::move(from));
        CHECK(is_refused([&] { static_cast<void>(from.buf()); }));
        CHECK(is_refused([&] { static_cast<void>(from.size()); }));
        CHECK(is_refused([&] { static_cast<void>(from.name()); }));
        CHECK(is_refused([&] { from.close(); }));
        CHECK(is_refused([&] { from.unlink(); }));
        CHECK(is_refused([&] { print(from); }));
        to.unlink();
        mp::ShareableList list{1, "two"};
        const mp::ShareableList list_to(std::move(list));
        CHECK(is_refused([&] { static_cast<void>(list.size()); }));
        CHECK(is_refused([&] { static_cast<void>(list[0]); }));
        CHECK(is_refused([&] { static_cast<void>(list.shm()); }));
        CHECK(is_refused([&] { static_cast<void>(list.end()); }));
        CHECK(is_refused([&] { print(list); }));
        list_to.shm().unlink();
    }
    SECTION("handed to another process") {
        mp::SharedValue<int> from(7);
        mp::RawValue<int> raw(7);
        mp::Event event;
        const mp::SharedValue<int> to(std::move(from));
        const mp::RawValue<int> raw_to(std::move(raw));
        const mp::Event event_to(std::move(event));
        CHECK(is_refused([&] { encode(from); }));
        CHECK(is_refused([&] { encode(raw); }));
        CHECK(is_refused([&] { encode(event); }));
    }
}
// NOLINTEND(bugprone-use-after-move)
