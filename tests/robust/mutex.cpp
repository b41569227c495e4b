// The mutex itself: what its word, depth and flags are after each step, and what an heir does. Deaths are those of threads, which are as dead as processes.
//
// Taken out once, to see it fail: without `depth = 0` in inherit, "begins at the first level"; with a set_free that writes 0, "keeps the scope".

#include "support/catch.hpp"

#include <multiprocessing/platform/mapped_ranges.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/owner_died.hpp>
#include <multiprocessing/robust/owner_died_callbacks.hpp>
#include <multiprocessing/robust/redo_log.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace mp = multiprocessing;
namespace robust = multiprocessing::robust;
using namespace std::chrono_literals;

namespace {

struct alignas(64) mutex_and_value {
    robust::mutex mutex{};
    alignas(64) std::uint64_t value = 1;
    std::uint64_t shadow = 2;
};

void end_thread_with(robust::mutex& mutex, int levels = 1) {
    std::thread([&] {
        for (int i = 0; i < levels; ++i) {
            mutex.lock();
        }
    }).join();
}

bool others_can_have(robust::mutex& mutex) {
    bool had = false;
    std::thread([&] {
        had = mutex.try_lock();
        if (had) {
            mutex.unlock();
        }
    }).join();
    return had;
}

} // namespace

TEST_CASE("mutex::lock") {
    robust::mutex mutex{};
    mutex.lock();
    CHECK(mutex.owner() == robust::this_thread_id);
    CHECK(mutex.is_owner());
    CHECK(mutex.has_living_owner());
    CHECK_FALSE(mutex.has_dead_owner());
    CHECK_FALSE(others_can_have(mutex));
    std::thread([&] {
        CHECK_FALSE(mutex.is_owner());
        CHECK_FALSE(mutex.try_lock_until(mp::platform::clock::now() + 2ms));
        CHECK_THROWS_AS(mutex.unlock(), std::system_error);
        mutex.unlock_if_owned();
    }).join();

    SECTION("levels are given back one by one, or all at once and taken again") {
        CHECK(mutex.try_lock());
        CHECK(mutex.try_lock_until(mp::platform::clock::now() - 1s)); // no time is needed
        CHECK(mutex.depth == 2);
        mutex.unlock();
        CHECK(mutex.depth == 1);
        const std::uint16_t levels = mutex.unlock_all();
        CHECK(levels == 1);
        CHECK(mutex.owner().is_nobody());
        CHECK(others_can_have(mutex));
        mutex.lock_again(levels);
        CHECK(mutex.depth == 1);
        mutex.unlock();
    }
    SECTION("the deepest level there is") {
        mutex.depth = 0xffff;
        CHECK_THROWS_AS(mutex.lock(), std::system_error);
        CHECK_THROWS_AS(mutex.try_lock(), std::system_error);
        CHECK(mutex.depth == 0xffff);
        mutex.depth = 0;
    }
    mutex.unlock();
    CHECK(mutex.word.load() == 0);
    CHECK_FALSE(mutex.has_living_owner());
    CHECK_FALSE(mutex.has_dead_owner());
    CHECK_THROWS_AS(mutex.unlock(), std::system_error);
}

TEST_CASE("mutex::unlock keeps the scope in whose ids the mutex is written") {
    robust::mutex mutex{};
    mutex.word = robust::life_id::nobody(robust::life_scope::user).bits();
    mutex.lock();
    CHECK(mutex.owner() == robust::this_thread_user_id);
    CHECK(mutex.is_owner());
    mutex.unlock();
    CHECK(mutex.word.load() == robust::life_id::nobody(robust::life_scope::user).bits());
    end_thread_with(mutex);
    CHECK(mutex.try_lock()); // the fast way is the family's alone
    CHECK(mutex.owner_has_died());
    mutex.unlock();
}

