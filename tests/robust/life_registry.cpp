// The names of threads: that no two are equal, and who is asked whether a bearer lives. Each test has a table of its own, smaller than the library's.
//
// Taken out once, to see it fail: in life_registry::ask, that the generation of the dead moves on: "moves the generation of the dead on"; that a number counts
// only when its token was had: "a number that somebody holds is not taken"; the cut of a name's slot: "a name's slot is cut to the table"; a generation of 0 in
// life_registry::claim: "a generation that an id has as 0".
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/memory/arena.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/robust/life_registry.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace mp = multiprocessing;
using mp::platform::life;
using mp::robust::life_id;
using mp::robust::life_registry;
using mp::robust::life_scope;
using mp::robust::life_table_memory;
using support::expect;

namespace {

struct small_table {
    std::shared_ptr<mp::memory::arena> arena;
    std::uint32_t slots;
    life_registry registry;

    explicit small_table(std::uint32_t count)
        : arena(std::make_shared<mp::memory::arena>(life_table_memory::bytes_for(count))), slots(count), registry(life_scope::family, memory(), count, 77) {}

    [[nodiscard]] life_table_memory memory() const {
        life_table_memory its{arena, arena->data(), arena->object().handle(), {}};
        its.front().initialize(slots, 77);
        return its;
    }
    using word = std::atomic<std::uint64_t>;
    [[nodiscard]] word& process(std::uint32_t slot) const { return *reinterpret_cast<word*>(arena->data() + life_table_memory::front_bytes + slot * 64); }
    [[nodiscard]] word& generation(std::uint32_t slot) const { return *(&process(slot) + 1); }
    [[nodiscard]] word& counter() const { return reinterpret_cast<mp::robust::life_table_front*>(arena->data())->processes; }
};

struct bearer_scene {
    std::atomic<std::uint64_t> name{0};
    support::flag ready;
};

/// A child that has names in the table, as many as asked for, of which `scene` gets the last.
support::child_process bearer(small_table& table, bearer_scene& scene, int names = 1) {
    support::child_process child([&, names] {
        table.registry.renew();
        for (int i = 0; i < names; ++i) {
            scene.name = table.registry.enrol().bits();
        }
        scene.ready.raise();
        for (;;) {
            ::pause();
        }
    });
    scene.ready.wait();
    return child;
}

void end_bearer(support::child_process& child) {
    child.send(SIGKILL);
    REQUIRE(child.wait() == -SIGKILL);
}

} // namespace

TEST_CASE("life_registry::enrol") {
    SECTION("no two names are equal, and one that was given up is not given again") {
        small_table table(2);
        const life_id first = table.registry.enrol();
        const life_id second = table.registry.enrol();
        CHECK((first && second && first != second));
        CHECK(table.registry.ask(first) == life::held);
        table.registry.resign(first);
        CHECK(table.registry.ask(first) == life::gone);
        const life_id third = table.registry.enrol();
        CHECK(third.slot() == first.slot());
        CHECK(third != first);
        CHECK(table.registry.ask(first) == life::gone);
        CHECK(table.registry.ask(third) == life::held);
    }
    SECTION("all slots are those of living threads, of this process or another") {
        small_table table(2);
        const support::shared<bearer_scene> scene;
        const life_id mine = table.registry.enrol();
        auto child = bearer(table, *scene);
        try {
            static_cast<void>(table.registry.enrol());
            FAIL("there was no slot");
        } catch (const std::system_error& error) {
            CHECK(error.code() == std::errc::resource_unavailable_try_again);
            CHECK(std::string(error.what()).find("2 living threads use shared locks") != std::string::npos);
        }
        end_bearer(child);
        const life_id next = table.registry.enrol(); // of the dead
        CHECK(next.bits() != scene->name);
        CHECK(table.registry.ask(life_id::of_bits(scene->name)) == life::gone);
        CHECK((table.registry.ask(mine) == life::held && table.registry.ask(next) == life::held));
    }
    SECTION("the slot of a dead process is used before one that nobody had") {
        small_table table(4);
        const support::shared<bearer_scene> scene;
        auto child = bearer(table, *scene);
        end_bearer(child);
        CHECK(table.registry.enrol().slot() == life_id::of_bits(scene->name).slot());
    }
    SECTION("a generation that an id has as 0 is passed over") {
        small_table table(1);
        table.generation(0) = (std::uint64_t{1} << life_id::generation_bits) - 1;
        const life_id name = table.registry.enrol();
        CHECK_FALSE(name.is_nobody());
        CHECK(table.registry.ask(name) == life::held);
    }
    SECTION("a process takes one number, from the table's on") {
        small_table table(2);
        static_cast<void>(table.registry.enrol());
        static_cast<void>(table.registry.enrol());
        CHECK(table.counter() == 78);
        CHECK((table.process(0) == 78 && table.process(1) == 78));
    }
    SECTION("a number that somebody holds is not taken, whatever the counter says") {
        small_table table(2);
        const support::shared<bearer_scene> scene;
        auto child = bearer(table, *scene);
        table.counter() = 77; // as before the child
        const life_id mine = table.registry.enrol();
        CHECK(table.registry.ask(life_id::of_bits(scene->name)) == life::held);
        end_bearer(child);
        CHECK(table.registry.ask(life_id::of_bits(scene->name)) == life::gone);
        CHECK(table.registry.ask(mine) == life::held);
    }
    SECTION("who holds all numbers is told of, not waited for") {
        small_table table(2);
        const int file = ::open(("/proc/self/fd/" + std::to_string(table.registry.handle())).c_str(), O_RDWR | O_CLOEXEC);
        struct ::flock all{};
        all.l_type = F_WRLCK;
        REQUIRE(::fcntl(file, F_OFD_SETLK, &all) == 0);
        try {
            static_cast<void>(table.registry.enrol());
            FAIL("it had a number");
        } catch (const std::system_error& error) {
            CHECK(error.code() == std::errc::device_or_resource_busy);
        }
        ::close(file);
        CHECK(table.registry.ask(table.registry.enrol()) == life::held);
    }
}

