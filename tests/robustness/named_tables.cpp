// Who may touch what: the tables of lives that objects with names rely on, between users. Each test has a /dev/shm of its own. Who shares an object is
// a program started anew, which learns all from the object itself; a forked child would inherit what its parent knows.
//
// Taken out once, one after the other, and what failed: the own table where others may write: "users who may write an object"; the user's table where they may only
// read: "an object that others may only read"; the identity of a registry by its file (by its number): "a copy of an object's file"; that a process's token is let go
// of with the last handle, that its registry goes then, that what was looked up is forgotten when a lock leaves the map: "an object that is opened twice"; whose answer is remembered: "the owner of one object's lock"; a child's own number, and that it has no names:
// "fork and spawn"; that a thread's names go back: "an object's table that is full"; the kind of tokens, and the look at a table's front: "each number in the front";
// the cut of a name's slot: "another user who writes at random" (it crashed); the end of the search for a token: "whoever locks all bytes" (it went on for ever);
// that a user's table is asked for anew, and that locks of a second user are looked up: "a process that becomes another user"; whose object it is: "root is told".
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/roles.hpp"
#include "support/run.hpp"
#include "support/sanitized.hpp"
#include "support/users.hpp"

#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/process.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/sharedctypes/read_only.hpp>
#include <multiprocessing/synchronize.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using mp::robust::life_registry;
using mp::robust::life_table_front;
using mp::robust::life_table_memory;
using mp::detail::named_header;
using mp::platform::named_memory;
using support::expect;
using support::in_own_shm;
using support::refusal_of;
using support::says;

