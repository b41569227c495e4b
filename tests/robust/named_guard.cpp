// Named objects that begin with a lock: in whose names it is written, and what is looked at before it is used.
//
// Taken out once, to see it fail: the comparison of the lock's scope with the header's in require_usable: "a lock that is written in another registry's names";
// its question to mutex::is_sane: "a free lock with levels", "a note of a store beside a free lock", "an object that begins elsewhere".
#include "support/catch.hpp"
#include "support/names.hpp"

#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/named_guard.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace mp = multiprocessing;
using mp::robust::life_id;
using mp::robust::life_scope;
using mp::robust::make_named_guarded;

namespace {

/// A lock in front of 8 bytes; a lock alone with an offset of 0.
mp::memory::named_content guarded_content(std::size_t value_offset = 16) {
    return {mp::detail::named_kind::shared_value, "i8", 8, 8, 1, value_offset, {64, 0, 0}};
}

mp::memory::named_object make_guarded(mp::detail::naming how, const mp::object_name& name, std::size_t value_offset = 16) {
    return make_named_guarded(how, name, guarded_content(value_offset), [](std::byte* block) { block[16] = std::byte{42}; });
}

mp::robust::mutex& lock_in(const mp::memory::named_object& made) { return *reinterpret_cast<mp::robust::mutex*>(made.object.address()); }

std::string guard_refusal(const mp::object_name& name) {
    try {
        make_guarded(mp::open_or_create, name);
    } catch (const mp::LayoutError& error) {
        return error.what();
    }
    return "none";
}

bool says_guard(const std::string& said, const char* words) { return said.find(words) != std::string::npos; }

} // namespace

TEST_CASE("make_named_guarded") {
    const support::unused_object name;
    SECTION("for its user alone, whoever may read it, the lock is written in the user's names") {
        for (const unsigned mode : {0600u, 0644u}) {
            const support::unused_object its;
            const auto made = make_guarded(mp::create_only, mp::object_name(its.text()).mode(mode));
            CHECK(lock_in(made).word == life_id::nobody(life_scope::user).bits());
            CHECK(made.life_scope == static_cast<std::uint32_t>(life_scope::user));
            CHECK(made.life_table == mp::robust::lives_of_this_user().number());
            CHECK(made.life_offset == 0);
            CHECK(made.object.address()[16] == std::byte{42});
        }
    }
    SECTION("where others may write, in its own, which lies behind it") {
        for (const unsigned mode : {0660u, 0602u}) {
            const support::unused_object its;
            const auto made = make_guarded(mp::create_only, mp::object_name(its.text()).mode(mode));
            CHECK(lock_in(made).word == life_id::nobody(life_scope::object).bits());
            REQUIRE(made.life_offset >= 64);
            const auto& front = *reinterpret_cast<const mp::robust::life_table_front*>(made.object.address() + made.life_offset);
            CHECK(front.is_as_expected(mp::robust::life_registry::object_capacity));
            CHECK(front.number == made.life_table);
            CHECK(&mp::robust::lives_of(lock_in(made)) != &mp::robust::lives_of_this_user());
            lock_in(made).lock();
            CHECK(lock_in(made).owner().scope() == life_scope::object);
            lock_in(made).unlock();
        }
    }
    SECTION("an heir finds where the object is; a lock alone has none") {
        CHECK(make_guarded(mp::create_only, name).object.address() != nullptr);
        const support::unused_object alone;
        const auto made = make_guarded(mp::create_only, alone, 0);
        CHECK(lock_in(made).layout == 0);
    }
    SECTION("there already, it is opened, not filled again") {
        const auto made = make_guarded(mp::create_only, name);
        made.object.address()[16] = std::byte{7};
        CHECK(make_guarded(mp::open_or_create, name).object.address()[16] == std::byte{7});
        CHECK(make_guarded(mp::open_only, name).life_table == made.life_table);
        CHECK(lock_in(made).layout != 0);
        CHECK_THROWS_AS(make_guarded(mp::create_only, name), std::system_error);
    }
}

TEST_CASE("require_usable") {
    const support::unused_object its;
    const mp::object_name name = mp::object_name(its.text()).mode(GENERATE(0600u, 0660u));
    const auto made = make_guarded(mp::create_only, name);
    const std::uint64_t word = lock_in(made).word;
    REQUIRE(guard_refusal(name) == "none");

    SECTION("a lock that is written in another registry's names than the header says") {
        for (const life_scope scope : {life_scope::family, life_scope::user, life_scope::object}) {
            lock_in(made).word = life_id::nobody(scope).bits();
            CHECK(says_guard(guard_refusal(name), "was damaged") == (lock_in(made).word != word));
        }
    }
    SECTION("a free lock with levels") {
        lock_in(made).depth = 3;
        CHECK(says_guard(guard_refusal(name), "was damaged: its lock"));
    }
    SECTION("a note of a store beside a free lock") {
        lock_in(made).redo = 1;
        CHECK(says_guard(guard_refusal(name), "or the note of a store"));
    }
    SECTION("an object that begins elsewhere") {
        ++lock_in(made).layout;
        CHECK(says_guard(guard_refusal(name), "was damaged: its lock"));
    }
    SECTION("a lock that a living thread has is sane, and is not waited for") {
        lock_in(made).lock();
        CHECK(guard_refusal(name) == "none");
        lock_in(made).unlock();
    }
    lock_in(made).word = word;
    lock_in(made).depth = 0;
}
