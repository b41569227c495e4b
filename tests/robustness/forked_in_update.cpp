// A process that is forked in the function given to update(), by a bare fork, and leaves it as its parent does: the object and its lock are the parent's.
//
// Taken out once, and what failed: the question who holds the lock at the end of update() (call_scope), the first test; the one before the store
// (guarded_place::require_owner), both.
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>

#include <system_error>
#include <thread>

#include <unistd.h>

#include <support/catch.hpp>
#include <support/names.hpp>
#include <support/run.hpp>
#include <support/structs.hpp>

namespace mp = multiprocessing;
using support::numbered;
using support::Whole;

namespace {

struct left_it {};

constexpr int left_by_exception = 10;
constexpr int was_refused = 11;

template <class Lockable>
bool is_free_for_others(const Lockable& object) {
    bool had = false;
    std::thread([&] {
        had = object.try_lock();
        if (had) {
            object.unlock();
        }
    }).join();
    return had;
}

/// Changes `value`, which is `object` or an element of it, and lies at `place`, to `after`, and forks in it. The child's exit code.
template <class Object, class Value, class T>
int update_and_fork(const Object& object, const Value& value, const T& place, const T& after, bool child_throws) {
    const T before = place;
    int code = -1;
    const ::pid_t parent = ::getpid();
    int outcome = 0;
    try {
        value.update([&](T& argument) {
            argument = after;
            const ::pid_t child = ::fork();
            if (child == 0) {
                if (child_throws) {
                    throw left_it();
                }
                return;
            }
            code = support::wait_for(child);
            CHECK(place == before);
            CHECK_FALSE(is_free_for_others(object));
        });
    } catch (const left_it&) {
        outcome = left_by_exception;
    } catch (const std::system_error& error) {
        outcome = error.code() == std::errc::operation_not_permitted ? was_refused : 1;
    }
    if (::getpid() != parent) {
        // It is in no update any more: it waits for the lock as anybody does.
        ::_exit(object.try_lock() ? 2 : outcome);
    }
    CHECK(outcome == 0);
    return code;
}

template <class Object, class Value, class T>
void fork_and_leave(const Object& object, const Value& value, const T& place, const T& after) {
    const T before = place;
    for (const bool child_throws : {false, true}) {
        CAPTURE(child_throws);
        REQUIRE(update_and_fork(object, value, place, after, child_throws) == (child_throws ? left_by_exception : was_refused));
        REQUIRE(value.value() == after);
        REQUIRE(is_free_for_others(object));
        REQUIRE_FALSE(object.get_lock().owner_died());
        value.set(before);
        // One level deeper: the child does not count its parent's levels either.
        object.lock();
        REQUIRE(update_and_fork(object, value, place, after, child_throws) == (child_throws ? left_by_exception : was_refused));
        REQUIRE_FALSE(is_free_for_others(object));
        object.unlock();
        REQUIRE(is_free_for_others(object));
        value.set(before);
    }
}

} // namespace

TEST_CASE("update: a child that is forked in it and leaves it stores nothing, and gives nothing back") {
    SECTION("a number") {
        const mp::SharedValue<long> value(1);
        fork_and_leave(value, value, *value.get_obj(), 2L);
    }
    SECTION("a struct") {
        const mp::SharedValue<Whole> value(numbered<Whole>(1));
        fork_and_leave(value, value, *value.get_obj(), numbered<Whole>(2));
    }
    SECTION("a struct guarded elsewhere") {
        const mp::RLock lock;
        const mp::SharedValue<Whole> value(mp::with_lock(lock), numbered<Whole>(1));
        fork_and_leave(value, value, *value.get_obj(), numbered<Whole>(2));
    }
    SECTION("an object with a name") {
        const support::unused_object name;
        const mp::SharedValue<Whole> value(mp::create_only, name, numbered<Whole>(1));
        fork_and_leave(value, value, *value.get_obj(), numbered<Whole>(2));
    }
    SECTION("an element of an array") {
        const mp::SharedArray<Whole> array{numbered<Whole>(1), numbered<Whole>(1)};
        fork_and_leave(array, array[0], array.get_obj()[0], numbered<Whole>(2));
    }
}

TEST_CASE("update: a function that gives the lock back is refused its store") {
    const mp::SharedValue<Whole> value(numbered<Whole>(1));
    try {
        value.update([&](Whole& whole) {
            whole = numbered<Whole>(2);
            value.unlock();
        });
        FAIL("it stored what it had no lock for");
    } catch (const std::system_error& error) {
        REQUIRE(error.code() == std::errc::operation_not_permitted);
    }
    REQUIRE(value.value() == numbered<Whole>(1));
    REQUIRE(is_free_for_others(value));
}
