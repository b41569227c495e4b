// The registries that are found by a lock's address: as long as somebody keeps the lock, and what a thread remembers of them.
//
// Taken out once, to see it fail: the new age in map_of_lives::remove: "what was looked up last is forgotten when a lock leaves the map"; the resigning of a second
// name in id_of_this_thread: "map_of_lives::id_of_this_thread".
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/arena.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/map_of_lives.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using mp::platform::life;
using mp::robust::known_lives;
using mp::robust::life_id;
using mp::robust::life_registry;
using mp::robust::life_scope;
using mp::robust::life_table_memory;
using mp::robust::map_of_lives;
using mp::robust::mutex_state;
using support::expect;

namespace {

constexpr std::uint32_t slots_in_map = 4;

std::unique_ptr<known_lives> new_lives(life_scope scope = life_scope::object) {
    auto arena = std::make_shared<mp::memory::arena>(life_table_memory::bytes_for(slots_in_map));
    life_table_memory memory{arena, arena->data(), arena->object().handle(), {}};
    memory.front().initialize(slots_in_map, 5);
    return std::make_unique<known_lives>(scope, std::move(memory), slots_in_map, 5);
}

known_lives& add_to_map(std::unique_ptr<known_lives> lives) {
    const std::lock_guard guard(life_registry::mutex());
    return map_of_lives::get().add(std::move(lives));
}
void put(const mutex_state& lock, known_lives& lives) {
    const std::lock_guard guard(life_registry::mutex());
    map_of_lives::get().put(lock, lives, 64);
}
std::unique_ptr<known_lives> take_out(const mutex_state& lock) {
    const std::lock_guard guard(life_registry::mutex());
    return map_of_lives::get().remove(lock);
}
bool map_has(const known_lives& lives) {
    const std::lock_guard guard(life_registry::mutex());
    return map_of_lives::get().find_if([&](const life_registry& each) { return &each == &lives.registry; }) != nullptr;
}

} // namespace

TEST_CASE("map_of_lives::find") {
    const mutex_state lock{};
    const mutex_state other{};
    CHECK(map_of_lives::find(lock) == nullptr);
    known_lives& lives = add_to_map(new_lives());
    put(lock, lives);
    CHECK(map_of_lives::find(lock) == &lives);
    CHECK(map_of_lives::find(other) == nullptr);

    SECTION("what was looked up last is forgotten when a lock leaves the map") {
        CHECK(map_of_lives::find(lock) == &lives);
        CHECK(take_out(lock).get() == &lives);
        CHECK(map_of_lives::find(lock) == nullptr);
        known_lives& next = add_to_map(new_lives()); // of another object at the same address
        put(lock, next);
        CHECK(map_of_lives::find(lock) == &next);
    }
    SECTION("with the name of this thread, and no other's") {
        const life_id mine = lives.registry.enrol();
        map_of_lives::id_of_this_thread(lock, lives, mine);
        std::thread([&] {
            CHECK(map_of_lives::find(lock) == &lives);
            CHECK_FALSE(map_of_lives::remembered.name);
        }).join();
        map_of_lives::remembered = {};
        CHECK(map_of_lives::find(lock) == &lives);
        CHECK(map_of_lives::remembered.name == mine);
    }
    static_cast<void>(take_out(lock));
}

TEST_CASE("map_of_lives::remove") {
    const mutex_state lock{};
    const mutex_state other{};
    SECTION("a registry goes with the last keeper of the last lock") {
        known_lives& lives = add_to_map(new_lives());
        put(lock, lives);
        put(lock, lives);
        put(other, lives);
        CHECK(lives.locks == 2);
        CHECK(take_out(lock) == nullptr);
        CHECK(map_of_lives::find(lock) == &lives); // a second opening keeps it
        CHECK(take_out(lock) == nullptr);
        CHECK(map_of_lives::find(lock) == nullptr);
        CHECK(map_has(lives));
        const auto last = take_out(other);
        CHECK(last.get() == &lives);
        CHECK_FALSE(map_has(lives));
    }
    SECTION("a user's is kept") {
        known_lives& users = add_to_map(new_lives(life_scope::user));
        put(lock, users);
        CHECK(take_out(lock) == nullptr);
        CHECK(map_of_lives::find(lock) == nullptr);
        CHECK(map_has(users));
        const std::lock_guard guard(life_registry::mutex());
        std::erase_if(map_of_lives::get().all, [&](const auto& each) { return each.get() == &users; });
    }
}

TEST_CASE("map_of_lives::id_of_this_thread") {
    const mutex_state lock{};
    known_lives& lives = add_to_map(new_lives());
    put(lock, lives);
    const life_id first = lives.registry.enrol();
    map_of_lives::id_of_this_thread(lock, lives, first);
    const life_id second = lives.registry.enrol(); // as another copy of the library does that did not know
    map_of_lives::id_of_this_thread(lock, lives, second);
    CHECK(map_of_lives::remembered.name == first);
    CHECK(lives.registry.ask(first) == life::held);
    CHECK(lives.registry.ask(second) == life::gone);

    SECTION("goes back at the end of the thread") {
        map_of_lives::resign_this_thread();
        CHECK(lives.registry.ask(first) == life::gone);
        CHECK(map_of_lives::find(lock) == &lives);
        CHECK_FALSE(map_of_lives::remembered.name);
    }
    SECTION("is no child's, whose number is its own") {
        CHECK(support::run_child([&] {
            expect(map_of_lives::find(lock) == &lives && !map_of_lives::remembered.name, "a name that the parent's thread has");
            const life_id childs = lives.registry.enrol();
            map_of_lives::id_of_this_thread(lock, lives, childs);
            expect(map_of_lives::remembered.name == childs && childs != first);
            expect(lives.registry.look(first) == life::held);
        }) == 0);
        CHECK(lives.registry.ask(first) == life::held);
    }
    static_cast<void>(take_out(lock));
}

TEST_CASE("known_lives gives its names back") {
    auto lives = new_lives();
    const life_id name = lives->registry.enrol();
    lives->names[map_of_lives::this_thread()] = name;
    support::shared<support::flag> asked;
    support::shared<support::flag> gone;
    support::child_process child([&] {
        lives->registry.renew();
        expect(lives->registry.look(name) == life::held);
        asked->raise();
        gone->wait();
        expect(lives->registry.look(name) == life::gone);
    });
    asked->wait();
    lives.reset();
    gone->raise();
    CHECK(child.wait() == 0);
}

TEST_CASE("segment_with_lives") {
    mp::memory::block object = mp::memory::allocate(64, 64);
    const auto& lock = *reinterpret_cast<const mutex_state*>(object.address());
    const auto place = object.locate();
    known_lives& lives = add_to_map(new_lives());
    {
        auto& segment = mp::robust::segment_with_lives::keep(object);
        const std::lock_guard guard(life_registry::mutex());
        segment.enter(map_of_lives::get(), lives, 64);
    }
    CHECK(map_of_lives::find(lock) == &lives);
    CHECK((object.locate().object == place.object && object.at(8).locate().offset == place.offset + 8));
    mp::memory::block copy = object;
    object = {};
    CHECK(map_of_lives::find(lock) == &lives); // a handle is left
    copy = {};
    CHECK(map_of_lives::find(lock) == nullptr);
}
