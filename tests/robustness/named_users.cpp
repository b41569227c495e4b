// Objects with names between users, between pid namespaces, in a /dev/shm that is full, and without their table of lives. Each test has a
// /dev/shm of its own: no table of the system's is touched. Who shares an object is a program started anew, which finds the tables of lives by their
// names, as unrelated programs do: a forked child would inherit them.
//
// Taken out once, and what failed: the question whose it is (named_segment::open): "another user's object is refused"; the number of the table
// (learn_lives): "the table of lives was removed"; the tables' names (a table of its own for each program): "programs of different pid namespaces", and
// what asks for the tables; the version in a table's name: "a table of lives that another version"; the removal's lock being the owner's (the remover's
// in its place): "root and a user who remove"; the question whether a table is a file without bytes: "a table of lives that is another's" went on for ever.
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/roles.hpp"
#include "support/run.hpp"
#include "support/stepper.hpp"
#include "support/structs.hpp"
#include "support/users.hpp"

#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/posix/removal_lock.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/sharedctypes/read_only.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using std::filesystem::perms;
using mp::platform::named_memory;
using support::expect;
using support::become;
using support::in_own_shm;
using support::nobody;
using support::numbered;
using support::refusal_of;
using support::says;
using support::Whole;

namespace {

constexpr int additions = 20'000; // by each

struct scene {
    support::milestone ready;
    support::milestone enough;
};

mp::object_name both() { return mp::object_name("both").of_any_user(); }

void become_nobody_or_end() {
    if (!become(nobody)) {
        std::_Exit(support::not_permitted);
    }
}

void add(const mp::SharedValue<std::int64_t>& total) {
    for (int i = 0; i < additions; ++i) {
        total += 1;
    }
}

const support::role adds_as_another("named_users: adds as another user", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    become_nobody_or_end();
    const mp::SharedValue<std::int64_t> total(mp::open_only, both());
    here.ready.reach();
    add(total);
});

void hold(scene& here) {
    const mp::SharedValue<std::int64_t> total(mp::open_only, both());
    total.lock();
    here.ready.reach();
    support::live_on();
}

const support::role holds_as_another("named_users: holds as another user", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    become_nobody_or_end();
    hold(here);
});

const support::role holds_as_this_one("named_users: holds", [](support::props given) { hold(support::on_stage<scene>(given[0])); });

const support::role inherits_as_another("named_users: inherits as another user", [](support::props) {
    become_nobody_or_end();
    const mp::SharedValue<std::int64_t> total(mp::open_only, both());
    support::ensure(total.try_lock_for(10s) && total.get_lock().owner_died());
    total.unlock();
});

const support::role adds_as_process_1("named_users: adds as process 1", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    support::ensure(::getpid() == 1);
    const mp::SharedValue<std::int64_t> total(mp::open_only, "total");
    here.ready.wait();
    add(total);
});

const support::role holds_as_process_1("named_users: holds as process 1", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    support::ensure(::getpid() == 1);
    const mp::SharedValue<Whole> whole(mp::open_only, "whole");
    whole.lock();
    here.ready.reach();
    here.enough.wait();
    whole.unlock();
});

const support::role finds_it_held("named_users: finds it held by another process 1", [](support::props) {
    support::ensure(::getpid() == 1);
    const mp::SharedValue<Whole> whole(mp::open_only, "whole");
    support::ensure(!whole.try_lock() && !whole.try_lock_for(300ms));
});

const support::role inherits_as_process_1("named_users: inherits from another process 1", [](support::props) {
    support::ensure(::getpid() == 1);
    const mp::SharedValue<Whole> whole(mp::open_only, "whole");
    support::ensure(whole.try_lock_for(10s) && whole.get_lock().owner_died());
    whole.unlock();
});

/// A program that is process 1 of a pid namespace of its own.
class process_1 {
public:
    process_1(const support::role& part, const support::stage<scene>& here)
        : starter_([&] {
              if (::unshare(CLONE_NEWPID) != 0) {
                  return support::not_permitted;
              }
              const support::actor program(part, {here.handle()});
              pid_->store(program.process().number());
              return program.wait();
          }) {}

    int wait() { return starter_.wait(); }
    /// Not by itself, which a process 1 cannot.
    int kill() {
        expect(support::eventually([&] { return *pid_ != 0; })); // it may be further than who started it
        ::kill(static_cast<::pid_t>(pid_->load()), SIGKILL);
        return wait();
    }

private:
    support::shared<std::atomic<std::int64_t>> pid_{0};
    support::child_process starter_;
};

