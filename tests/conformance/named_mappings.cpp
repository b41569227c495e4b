// A named object that one process has by several handles, on every system: whichever handle is used, it is the same object.
//
// Taken out once, and what failed: the table of mappings (memory/detail/segment_table.hpp): all of it, 22 and 30 of 200 values being torn; the look
// of attached_segment at it: "handed over, and opened by its name there", by spawn.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/soak.hpp"
#include "support/start.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

namespace mp = multiprocessing;
using support::must;
using support::start;
using support::Whole;

namespace {

const int kills = mp::platform::names_stay ? support::repetitions(200, 1000) : 20; // wine takes its time

/// All of its numbers are equal, or it is torn.
struct Page {
    std::array<long, 512> all;

    explicit Page(long value = 0) { all.fill(value); }
    [[nodiscard]] bool is_torn() const {
        return !std::ranges::all_of(all, [&](long each) { return each == all.front(); });
    }
};

void change_for_ever(const mp::SharedValue<Page>& value, const support::signal_flag& started) {
    support::limit_lifetime();
    for (long n = 1;; ++n) {
        value.set(Page(n));
        support::raise(started);
    }
}

const void* place_of(const mp::RLock& lock) { return &mp::detail::lock_access::header(lock); }

} // namespace

TEST_CASE("a named lock opened twice: what it guards elsewhere is never torn, whichever handle the heir has") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    std::minstd_rand random(20);
    int torn = 0;
    for (int i = 0; i < kills; ++i) {
        const support::unused_object name;
        const mp::RLock made(mp::create_only, name);
        const mp::SharedValue<Page> value(mp::with_lock(made), Page(0));
        const mp::RLock opened(mp::open_only, name);
        const support::signal_flag started(0);
        const auto writer = start<&change_for_ever>(method, value, started);
        support::await(started);
        for (const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 500);
             std::chrono::steady_clock::now() < until;) {
        }
        writer.kill();
        REQUIRE(support::exit_code(writer) == -9);
        REQUIRE(opened.try_lock_for(support::start_patience));
        torn += value.get_obj().value().is_torn() ? 1 : 0;
        opened.unlock();
    }
    REQUIRE(torn == 0);
}

TEST_CASE("a named lock opened twice: the callback of one handle is called by the heir that has the other") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const support::unused_object name;
    const mp::RLock made(mp::create_only, name);
    const mp::RLock opened(mp::open_only, name);
    int called = 0;
    const mp::OwnerDiedCallback callback(made, [&] { ++called; });
    const support::signal_flag held(0);
    const auto holder = start<[](const mp::RLock& lock, const support::signal_flag& is_held) {
        support::limit_lifetime();
        lock.lock();
        support::raise(is_held);
        support::stay_alive();
    }>(method, opened, held);
    support::await(held);
    holder.kill();
    REQUIRE(support::exit_code(holder) == -9);
    REQUIRE(opened.try_lock_for(support::start_patience));
    REQUIRE(called == 1);
    opened.unlock();
}

TEST_CASE("a named object opened twice: update() refuses a store to it by the other handle") {
    const support::unused_object name;
    const mp::SharedValue<Whole> made(mp::create_only, name, support::numbered<Whole>(1));
    const mp::SharedValue<Whole> opened(mp::open_only, name);
    REQUIRE_THROWS_AS(made.update([&](Whole& whole) {
        whole = support::numbered<Whole>(2);
        opened.set(support::numbered<Whole>(3));
    }),
                      std::logic_error);
    REQUIRE(opened.value() == support::numbered<Whole>(1));
}

TEST_CASE("a named object is at one address of a process, however that came by it") {
    const support::unused_object name;
    const mp::RLock made(mp::create_only, name);

    SECTION("made and opened, opened again when all handles are gone") {
        REQUIRE(place_of(mp::RLock(mp::open_only, name)) == place_of(made));
        REQUIRE(place_of(mp::RLock(mp::open_or_create, name)) == place_of(made));
        const support::unused_object other_name;
        REQUIRE(place_of(mp::RLock(mp::create_only, other_name)) != place_of(made));
    }
    SECTION("handed over, and opened by its name there") {
        const auto method = GENERATE(from_range(support::start_methods));
        CAPTURE(method);
        const mp::RawValue<std::array<char, 64>> text(std::array<char, 64>{});
        name.text().copy(text->data(), 63);
        const auto process = start<[](const mp::RLock& theirs, const mp::RawValue<std::array<char, 64>>& name_of_it) {
            const mp::RLock opened(mp::open_only, name_of_it->data());
            must(place_of(opened) == place_of(theirs));
            const std::scoped_lock both(theirs, opened);
            must(opened.try_lock());
            opened.unlock();
        }>(method, made, text);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE_FALSE(made.owner_died());
    }
    SECTION("handed over by two handles") {
        const auto method = GENERATE(from_range(support::start_methods));
        CAPTURE(method);
        const mp::RLock opened(mp::open_only, name);
        const auto process = start<[](const mp::RLock& first, const mp::RLock& second) { must(place_of(first) == place_of(second)); }>(
            method, made, opened);
        REQUIRE(support::exit_code(process) == 0);
    }
}
