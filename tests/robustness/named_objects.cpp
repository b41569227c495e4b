// Objects with names, and processes that are killed: absent or complete, nothing left behind, and what asked to go is collected; it, and nothing else.
//
// Taken out once, and what failed: the name being the last thing that an object gets (posix/named_memory: `link` in front of `fill`): "makers and users
// killed", "eight programs race", "killed at every system call of create_only", "after every instruction"; the maker's hold (flock): each test of collect() that has
// a living maker, or a child of one; who the maker is (fork_depth; always 0): both of "a forked child's copy"; its pid in its place: the second of them.
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/roles.hpp"
#include "support/run.hpp"
#include "support/sanitized.hpp"
#include "support/small_shm.hpp"
#include "support/soak.hpp"
#include "support/start.hpp"
#include "support/stepper.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <sched.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using support::numbered;
using support::Whole;

namespace {

bool exists(const support::unused_object& name) { return mp::platform::named_memory::exists(name.file()); }
mp::object_name to_be_collected(const support::unused_object& name) { return mp::object_name(name.text()).unlink_on_destroy(); }

bool is_whole(const Whole& what) {
    return what.x == what.y && std::ranges::all_of(what.between, [&](std::int64_t each) { return each == what.x; });
}

struct scene {
    char name[64];
    support::milestone ready;
    std::atomic<int> torn;
    std::atomic<std::int64_t> rounds;
};

/// Makes it or finds it, changes it and removes it, until it is killed.
const support::role makes_until_killed("named_objects: makes until killed", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    for (std::int64_t round = 0;; ++round) {
        const mp::SharedValue<Whole> value(mp::open_or_create, here.name, numbered<Whole>(1));
        here.torn += is_whole(value.value()) ? 0 : 1;
        value.update([&](Whole& what) { what = numbered<Whole>(static_cast<int>(round % 100)); });
        here.ready.reach();
        ++here.rounds;
        if (round % 3 == 0) {
            mp::unlink(here.name);
        }
    }
});

/// Who takes part in a race of makers.
struct racer {
    std::int64_t number;
    support::milestone ready;
    std::atomic<std::uint32_t> first_round; // 0: not yet
    std::atomic<std::uint32_t> done;      // in which round it had the object last,
    std::atomic<std::int64_t> seen;       // and what was in it; -1 if that was not whole
};

struct race {
    char name[64];
    std::atomic<std::uint32_t> round;

    [[nodiscard]] const std::uint32_t* address() const noexcept { return reinterpret_cast<const std::uint32_t*>(&round); }
};

const support::role races_to_make("named_objects: races to make it, until killed", [](support::props given) {
    const race& here = support::on_stage<race>(given[0]);
    racer& me = support::on_stage<racer>(given[1]);
    me.ready.reach();
    for (std::uint32_t round = 0;;) {
        if (here.round == round) {
            mp::platform::wait_word::wait(here.address(), round, mp::platform::deadline_after(1s));
            continue;
        }
        round = here.round;
        if (me.first_round == 0 || round < me.first_round) {
            continue;
        }
        const std::int64_t mine = round * std::int64_t{1'000'000} + me.number;
        const mp::SharedValue<Whole> value(mp::open_or_create, here.name, Whole{mine, {mine, mine, mine, mine, mine, mine}, mine});
        const Whole what = value.value();
        me.seen = is_whole(what) ? what.x : -1;
        me.done = round;
    }
});

struct racing_program {
    support::stage<racer> at;
    std::optional<support::actor> program;

    racing_program(const support::stage<race>& here, std::int64_t number) {
        at->number = number;
        program.emplace(races_to_make, std::vector{here.handle(), at.handle()});
    }
};

/// What nobody holds any more goes. (Other tests, at the same time, collect it too, or just ask about it.)
bool is_collected(const support::unused_object& name) {
    return support::eventually([&] {
        static_cast<void>(mp::collect());
        return !exists(name);
    });
}

/// Whether the object can be had, and used, by all that is left.
bool is_usable(const mp::object_name& name) {
    const mp::SharedValue<Whole> value(mp::open_or_create, name, numbered<Whole>(1));
    if (!value.try_lock_for(5s)) {
        return false;
    }
    const bool whole = is_whole(value.value());
    value.unlock();
    return whole;
}

struct victim_of {
    support::unused_object name;
    std::optional<mp::SharedValue<Whole>> object;
    std::optional<stepper::victim> prey;

