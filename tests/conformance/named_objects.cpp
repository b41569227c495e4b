// Objects with names, on every system, between programs that were started anew and know nothing but the name.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/refusals.hpp"
#include "support/roles.hpp"
#include "support/start.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize/lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using support::Whole;

namespace {

constexpr int racers = 8;
constexpr int rounds = mp::platform::names_stay ? 1'000 : 100; // wine takes its time
constexpr int additions = mp::platform::names_stay ? 5'000 : 500;

struct scene {
    char name[64];
    support::milestone ready;
    support::milestone go;
    std::atomic<int> players;
    std::atomic<int> arrived;
    std::array<std::atomic<std::int64_t>, racers> seen;
    std::atomic<int> different;
    std::atomic<bool> enough;
    std::atomic<int> found;
    std::atomic<int> round;
};

/// For all racers to be at the same point. `step` counts the points up, from 1.
void meet(scene& here, int step) {
    ++here.arrived;
    const auto until = support::platform::deadline_after(support::role_patience);
    while (here.arrived < racers * step) {
        support::ensure(support::platform::clock::now() < until, "the others come, too");
        std::this_thread::yield();
    }
}

const support::role adds("named_objects: adds", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::SharedValue<std::int64_t> total(mp::open_only, here.name);
    here.go.wait();
    for (int i = 0; i < additions; ++i) {
        total += 1;
    }
});

/// Each round: all want to make it, of another value each; one does, and all have that one's.
const support::role races("named_objects: races", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const int me = here.players++;
    int step = 0;
    for (int round = 0; round < rounds; ++round) {
        meet(here, ++step);
        {
            const std::int64_t mine = round * racers + me + 1;
            const mp::SharedValue<Whole> value(mp::open_or_create, here.name, Whole{mine, {mine, mine, mine, mine, mine, mine}, mine});
            const Whole what = value.value();
            const bool whole = what.x == what.y && std::ranges::all_of(what.between, [&](std::int64_t each) { return each == what.x; });
            here.seen[static_cast<std::size_t>(me)] = whole ? what.x : -1;
            meet(here, ++step);
            here.different += here.seen[static_cast<std::size_t>(me)] != here.seen[0] || what.x <= round * racers ? 1 : 0;
            if (me == 0) {
                mp::unlink(here.name);
            }
        }
    }
});

/// The same name again and again; where an object is there as long as anybody has it, a name of its own for each round.
std::string name_in_round(const scene& here) {
    return std::string(here.name) + (mp::platform::names_stay ? "" : "." + std::to_string(here.round));
}

const support::role makes_and_removes("named_objects: makes and removes", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    for (int round = 0; round < rounds; ++round) {
        here.round = round;
        const mp::SharedArray<std::int64_t> array(mp::create_only, name_in_round(here), std::vector<std::int64_t>(1'000, round + 1));
        if (round % 2 == 0) {
            std::this_thread::yield();
        }
        support::ensure(mp::unlink(name_in_round(here)));
    }
    here.enough = true;
});

const support::role attaches("named_objects: attaches", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    here.ready.reach();
    while (!here.enough) {
        try {
            const mp::SharedArray<std::int64_t> array(mp::open_only, name_in_round(here));
            const auto elements = array.slice();
            const bool complete = elements.size() == 1'000 && elements[0] > 0 &&
                                  std::ranges::all_of(elements, [&](std::int64_t each) { return each == elements[0]; });
            here.different += complete ? 0 : 1;
            ++here.found;
        } catch (const std::system_error& error) {
            here.different += error.code() == std::errc::no_such_file_or_directory ? 0 : 1;
        }
    }
});

const support::role holds("named_objects: holds", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::SharedValue<Whole> value(mp::open_only, here.name);
    value.lock();
    here.ready.reach();
    support::live_on();
});

const support::role looks_and_goes("named_objects: looks and goes", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::SharedValue<int> value(mp::open_only, here.name);
    support::ensure(value.value() == 7);
    value += 1;
});

const support::role looks_and_lives("named_objects: looks and lives", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    const mp::SharedValue<int> value(mp::open_only, here.name);
    value += 1;
    here.ready.reach();
    support::live_on();
});

} // namespace

TEST_CASE("a named SharedValue never loses an update, of programs that know its name") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    const mp::SharedValue<std::int64_t> total(mp::create_only, name, 0);
    std::vector<support::actor> actors;
    for (int i = 0; i < 4; ++i) {
        actors.emplace_back(adds, std::vector{here.handle()});
    }
    here->go.reach();
    for (int i = 0; i < additions; ++i) {
        total += 1;
    }
    for (const auto& each : actors) {
        REQUIRE(each.wait() == 0);
    }
    REQUIRE(total.value() == 5 * additions);
}

