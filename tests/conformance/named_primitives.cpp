// Lock, Semaphore, BoundedSemaphore, Condition, Event and Barrier by name, on every system, between programs that were started anew and know nothing but
// the name. (RLock, and who races to make an object: named_objects.cpp.)
//
// Taken out once, and what failed: the kind that is expected (named_segment::is_match): "is no other one", of Lock and RLock, whose formats are the same; the
// count: "of another number".
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/refusals.hpp"
#include "support/roles.hpp"

#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

constexpr int programs = 3; // beside the test's own
constexpr int turns = mp::platform::names_stay ? 2'000 : 100; // wine takes its time

struct scene {
    char name[64];
    char name_of_lock[64];
    support::milestone ready;
    support::milestone go;
    std::atomic<int> arrived;
    std::atomic<int> started;
    std::atomic<int> inside;
    std::atomic<int> most_inside;
    std::atomic<bool> wrong;
    int count;       // not atomic: what is tested guards it
    bool is_full;    // likewise
    std::array<std::atomic<int>, turns> numbers;
};

/// For the programs, to begin at once.
void begin(scene& here) {
    if (++here.arrived == programs) {
        here.ready.reach();
    }
    here.go.wait();
}

const support::role counts_under_lock("named_primitives: counts under a Lock", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::Lock lock(mp::open_only, here.name);
    begin(here);
    for (int i = 0; i < turns; ++i) {
        const std::lock_guard held(lock);
        ++here.count;
    }
});

/// A permit of whatever has some, in and out.
template <class Semaphore>
void pass_through(scene& here, const Semaphore& semaphore) {
    for (int i = 0; i < turns; ++i) {
        semaphore.lock();
        const int now = ++here.inside;
        for (int most = here.most_inside; now > most && !here.most_inside.compare_exchange_weak(most, now);) {
        }
        --here.inside;
        semaphore.unlock();
    }
}

const support::role passes_semaphore("named_primitives: passes a Semaphore", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::Semaphore semaphore(mp::open_only, here.name);
    begin(here);
    pass_through(here, semaphore);
});

const support::role passes_bounded("named_primitives: passes a BoundedSemaphore", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::BoundedSemaphore semaphore(mp::open_only, here.name);
    begin(here);
    pass_through(here, semaphore);
});

const support::role takes_one_and_lives("named_primitives: takes a permit and lives", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::BoundedSemaphore semaphore(mp::open_only, here.name);
    semaphore.lock();
    here.ready.reach();
    support::live_on();
});

const support::role locks_and_lives("named_primitives: locks and lives", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::Lock lock(mp::open_only, here.name);
    lock.lock();
    here.ready.reach();
    support::live_on();
});

/// The same under the lock of a value, which has a name as well.
const support::role empties_value("named_primitives: empties a value that others fill", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::SharedValue<int> level(mp::open_only, here.name_of_lock);
    const mp::Condition changed(mp::open_only, here.name, level.get_lock());
    here.ready.reach();
    for (int i = 0; i < turns; ++i) {
        const std::lock_guard held(changed);
        support::ensure(changed.wait_for(support::role_patience, [&] { return level.value() == 1; }), "it is filled");
        level = 0;
        changed.notify();
    }
});

/// Takes out what the test puts in.
const support::role empties("named_primitives: empties what others fill", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::Condition changed(mp::open_only, here.name);
    here.ready.reach();
    for (int i = 0; i < turns; ++i) {
        const std::lock_guard held(changed);
        support::ensure(changed.wait_for(support::role_patience, [&] { return here.is_full; }), "it is filled");
        here.is_full = false;
        ++here.count;
        changed.notify_all();
    }
});

const support::role awaits_event("named_primitives: awaits an Event", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::Event event(mp::open_only, here.name);
    begin(here);
    support::ensure(event.wait_for(support::role_patience), "somebody sets it");
    ++here.inside;
});

const support::role meets_at_barrier("named_primitives: meets at a Barrier", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::Barrier barrier(mp::open_only, here.name);
    begin(here);
    for (int i = 0; i < turns; ++i) {
        const int number = barrier.wait_for(support::role_patience);
        here.numbers[static_cast<std::size_t>(i)] += 1 << (8 * number);
    }
});

/// Of another number each: whose it is shows in all of them.
const support::role makes_or_opens("named_primitives: makes or opens", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const int me = ++here.started;
    here.go.wait();
    const mp::Semaphore semaphore(mp::open_or_create, here.name, 100 + me);
    here.numbers[static_cast<std::size_t>(me)] = semaphore.value();
    ++here.arrived;
    support::ensure(support::comes_true([&] { return here.arrived == programs; })); // on Windows it lives as long as somebody has it
});