    [[nodiscard]] stepper::victim& victim() { return *prey; }
    bool step_calls(long count) { return prey->step_calls(count); }
    void kill() { prey->kill(); }
};

} // namespace

TEST_CASE("makers and users killed at random leave the object whole, or absent, and the name usable", "[soak]") {
    const support::unused_object name;
    support::stage<scene> here;
    name.copy_to(here->name);
    constexpr int crowd = 8;
    std::vector<support::actor> actors;
    for (int i = 0; i < crowd; ++i) {
        actors.emplace_back(makes_until_killed, std::vector{here.handle()});
    }
    here->ready.wait();
    support::soak_rounds more(100);
    for (std::size_t kills = 0; more.next(); ++kills) {
        const auto before = here->rounds.load();
        REQUIRE(support::comes_true([&] { return here->rounds > before + static_cast<std::int64_t>(kills % 7); })); // they get on, whoever is dead
        actors[kills % crowd].kill();
        if (kills % crowd == crowd - 1) {
            REQUIRE(is_usable(name));
        }
        support::actor next(makes_until_killed, {here.handle()});
        std::destroy_at(&actors[kills % crowd]);
        std::construct_at(&actors[kills % crowd], std::move(next));
    }
    actors.clear();
    REQUIRE(here->torn == 0);
    REQUIRE(is_usable(name));
    mp::unlink(name);
    REQUIRE_FALSE(exists(name));
}