TEST_CASE("mutex: an heir") {
    mutex_and_value block;
    robust::mutex& mutex = block.mutex;
    const mp::platform::mapped_ranges::entry mapped(reinterpret_cast<const std::byte*>(&block), sizeof(block));
    robust::redo_log::set_layout(mutex, offsetof(mutex_and_value, value), false);
    const std::uint64_t died_before = robust::life_registry::family().dead_owners();
    end_thread_with(mutex, 3);
    CHECK(mutex.has_dead_owner());
    CHECK_FALSE(mutex.has_living_owner());

    SECTION("begins at the first level, and says that an owner died") {
        mutex.lock();
        CHECK(mutex.depth == 0);
        CHECK(mutex.owner_has_died());
        CHECK(mutex.deaths() == 1);
        CHECK(robust::life_registry::family().dead_owners() == died_before + 1);
        CHECK(block.value == 1); // nothing was under way
        mutex.unlock();
        CHECK(mutex.owner_has_died());
        mutex.lock();
        CHECK(mutex.deaths() == 1);
        mutex.make_consistent();
        CHECK_FALSE(mutex.owner_has_died());
        CHECK(mutex.deaths() == 1);
        mutex.unlock();
    }
    SECTION("completes the store that was under way") {
        mutex.redo = sizeof(block.value);
        CHECK(mutex.try_lock());
        CHECK(block.value == 2);
        CHECK(mutex.redo.load() == 0);
        mutex.unlock();
    }
    SECTION("keeps the flag of those who sleep") {
        mutex.word |= robust::mutex::somebody_waits;
        mutex.lock();
        CHECK((mutex.word.load() & robust::mutex::somebody_waits) != 0);
        CHECK(mutex.is_owner());
        mutex.unlock();
        CHECK(mutex.word.load() == 0);
    }
    SECTION("is told of a note that is nonsense, and does not have the mutex; who repairs is not") {
        mutex.redo = 1000;
        CHECK_THROWS_AS(mutex.lock(), mp::LayoutError);
        CHECK(mutex.word.load() == 0);
        CHECK(mutex.redo.load() == 0);
        CHECK(mutex.owner_has_died());
        CHECK(block.value == 1);
        end_thread_with(mutex);
        mutex.redo = 1000;
        mutex.lock(robust::purpose::repair);
        CHECK(mutex.is_owner());
        CHECK(mutex.redo.load() == 0);
        mutex.unlock();
    }
}

TEST_CASE("mutex: what a death asks of who takes the mutex") {
    robust::mutex mutex{};
    mutex.flags = robust::mutex::throws_owner_died;
    end_thread_with(mutex);
    int called = 0;
    int kind = 0; // of what the callback does
    robust::owner_died_entry callback(mutex, [&] {
        ++called;
        CHECK(mutex.is_owner());
        switch (kind) {
        case 1: throw std::runtime_error("cannot");
        case 2: mutex.lock(); break;
        case 3: mutex.unlock(); break;
        default: break;
        }
    });

    SECTION("callbacks come before the policy, and mend it") {
        mutex.lock();
        CHECK(called == 1);
        CHECK_FALSE(mutex.owner_has_died());
        mutex.unlock();
        mutex.lock();
        CHECK(called == 1);
        mutex.unlock();
    }
    SECTION("a callback that does not end well leaves the mutex free, and as it was") {
        kind = GENERATE(1, 2, 3);
        CAPTURE(kind);
        CHECK_THROWS(mutex.lock());
        CHECK(mutex.word.load() == 0);
        CHECK(mutex.depth == 0);
        CHECK(mutex.owner_has_died());
    }
    SECTION("who repairs, or waited in between, is asked nothing until it asks itself") {
        mutex.lock(robust::purpose::repair);
        mutex.lock_again(mutex.unlock_all());
        mutex.depth = 4;
        CHECK(called == 0);
        kind = GENERATE(0, 1, 2);
        CAPTURE(kind);
        if (kind == 0) {
            mutex.face_death_while_waiting();
        } else {
            CHECK_THROWS(mutex.face_death_while_waiting());
        }
        CHECK(called == 1);
        CHECK(mutex.is_owner()); // also when it throws
        CHECK(mutex.depth == 4);
        CHECK(mutex.owner_has_died() == (kind != 0));
        static_cast<void>(mutex.unlock_all());
    }
    static_cast<void>(callback.withdraw());
    SECTION("without a callback the policy throws, and the mutex is free") {
        CHECK_THROWS_AS(mutex.lock(), mp::OwnerDied);
        CHECK(mutex.word.load() == 0);
        CHECK(mutex.owner_has_died());
        CHECK(mutex.try_lock_until(mp::platform::no_deadline, robust::purpose::repair));
        mutex.unlock();
    }
}

TEST_CASE("mutex::is_sane") {
    mutex_and_value block;
    robust::mutex& mutex = block.mutex;
    robust::redo_log::set_layout(mutex, 64, false);
    CHECK(mutex.is_sane(64, false, 8));
    CHECK_FALSE(mutex.is_sane(128, false, 8));

    SECTION("a free mutex has neither depth nor mark") {
        mutex.depth = 1;
        CHECK_FALSE(mutex.is_sane(64, false, 8));
        mutex.depth = 0;
        mutex.redo = 8;
        CHECK_FALSE(mutex.is_sane(64, false, 8));
        CHECK(mutex.word.load() == 0);
    }
    SECTION("a living owner is in the middle of what it likes") {
        mutex.lock();
        mutex.redo = 1000;
        CHECK(mutex.is_sane(64, false, 8));
        CHECK_FALSE(mutex.is_sane(64, true, 8));
        mutex.redo = 0;
        mutex.unlock();
    }
    SECTION("what a dead one left stays inside the object, and is not touched") {
        end_thread_with(mutex);
        const std::uint64_t dead = mutex.word;
        mutex.redo = 8;
        CHECK(mutex.is_sane(64, false, 8));
        mutex.redo = 9;
        CHECK_FALSE(mutex.is_sane(64, false, 8));
        CHECK(mutex.word.load() == dead);
        CHECK(mutex.redo.load() == 9);
    }
}