namespace {

constexpr ::uid_t alice = 12'345;
constexpr ::uid_t bob = 12'346;
constexpr ::uid_t carol = 12'347; // not of their group
constexpr ::gid_t team = 12'300;
constexpr int additions = 20'000; // by each

mp::object_name shared_one(const char* name = "shared") { return mp::object_name(name).of_any_user(); }

struct two_users_scene {
    support::milestone ready;
    support::milestone enough;
};

void maker(two_users_scene& here, unsigned mode) {
    const mp::SharedValue<std::int64_t> total(mp::create_only, mp::object_name("shared").mode(mode), 0);
    here.ready.reach();
    here.enough.wait();
}
const support::role makes_660("named_tables: makes 0660", [](support::props given) {
    support::become_or_end(alice, team);
    maker(support::on_stage<two_users_scene>(given[0]), 0660);
});
const support::role makes_666("named_tables: makes 0666", [](support::props given) {
    support::become_or_end(alice, team);
    maker(support::on_stage<two_users_scene>(given[0]), 0666);
});

void add_many() {
    const mp::SharedValue<std::int64_t> total(mp::open_only, shared_one());
    for (int i = 0; i < additions; ++i) {
        total += 1;
    }
}
const support::role alice_adds("named_tables: alice adds", [](support::props) {
    support::become_or_end(alice, team);
    add_many();
});
const support::role bob_adds("named_tables: bob adds", [](support::props) {
    support::become_or_end(bob, team);
    add_many();
});

void hold_it(support::props given, const mp::object_name& name) {
    const mp::SharedValue<std::int64_t> total(mp::open_only, name);
    total.lock();
    support::on_stage<two_users_scene>(given[0]).ready.reach();
    support::live_on();
}
const support::role alice_holds("named_tables: alice holds", [](support::props given) {
    support::become_or_end(alice, team);
    hold_it(given, shared_one());
});
const support::role bob_holds("named_tables: bob holds", [](support::props given) {
    support::become_or_end(bob, team);
    hold_it(given, shared_one());
});
const support::role holds_first("named_tables: holds the first", [](support::props given) { hold_it(given, shared_one("first")); });
const support::role holds_second("named_tables: holds the second", [](support::props given) { hold_it(given, shared_one("second")); });

const support::role finds_second_held("named_tables: finds the second held", [](support::props) {
    const mp::SharedValue<std::int64_t> second(mp::open_only, "second");
    support::ensure(!second.try_lock() && !second.try_lock_for(100ms));
});

void inherit_it() {
    const mp::SharedValue<std::int64_t> total(mp::open_only, shared_one());
    support::ensure(total.try_lock_for(10s) && total.get_lock().owner_died());
    total.get_lock().make_consistent();
    total.unlock();
}
const support::role alice_inherits("named_tables: alice inherits", [](support::props) {
    support::become_or_end(alice, team);
    inherit_it();
});
const support::role bob_inherits("named_tables: bob inherits", [](support::props) {
    support::become_or_end(bob, team);
    inherit_it();
});

const support::role carol_is_refused("named_tables: carol is refused", [](support::props) {
    support::become_or_end(carol, carol);
    const std::string refusal = refusal_of(std::errc::permission_denied, [] { mp::SharedValue<std::int64_t>(mp::open_only, shared_one()); });
    support::ensure(says(refusal, "\"mp.shared\""), refusal.c_str());
});

/// Of what is in /dev/shm, what this process can open to write.
std::vector<std::string> writable_files() {
    std::vector<std::string> found;
    for (const auto& each : std::filesystem::directory_iterator("/dev/shm")) {
        if (const mp::platform::owned_handle file(::open(each.path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)); file) {
            found.push_back(each.path().filename());
        }
    }
    std::ranges::sort(found);
    return found;
}

/// Of what is in /dev/shm, what has a `w` for others than its user.
std::vector<std::string> files_open_to_others() {
    std::vector<std::string> found;
    for (const auto& each : std::filesystem::directory_iterator("/dev/shm")) {
        struct ::stat about {};
        expect(::lstat(each.path().c_str(), &about) == 0);
        if ((about.st_mode & 0022) != 0) {
            found.push_back(each.path().filename());
        }
    }
    std::ranges::sort(found);
    return found;
}

const support::role looks_without_locks("named_tables: looks without locks", [](support::props) {
    support::become_or_end(bob, team);
    support::ensure(*mp::ReadOnlyValue<std::int64_t>(mp::object_name("readable").of_any_user()) == 7);
    for (const auto how : {0, 1}) {
        const std::string refusal = refusal_of(std::errc::permission_denied, [&] {
            how == 0 ? mp::SharedValue<std::int64_t>(mp::open_only, mp::object_name("readable").of_any_user())
                     : mp::SharedValue<std::int64_t>(mp::open_or_create, mp::object_name("readable").of_any_user(), 1);
        });
        support::ensure(says(refusal, "\"mp.readable\""), refusal.c_str());
    }
    support::ensure(says(refusal_of(std::errc::permission_denied, [] { mp::Semaphore(mp::open_only, mp::object_name("permits").of_any_user()); }),
                         "\"mp.permits\""));
    const auto mine = writable_files();
    support::ensure(std::ranges::all_of(mine, [](const std::string& each) { return each == life_table_memory::name_for_user(); }),
                    mine.empty() ? "" : mine.front().c_str());
});

/// In memory that this process maps, where the own table of that object is.
life_table_front& front_of(std::byte* begin) {
    return *reinterpret_cast<life_table_front*>(begin + reinterpret_cast<const named_header*>(begin)->life_offset);
}

const support::role spoils("named_tables: spoils", [](support::props given) {
    support::become_or_end(bob, bob);
    two_users_scene& here = support::on_stage<two_users_scene>(given[0]);
    const auto memory = named_memory::open("mp.shared", mp::platform::access::read_write);
    std::mt19937_64 random(1); // NOLINT: the same each time
    std::byte* const begin = memory->data();
    std::byte* const table = reinterpret_cast<std::byte*>(&front_of(begin));
    here.ready.reach();
    while (!here.enough.is_reached()) {
        std::uint64_t word = random();
        switch (random() % 8) {
        case 0: // the lock's word: any name, of any table
            std::memcpy(begin + 256, &word, 8);
            break;
        case 1: // or what a dead owner, or a sane one, of this table would have left
            word = (random() % 4 << 17) | (random() % 1024 << 1) | 0x8000u | random() % 2;
            std::memcpy(begin + 256, &word, 8);
            break;
        case 2: // the front: how many processes there were, and all the rest
            std::memcpy(table + random() % 8 * 8, &word, 8);
            break;
        case 3: // the first slots, which are used
            std::memcpy(table + 64 + random() % 64 * 8, &word, 8);
            break;
        default: // anything of the table
            std::memcpy(table + random() % ((named_header::own_table_bytes - 8) / 8) * 8, &word, 8);
        }
    }
});

const support::role locks_all_bytes("named_tables: locks all bytes", [](support::props given) {
    support::become_or_end(bob, bob);
    const auto memory = named_memory::open("mp.first", mp::platform::access::read_write);
    struct ::flock all {};
    all.l_type = F_WRLCK;
    all.l_whence = SEEK_SET;
    support::ensure(::fcntl(memory->handle(), F_SETLK, &all) == 0);
    support::on_stage<two_users_scene>(given[0]).ready.reach();
    support::live_on();
});

} // namespace

