// The stores that a dead owner left in other blocks than its lock's.
//
// Taken out once, to see it fail: with complete_all that ends at the first that is not sane, "the others are completed"; without the flag that entry's constructor
// raises, "an entry"; without the removal by its destructor, the case behind it (it crashes).

#include "support/catch.hpp"

#include <multiprocessing/robust/guarded_elsewhere.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

using multiprocessing::robust::guarded_elsewhere;
using multiprocessing::robust::mutex_state;
using multiprocessing::robust::redo_log;
using multiprocessing::robust::redo_range;

namespace {

/// Of 8 bytes, guarded by a lock in another block: its own header has the mark alone.
struct object_elsewhere {
    mutex_state header{};
    redo_range range{};
    alignas(8) std::uint64_t value = 1;
    std::uint64_t shadow = 2;

    [[nodiscard]] redo_log log() { return redo_log::in_block(header, offsetof(object_elsewhere, value), sizeof(value)); }
    /// As a process leaves it that is killed in a store.
    void begin_store(std::uint64_t next, std::uint32_t mark = sizeof(value)) {
        shadow = next;
        header.redo = mark;
    }
};

} // namespace

TEST_CASE("guarded_elsewhere") {
    mutex_state lock{};
    object_elsewhere first, second, third;

    SECTION("an entry says at the lock that there is more to look at, for ever") {
        CHECK_FALSE(lock.has(mutex_state::guards_others));
        { const guarded_elsewhere::entry entry(lock, first.log(), false, 8); }
        CHECK(lock.has(mutex_state::guards_others)); // other processes may have entries
        CHECK(lock.has(mutex_state::asks_for_care));
        CHECK_FALSE(lock.has(mutex_state::owner_died));
    }
    SECTION("all stores under way are completed, and nothing else") {
        const guarded_elsewhere::entry one(lock, first.log(), false, 8), two(lock, second.log(), false, 8), three(lock, third.log(), true, 8);
        first.begin_store(20);
        third.range = {4, 4, 1, 4, 8}; // half of it
        third.begin_store(~std::uint64_t{0}, 1);
        CHECK(guarded_elsewhere::complete_all(lock));
        CHECK(first.value == 20);
        CHECK(first.header.redo.load() == 0);
        CHECK(second.value == 1); // its shadow is rubbish
        const std::uint64_t before = 1;
        CHECK(std::memcmp(&third.value, &before, 4) == 0);
        CHECK(std::memcmp(reinterpret_cast<const std::byte*>(&third.value) + 4, &third.shadow, 4) == 0);
        CHECK(third.header.redo.load() == 0);
        first.shadow = 30;
        CHECK(guarded_elsewhere::complete_all(lock));
        CHECK(first.value == 20);
    }
    SECTION("the others are completed when one leads out of its object") {
        const guarded_elsewhere::entry one(lock, first.log(), false, 8), two(lock, second.log(), false, 8), three(lock, third.log(), false, 8);
        first.begin_store(20);
        second.begin_store(20, 9); // it has 8 bytes by its handle
        third.begin_store(20);
        CHECK_FALSE(guarded_elsewhere::complete_all(lock));
        CHECK(first.value == 20);
        CHECK(second.value == 1);
        CHECK(second.header.redo.load() == 0); // one is told, once
        CHECK(third.value == 20);
        CHECK(guarded_elsewhere::complete_all(lock));
    }
    SECTION("who cannot reach the object leaves its mark to those who can") {
        std::optional<guarded_elsewhere::entry> mine(std::in_place, lock, first.log(), false, std::size_t{8});
        mine.reset();
        first.begin_store(20);
        CHECK(guarded_elsewhere::complete_all(lock));
        CHECK(first.value == 1);
        CHECK(first.header.redo.load() == 8);
        mine.emplace(lock, first.log(), false, std::size_t{8});
        CHECK(guarded_elsewhere::complete_all(lock));
        CHECK(first.value == 20);
    }
    SECTION("those of another lock are not this one's to complete") {
        mutex_state other{};
        const guarded_elsewhere::entry entry(other, first.log(), false, 8);
        first.begin_store(20);
        CHECK(guarded_elsewhere::complete_all(lock));
        CHECK(first.value == 1);
        CHECK(guarded_elsewhere::complete_all(other));
        CHECK(first.value == 20);
    }
}