/// How each is made: of what it must be told, if of anything.
template <class Primitive>
struct made {
    static Primitive by(auto tag, const mp::object_name& name) { return Primitive(tag, name); }
};
template <>
struct made<mp::Barrier> {
    static mp::Barrier by(auto tag, const mp::object_name& name) { return mp::Barrier(tag, name, 3); }
};

struct players {
    explicit players(const support::role& part, const support::stage<scene>& here) {
        for (int i = 0; i < programs; ++i) {
            all.emplace_back(part, std::vector{here.handle()});
        }
        here->ready.wait();
        here->go.reach();
    }
    [[nodiscard]] bool end_well() const {
        return std::ranges::all_of(all, [](const support::actor& each) { return each.wait() == 0; });
    }
    std::vector<support::actor> all;
};

} // namespace

TEMPLATE_TEST_CASE("a primitive by name: create_only, open_only, open_or_create, unlink", "", mp::Lock, mp::RLock, mp::Semaphore, mp::BoundedSemaphore,
                   mp::Condition, mp::Event, mp::Barrier) {
    using make = made<TestType>;
    const support::unused_object name;
    REQUIRE(support::refused(std::errc::no_such_file_or_directory, [&] { TestType(mp::open_only, name); }));
    {
        const TestType first = make::by(mp::create_only, name);
        REQUIRE(support::refused(std::errc::file_exists, [&] { make::by(mp::create_only, name); }));
        const TestType second(mp::open_only, name);
        const TestType third = make::by(mp::open_or_create, name);
        const mp::object_name opened = name;
        REQUIRE(mp::unlink(opened));
        if (mp::platform::names_stay) { // else it is there until the last handle is gone
            REQUIRE_FALSE(mp::unlink(opened));
            REQUIRE(support::refused(std::errc::no_such_file_or_directory, [&] { TestType(mp::open_only, name); }));
            const TestType another = make::by(mp::create_only, name); // the name may be given again
            REQUIRE(mp::unlink(opened));
        }
    }
    const TestType made_by_open_or_create = make::by(mp::open_or_create, name);
    REQUIRE(support::refused(std::errc::file_exists, [&] { make::by(mp::create_only, name); }));
}

TEMPLATE_TEST_CASE("a primitive by name is no other one, and both are named", "", mp::Lock, mp::RLock, mp::Semaphore, mp::BoundedSemaphore,
                   mp::Condition, mp::Event, mp::Barrier) {
    const support::unused_object name;
    const auto refusals_of = [&](const std::string& is, auto opens_other) {
        const std::string said = support::refusal_of<mp::LayoutError>(opens_other);
        INFO(said);
        REQUIRE(said.find("\"" + name.text() + "\" is a " + is) != std::string::npos);
    };
    const auto others = [&](const std::string& is) {
        int tried = 0;
        const auto try_one = [&]<class Other>(std::type_identity<Other>) {
            if constexpr (!std::same_as<Other, TestType>) {
                refusals_of(is, [&] { Other(mp::open_only, name); });
                refusals_of(is, [&] { made<Other>::by(mp::open_or_create, name); });
                ++tried;
            }
        };
        try_one(std::type_identity<mp::Lock>());
        try_one(std::type_identity<mp::RLock>());
        try_one(std::type_identity<mp::Semaphore>());
        try_one(std::type_identity<mp::BoundedSemaphore>());
        try_one(std::type_identity<mp::Condition>());
        try_one(std::type_identity<mp::Event>());
        try_one(std::type_identity<mp::Barrier>());
        REQUIRE(tried == 6);
    };
    const TestType here = made<TestType>::by(mp::create_only, name);
    if constexpr (std::same_as<TestType, mp::Lock>) {
        others("Lock of 1 x lock, and was opened as a ");
    } else if constexpr (std::same_as<TestType, mp::RLock>) {
        others("RLock of 1 x lock, and was opened as a ");
    } else if constexpr (std::same_as<TestType, mp::Semaphore>) {
        others("Semaphore of 1 x semaphore, and was opened as a ");
    } else if constexpr (std::same_as<TestType, mp::BoundedSemaphore>) {
        others("BoundedSemaphore of 1 x permits, and was opened as a ");
    } else if constexpr (std::same_as<TestType, mp::Condition>) {
        others("Condition of " + std::to_string(mp::Condition::default_waiters) + " x condition, and was opened as a ");
    } else if constexpr (std::same_as<TestType, mp::Event>) {
        others("Event of 1 x event, and was opened as a ");
    } else {
        others("Barrier of 3 x barrier, and was opened as a ");
    }
}