TEST_CASE("an object that others may only read has nothing of its user's that others may write") {
    in_own_shm("an object that others may read", [] {
        const mp::SharedValue<std::int64_t> value(mp::create_only, mp::object_name("readable").mode(0644), 7);
        const mp::SharedArray<int> array(mp::create_only, mp::object_name("array").mode(0640), 3);
        const mp::RLock lock(mp::create_only, mp::object_name("lock").mode(0604));
        const mp::Semaphore permits(mp::create_only, mp::object_name("permits").mode(0644), 1);
        const mp::Condition condition(mp::create_only, mp::object_name("condition").mode(0444));
        value += 0;
        array[0] += 1;
        lock.lock();
        lock.unlock();
        permits.acquire();
        expect(files_open_to_others().empty(), files_open_to_others().empty() ? "" : files_open_to_others().front().c_str());
        const auto names = support::names_in("/dev/shm");
        expect(names == std::set<std::string>{life_table_memory::name_for_user(), "mp.array", "mp.condition", "mp.lock", "mp.permits", "mp.readable"});
        const int code = support::actor(looks_without_locks).wait();
        expect(code != 0 || value.value() == 7);
        return code;
    });
}

TEST_CASE("root is told that the lock of a user's object is for that user's programs alone") {
    in_own_shm("a user's object", [] {
        const int code = support::run_child([] {
            if (!support::become(alice, team)) {
                return support::not_permitted;
            }
            const mp::SharedValue<int> made(mp::create_only, mp::object_name("alices").mode(0644), 5);
            return 0;
        });
        if (code != 0) {
            return code;
        }
        const auto name = [] { return mp::object_name("alices").of_any_user(); };
        const std::string refusal = refusal_of(std::errc::permission_denied, [&] { mp::SharedValue<int>(mp::open_only, name()); });
        expect(says(refusal, "the lock of \"alices\" is for the programs of its user alone"), refusal.c_str());
        expect(says(refusal, "object_name(...).mode(0660)"), refusal.c_str());
        expect(*mp::ReadOnlyValue<int>(name()) == 5);
        return 0;
    });
}