const support::role does_not_know_the_table("named_users: does not know the table", [](support::props) {
    const std::string expected = "multiprocessing: the lock of \"value\" is written in a table of lives that is not this program's: that one was removed while it "
                                 "was in use, or its programs have another version of this library, or another kind of life tokens. When none of them uses it, "
                                 "unlink(\"value\"), and make it anew";
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
                        "\"open\" belongs to another user, who could change it under its readers (or it has a second name, by which another user "
                        "can); if that is what you want write "
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

// Fails without the count of the file's names (named_memory::open): the second value is the first; and without the look at its mode (make_named).
TEST_CASE("an object that others may write is not taken for another one, whose name they give it as well") {
    in_own_shm("a second name of an object", [] {
        const mp::SharedValue<int> open_to_all(mp::create_only, mp::object_name("open").mode(0666), 1);
        const int code = support::run_child([] { return become(nobody) && ::link("/dev/shm/mp.open", "/dev/shm/mp.private") == 0 ? 0 : support::not_permitted; });
        if (code != 0) {
            return code;
        }
        const auto refused = [] { return refusal_of(std::errc::permission_denied, [] { mp::SharedValue<int>(mp::open_or_create, "private", 2); }); };
        expect(says(refused(), "a second name"));
        expect(mp::unlink("open")); // now it has one name
        expect(says(refused(), "open_or_create \"private\": there is an object that others may write, and none was asked for"));
        expect(mp::SharedValue<int>(mp::open_or_create, mp::object_name("private").mode(0666), 2).value() == 1);
        expect(mp::unlink("private"));
        expect(mp::SharedValue<int>(mp::open_or_create, "private", 2).value() == 2 && open_to_all.value() == 1);
        return 0;
    });
}

TEST_CASE("two users share an object of mode 0666: its lock excludes, and recovers") {
    in_own_shm("an object of two users", [] {
        const mp::SharedValue<std::int64_t> total(mp::create_only, mp::object_name("both").mode(perms(0666)), 0);
        {
            const support::stage<scene> here;
            const support::actor other(adds_as_another, {here.handle()});
            if (!support::comes_true([&] { return here->ready.is_reached() || other.process().exit_status(); })) {
                return support::failed;
            }
            add(total);
            if (const int code = other.wait(); code != 0) {
                return code;
            }
            expect(total.value() == 2 * additions);
        }
        {
            const support::stage<scene> here;
            const support::actor holder(holds_as_another, {here.handle()});
            here->ready.wait();
            expect(!total.try_lock());
            holder.kill();
            expect(total.try_lock_for(10s) && total.get_lock().owner_died());
            total.unlock();
        }
        // And the other way round: the other user inherits.
        const support::stage<scene> here;
        const support::actor holder(holds_as_this_one, {here.handle()});
        here->ready.wait();
        holder.kill();
        return support::actor(inherits_as_another).wait();
    });
}

TEST_CASE("root and a user who remove an object at once do not take the next one of its name away") {
    in_own_shm("two who remove", [] {
        // Root has seen whose the name is, at each of its system calls, and stands still. The user removes the object and makes another; root goes on.
        int in_between = 0;
        for (long calls = 0;; ++calls) {
            const support::shared<std::atomic<bool>> made_anew(false);
            const auto as_the_user = [](auto body) {
                return support::run_child([&] {
                    if (!become(nobody)) {
                        return support::not_permitted;
                    }
                    body();
                    return 0;
                });
            };
            if (const int code = as_the_user([] { static_cast<void>(named_memory::create("contested", 100, 0600)); }); code != 0) {
                return code;
            }
            const auto seen_by_root = named_memory::open("contested", mp::platform::access::read_only);
            stepper::victim root([&] { static_cast<void>(seen_by_root->unlink_if_named("contested")); });
            const bool stands = root.step_calls(calls);
            support::child_process user([&] {
                expect(become(nobody));
                if (const auto old = named_memory::open("contested", mp::platform::access::read_only)) {
                    static_cast<void>(old->unlink_if_named("contested"));
                }
                *made_anew = named_memory::create("contested", 200, 0600).has_value();
            });
            // Until it has done so, or waits for root.
            expect(support::eventually([&] { return std::string_view("SZ").find(support::state_of(user.pid())) != std::string_view::npos; }));
            in_between += *made_anew ? 1 : 0;
            while (stands && root.step_calls(1)) {
            }
            expect(user.wait() == 0);
            expect(*made_anew);
            expect(named_memory::exists("contested"), "what was made anew is there");
            expect(named_memory::open("contested", mp::platform::access::read_only)->size() == 200);
            expect(named_memory::unlink("contested"));
            if (!stands) {
                expect(calls > 5 && in_between > 2);
                return 0;
            }
        }
    });
}

TEST_CASE("root removes a user's object beside that user's held lock, and waits for nobody") {
    in_own_shm("a user who stops root", [] {
        const auto as_the_user = [](auto body) {
            return support::run_child([&] {
                if (!become(nobody)) {
                    return support::not_permitted;
                }
                body();
                return 0;
            });
        };
        const auto make = [&] { return as_the_user([] { mp::RawValue<int>(mp::create_only, "theirs", 1); }); };
        if (const int code = make(); code != 0) {
            return code;
        }
        support::shared<support::flag> held;
        const support::child_process hostile([&] {
            expect(become(nobody));
            const mp::platform::posix::removal_lock one(nobody, "x", mp::platform::deadline_after(10s));
            expect(one.is_held());
            held->raise();
            support::live_on();
        });
        held->wait();
        const auto begin = std::chrono::steady_clock::now();
        expect(mp::unlink("theirs"));
        expect(std::chrono::steady_clock::now() - begin < 3s, "it is not the patience with one's own user, which is 5 s");
        expect(!named_memory::exists("mp.theirs"));
        expect(mp::platform::named_memory::list("mp.").empty(), "nothing is left aside");

        // What the user makes anew while root stands still, at each of its system calls, keeps its name.
        for (long calls = 0;; ++calls) {
            expect(make() == 0);
            const auto seen_by_root = named_memory::open("mp.theirs", mp::platform::access::read_only);
            stepper::victim root([&] { static_cast<void>(seen_by_root->unlink_if_named("mp.theirs", mp::platform::clock::now())); });
            const bool stands = root.step_calls(calls);
            const int code = as_the_user([] {
                static_cast<void>(named_memory::unlink("mp.theirs"));
                expect(named_memory::create("mp.theirs", 200, 0600).has_value());
            });
            expect(code == 0);
            while (stands && root.step_calls(1)) {
            }
            const auto there = named_memory::open("mp.theirs", mp::platform::access::read_only);
            expect(there && there->size() == 200, "what was made anew has its name");
            expect(named_memory::unlink("mp.theirs"));
            if (!stands) {
                expect(calls > 8);
                return 0;
            }
        }
    });
}

TEST_CASE("who holds the lock for removals costs a deadline, and not more") {
    in_own_shm("a lock that is held", [] {
        auto mine = std::make_unique<mp::SharedValue<int>>(mp::create_only, mp::object_name("mine").unlink_on_destroy(), 1);
        const mp::RawValue<int> other(mp::create_only, "other", 1);
        support::shared<support::flag> held;
        support::child_process hostile([&] {
            const mp::platform::posix::removal_lock one(::geteuid(), "x", mp::platform::deadline_after(10s));
            expect(one.is_held());
            held->raise();
            support::live_on();
        });
        held->wait();
        const auto seconds_of = [](auto body) {
            const auto begin = std::chrono::steady_clock::now();
            body();
            return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        };
        const auto memory = named_memory::open("mp.other", mp::platform::access::read_only);
        std::string refusal;
        const double refused = seconds_of([&] {
            refusal = refusal_of(std::errc::timed_out, [&] { static_cast<void>(memory->unlink_if_named("mp.other", mp::platform::deadline_after(300ms))); });
        });
        expect(refused >= 0.3 && refused < 20);
        expect(says(refusal, "unlink, shared memory \"mp.other\": its turn did not come, because of the lock /dev/shm/mp-removal." + std::to_string(::geteuid()) +
                                 ", which process " + std::to_string(hostile.pid()) + " holds all the time. Look what that process does, which may be stopped; "
                                 "then try again, or collect() will"),
               refusal.c_str());
        const double destroyed = seconds_of([&] { mine.reset(); }); // says nothing
        expect(destroyed >= 1 && destroyed < 20);
        expect(named_memory::exists("mp.mine") && named_memory::exists("mp.other"));
        hostile.send(SIGKILL);
        static_cast<void>(hostile.wait());
        expect(mp::collect() == std::vector<std::string>{"mine"});
        expect(mp::unlink("other"));
        return 0;
    });
}

TEST_CASE("programs of different pid namespaces share a named object") { // where all of them are process 1
    in_own_shm("pid namespaces", [] {
        constexpr int namespaces = 3;
        const mp::SharedValue<std::int64_t> total(mp::create_only, "total", 0);
        const mp::SharedValue<Whole> whole(mp::create_only, "whole", numbered<Whole>(1));
        {
            const support::stage<scene> here;
            std::vector<std::unique_ptr<process_1>> adders;
            for (int i = 0; i < namespaces; ++i) {
                adders.push_back(std::make_unique<process_1>(adds_as_process_1, here));
            }
            here->ready.reach();
            for (const auto& each : adders) {
                if (const int code = each->wait(); code != 0) {
                    return code;
                }
            }
            expect(total.value() == namespaces * additions);
        }
        { // One that lives is not taken for dead, or for oneself.
            const support::stage<scene> here;
            process_1 holder(holds_as_process_1, here);
            here->ready.wait();
            expect(process_1(finds_it_held, here).wait() == 0);
            here->enough.reach();
            expect(holder.wait() == 0);
            expect(whole.try_lock() && !whole.get_lock().owner_died());
            whole.unlock();
        }
        // The holder dies; an equally numbered process, of another namespace, has it.
        const support::stage<scene> here;
        process_1 holder(holds_as_process_1, here);
        here->ready.wait();
        expect(holder.kill() != 0);
        return process_1(inherits_as_process_1, here).wait();
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
        const std::string table = "/dev/shm/" + mp::robust::life_table_memory::name_for_user();
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

TEST_CASE("a table of lives that another version of the library left is in nobody's way") {
    in_own_shm("a table of another version", [] {
        const auto old = named_memory::create("mp-lives." + named_memory::user(), 524'352, 0600, [](std::byte* first) {
            std::string_view("mp-lives\2").copy(reinterpret_cast<char*>(first), 9); // as versions 1 to 3 called it
        });
        expect(old.has_value());
        mp::SharedValue<int> value(mp::create_only, "value", 1);
        value += 1;
        expect(value.value() == 2);
        return 0;
    });
}

TEST_CASE("a table of lives that is another's, or damaged, is refused by name") {
    in_own_shm("tables of lives", [] {
        const std::string name = mp::robust::life_table_memory::name_for_user();
        const std::string path = "/dev/shm/" + name;
        const std::string remedy = "remove " + path + ", which its owner and root can";
        static_cast<void>(named_memory::create(name, 100, 0600));
        try {
            mp::SharedValue<int>(mp::create_only, "value", 1);
            expect(false, "it was refused");
        } catch (const mp::LayoutError& error) {
            expect(says(error.what(), "the table of lives \"" + name + "\" was damaged: when no program uses it, " + remedy), error.what());
        }
        expect(named_memory::unlink(name));
        const auto make = [] { mp::SharedValue<int>(mp::create_only, "value", 1); };
        // A file without any bytes, which any user can make: not a loop without an end.
        expect(::close(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) == 0);
        try {
            make();
            expect(false, "it was refused");
        } catch (const mp::LayoutError& error) {
            expect(says(error.what(), "the table of lives \"" + name + "\" is a file of 0 bytes, which this library never makes: " + remedy), error.what());
        }
        expect(named_memory::unlink(name));
        // What is no file; and a link, which could lead to any.
        expect(::mkdir(path.c_str(), 0700) == 0);
        expect(says(refusal_of(std::errc::is_a_directory, make), remedy));
        expect(::rmdir(path.c_str()) == 0 && ::mkfifo(path.c_str(), 0600) == 0);
        expect(says(refusal_of(std::errc::invalid_argument, make), remedy));
        expect(named_memory::unlink(name) && ::symlink("nothing", path.c_str()) == 0);
        expect(says(refusal_of(std::errc::too_many_symbolic_link_levels, make), remedy));
        expect(named_memory::unlink(name));
        // The user's own, and open to others.
        static_cast<void>(named_memory::create(name, 524'352, 0620));
        expect(says(refusal_of(std::errc::permission_denied, make), "has a mode that lets other users in: " + remedy));
        expect(named_memory::unlink(name));
        if (::chown("/dev/shm", nobody, nobody) == 0) { // where another user may be first
            const int code = support::run_child([&] {
                if (!become(nobody)) {
                    return support::not_permitted;
                }
                static_cast<void>(named_memory::create(name, 524'352, 0666));
                return 0;
            });
            if (code != 0) {
                return code;
            }
            expect(says(refusal_of(std::errc::permission_denied, [] { mp::SharedValue<int>(mp::create_only, "value", 1); }),
                        "the table of lives \"" + name + "\" was put there by another user: " + remedy));
        }
        return 0;
    });
}

TEST_CASE("in another user namespace, where a user of the same number is another one, the table of lives is refused with words") {
    in_own_shm("user namespaces", [] {
        expect(support::run_child([] { // in a child, whose table the next one does not inherit
                   mp::SharedValue<int>(mp::create_only, "value", 1);
                   return 0;
               }) == 0);
        return support::run_child([] {
            support::become_or_end(nobody, nobody);
            if (::prctl(PR_SET_DUMPABLE, 1) != 0 || ::unshare(CLONE_NEWUSER) != 0) { // or else the map would be root's
                return support::not_permitted;
            }
            const int map = ::open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
            const std::string line = "0 " + std::to_string(nobody) + " 1";
            if (map < 0 || ::write(map, line.data(), line.size()) != static_cast<::ssize_t>(line.size()) || ::close(map) != 0) {
                return support::not_permitted;
            }
            expect(::geteuid() == 0); // as it seems
            const std::string words = refusal_of(std::errc::permission_denied, [] { mp::SharedValue<int>(mp::create_only, "another", 1); });
            expect(says(words, "give this user namespace a /dev/shm of its own"), words.c_str());
            return 0;
        });
    });
}
