// Taken out once, to see it fail: the entry in the map (learn_lives), "an object with a table of its own"; the end of the object's own table (bytes_behind), "no store of its heirs".
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/run.hpp"

#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <optional>
#include <thread>

namespace mp = multiprocessing;
namespace robust = multiprocessing::robust;
using robust::life_id;
using robust::life_registry;
using robust::life_scope;
using support::expect;

namespace {

[[nodiscard]] const robust::mutex_state& word_of_lives(const mp::RLock& lock) { return mp::detail::lock_access::header(lock); }

} // namespace

TEST_CASE("lives_of: a lock without a name is written in the family's ids") {
    const mp::RLock lock;
    const auto& state = word_of_lives(lock);
    CHECK(&robust::lives_of(state) == &life_registry::family());
    const life_id mine = robust::enrol_this_thread_for(state);
    CHECK(mine == robust::enrol_this_thread());
    CHECK(mine.scope() == life_scope::family);
    CHECK(robust::this_thread_id_for(state) == mine);
    CHECK(robust::is_alive(state, mine));
    CHECK(robust::is_surely_alive(state, mine));
    CHECK_FALSE(robust::is_alive(state, mine.of_nobody_living()));
    std::thread([&] {
        CHECK_FALSE(robust::this_thread_id_for(state)); // none yet
        CHECK(robust::is_alive(state, mine));
    }).join();
}

TEST_CASE("lives_of: a lock with a name is written in its user's ids") {
    const support::unused_object name;
    const mp::RLock lock(mp::create_only, name);
    const auto& state = word_of_lives(lock);
    CHECK(&robust::lives_of(state) == &robust::lives_of_this_user());
    const life_id mine = robust::enrol_this_thread_for(state);
    CHECK(mine.scope() == life_scope::user);
    CHECK(mine == robust::enrol_this_thread(life_scope::user));
    CHECK(robust::this_thread_id_for(state) == mine);
}

TEST_CASE("lives_of: an object with a table of its own, which others may write") {
    const support::unused_object name;
    std::optional<mp::RLock> lock(std::in_place, mp::create_only, mp::object_name(static_cast<const mp::object_name&>(name)).mode(0666));
    const auto& state = word_of_lives(*lock);
    life_registry& own = robust::lives_of(state);
    CHECK(own.scope() == life_scope::object);
    const life_id mine = robust::enrol_this_thread_for(state);
    CHECK(mine.scope() == life_scope::object);
    CHECK(robust::this_thread_id_for(state) == mine);
    CHECK(robust::this_thread_id_by_lock(state) == mine);
    CHECK(robust::enrol_this_thread_for(state) == mine);
    CHECK(robust::is_alive(state, mine));

    SECTION("no store of its heirs goes into the table") {
        CHECK(robust::bytes_behind(state) < mp::detail::named_header::own_table_bytes);
    }
    SECTION("a thread gets an id of it for itself, and gives it back at its end") {
        life_id other;
        std::thread([&] {
            other = robust::enrol_this_thread_for(state);
            expect(robust::is_alive(state, other));
        }).join();
        CHECK(other.slot() != mine.slot());
        CHECK_FALSE(robust::is_alive(state, other));
    }
    SECTION("a child has none of its parent's ids") {
        CHECK(support::run_child([&] {
                  expect(!robust::this_thread_id_for(state));
                  expect(robust::enrol_this_thread_for(state) != mine);
                  expect(robust::is_alive(state, mine));
              }) == 0);
    }
    SECTION("its dead owners are counted for itself") {
        const auto before = robust::count_of_dead_owners(state);
        robust::count_dead_owner(state);
        CHECK(robust::count_of_dead_owners(state) == before + 1);
        CHECK(robust::count_of_dead_owners(word_of_lives(mp::RLock())) == life_registry::family().dead_owners());
    }
}

TEST_CASE("lives_of: a lock that says it is in some object's ids, and is in none that this process has opened, is damaged") {
    robust::mutex_state damaged{};
    damaged.word = life_id::nobody(life_scope::object).bits();
    CHECK_THROWS_AS(robust::lives_of(damaged), mp::LayoutError);
    CHECK_THROWS_AS(robust::is_surely_alive(damaged, life_id(life_scope::object, 1, 1)), mp::LayoutError);
    CHECK_THROWS_AS(robust::enrol_this_thread_for(damaged), mp::LayoutError);
    CHECK(robust::is_alive(damaged, life_id(life_scope::object, 1, 1))); // for all that is known
    CHECK(robust::count_of_dead_owners(damaged) == 0);
    CHECK_FALSE(robust::this_thread_id_for(damaged));
}