TEST_CASE("a primitive by name of another number is refused by open_or_create, and both numbers are named") {
    const support::unused_object name;
    const auto says = [](const std::string& part, auto call) { return support::refusal_of<mp::LayoutError>(call).find(part) != std::string::npos; };
    SECTION("Barrier") {
        const mp::Barrier made(mp::create_only, name, 3);
        REQUIRE(says("is a Barrier of 3 x barrier, and was opened as a Barrier of 4 x barrier", [&] { mp::Barrier(mp::open_or_create, name, 4); }));
        REQUIRE(mp::Barrier(mp::open_or_create, name, 3).parties() == 3);
        REQUIRE(mp::Barrier(mp::open_only, name).parties() == 3);
    }
    SECTION("BoundedSemaphore, of no permits, too") {
        const mp::BoundedSemaphore made(mp::create_only, name, 3);
        REQUIRE(says("is a BoundedSemaphore of 3 x permits, and was opened as a BoundedSemaphore of 4 x permits",
                     [&] { mp::BoundedSemaphore(mp::open_or_create, name, 4); }));
        REQUIRE(says("is a BoundedSemaphore of 3 x permits, and was opened as a BoundedSemaphore of 0 x permits",
                     [&] { mp::BoundedSemaphore(mp::open_or_create, name, 0); }));
        REQUIRE(mp::BoundedSemaphore(mp::open_only, name).value() == 3);
    }
    SECTION("Condition") {
        const mp::Condition made(mp::create_only, name, 10);
        REQUIRE(says("is a Condition of 10 x condition, and was opened as a Condition of 11 x condition",
                     [&] { mp::Condition(mp::open_or_create, name, 11); }));
        mp::Condition(mp::open_or_create, name, 10).lock();
        REQUIRE_FALSE(support::refusal_of<mp::LayoutError>([&] { mp::Condition(mp::open_or_create, name); }).empty());
        made.unlock(); // it is one lock
    }
    SECTION("but the permits of a Semaphore come and go, and are no part of what it is") {
        const mp::Semaphore made(mp::create_only, name, 3);
        REQUIRE(mp::Semaphore(mp::open_or_create, name, 7).value() == 3);
    }
}

TEST_CASE("a Lock by name excludes, between programs, and is inherited when its owner is killed") {
    const support::unused_object name;
    const mp::Lock lock(mp::create_only, name);
    {
        support::stage<scene> here;
        name.copy_to(here->name);
        const players others(counts_under_lock, here);
        for (int i = 0; i < turns; ++i) {
            const std::lock_guard held(lock);
            ++here->count;
        }
        REQUIRE(others.end_well());
        REQUIRE(here->count == (programs + 1) * turns);
    }
    support::stage<scene> here;
    name.copy_to(here->name);
    const support::actor holder(locks_and_lives, {here.handle()});
    here->ready.wait();
    REQUIRE_FALSE(lock.try_lock());
    holder.kill();
    REQUIRE(lock.try_lock_for(10s));
    REQUIRE(lock.owner_died());
    lock.unlock();
}

TEST_CASE("a Semaphore by name lets so many in, whatever programs they are of") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    const mp::Semaphore semaphore(mp::create_only, name, 2);
    const players others(passes_semaphore, here);
    pass_through(*here, semaphore);
    REQUIRE(others.end_well());
    REQUIRE(semaphore.value() == 2);
    REQUIRE(here->most_inside >= 1);
    REQUIRE(here->most_inside <= 2);
}

TEST_CASE("a BoundedSemaphore by name lets so many in, and has the permit of a killed program back") {
    const support::unused_object name;
    const mp::BoundedSemaphore semaphore(mp::create_only, name, 2);
    {
        support::stage<scene> here;
        name.copy_to(here->name);
        const players others(passes_bounded, here);
        pass_through(*here, semaphore);
        REQUIRE(others.end_well());
        REQUIRE(here->most_inside >= 1);
        REQUIRE(here->most_inside <= 2);
    }
    REQUIRE(semaphore.value() == 2);
    REQUIRE(support::refused(std::errc::operation_not_permitted, [&] { semaphore.unlock(); })); // as many as at the beginning
    support::stage<scene> here;
    name.copy_to(here->name);
    const support::actor holder(takes_one_and_lives, {here.handle()});
    here->ready.wait();
    REQUIRE(semaphore.value() == 1);
    REQUIRE(semaphore.try_lock());
    REQUIRE_FALSE(semaphore.try_lock());
    holder.kill();
    REQUIRE(semaphore.try_lock_for(10s));
    semaphore.unlock();
    semaphore.unlock();
}