TEST_CASE("users who may write an object count exactly, and inherit from each other") {
    for (const support::role* const makes : {&makes_660, &makes_666}) {
        in_own_shm("an object of two users", [&] {
            const support::stage<two_users_scene> maker_here;
            const support::actor made(*makes, {maker_here.handle()});
            expect(support::comes_true([&] { return maker_here->ready.is_reached() || made.process().exit_status(); }));
            if (const auto early = made.process().exit_status()) {
                return early.value();
            }
            {
                const support::actor a(alice_adds);
                const support::actor b(bob_adds);
                const support::actor c(bob_adds);
                expect(a.wait() == 0 && b.wait() == 0 && c.wait() == 0);
                expect(*mp::ReadOnlyValue<std::int64_t>(shared_one()) == 3 * additions);
            }
            for (const bool alice_dies : {true, false}) {
                const support::stage<two_users_scene> here;
                const support::actor holder(alice_dies ? alice_holds : bob_holds, {here.handle()});
                here->ready.wait();
                const mp::SharedValue<std::int64_t> seen_by_root(mp::open_only, shared_one());
                expect(!seen_by_root.try_lock() && !seen_by_root.try_lock_for(100ms), "who lives is not robbed");
                holder.kill();
                expect(support::actor(alice_dies ? bob_inherits : alice_inherits).wait() == 0);
            }
            if (makes == &makes_660) {
                expect(support::actor(carol_is_refused).wait() == 0);
            }
            // One file, whose mode and owner are the object's; and nothing that is left when its name goes.
            struct ::stat about {};
            expect(::stat("/dev/shm/mp.shared", &about) == 0 && about.st_uid == alice && about.st_gid == team);
            expect((about.st_mode & 07777) == (makes == &makes_660 ? 0660 : 0666));
            expect(files_open_to_others() == std::vector<std::string>{"mp.shared"});
            maker_here->enough.reach();
            expect(made.wait() == 0);
            expect(::unlink("/dev/shm/mp.shared") == 0);
            expect(support::names_in("/dev/shm").empty());
            return 0;
        });
    }
}

TEST_CASE("the owner of one object's lock is not taken for that of another's") { // where both are called the same in tables of their own
    in_own_shm("two objects with tables", [] {
        const mp::SharedValue<std::int64_t> first(mp::create_only, mp::object_name("first").mode(0660), 0);
        const mp::SharedValue<std::int64_t> second(mp::create_only, mp::object_name("second").mode(0660), 0);
        const support::stage<two_users_scene> here;
        const support::stage<two_users_scene> there;
        const support::actor first_holder(holds_first, {here.handle()});
        const support::actor second_holder(holds_second, {there.handle()});
        here->ready.wait();
        there->ready.wait();
        const auto owner_of = [](const auto& value) { return mp::detail::lock_access::header(value.get_lock()).word.load(); };
        expect(owner_of(first) == owner_of(second), "or this test tells nothing");
        expect(!first.try_lock() && !second.try_lock());
        second_holder.kill();
        // What a thread was told a moment ago of one it does not believe of the other.
        expect(!first.try_lock());
        expect(second.try_lock());
        expect(second.get_lock().owner_died());
        second.unlock();
        first_holder.kill();
        expect(first.try_lock_for(10s) && first.get_lock().owner_died());
        first.unlock();
        return 0;
    });
}

TEST_CASE("an object that is opened twice has one owner, and its table goes with the last handle") {
    in_own_shm("an object with a table", [] {
        const mp::SharedValue<std::int64_t> value(mp::create_only, mp::object_name("first").mode(0660), 0);
        {
            const mp::SharedValue<std::int64_t> same(mp::open_only, "first");
            value.lock();
            same.lock(); // one level deeper, or it would wait for itself
            same.unlock();
        } // one handle of two: the table stays
        expect(support::run_child([&] { expect(!value.try_lock()); }) == 0);
        value.unlock();
        const auto maps = [] {
            std::ifstream list("/proc/self/maps");
            return std::count(std::istreambuf_iterator<char>(list), {}, '\n');
        };
        const auto descriptors = support::open_descriptors();
        const auto mappings = maps();
        for (int i = 0; i < 200; ++i) {
            const mp::SharedValue<std::int64_t> other(mp::create_only, mp::object_name("other").mode(0660), 0);
            const mp::SharedValue<std::int64_t> again(mp::open_only, "other");
            std::thread([&] { again += 1; }).join();
            other += 1;
            expect(mp::unlink("other"));
        }
        expect(support::open_descriptors() == descriptors);
        expect(sanitized || maps() <= mappings + 5, "no mapping is left; a sanitizer has its own for each thread");
        // The name goes with its maker's handles, and the table with all.
        std::optional<mp::SharedValue<std::int64_t>> making(std::in_place, mp::create_only, mp::object_name("made").mode(0660).unlink_on_destroy(), 0);
        const std::optional<mp::SharedValue<std::int64_t>> opening(std::in_place, mp::open_only, "made");
        *making += 1;
        making.reset();
        expect(!named_memory::exists("mp.made"));
        *opening += 1;
        expect(support::run_child([&] { *opening += 1; }) == 0);
        expect(opening->value() == 3);
        // A handle that goes while its thread holds the lock leaves it to an heir, as a death does.
        std::optional<mp::SharedValue<std::int64_t>> dropped(std::in_place, mp::create_only, mp::object_name("dropped").mode(0660), 0);
        dropped->lock();
        dropped.reset();
        const mp::SharedValue<std::int64_t> heir(mp::open_only, "dropped");
        expect(heir.try_lock_for(10s) && heir.get_lock().owner_died());
        heir.unlock();
        return 0;
    });
}

