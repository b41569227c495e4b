// The sixteen bytes at the front of a guarded block.
//
// Taken out once, to see it fail: without the mask in owner_in, "the flag of the waiters is no part of the owner"; with deaths() that gives all of the flags,
// "deaths are counted".

#include "support/catch.hpp"

#include <multiprocessing/robust/mutex_state.hpp>

#include <cstdint>
#include <cstring>
#include <limits>

using multiprocessing::robust::life_id;
using multiprocessing::robust::life_scope;
using multiprocessing::robust::mutex_state;

TEST_CASE("mutex_state") {
    mutex_state state{};
    const life_id somebody(life_scope::user, 8191, 5);

    SECTION("zero bytes are a free mutex with nothing to redo") {
        std::memset(static_cast<void*>(&state), 0, sizeof(state));
        CHECK(state.owner().is_nobody());
        CHECK(state.scope() == life_scope::family);
        CHECK(state.depth == 0);
        CHECK(state.deaths() == 0);
        CHECK(state.layout == 0);
        CHECK(state.redo.load() == 0);
        for (int flag = 1; flag < 256; flag *= 2) {
            CHECK_FALSE(state.has(static_cast<std::uint8_t>(flag)));
        }
    }
    SECTION("the flag of the waiters is no part of the owner") {
        state.word = somebody.bits() | mutex_state::somebody_waits;
        CHECK(state.owner() == somebody);
        CHECK(state.scope() == life_scope::user);
        CHECK(mutex_state::owner_in(mutex_state::somebody_waits).is_nobody());
        state.word = life_id::nobody(life_scope::object).bits() | mutex_state::somebody_waits;
        CHECK(state.owner() == life_id::nobody(life_scope::object));
    }
    SECTION("a free mutex has the scope of its ids, and keeps it while it is taken") {
        for (const life_scope scope : {life_scope::family, life_scope::user, life_scope::object}) {
            state.word = life_id::nobody(scope).bits();
            CHECK(state.scope() == scope);
            CHECK(state.owner().is_nobody());
            state.word = life_id(scope, 1, 1).bits();
            CHECK(state.scope() == scope);
            CHECK_FALSE(state.owner().is_nobody());
        }
    }
    SECTION("deaths are counted in the upper half of the flags, modulo 16, and change none of them") {
        state.flags = mutex_state::not_recursive | mutex_state::owner_died;
        for (std::uint32_t deaths = 0; deaths < 2 * mutex_state::deaths_counted; ++deaths) {
            CHECK(state.deaths() == deaths % 16);
            CHECK(state.has(mutex_state::owner_died));
            CHECK(state.has(mutex_state::not_recursive));
            CHECK_FALSE(state.has(mutex_state::guards_others));
            CHECK_FALSE(state.has(mutex_state::throws_owner_died));
            state.flags += mutex_state::one_death;
        }
    }
    SECTION("has is true of any one of several flags") {
        state.flags = mutex_state::guards_others;
        CHECK(state.has(mutex_state::asks_for_care));
        CHECK_FALSE(state.has(mutex_state::owner_died | mutex_state::throws_owner_died));
        state.flags = mutex_state::owner_died;
        CHECK(state.has(mutex_state::asks_for_care));
        state.flags = mutex_state::throws_owner_died | mutex_state::not_recursive; // that alone is no reason to go the slow way
        CHECK_FALSE(state.has(mutex_state::asks_for_care));
    }
    SECTION("no flag is another one's, or counts as a death") {
        std::uint32_t sum = 0;
        for (const std::uint8_t flag :
             {mutex_state::owner_died, mutex_state::guards_others, mutex_state::throws_owner_died, mutex_state::not_recursive}) {
            CHECK((sum & flag) == 0);
            sum |= flag;
        }
        CHECK(sum < mutex_state::one_death);
        state.flags = (std::numeric_limits<std::uint8_t>::max)();
        CHECK(state.deaths() == 15);
    }
}