TEST_CASE("life_registry::ask") {
    small_table table(2);
    SECTION("moves the generation of the dead on, where look writes nothing") {
        const support::shared<bearer_scene> scene;
        auto child = bearer(table, *scene);
        const life_id name = life_id::of_bits(scene->name);
        CHECK((table.registry.look(name) == life::held && table.registry.is_surely_alive_here(name)));
        end_bearer(child);
        const std::uint64_t before = table.generation(name.slot());
        CHECK(table.registry.look(name) == life::gone);
        CHECK(table.generation(name.slot()) == before);
        CHECK(table.registry.ask(name) == life::gone);
        CHECK(table.generation(name.slot()) == before + 1);
        CHECK(table.registry.ask(name) == life::gone);
        CHECK(table.generation(name.slot()) == before + 1);
        CHECK_FALSE(table.registry.is_surely_alive_here(name));
    }
    SECTION("a slot without a process, which is being given up") {
        const life_id name = table.registry.enrol();
        table.process(name.slot()) = 0;
        CHECK(table.registry.ask(name) == life::gone);
        CHECK(table.generation(name.slot()) == name.generation());
    }
    SECTION("a name's slot is cut to the table") {
        const life_id name = table.registry.enrol();
        CHECK(table.registry.look(life_id(life_scope::family, name.slot() + table.slots, name.generation())) == life::held);
        CHECK(table.registry.ask(name.of_nobody_living()) == life::gone);
    }
}

TEST_CASE("life_registry::let_go") {
    small_table table(2);
    const support::shared<std::array<support::flag, 2>> flags;
    const life_id name = table.registry.enrol();
    support::child_process child([&] {
        table.registry.renew(); // without it, this process would take the name for one of its own
        expect(table.registry.look(name) == life::held, "its process has the number");
        (*flags)[0].raise();
        (*flags)[1].wait();
        expect(table.registry.look(name) == life::gone, "its process has let go");
    });
    (*flags)[0].wait();
    table.registry.let_go();
    (*flags)[1].raise();
    CHECK(child.wait() == 0);
}

TEST_CASE("life_registry::of") {
    CHECK(&life_registry::of(life_scope::family) == &life_registry::family());
    CHECK((life_registry::family().number() != 0 && life_registry::family().scope() == life_scope::family));
    CHECK(life_registry::of(life_scope::user).name() == life_table_memory::name_for_user());
    CHECK_THROWS_AS(life_registry::of(life_scope::object), mp::LayoutError);
    CHECK(life_registry::is_alive(life_id(life_scope::object, 1, 1))); // nobody can be asked
    CHECK_FALSE(life_registry::is_alive(life_id(life_scope::family, 1, 1).of_nobody_living()));
}

TEST_CASE("life_registry::count_dead_owner") {
    small_table table(1);
    CHECK(table.registry.dead_owners() == 0);
    CHECK(support::run_child([&] { table.registry.count_dead_owner(); }) == 0);
    CHECK(table.registry.dead_owners() == 1); // counted for all
}