TEST_CASE("eight programs race open_or_create: one makes it, and nobody sees a part") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    std::vector<support::actor> actors;
    for (int i = 0; i < racers; ++i) {
        actors.emplace_back(races, std::vector{here.handle()});
    }
    for (const auto& each : actors) {
        REQUIRE(each.wait() == 0);
    }
    REQUIRE(here->arrived == 2 * racers * rounds);
    REQUIRE(here->different == 0);
}

TEST_CASE("who attaches while it is made and removed finds nothing, or all of it") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    const support::actor first(attaches, {here.handle()});
    const support::actor second(attaches, {here.handle()});
    here->ready.wait();
    REQUIRE(support::actor(makes_and_removes, {here.handle()}).wait() == 0);
    REQUIRE(first.wait() == 0);
    REQUIRE(second.wait() == 0);
    REQUIRE(here->different == 0);
    REQUIRE(here->found > 0);
}

TEST_CASE("who attached may end as it likes: nothing changes for the others") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    const mp::SharedValue<int> value(mp::create_only, mp::object_name(name.text()).unlink_on_destroy(), 7);
    REQUIRE(support::actor(looks_and_goes, {here.handle()}).wait() == 0);
    const support::actor killed(looks_and_lives, {here.handle()});
    here->ready.wait();
    killed.kill();
    REQUIRE(mp::SharedValue<int>(mp::open_only, name).value() == 9);
    REQUIRE_FALSE(value.get_lock().owner_died());
    REQUIRE(value.try_lock());
    value.unlock();
}

TEST_CASE("a holder in another program is killed: the next one has the lock within a slice, and is told") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    const mp::SharedValue<Whole> value(mp::create_only, name, support::numbered<Whole>(1));
    const support::actor holder(holds, {here.handle()});
    here->ready.wait();
    REQUIRE_FALSE(value.try_lock());
    holder.kill();
    const auto before = std::chrono::steady_clock::now();
    REQUIRE(value.try_lock_for(2s));
    REQUIRE(std::chrono::steady_clock::now() - before < 1s); // a slice, on a busy machine
    REQUIRE(value.get_lock().owner_died());
    REQUIRE(value.value() == support::numbered<Whole>(1));
    value.unlock();
}

TEST_CASE("a named object is an argument like any other, and stays shared without its name") {
    const auto method = GENERATE(from_range(support::start_methods));
    const support::unused_object name;
    const mp::SharedValue<int> value(mp::create_only, name, 1);
    const mp::SharedArray<Whole> array(mp::create_only, mp::object_name(name.text() + ".array"), std::vector<Whole>(3, support::numbered<Whole>(1)));
    const mp::RawArray<char> text(mp::create_only, mp::object_name(name.text() + ".text"), std::string_view("before"));
    for (const char* each : {"", ".array", ".text"}) {
        mp::unlink(name.text() + each);
    }
    const auto child = support::start<[](const mp::SharedValue<int>& number, const mp::SharedArray<Whole>& wholes, const mp::RawArray<char>& letters) {
        number += 1;
        support::must(wholes.size() == 3);
        wholes[1] = support::numbered<Whole>(2);
        letters.value("after");
    }>(method, value, array, text);
    REQUIRE(support::exit_code(child) == 0);
    REQUIRE(value.value() == 2);
    REQUIRE(array[1].value() == support::numbered<Whole>(2));
    REQUIRE(text.value() == "after");
}

TEST_CASE("a named object that a started child holds is inherited when that one is killed") {
    const auto method = GENERATE(from_range(support::start_methods));
    const support::unused_object name;
    const mp::SharedValue<Whole> value(mp::create_only, name, support::numbered<Whole>(1));
    const support::signal_flag held(0);
    const auto child = support::start<[](const mp::SharedValue<Whole>& mine, const support::signal_flag& flag) {
        mine.lock();
        support::raise(flag);
        support::stay_alive();
    }>(method, value, held);
    support::await(held);
    child.kill();
    REQUIRE(value.try_lock_for(10s));
    REQUIRE(value.get_lock().owner_died());
    value.unlock();
    child.join();
}