namespace {
void add_by_handle(mp::SharedValue<std::int64_t> value) { value += 1; }
void add_by_name_first(mp::SharedValue<std::int64_t> value) {
    {
        const mp::SharedValue<std::int64_t> same(mp::open_only, "first");
        same += 1;
    } // what was handed over stays
    value += 1;
}
void die_with_it(mp::SharedValue<std::int64_t> value) {
    value.lock();
    std::raise(SIGKILL);
}
} // namespace

TEST_CASE("fork and spawn hand an object with a table of its own over") {
    in_own_shm("an object with a table", [] {
        const mp::SharedValue<std::int64_t> value(mp::create_only, mp::object_name("first").mode(0660), 0);
        value += 1;
        for (const bool by_fork : {true, false}) {
            auto adds = by_fork ? mp::fork(add_by_handle, value) : mp::spawn<add_by_handle>(value);
            adds.join();
            expect(adds.exitcode() == 0);
            auto adds_twice = by_fork ? mp::fork(add_by_name_first, value) : mp::spawn<add_by_name_first>(value);
            adds_twice.join();
            expect(adds_twice.exitcode() == 0);
            auto dies = by_fork ? mp::fork(die_with_it, value) : mp::spawn<die_with_it>(value);
            dies.join();
            expect(value.try_lock_for(10s) && value.get_lock().owner_died());
            value.get_lock().make_consistent();
            value.unlock();
        }
        expect(value.value() == 7);
        // A forked child, which has the parent's memory and not its name, is not the parent.
        value.lock();
        expect(support::run_child([&] { expect(!value.try_lock()); }) == 0);
        value.unlock();
        // Nor does it give back what its parent has, when its copy of the last handle goes.
        std::optional<mp::SharedValue<std::int64_t>> other(std::in_place, mp::create_only, mp::object_name("second").mode(0660), 0);
        other->lock();
        expect(support::run_child([&] { other.reset(); }) == 0);
        expect(support::actor(finds_second_held).wait() == 0);
        other->unlock();
        return 0;
    });
}

