// What a thread is called, for all copies of the library: kept for the thread, and gone with it, or in a child.
//
// Taken out once, to see it fail: the look whether a copy is known in thread_ids::when_gone: "at the end of the thread each copy is told, once"; the clearing of
// `at_hand` in a child: "thread_ids in a child"; in thread_ids::end, forget_all and resign_others: "each copy is told", "so do those by other registries".
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>
#include <multiprocessing/robust/thread_ids.hpp>

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace mp = multiprocessing;
using mp::robust::life_id;
using mp::robust::life_registry;
using mp::robust::life_scope;
using mp::robust::thread_ids;
using support::expect;

namespace {

// What two other copies of the library would register.
thread_local int forgot_by_thread = 0;
std::atomic<int> forgot_in_all{0};
std::atomic<int> resigned_others{0};

void forget_one() noexcept {
    ++forgot_by_thread;
    ++forgot_in_all;
}
void forget_another() noexcept { forgot_in_all += 100; }

template <class Body>
void in_new_thread(Body body) {
    std::thread(body).join();
}

} // namespace

TEST_CASE("thread_ids::get") {
    thread_ids* const here = &thread_ids::get();
    CHECK(&thread_ids::get() == here);
    CHECK(thread_ids::find() == here);
    in_new_thread([&] {
        const bool had_none = thread_ids::find() == nullptr;
        thread_ids* const there = &thread_ids::get();
        const bool is_its_own = there != here && thread_ids::find() == there && !there->at_hand[0] && !there->at_hand[1];
        CHECK((had_none && is_its_own)); // alone: the other thread waits
    });
    CHECK(thread_ids::find() == here);
}

TEST_CASE("thread_ids::when_gone") {
    forgot_in_all = 0;
    SECTION("at the end of the thread each copy is told, once") {
        in_new_thread([] {
            for (int i = 0; i < 3; ++i) {
                thread_ids::get().when_gone(forget_one);
            }
            thread_ids::get().when_gone(forget_another);
        });
        CHECK(forgot_in_all == (mp::platform::thread_locals_live_to_thread_end ? 101 : 0));
    }
    SECTION("in a child, whose thread has none") {
        in_new_thread([] { // which registers it for no other test
            thread_ids::get().when_gone(forget_one);
            CHECK(support::run_child([] { expect(forgot_by_thread == 1); }) == 0);
            CHECK(forgot_by_thread == 0);
        });
    }
}

TEST_CASE("thread_ids at the end of a thread") {
    SECTION("its names go back, in both registries at hand") {
        life_id names[2];
        in_new_thread([&] {
            thread_ids& mine = thread_ids::get();
            mine.at_hand = {life_registry::of(life_scope::family).enrol(), life_registry::of(life_scope::user).enrol()};
            names[0] = mine.at_hand[0];
            names[1] = mine.at_hand[1];
            CHECK((life_registry::is_alive(names[0]) && life_registry::is_alive(names[1])));
        });
        CHECK_FALSE(life_registry::is_alive(names[0]));
        CHECK_FALSE(life_registry::is_alive(names[1]));
    }
    SECTION("so do those by other registries") {
        resigned_others = 0;
        in_new_thread([] { thread_ids::get().resign_others = []() noexcept { ++resigned_others; }; });
        CHECK(resigned_others == 1);
    }
    SECTION("whichever of several ends first") {
        std::atomic<int> there{0};
        std::atomic<int> turn{-1};
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&, i] {
                while (there != i) {
                    std::this_thread::yield();
                }
                thread_ids::get().when_gone(forget_one);
                there = i + 1;
                while (turn != i) {
                    std::this_thread::yield();
                }
            });
        }
        while (there != 3) {
            std::this_thread::yield();
        }
        forgot_in_all = 0;
        for (const int each : {1, 0, 2}) { // one in the middle of the list, one at its end, one at its begin
            turn = each;
            threads[static_cast<std::size_t>(each)].join();
        }
        CHECK(forgot_in_all == 3);
    }
}

TEST_CASE("thread_ids in a child") {
    thread_ids& mine = thread_ids::get();
    static_cast<void>(mp::robust::enrol_this_thread());
    const life_id name = mine.at_hand[0];
    REQUIRE(name);
    support::shared<support::flag> done;
    std::thread other([&] { // not there in the child
        static_cast<void>(thread_ids::get());
        done->wait();
    });
    CHECK(support::run_child([&] {
        expect(thread_ids::find() == &mine, "the same thread goes on");
        expect(!mine.at_hand[0] && !mine.at_hand[1], "with no name");
        expect(mine.may_be_in_parents_scopes);
        in_new_thread([] { // the list has this one and the first
            expect(!thread_ids::get().may_be_in_parents_scopes);
        });
        expect(life_registry::is_alive(name), "the parent's name is the parent's");
    }) == 0);
    done->raise();
    other.join();
    CHECK(mine.at_hand[0] == name);
    CHECK_FALSE(mine.may_be_in_parents_scopes);
}
