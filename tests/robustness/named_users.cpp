// Objects with names between users, between pid namespaces, in a /dev/shm that is full, and without their table of lives. Each test has a
// /dev/shm of its own: no table of the system's is touched.
//
// Taken out once, and what failed: the question whose it is (named_segment::open): "another user's object is refused"; the number of the table
// (require_same_lives): "the table of lives was removed".
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/roles.hpp"
#include "support/run.hpp"
#include "support/small_shm.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/sharedctypes/read_only.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using std::filesystem::perms;
using support::expect;
using support::numbered;
using support::Whole;

namespace {

constexpr ::uid_t nobody = 65'534;

/// Runs it in a child with a /dev/shm of its own; says what was not tested where that is not permitted.
template <class Body>
void in_own_shm(const char* what, Body body, const char* size = "8m") {
    const int code = support::run_child([&] {
        if (!support::mount_small_shm(size)) {
            return support::not_permitted;
        }
        return body();
    });
    if (code == support::not_permitted) {
        WARN("not tested: " << what << ", because it is not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

/// As another user. Called in children of children: there is no way back.
bool become(::uid_t user) { return ::setgid(user) == 0 && ::setuid(user) == 0; }

template <class Call>
std::string refusal_of(std::errc code, Call call) {
    try {
        call();
    } catch (const std::system_error& error) {
        return error.code() == code ? error.what() : "another error: " + std::string(error.what());
    }
    return "no error";
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const support::role does_not_know_the_table("named_users: does not know the table", [](support::props) {
    const std::string expected = "multiprocessing: the lock of \"value\" is written in a table of lives that was removed while it was in use, so nobody can tell "
                                 "any more who holds it: unlink(\"value\"), and make it anew";
    for (int way = 0; way < 2; ++way) {
        try {
            way == 0 ? mp::SharedValue<int>(mp::open_only, "value") : mp::SharedValue<int>(mp::open_or_create, "value", 1);
            support::ensure(false, "it was refused");
        } catch (const mp::LayoutError& error) {
            support::ensure(error.what() == expected, error.what());
        }
    }
    mp::SharedValue<int>(mp::create_only, "other", 1) += 1; // what is made now is in the new one
});

} // namespace

TEST_CASE("a named object has exactly the mode asked for, whatever the umask") {
    const ::mode_t old = ::umask(077);
    for (const unsigned mode : {0600u, 0640u, 0400u, 0700u}) {
        const support::unused_object name;
        const mp::RawValue<int> value(mp::create_only, mp::object_name(name.text()).mode(perms(mode)), 1);
        struct ::stat about {};
        REQUIRE(::stat(("/dev/shm/" + name.file()).c_str(), &about) == 0);
        REQUIRE((about.st_mode & 07777) == mode);
    }
    ::umask(0);
    const support::unused_object name;
    const mp::RawValue<int> value(mp::create_only, name, 1);
    struct ::stat about {};
    REQUIRE(::stat(("/dev/shm/" + name.file()).c_str(), &about) == 0);
    REQUIRE((about.st_mode & 07777) == 0600);
    ::umask(old);
}

TEST_CASE("another user's object is refused, unless it is asked for and permitted") {
    in_own_shm("another user's object", [] {
        const mp::SharedValue<int> closed(mp::create_only, "closed", 1);
        const mp::RawValue<int> open(mp::create_only, mp::object_name("open").mode(perms(0666)), 2);
        const mp::RawValue<int> readable(mp::create_only, mp::object_name("readable").mode(perms(0644)), 3);
        const int code = support::run_child([] {
            if (!become(nobody)) {
                return support::not_permitted;
            }
            const auto denied = std::errc::permission_denied;
            expect(says(refusal_of(denied, [] { mp::SharedValue<int>(mp::open_only, "closed"); }), "\"mp.closed\""));
            expect(says(refusal_of(denied, [] { mp::RawValue<int>(mp::open_only, "open"); }),
                        "\"open\" belongs to another user, who could change it under its readers; if that is what you want write "
                        "object_name(...).of_any_user()"));
            expect(says(refusal_of(denied, [] { mp::RawValue<int>(mp::open_or_create, "open", 5); }), "belongs to another user"));
            expect(says(refusal_of(denied, [] { mp::ReadOnlyValue<int>("readable"); }), "belongs to another user"));
            expect(*mp::RawValue<int>(mp::open_only, mp::object_name("open").of_any_user()) == 2);
            expect(*mp::ReadOnlyValue<int>(mp::object_name("readable").of_any_user()) == 3);
            expect(says(refusal_of(denied, [] { mp::RawValue<int>(mp::open_only, mp::object_name("readable").of_any_user()); }), "\"mp.readable\""));
            expect(says(refusal_of(std::errc::operation_not_permitted, [] { mp::unlink("open"); }), "\"mp.open\"")); // /dev/shm is sticky
            expect(mp::collect().empty());
            const mp::SharedValue<int> own(mp::create_only, "own", 5); // in a table of its user's own
            own += 1;
            expect(own.value() == 6);
            return 0;
        });
        if (code == 0) {
            expect(closed.value() == 1 && *open == 2);
            expect(says(refusal_of(std::errc::permission_denied, [] { mp::SharedValue<int>(mp::open_only, "own"); }), "belongs to another user"));
        }
        return code;
    });
}

TEST_CASE("two users share an object of mode 0666: its lock excludes, and recovers") {
    in_own_shm("an object of two users", [] {
        constexpr int additions = 5'000;
        const auto shared = [] { return mp::object_name("both").of_any_user(); };
        const mp::SharedValue<std::int64_t> total(mp::create_only, mp::object_name("both").mode(perms(0666)), 0);
        const support::shared<support::flag> go;
        const support::shared<support::flag> holds;
        support::child_process other([&] {
            if (!become(nobody)) {
                return support::not_permitted;
            }
            const mp::SharedValue<std::int64_t> mine(mp::open_only, shared());
            go->wait();
            for (int i = 0; i < additions; ++i) {
                mine += 1;
            }
            return 0;
        });
        go->raise();
        for (int i = 0; i < additions; ++i) {
            total += 1;
        }
        if (const int code = other.wait(); code != 0) {
            return code;
        }
        expect(total.value() == 2 * additions);

        support::child_process holder([&] {
            expect(become(nobody));
            const mp::SharedValue<std::int64_t> mine(mp::open_only, shared());
            mine.lock();
            holds->raise();
            ::pause();
        });
        holds->wait();
        expect(!total.try_lock());
        holder.send(SIGKILL);
        expect(holder.wait() == -SIGKILL);
        expect(total.try_lock_for(10s) && total.get_lock().owner_died());
        total.unlock();

        // And the other way round: the other user inherits.
        const support::shared<support::flag> holds_too;
        support::child_process second([&] {
            total.lock();
            holds_too->raise();
            ::pause();
        });
        holds_too->wait();
        second.send(SIGKILL);
        expect(second.wait() == -SIGKILL);
        return support::run_child([&] {
            expect(become(nobody));
            const mp::SharedValue<std::int64_t> mine(mp::open_only, shared());
            expect(mine.try_lock_for(10s) && mine.get_lock().owner_died());
            mine.unlock();
        });
    });
}

TEST_CASE("processes of different pid namespaces share a named object") { // where all of them are process 1
    in_own_shm("pid namespaces", [] {
        constexpr int additions = 5'000;
        constexpr int namespaces = 3;
        const mp::SharedValue<std::int64_t> total(mp::create_only, "total", 0);
        const mp::SharedValue<Whole> whole(mp::create_only, "whole", numbered<Whole>(1));
        const auto in_new_namespace = [](auto body) {
            return support::child_process([body] {
                if (::unshare(CLONE_NEWPID) != 0) {
                    return support::not_permitted;
                }
                return support::run_child([&] {
                    expect(::getpid() == 1);
                    body();
                });
            });
        };
        std::vector<support::child_process> children;
        for (int i = 0; i < namespaces; ++i) {
            children.push_back(in_new_namespace([] {
                const mp::SharedValue<std::int64_t> mine(mp::open_only, "total");
                for (int k = 0; k < additions; ++k) {
                    mine += 1;
                }
            }));
        }
        for (auto& each : children) {
            if (const int code = each.wait(); code != 0) {
                return code;
            }
        }
        expect(total.value() == namespaces * additions);

        // The holder dies; an equally numbered thread, of another namespace, has it.
        const support::shared<support::flag> holds;
        support::child_process holder = in_new_namespace([&] {
            const mp::SharedValue<Whole> mine(mp::open_only, "whole");
            mine.lock();
            holds->raise();
            ::kill(::getpid(), SIGSTOP); // which a process 1 does not hear of itself: it goes on,
            ::_exit(0);                  // and ends without giving the lock back
        });
        holds->wait();
        expect(holder.wait() == 0);
        support::child_process heir = in_new_namespace([] {
            const mp::SharedValue<Whole> mine(mp::open_only, "whole");
            expect(mine.try_lock_for(10s) && mine.get_lock().owner_died());
            mine.unlock();
        });
        expect(heir.wait() == 0);

        // And one that lives is not taken for dead, or for oneself.
        const support::shared<support::flag> holds_on;
        const support::shared<support::flag> enough;
        support::child_process living = in_new_namespace([&] {
            const mp::SharedValue<std::int64_t> mine(mp::open_only, "total");
            mine.lock();
            holds_on->raise();
            enough->wait();
            mine.unlock();
        });
        holds_on->wait();
        support::child_process other = in_new_namespace([] {
            const mp::SharedValue<std::int64_t> mine(mp::open_only, "total");
            expect(!mine.try_lock_for(300ms));
        });
        expect(other.wait() == 0);
        enough->raise();
        expect(living.wait() == 0);
        expect(total.try_lock());
        total.unlock();
        return 0;
    });
}

TEST_CASE("a full /dev/shm is no_space_on_device, and nothing is left of the object") {
    in_own_shm(
        "a full /dev/shm",
        [] {
            const mp::SharedValue<int> small(mp::create_only, "small", 1); // and with it the table of lives
            const auto before = support::names_in("/dev/shm");
            for (const std::size_t count : {std::size_t{200'000}, std::size_t{1} << 30}) {
                expect(says(refusal_of(std::errc::no_space_on_device, [&] { mp::SharedArray<double>(mp::create_only, "large", count); }), "\"mp.large\""));
                expect(says(refusal_of(std::errc::no_space_on_device, [&] { mp::RawArray<double>(mp::open_or_create, "large", count); }), "\"mp.large\""));
            }
            expect(support::names_in("/dev/shm") == before);
            small += 1;
            int made = 0;
            const auto fill = [&] {
                for (;; ++made) {
                    mp::RawArray<char>(mp::create_only, "part." + std::to_string(made), 20'000);
                }
            };
            const std::string refusal = refusal_of(std::errc::no_space_on_device, fill);
            expect(says(refusal, "\"mp.part." + std::to_string(made) + "\""), refusal.c_str());
            expect(made > 3);
            expect(mp::unlink("part.0")); // also where there is no room for anything
            const mp::RawArray<char> again(mp::create_only, "part.0", 20'000);
            expect(small.value() == 2);
            return 0;
        },
        "1m");
}

TEST_CASE("a /dev/shm without room for the table of lives is no_space_on_device, and nothing is left") {
    in_own_shm(
        "a full /dev/shm",
        [] {
            expect(says(refusal_of(std::errc::no_space_on_device, [] { mp::SharedValue<int>(mp::create_only, "small", 1); }), "\"mp-lives."));
            expect(support::names_in("/dev/shm").empty());
            const mp::RawValue<int> raw(mp::create_only, "raw", 1); // which needs none
            return 0;
        },
        "256k");
}

TEST_CASE("the table of lives was removed while it was in use: who does not know the old one is told") {
    in_own_shm("a table of lives that is removed", [] {
        const mp::SharedValue<int> value(mp::create_only, "value", 1);
        const std::string table = "/dev/shm/mp-lives." + mp::platform::named_memory::user();
        expect(std::filesystem::remove(table));
        value += 1; // those who have the table keep it
        const int code = support::run_child([&] {
            expect(mp::SharedValue<int>(mp::open_only, "value").value() == 2); // who inherits it, too
        });
        expect(code == 0);
        // A program started anew finds no table, makes another, and does not believe that one of this object.
        expect(support::actor(does_not_know_the_table).wait() == 0);
        value += 1;
        expect(value.value() == 3);
        expect(mp::unlink("value")); // as the message says
        return 0;
    });
}

TEST_CASE("a table of lives that is another's, or damaged, is refused by name") {
    in_own_shm("tables of lives", [] {
        const std::string name = "mp-lives." + mp::platform::named_memory::user();
        static_cast<void>(mp::platform::named_memory::create(name, 100, 0600));
        try {
            mp::SharedValue<int>(mp::create_only, "value", 1);
            expect(false, "it was refused");
        } catch (const mp::LayoutError& error) {
            expect(says(error.what(), "the table of lives \"" + name + "\" is of another version of this library, or damaged. When no program uses it, "
                                      "remove it"),
                   error.what());
        }
        expect(mp::platform::named_memory::unlink(name));
        if (::chown("/dev/shm", nobody, nobody) == 0) { // where another user may be first
            const int code = support::run_child([&] {
                if (!become(nobody)) {
                    return support::not_permitted;
                }
                static_cast<void>(mp::platform::named_memory::create(name, 524'352, 0666));
                return 0;
            });
            if (code != 0) {
                return code;
            }
            expect(says(refusal_of(std::errc::permission_denied, [] { mp::SharedValue<int>(mp::create_only, "value", 1); }),
                        "the table of lives \"" + name + "\" was put there by another user"));
        }
        return 0;
    });
}