TEST_CASE("an object's table that is full says so, and the places of the dead are used again") {
    in_own_shm("a full table", [] {
        const mp::SharedValue<std::int64_t> value(mp::create_only, mp::object_name("first").mode(0660), 0);
        value += 1;
        const auto fill = [&] {
            auto& lives = mp::robust::lives_of(mp::detail::lock_access::header(value.get_lock()));
            std::size_t taken = 0;
            const std::string refusal = refusal_of(std::errc::resource_unavailable_try_again, [&] {
                for (;; ++taken) {
                    static_cast<void>(lives.enrol());
                }
            });
            expect(says(refusal, "1024 living threads use the object \"mp.first\" already; end some of them"), refusal.c_str());
            return taken;
        };
        for (int i = 0; i < 2; ++i) { // the second time, all but this thread's are the dead child's
            expect(support::run_child([&] { expect(fill() == 1023); }) == 0);
        }
        expect(support::run_child([&] {
                   static_cast<void>(fill());
                   const std::string refusal = refusal_of(std::errc::resource_unavailable_try_again, [&] { value += 1; });
                   expect(says(refusal, "living threads use the object"), refusal.c_str());
               }) == 0);
        value += 1;
        expect(value.value() == 2);
        // A thread that ends while its process goes on gives its place back.
        expect(support::run_child([&] {
                   for (int i = 0; i < 1100; ++i) {
                       std::thread([&] { value += 1; }).join();
                   }
               }) == 0);
        expect(value.value() == 1102);
        return 0;
    });
}

TEST_CASE("a copy of an object's file, with all its numbers, is another object") {
    in_own_shm("copies of an object", [] {
        const mp::SharedValue<std::int64_t> first(mp::create_only, mp::object_name("first").mode(0660), 0);
        const support::stage<two_users_scene> here;
        const support::actor holder(holds_first, {here.handle()});
        here->ready.wait();
        expect(std::filesystem::copy_file("/dev/shm/mp.first", "/dev/shm/mp.copy"));
        const mp::SharedValue<std::int64_t> copy(mp::open_only, "copy");
        expect(!first.try_lock());
        expect(copy.try_lock_for(10s), "nobody holds a token of this file");
        copy.unlock();
        expect(!first.try_lock(), "what was done to the copy says nothing of the original");
        return 0;
    });
}

TEST_CASE("each number in the front of an object's table at its extremes: an error, or the object") {
    in_own_shm("damaged tables", [] {
        const mp::SharedValue<std::int64_t> value(mp::create_only, mp::object_name("good").mode(0660), 7);
        const auto good = named_memory::open("mp.good", mp::platform::access::read_write);
        std::size_t refused = 0;
        std::size_t opened = 0;
        for (std::size_t at = 0; at < 64; at += 4) {
            for (const std::uint32_t extreme : {0u, 1u, 2u, 3u, 63u, 64u, 65u, 1023u, 1025u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu}) {
                const auto bad = named_memory::create("mp.bad", good->size(), 0660, [&](std::byte* begin) {
                    std::memcpy(begin, good->data(), good->size());
                    std::memcpy(reinterpret_cast<std::byte*>(&front_of(begin)) + at, &extreme, sizeof(extreme));
                });
                expect(bad.has_value());
                try {
                    const mp::SharedValue<std::int64_t> other(mp::open_only, "bad");
                    expect(other.try_lock_for(5s)); // a counter of processes that goes on from there
                    other.unlock();
                    ++opened;
                } catch (const mp::LayoutError& error) {
                    expect(says(error.what(), "the table of lives of \"bad\""), error.what());
                    ++refused;
                }
                expect(mp::unlink("bad"));
            }
        }
        expect(refused > 80 && opened > 20, (std::to_string(refused) + " " + std::to_string(opened)).c_str());
        // Who takes other tokens, and asks otherwise.
        const auto bad = named_memory::create("mp.bad", good->size(), 0660, [&](std::byte* begin) {
            std::memcpy(begin, good->data(), good->size());
            front_of(begin).token_kind = front_of(begin).token_kind == 1 ? 2 : 1;
        });
        try {
            mp::SharedValue<std::int64_t>(mp::open_only, "bad");
            expect(false, "it was refused");
        } catch (const mp::LayoutError& error) {
            expect(says(error.what(), "MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS"), error.what());
        }
        return 0;
    });
}