TEST_CASE("a Condition by name: two programs fill and empty by turns, and nobody sleeps through it") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    const mp::Condition changed(mp::create_only, name);
    const support::actor other(empties, {here.handle()});
    here->ready.wait();
    bool in_time = true;
    for (int i = 0; i < turns && in_time; ++i) {
        const std::lock_guard held(changed);
        in_time = changed.wait_for(support::role_patience, [&] { return !here->is_full; });
        here->is_full = true;
        changed.notify();
    }
    REQUIRE(in_time);
    REQUIRE(other.wait() == 0);
    REQUIRE(here->count == turns);
}

TEST_CASE("a Condition by name with the lock of a named value: two programs fill and empty it by turns") {
    const support::unused_object name;
    const support::unused_object value_name;
    support::stage<scene> here;
    name.copy_to(here->name);
    value_name.copy_to(here->name_of_lock);
    const mp::SharedValue<int> level(mp::create_only, value_name, 0);
    const mp::Condition changed(mp::create_only, name, level.get_lock());
    const support::actor other(empties_value, {here.handle()});
    here->ready.wait();
    bool in_time = true;
    for (int i = 0; i < turns && in_time; ++i) {
        const std::lock_guard held(level);
        in_time = changed.wait_for(support::role_patience, [&] { return level.value() == 0; });
        level = 1;
        changed.notify();
    }
    REQUIRE(in_time);
    REQUIRE(other.wait() == 0);
    REQUIRE(level.value() == 0);
}

TEST_CASE("a Condition has a name exactly if its lock has one, and opens with that lock") {
    const support::unused_object name;
    const support::unused_object value_name;
    const support::unused_object other_name;
    const mp::SharedValue<int> level(mp::create_only, value_name, 0);
    const mp::SharedValue<int> other(mp::create_only, other_name, 0);
    const auto refusal = [](auto call) { return support::refusal_of<std::invalid_argument>(call); };
    REQUIRE(refusal([&] { mp::Condition{level.get_lock()}; }).find("Give it a name as well: Condition(open_or_create, name, lock)") != std::string::npos);
    REQUIRE(refusal([&] { mp::Condition(mp::create_only, name, mp::RLock()); }).find("give it the lock of an object with a name") != std::string::npos);
    REQUIRE_FALSE(mp::unlink(name)); // nothing was made

    const auto refusal_to_open = [](auto call) { return support::refusal_of<mp::LayoutError>(call); };
    {
        const mp::Condition made(mp::open_or_create, name, level.get_lock(), 7);
        const mp::Condition same(mp::open_or_create, name, mp::SharedValue<int>(mp::open_only, value_name).get_lock(), 7);
        const std::scoped_lock held(same);
        REQUIRE_FALSE(made.wait_for(1ms)); // this thread has the lock of both, which is one
        REQUIRE(refusal_to_open([&] { mp::Condition(mp::open_only, name, other.get_lock()); }).find("was made with another lock") != std::string::npos);
        REQUIRE(refusal_to_open([&] { mp::Condition(mp::open_only, name); }).find("was made with the lock of another object") != std::string::npos);
    }
    static_cast<void>(mp::unlink(name)); // Windows: gone with its handles
    const mp::Condition alone(mp::create_only, name);
    REQUIRE(refusal_to_open([&] { mp::Condition(mp::open_only, name, level.get_lock()); }).find("was made with another lock") != std::string::npos);
}

TEST_CASE("an Event by name wakes all programs that wait for it") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    const mp::Event event(mp::create_only, name);
    const players others(awaits_event, here);
    REQUIRE_FALSE(event.wait_for(20ms));
    REQUIRE(here->inside == 0);
    event.set();
    REQUIRE(others.end_well());
    REQUIRE(here->inside == programs);
    REQUIRE(mp::Event(mp::open_only, name).is_set());
}

TEST_CASE("a Barrier by name: all programs meet, each time, and each has another number") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    const mp::Barrier barrier(mp::create_only, name, programs + 1);
    const players others(meets_at_barrier, here);
    for (int i = 0; i < turns; ++i) {
        here->numbers[static_cast<std::size_t>(i)] += 1 << (8 * barrier.wait_for(support::role_patience));
    }
    REQUIRE(others.end_well());
    REQUIRE(std::ranges::all_of(here->numbers, [](int each) { return each == 0x01010101; }));
}

TEST_CASE("programs race open_or_create of a primitive: one makes it, and all have that one's") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    std::vector<support::actor> racers;
    for (int i = 0; i < programs; ++i) {
        racers.emplace_back(makes_or_opens, std::vector{here.handle()});
    }
    REQUIRE(support::comes_true([&] { return here->started == programs; }));
    here->go.reach();
    for (const auto& each : racers) {
        REQUIRE(each.wait() == 0);
    }
    REQUIRE(here->numbers[1] > 100);
    REQUIRE(here->numbers[2] == here->numbers[1]);
    REQUIRE(here->numbers[3] == here->numbers[1]);
}
