// What the 64 bits of an id say.
//
// Taken out once, to see it fail: without the mask of the slot, "higher bits are cut off"; with a nobody() that forgets the scope, "nobody"; with another bit in
// of_nobody_living, "of_nobody_living".

#include "support/catch.hpp"

#include <multiprocessing/robust/life_id.hpp>

#include <cstdint>
#include <type_traits>

using multiprocessing::robust::life_id;
using multiprocessing::robust::life_scope;

static_assert(sizeof(life_id) == 8 && std::is_trivially_copyable_v<life_id> && std::is_trivially_destructible_v<life_id>);
static_assert(!std::is_convertible_v<life_id, bool> && !std::is_convertible_v<std::uint64_t, life_id>); // both are asked for by name

TEST_CASE("life_id") {
    constexpr std::uint32_t last_slot = (1u << life_id::slot_bits) - 1;
    constexpr std::uint64_t last_generation = (std::uint64_t{1} << life_id::generation_bits) - 1;

    SECTION("gives back what it was made of") {
        for (const life_scope scope : {life_scope::family, life_scope::user, life_scope::object}) {
            for (const std::uint32_t slot : {0u, 1u, 4096u, last_slot}) {
                for (const std::uint64_t generation : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32, last_generation}) {
                    CAPTURE(static_cast<int>(scope), slot, generation);
                    const life_id id(scope, slot, generation);
                    CHECK(id.scope() == scope);
                    CHECK(id.slot() == slot);
                    CHECK(id.generation() == generation);
                    CHECK(life_id::of_bits(id.bits()) == id);
                    CHECK((id.bits() & 1) == 0); // the flag of a lock's word
                    CHECK((id.bits() >> 16 & 1) == 0);
                    CHECK(id.is_nobody() == (slot == 0 && generation == 0));
                }
            }
        }
    }
    SECTION("each part has its bits, which other programs rely on") {
        CHECK(life_id(life_scope::family, 1, 0).bits() == 1u << 1);
        CHECK(life_id(life_scope::family, last_slot, 0).bits() == 0x3ffe);
        CHECK(life_id(life_scope::user, 0, 0).bits() == 1u << 14);
        CHECK(life_id(life_scope::object, 0, 0).bits() == 1u << 15);
        CHECK(life_id(life_scope::family, 0, 1).bits() == 1u << 17);
        CHECK(life_id(life_scope::family, 0, last_generation).bits() == ~std::uint64_t{0} << 17);
    }
    SECTION("higher bits are cut off, and no part spills into another") {
        CHECK(life_id(life_scope::user, last_slot + 1, 7) == life_id(life_scope::user, 0, 7));
        CHECK(life_id(life_scope::user, 0xffff'ffff, 7) == life_id(life_scope::user, last_slot, 7));
        CHECK(life_id(life_scope::user, 5, last_generation + 1) == life_id(life_scope::user, 5, 0));
        CHECK(life_id(life_scope::user, 5, ~std::uint64_t{0}) == life_id(life_scope::user, 5, last_generation));
    }
    SECTION("nobody") {
        CHECK(life_id() == life_id::nobody(life_scope::family));
        CHECK(life_id().bits() == 0);
        CHECK_FALSE(life_id());
        for (const life_scope scope : {life_scope::family, life_scope::user, life_scope::object}) {
            const life_id nobody = life_id::nobody(scope);
            CHECK(nobody.is_nobody());
            CHECK(nobody.scope() == scope);
            CHECK(static_cast<bool>(nobody) == (scope != life_scope::family)); // there is something in the word: a scope
            CHECK(life_id(scope, 3, 4).nobody() == nobody);
            CHECK_FALSE(life_id(scope, 3, 0).is_nobody());
            CHECK_FALSE(life_id(scope, 0, 1).is_nobody());
        }
    }
    SECTION("of_nobody_living is of the same slot and scope, half of all generations away") {
        const life_id id(life_scope::object, 3, 4);
        const life_id nobody_living = id.of_nobody_living();
        CHECK(nobody_living.slot() == 3);
        CHECK(nobody_living.scope() == life_scope::object);
        CHECK(nobody_living.generation() == 4 + (std::uint64_t{1} << 46));
        CHECK_FALSE(nobody_living.is_nobody());
        CHECK(nobody_living.of_nobody_living() == id);
    }
    SECTION("a scope that no version writes is taken for an object's") {
        CHECK(life_id::of_bits(std::uint64_t{3} << 14).scope() == life_scope::object);
        CHECK(life_id::of_bits(~std::uint64_t{0}).scope() == life_scope::object);
    }
}