TEST_CASE("eight programs race open_or_create, and one is killed each time: all have one maker's object, whole", "[slow][soak]") { // where the machine has much to do
    constexpr int crowd = 8;
    support::soak_rounds more(sanitized ? 100 : 1'000); // their programs take long to start
    const unsigned seed = support::soak_seed(20'261'121);
    INFO("repeat it with MULTIPROCESSING_SOAK_SEED=" << seed);
    const support::unused_object name;
    support::stage<race> here;
    name.copy_to(here->name);
    std::int64_t numbers = 0;
    const auto one_more = [&] { return std::make_unique<racing_program>(here, ++numbers); };
    std::deque<std::unique_ptr<racing_program>> racers;
    for (int i = 0; i < crowd + 2; ++i) { // two are on their way while eight race
        racers.push_back(one_more());
    }
    std::minstd_rand random(seed);
    int longest = 300; // microseconds until the kill; soon, about every second one comes before the victim is done
    int killed_before_the_end = 0;
    int made_by_the_killed = 0;
    std::uint32_t rounds = 0;
    while (more.next()) {
        const std::uint32_t round = ++rounds;
        for (int i = 0; i < crowd; ++i) {
            racer& each = *racers[static_cast<std::size_t>(i)]->at;
            each.ready.wait();
            each.first_round = each.first_round == 0 ? round : each.first_round.load();
        }
        const auto victim = std::move(racers.front());
        racers.pop_front();
        const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(std::uniform_int_distribution<int>(0, longest)(random));
        here->round = round;
        mp::platform::wait_word::wake_all(here->address());
        while (std::chrono::steady_clock::now() < end) {
        }
        victim->program->kill();
        const racer& first = *racers.front()->at;
        for (int i = 0; i + 1 < crowd; ++i) {
            const racer& each = *racers[static_cast<std::size_t>(i)]->at;
            REQUIRE(support::comes_true([&] { return each.done == round; }));
            REQUIRE(each.seen == first.seen);
        }
        REQUIRE(first.seen / 1'000'000 == round);
        REQUIRE(mp::SharedValue<Whole>(mp::open_only, name).value().x == first.seen);
        const bool is_early = victim->at->done != round;
        longest = std::clamp(longest + (is_early ? longest : -longest) / 8, 100, 50'000);
        killed_before_the_end += is_early ? 1 : 0;
        made_by_the_killed += first.seen % 1'000'000 == victim->at->number ? 1 : 0;
        REQUIRE(mp::unlink(name));
        racers.push_back(one_more());
    }
    std::printf("races to make an object: %u, killed before they had it: %d, made by a killed one: %d\n", rounds, killed_before_the_end, made_by_the_killed);
    REQUIRE(killed_before_the_end > 0);
    REQUIRE(made_by_the_killed > 0);
}

TEST_CASE("killed at every system call of create_only: absent or complete, and nothing is left") {
    {
        const support::unused_object first; // so that the table of lives is open
        const mp::SharedValue<int> value(mp::create_only, first, 1);
        REQUIRE(value.try_lock());
        value.unlock();
    }
    const auto before = support::open_descriptors();
    int complete = 0;
    int absent = 0;
    const long calls = stepper::kill_at_every_system_call(
        [] {
            auto here = std::make_unique<victim_of>();
            here->prey.emplace([&] { mp::SharedValue<Whole>(mp::create_only, here->name, numbered<Whole>(3)); });
            return here;
        },
        [&](victim_of& here, bool completed) {
            if (exists(here.name)) {
                const mp::SharedValue<Whole> made(mp::open_only, here.name);
                REQUIRE(made.value() == numbered<Whole>(3));
                REQUIRE_FALSE(made.get_lock().owner_died());
                REQUIRE(mp::unlink(here.name));
                ++complete;
            } else {
                REQUIRE_FALSE(completed);
                mp::SharedValue<Whole>(mp::create_only, here.name, numbered<Whole>(4));
                ++absent;
            }
        });
    REQUIRE(calls > 4);
    REQUIRE(complete > 0);
    REQUIRE(absent > 0);
    REQUIRE(support::open_descriptors() == before);
}

TEST_CASE("after every instruction of create_only the object is absent or complete") {
    // What others see changes by system calls alone; so one maker is stopped after each instruction, and looked at instead of being killed.
    if (!sanitized) {
        const support::unused_object name;
        stepper::victim maker([&] { mp::SharedValue<Whole>(mp::create_only, name, numbered<Whole>(3)); });
        long instructions = 0;
        bool was_there = false;
        for (; maker.step(1); ++instructions) {
            if (exists(name)) {
                if (!was_there) {
                    REQUIRE(mp::SharedValue<Whole>(mp::open_only, name).value() == numbered<Whole>(3));
                }
                was_there = true;
            } else {
                REQUIRE_FALSE(was_there);
            }
        }
        REQUIRE(was_there);
        REQUIRE(instructions > 1'000);
    }
}

TEST_CASE("killed at every system call of opening, and of unlink: the object is whole or gone, and the name can be used") {
    SECTION("open_only") {
        REQUIRE(stepper::kill_at_every_system_call(
                    [] {
                        auto here = std::make_unique<victim_of>();
                        here->object.emplace(mp::create_only, here->name, numbered<Whole>(3));
                        here->prey.emplace([&] { mp::SharedValue<Whole>(mp::open_only, here->name); });
                        return here;
                    },
                    [](victim_of& here, bool) {
                        REQUIRE(mp::SharedValue<Whole>(mp::open_only, here.name).value() == numbered<Whole>(3));
                        REQUIRE(here.object->try_lock());
                        REQUIRE_FALSE(here.object->get_lock().owner_died());
                        here.object->unlock();
                    }) > 2);
    }
    SECTION("unlink") {
        int kept = 0;
        REQUIRE(stepper::kill_at_every_system_call(
                    [] {
                        auto here = std::make_unique<victim_of>();
                        here->object.emplace(mp::create_only, here->name, numbered<Whole>(3));
                        here->prey.emplace([&] { mp::unlink(here->name); });
                        return here;
                    },
                    [&](victim_of& here, bool completed) {
                        kept += exists(here.name) ? 1 : 0;
                        REQUIRE((!completed || !exists(here.name)));
                        REQUIRE(here.object->value() == numbered<Whole>(3)); // who has it keeps it
                        const mp::SharedValue<Whole> other(mp::open_or_create, here.name, numbered<Whole>(3));
                        REQUIRE(other.value() == numbered<Whole>(3));
                        REQUIRE(mp::unlink(here.name)); // nobody is locked out of removing
                    }) > 2);
        REQUIRE(kept > 0);
    }
}

TEST_CASE("killed at every instruction of a look at an opened object's lock: it is as free as before, and nobody is told of a death") {
    if (!sanitized) {
        const support::unused_object name;
        const mp::SharedValue<Whole> value(mp::create_only, name, numbered<Whole>(3));
        const auto tried = stepper::kill_at_every_instruction(
            [&] {
                auto here = std::make_unique<victim_of>();
                auto& header = mp::detail::lock_access::header(value.get_lock());
                here->prey.emplace([&] { static_cast<void>(header.is_sane(16, false, sizeof(Whole))); });
                return here;
            },
            [&](victim_of&, bool) {
                REQUIRE(value.try_lock());
                REQUIRE_FALSE(value.get_lock().owner_died());
                value.unlock();
            });
        REQUIRE(tried.victims > 10);
    }
}

TEST_CASE("killed at every instruction of update by a program that opened it by name: the struct is the old or the new") {
    if (!sanitized) {
        int old_ones = 0;
        int new_ones = 0;
        std::optional<mp::SharedValue<Whole>> opened; // in the victim
        const auto tried = stepper::kill_at_every_instruction(
            [&] {
                auto here = std::make_unique<victim_of>();
                here->object.emplace(mp::create_only, here->name, numbered<Whole>(3));
                const auto* const mine = here.get();
                here->prey.emplace(
                    [mine, &opened] {
                        opened.emplace(mp::open_only, mine->name);
                        opened->update([](Whole&) {}); // has its name among the living
                    },
                    [&opened] { opened->update([](Whole& what) { what = numbered<Whole>(4); }); });
                return here;
            },
            [&](victim_of& here, bool completed) {
                const bool held = !mp::detail::lock_access::header(here.object->get_lock()).owner().is_nobody();
                REQUIRE(here.object->try_lock_for(1s));
                REQUIRE(here.object->get_lock().owner_died() == held);
                const Whole what = here.object->value();
                REQUIRE((what == numbered<Whole>(3) || what == numbered<Whole>(4)));
                REQUIRE((!completed || what == numbered<Whole>(4)));
                (what == numbered<Whole>(3) ? old_ones : new_ones) += 1;
                here.object->unlock();
                REQUIRE(mp::SharedValue<Whole>(mp::open_only, here.name).value() == what);
            });
        REQUIRE(tried.victims > 50);
        REQUIRE(old_ones > 10);
        REQUIRE(new_ones > 10);
    }
}

TEST_CASE("unlink_on_destroy: a forked child's copy takes nothing away") {
    const support::unused_object name;
    std::optional<mp::SharedValue<int>> value(std::in_place, mp::create_only, to_be_collected(name), 7);
    REQUIRE(support::run_child([&] { value.reset(); }) == 0);
    REQUIRE(exists(name));
    value.reset();
    REQUIRE_FALSE(exists(name));
}

TEST_CASE("unlink_on_destroy: a forked child's copy takes nothing away where maker and child have the same process id") {
    const support::unused_object name;
    const int code = support::run_child([&] {
        if (::unshare(CLONE_NEWPID) != 0) {
            return support::not_permitted;
        }
        return support::run_child([&] { // process 1 of its namespace,
            support::expect(::getpid() == 1);
            std::optional<mp::RawValue<int>> value(std::in_place, mp::create_only, to_be_collected(name), 7);
            support::expect(::unshare(CLONE_NEWPID) == 0);
            support::expect(support::run_child([&] { // and of another one
                                support::expect(::getpid() == 1);
                                value.reset();
                            }) == 0);
            support::expect(exists(name));
            value.reset();
            support::expect(!exists(name));
        });
    });
    if (code == support::not_permitted) {
        WARN("not tested: pid namespaces need more rights than this process has");
    } else {
        REQUIRE(code == 0);
    }
}

TEST_CASE("collect() removes what a killed maker had asked for, and only that", "[collect]") {
    const support::unused_object asked;
    const support::unused_object did_not;
    const support::unused_object foreign;
    const support::unused_object of_a_living_one;
    const auto foreign_memory = mp::platform::named_memory::create(foreign.file(), 400, 0600);
    const mp::RawValue<int> living(mp::create_only, to_be_collected(of_a_living_one), 7);
    REQUIRE(support::run_child([&] {
                const mp::SharedValue<int> value(mp::create_only, to_be_collected(asked), 7);
                const mp::SharedValue<int> other(mp::create_only, did_not, 7);
                ::kill(::getpid(), SIGKILL);
            }) == -SIGKILL);
    REQUIRE(exists(asked));
    const mp::SharedValue<int> attached(mp::open_only, asked); // a user, not a maker: does not keep the name
    REQUIRE(is_collected(asked));
    REQUIRE(exists(did_not));
    REQUIRE(exists(foreign));
    REQUIRE(exists(of_a_living_one));
    REQUIRE(attached.value() == 7); // and its users keep it
}

TEST_CASE("collect() leaves an object whose maker lives, in another process", "[collect]") {
    const support::unused_object name;
    const support::shared<support::flag> made;
    const support::shared<support::flag> enough;
    support::child_process maker([&] {
        const mp::SharedValue<int> value(mp::create_only, to_be_collected(name), 7);
        made->raise();
        enough->wait();
    });
    made->wait();
    static_cast<void>(mp::collect());
    REQUIRE(exists(name));
    REQUIRE(mp::SharedValue<int>(mp::open_only, name).value() == 7);
    enough->raise();
    REQUIRE(maker.wait() == 0);
    REQUIRE_FALSE(exists(name)); // by its maker, at the end
}

TEST_CASE("collect() leaves an object whose killed maker has a child that it was passed to", "[collect]") {
    const auto method = GENERATE(from_range(support::start_methods));
    const support::unused_object name;
    const support::signal_flag has_it(0);
    const support::signal_flag enough(0);
    const support::signal_flag gone(0);
    support::child_process maker([&] {
        const mp::SharedValue<int> value(mp::create_only, to_be_collected(name), 7);
        const auto child = support::start<[](const mp::SharedValue<int>& mine, const support::signal_flag& has, const support::signal_flag& end,
                                             const support::signal_flag& ended) {
            mine += 1;
            support::raise(has);
            support::await(end);
            mine += 1;
            support::raise(ended);
        }>(method, value, has_it, enough, gone);
        support::await(has_it);
        ::kill(::getpid(), SIGKILL);
    });
    REQUIRE(maker.wait() == -SIGKILL);
    static_cast<void>(mp::collect());
    REQUIRE(exists(name));
    const mp::SharedValue<int> value(mp::open_only, name);
    REQUIRE(value.value() == 8);
    support::raise(enough);
    support::await(gone);
    REQUIRE(is_collected(name)); // once the child has ended
    REQUIRE(value.value() == 9);
}

TEST_CASE("collect() against unlink and create of the same name never removes a living one", "[soak][collect]") {
    support::soak_rounds more(1'000);
    const support::unused_object name;
    const support::shared<std::atomic<bool>> enough(false);
    const support::shared<std::atomic<int>> collected(0);
    std::vector<support::child_process> collectors;
    for (int i = 0; i < 2; ++i) {
        collectors.emplace_back([&] {
            while (!*enough) {
                *collected += static_cast<int>(std::ranges::count(mp::collect(), name.text()));
            }
        });
    }
    int lost = 0;
    for (int round = 0; more.next(); ++round) {
        // A dead one, as collect() likes it: its maker is a process that ends without a word.
        if (round % 10 == 0) {
            REQUIRE(support::run_child([&] {
                        const mp::RawValue<int> dead(mp::create_only, to_be_collected(name), 0);
                        ::kill(::getpid(), SIGKILL);
                    }) == -SIGKILL);
        }
        mp::unlink(name);
        const mp::RawValue<int> living(mp::create_only, to_be_collected(name), round);
        std::this_thread::yield();
        lost += exists(name) && *mp::RawValue<int>(mp::open_only, name) == round ? 0 : 1;
    }
    *enough = true;
    for (auto& each : collectors) {
        REQUIRE(each.wait() == 0);
    }
    REQUIRE(lost == 0);
    REQUIRE_FALSE(exists(name));
}

TEST_CASE("collect() by several processes at once removes each object once", "[collect]") {
    constexpr int objects = 20;
    std::vector<std::unique_ptr<support::unused_object>> names;
    for (int i = 0; i < objects; ++i) {
        names.push_back(std::make_unique<support::unused_object>());
    }
    REQUIRE(support::run_child([&] {
                std::vector<mp::RawValue<int>> values;
                for (const auto& each : names) {
                    values.emplace_back(mp::create_only, to_be_collected(*each), 0);
                }
                ::kill(::getpid(), SIGKILL);
            }) == -SIGKILL);
    const support::shared<std::atomic<int>> removed(0);
    const support::shared<support::flag> go;
    std::vector<support::child_process> collectors;
    for (int i = 0; i < 4; ++i) {
        collectors.emplace_back([&] {
            go->wait();
            for (const std::string& each : mp::collect()) {
                *removed += std::ranges::any_of(names, [&](const auto& name) { return name->text() == each; }) ? 1 : 0;
            }
        });
    }
    go->raise();
    for (auto& each : collectors) {
        REQUIRE(each.wait() == 0);
    }
    REQUIRE(*removed <= objects); // none twice
    for (const auto& each : names) { // one may have been asked about by another just then
        REQUIRE(is_collected(*each));
    }
}