TEST_CASE("whoever locks all bytes of an object's file hangs up nobody") {
    in_own_shm("an object with a table", [] {
        const mp::SharedValue<std::int64_t> value(mp::create_only, mp::object_name("first").mode(0666), 7);
        const support::stage<two_users_scene> here;
        const support::actor other(locks_all_bytes, {here.handle()});
        expect(support::comes_true([&] { return here->ready.is_reached() || other.process().exit_status(); }));
        if (const auto early = other.process().exit_status()) {
            return early.value();
        }
        const std::string refusal = refusal_of(std::errc::device_or_resource_busy, [&] { value += 1; });
        expect(says(refusal, "life tokens") && says(refusal, "\"mp.first\""), refusal.c_str());
        other.kill();
        value += 1;
        expect(value.value() == 8);
        return 0;
    });
}

TEST_CASE("another user who writes at random where he may, spoils that object and nothing else") {
    in_own_shm("an object that somebody spoils", [] {
        const mp::SharedValue<std::int64_t> spoilt(mp::create_only, mp::object_name("shared").mode(0666), 0);
        const mp::SharedValue<std::int64_t> mine(mp::create_only, "mine", 0);
        const support::stage<two_users_scene> here;
        const support::actor spoiler(spoils, {here.handle()});
        expect(support::comes_true([&] { return here->ready.is_reached() || spoiler.process().exit_status(); }));
        if (const auto early = spoiler.process().exit_status()) {
            return early.value();
        }
        std::size_t had = 0;
        std::size_t turns = 0;
        auto longest = 0ns;
        const auto end = std::chrono::steady_clock::now() + 2s;
        for (; std::chrono::steady_clock::now() < end; ++turns) {
            const auto begin = std::chrono::steady_clock::now();
            const auto try_it = [&](const mp::SharedValue<std::int64_t>& value) {
                if (value.try_lock_for(5ms)) {
                    ++had;
                    value.unlock();
                }
            };
            try {
                try_it(spoilt);
                if (turns % 4 == 0) {
                    std::thread([&] { // a new name
                        try {
                            try_it(spoilt);
                        } catch (const std::exception&) { // as below
                        }
                    }).join();
                    try_it(mp::SharedValue<std::int64_t>(mp::open_only, "shared"));
                    static_cast<void>(support::run_child([&] { // a new process
                        try {
                            try_it(spoilt);
                        } catch (const std::exception&) { // as below
                        }
                    }));
                }
            } catch (const std::system_error&) { // not owner; no place; no token
            } catch (const mp::LayoutError&) {
            }
            mine += 1;
            longest = std::max<std::chrono::nanoseconds>(longest, std::chrono::steady_clock::now() - begin);
        }
        here->enough.reach();
        expect(spoiler.wait() == 0);
        expect(had > 0 && mine.value() == static_cast<std::int64_t>(turns));
        expect(longest < 20s);
        return 0;
    });
}

namespace {
const support::role shares_as_bob("named_tables: shares as bob", [](support::props) {
    support::become_or_end(bob, team);
    const mp::SharedValue<std::int64_t> value(mp::open_only, "bobs");
    support::ensure(!value.try_lock() && !value.try_lock_for(100ms), "who became bob holds it, and lives");
});
} // namespace

TEST_CASE("a process that becomes another user, and back, asks for that user's table") {
    in_own_shm("several users in one process", [] {
        const mp::SharedValue<std::int64_t> of_root(mp::create_only, "roots", 0);
        of_root += 1;
        if (::setegid(team) != 0 || ::seteuid(bob) != 0) {
            return support::not_permitted;
        }
        {
            const mp::SharedValue<std::int64_t> of_bob(mp::create_only, "bobs", 0);
            struct ::stat about {};
            expect(::stat(("/dev/shm/" + life_table_memory::name_for_user()).c_str(), &about) == 0 && about.st_uid == bob && (about.st_mode & 0777) == 0600);
            of_bob.lock();
            of_bob += 1;
            of_root += 1; // what this process has open, it has
            expect(::seteuid(0) == 0 && ::setegid(0) == 0); // spawn is for programs with the rights of who starts them
            const support::actor other(shares_as_bob);
            expect(other.wait() == 0);
            of_root.lock();
            of_bob.lock();
            of_bob.unlock();
            of_root.unlock();
            const mp::SharedValue<std::int64_t> again(mp::open_only, "roots");
            again += 1;
            of_bob.unlock();
            expect(support::run_child([&] { of_bob += 1; of_root += 1; }) == 0);
            std::thread([&] { of_bob += 1; of_root += 1; }).join();
            expect(of_bob.value() == 3 && of_root.value() == 5);
        }
        expect(::setegid(team) == 0 && ::seteuid(bob) == 0);
        const mp::SharedValue<std::int64_t> bobs(mp::open_only, "bobs");
        bobs += 1;
        expect(bobs.value() == 4);
        return 0;
    });
}

