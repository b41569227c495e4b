// The callbacks of this process for locks whose owner died: which are called, in what order, and what they may do meanwhile.
//
// Taken out once, to see it fail: that `running` is cleared behind the calls: "one that throws" and others; the removal from the table in
// owner_died_entry::withdraw: "those of this lock, in the order of registration".
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/robust/owner_died_callbacks.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace mp = multiprocessing;
using mp::robust::mutex_state;
using mp::robust::owner_died_callbacks;
using mp::robust::owner_died_entry;
using support::expect;

TEST_CASE("owner_died_callbacks::call_all") {
    const mutex_state lock{};
    const mutex_state other{};
    std::string called;
    const auto say = [&](const char* what) { return [&called, what] { called += what; }; };

    SECTION("nothing is registered") { CHECK_FALSE(owner_died_callbacks::call_all(lock)); }
    SECTION("those of this lock, in the order of registration") {
        owner_died_entry first(lock, say("a"));
        owner_died_entry others(other, say("X"));
        owner_died_entry second(lock, say("b"));
        owner_died_entry third(lock, say("c"));
        CHECK(owner_died_callbacks::call_all(lock));
        CHECK(called == "abc");
        CHECK_FALSE(second.withdraw());
        CHECK(owner_died_callbacks::call_all(lock));
        CHECK(called == "abcac");
        CHECK_FALSE(first.withdraw());
        CHECK_FALSE(third.withdraw());
        CHECK_FALSE(owner_died_callbacks::call_all(lock)); // there is one for another lock alone
        CHECK(called == "abcac");
        CHECK_FALSE(others.withdraw());
    }
    SECTION("a callback may call those of another lock, register others and withdraw itself") {
        owner_died_entry of_other(other, say("other "));
        std::optional<owner_died_entry> late;
        std::optional<owner_died_entry> once;
        once.emplace(lock, [&] {
            called += "once ";
            owner_died_callbacks::call_all(other);
            late.emplace(lock, say("late "));
            expect(once->withdraw(), "this call of it is under way");
            once.reset(); // what is called stays until it has returned
            called += "end ";
        });
        CHECK(owner_died_callbacks::call_all(lock));
        CHECK(called == "once other end ");
        CHECK(owner_died_callbacks::call_all(lock));
        CHECK(called == "once other end late ");
        CHECK_FALSE(late->withdraw());
        CHECK_FALSE(of_other.withdraw());
    }
    SECTION("one that throws") {
        owner_died_entry throws(lock, [] { throw std::runtime_error("no repair"); });
        owner_died_entry behind(lock, say("b"));
        CHECK_THROWS_AS(owner_died_callbacks::call_all(lock), std::runtime_error);
        CHECK(called.empty()); // the repair has failed: what comes behind it is not called
        CHECK_FALSE(throws.withdraw()); // no call is under way
        CHECK_FALSE(behind.withdraw());
    }
    SECTION("a child has its parent's") {
        owner_died_entry one(lock, say("a"));
        CHECK(support::run_child([&] {
            expect(owner_died_callbacks::call_all(lock) && called == "a");
            expect(!one.withdraw() && !owner_died_callbacks::call_all(lock));
        }) == 0);
        CHECK(owner_died_callbacks::call_all(lock));
        CHECK_FALSE(one.withdraw());
    }
}

TEST_CASE("owner_died_entry::withdraw") {
    const mutex_state lock{};
    support::flag begun;
    support::flag may_end;
    int calls = 0;
    owner_died_entry entry(lock, [&] {
        ++calls;
        begun.raise();
        may_end.wait();
    });
    std::thread caller([&] { owner_died_callbacks::call_all(lock); });
    begun.wait();
    CHECK(entry.withdraw()); // in whose thread the lock is held
    CHECK_FALSE(owner_died_callbacks::call_all(lock)); // no call of it begins any more
    may_end.raise();
    caller.join();
    CHECK(calls == 1);
}