TEST_CASE("every class has a name, if it is given one") {
    const support::unused_object name;
    SECTION("RawValue") {
        const mp::RawValue<Whole> made(mp::create_only, name, support::numbered<Whole>(1));
        mp::RawValue<Whole>(mp::open_only, name)->x = 5;
        REQUIRE(made->x == 5);
        mp::unlink(name);
    }
    SECTION("RawArray, of a length, a list, a range and a text") {
        for (int kind = 0; kind < 4; ++kind) {
            std::optional<mp::RawArray<char>> made;
            switch (kind) {
            case 0:
                made.emplace(mp::create_only, name, 3);
                break;
            case 1:
                made.emplace(mp::RawArray<char>(mp::create_only, name, {'a', 'b', 'c'}));
                break;
            case 2:
                made.emplace(mp::create_only, name, std::vector<char>{'a', 'b', 'c'});
                break;
            default:
                made.emplace(mp::create_only, name, std::string_view("abc"));
            }
            const mp::RawArray<char> opened(mp::open_only, name);
            REQUIRE(opened.raw() == (kind == 0 ? std::string(3, '\0') : "abc"));
            opened[1] = 'B';
            REQUIRE((*made)[1] == 'B');
            mp::unlink(name);
        }
    }
    SECTION("RawArray without elements") {
        const mp::RawArray<double> made(mp::create_only, name, 0);
        REQUIRE(mp::RawArray<double>(mp::open_only, name).empty());
        REQUIRE(mp::RawArray<double>(mp::open_or_create, name, 0).empty());
        REQUIRE(support::refusal_of<mp::LayoutError>([&] { mp::RawArray<double>(mp::open_or_create, name, 1); }).find("is a RawArray of 0 x f8, and was opened as a RawArray of 1 x f8") !=
                std::string::npos);
        mp::unlink(name);
    }
    SECTION("SharedValue, of a word, a struct, and a type of great alignment") {
        const mp::SharedValue<int> number(mp::create_only, name, 1);
        mp::SharedValue<int>(mp::open_only, name) += 4;
        REQUIRE(number.value() == 5);
        const support::unused_object other;
        const mp::SharedValue<Whole> whole(mp::create_only, other, support::numbered<Whole>(1));
        mp::SharedValue<Whole>(mp::open_only, other).update([](Whole& what) { what = support::numbered<Whole>(2); });
        REQUIRE(whole.value() == support::numbered<Whole>(2));
        const support::unused_object third;
        const mp::SharedValue<support::Overaligned> wide(mp::create_only, third, support::numbered<support::Overaligned>(1));
        const mp::SharedValue<support::Overaligned> wide_too(mp::open_only, third);
        REQUIRE(support::is_aligned(&*wide_too.get_obj()));
        wide_too = support::numbered<support::Overaligned>(2);
        REQUIRE(wide.value().number == 2);
    }
    SECTION("SharedArray") {
        const mp::SharedArray<double> made(mp::create_only, name, {1.5, 2.5});
        const mp::SharedArray<double> opened(mp::open_only, name);
        opened[-1] += 1;
        opened.assign_slice(0, 1, std::vector{7.0});
        REQUIRE(made.slice() == std::vector{7.0, 3.5});
        const mp::SharedArray<double> either(mp::open_or_create, name, 2);
        REQUIRE(either[1].value() == 3.5);
    }
    SECTION("RLock and Lock") {
        const mp::RLock made(mp::create_only, name);
        const mp::RLock opened(mp::open_only, name);
        opened.lock();
        REQUIRE(made.try_lock()); // the same thread holds it: one lock, two handles
        made.unlock();
        opened.unlock();
        const support::unused_object other;
        const mp::Lock single(mp::create_only, other);
        const mp::Lock single_too(mp::open_only, other);
        single.lock();
        REQUIRE_FALSE(single_too.try_lock());
        single_too.unlock();
        REQUIRE(support::refusal_of<mp::LayoutError>([&] { mp::RLock(mp::open_only, other); }).find("is a Lock of 1 x lock, and was opened as a RLock of 1 x lock") !=
                std::string::npos);
    }
}

TEST_CASE("an object of another type is refused, and both types are named") {
    const support::unused_object name;
    const mp::SharedArray<double> made(mp::create_only, name, 3);
    const std::string is = "\"" + name.text() + "\" is a SharedArray of 3 x f8, and was opened as a ";
    const auto says = [&](auto call, const std::string& expected) { return support::refusal_of<mp::LayoutError>(call).find(is + expected) != std::string::npos; };
    REQUIRE(says([&] { mp::SharedArray<float>(mp::open_only, name); }, "SharedArray of any number x f4"));
    REQUIRE(says([&] { mp::SharedArray<std::int64_t>(mp::open_only, name); }, "SharedArray of any number x i8")); // of the same size
    REQUIRE(says([&] { mp::SharedValue<double>(mp::open_only, name); }, "SharedValue of 1 x f8"));
    REQUIRE(says([&] { mp::RawArray<double>(mp::open_only, name); }, "RawArray of any number x f8"));
    REQUIRE(says([&] { mp::SharedArray<double>(mp::open_or_create, name, 4); }, "SharedArray of 4 x f8"));
    REQUIRE(says([&] { mp::SharedArray<double>(mp::open_or_create, name, 0); }, "SharedArray of 0 x f8")); // none is a length, too
    REQUIRE(says([&] { mp::SharedArray<double>(mp::open_or_create, name, std::vector<double>()); }, "SharedArray of 0 x f8"));
    REQUIRE(says([&] { mp::SharedArray<support::Pair>(mp::open_only, name); }, "SharedArray of any number x {0:i4,4:i4}8"));
    REQUIRE(says([&] { mp::RLock(mp::open_only, name); }, "RLock of 1 x lock"));
    REQUIRE(mp::SharedArray<double>(mp::open_or_create, name, 3).size() == 3);
}