TEST_CASE("an object whose lock this process has used is opened and looked at again and again with no descriptor more") {
    in_own_shm("openings of one object", [] {
        const auto name = mp::object_name("value").mode(0660);
        const mp::SharedValue<std::int64_t> value(mp::create_only, name, 0);
        value += 1; // by a life token, which is a lock on a byte of the object's own file
        const auto once = [&] {
            const mp::SharedValue<std::int64_t> again(mp::open_only, name);
            again += 1;
            static_cast<void>(mp::ReadOnlyValue<std::int64_t>(name).value());
            static_cast<void>(mp::collect());
        };
        once();
        const std::size_t open = support::open_descriptors();
        for (int times = 0; times < 20; ++times) {
            once();
        }
        expect(support::open_descriptors() == open);
        value.lock();
        const int code = support::run_child([&] { expect(!value.try_lock()); }); // the token was not lost by the closing of one of them
        value.unlock();
        expect(code == 0 && value.value() == 22);
        return 0;
    });
}

namespace {

struct primitives_scene {
    support::milestone ready;
    support::milestone enough;
};

const support::role uses_primitives("named_tables: uses primitives", [](support::props given) {
    support::become_or_end(bob, bob);
    primitives_scene& here = support::on_stage<primitives_scene>(given[0]);
    const auto of = [](const char* name) { return mp::object_name(name).of_any_user(); };
    const mp::BoundedSemaphore permits(mp::open_only, of("permits"));
    const mp::Condition condition(mp::open_only, of("condition"));
    const mp::Event event(mp::open_only, of("event"));
    const mp::Barrier barrier(mp::open_only, of("barrier"));
    support::ensure(permits.acquire(false));
    barrier.wait();
    condition.lock();
    event.set();
    support::ensure(condition.wait_for(10s));
    condition.unlock();
    here.ready.reach();
    barrier.wait(); // and is killed there
});

} // namespace

TEST_CASE("primitives that two users share keep what they promise when one is killed") {
    in_own_shm("primitives of two users", [] {
        const auto of = [](const char* name) { return mp::object_name(name).mode(0666); };
        const mp::BoundedSemaphore permits(mp::create_only, of("permits"), 1);
        const mp::Condition condition(mp::create_only, of("condition"));
        const mp::Event event(mp::create_only, of("event"));
        const mp::Barrier barrier(mp::create_only, of("barrier"), 2);
        const support::stage<primitives_scene> here;
        const support::actor other(uses_primitives, {here.handle()});
        try {
            barrier.wait_for(10s);
        } catch (const mp::BrokenBarrier&) {
            return other.wait();
        }
        expect(!permits.acquire(false));
        expect(event.wait_for(10s));
        condition.lock(); // which is given back when the other waits
        condition.notify();
        condition.unlock();
        here->ready.wait();
        expect(support::eventually([&] { return barrier.n_waiting() == 1; }));
        other.kill();
        expect(permits.acquire(true, 10s), "the permit of the dead comes back");
        permits.release();
        bool broken = false;
        try {
            barrier.wait_for(10s);
        } catch (const mp::BrokenBarrier&) {
            broken = true;
        }
        expect(broken && barrier.broken(), "the party that died breaks the barrier");
        return 0;
    });
}
