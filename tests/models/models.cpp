// Memory order, proved: what a lock, the redo log, a slot of the registry and a condition promise, in every order of steps, with every read that C++
// allows, and every death. And that each step and each order is needed: without it the same search finds what goes wrong.
//
//   models               all of them
//   models <name>...     some: litmus lock redo_log opening life_registry condition
//   models --traces ...  and how each fault comes about, step by step
//
// docs/design/models.md says what the models are, and what they leave out.
#include <array>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "life_registry.hpp"
#include "litmus.hpp"
#include "opening.hpp"
#include "redo_log.hpp"
#include "report.hpp"
#include "robust_lock.hpp"
#include "waiter_table.hpp"

namespace {

using models::order;
using models::report;

constexpr const char* stuck = "somebody is stuck: no end can be reached";

/// Explores a Model of which `take_out(how)` takes something out.
template <class Model, class TakeOut>
void without(report& to, const char* what, models::limits allowed, const char* wrong, TakeOut take_out) {
    const auto whole = Model::how;
    take_out(Model::how);
    to.finds<Model>(what, allowed, wrong);
    Model::how = whole;
}

void explore_litmus(report& to) {
    using models::litmus;
    const auto is = [&to](const char* what, std::vector<std::vector<litmus::access>> programs, const std::set<std::string>& outcomes,
                          bool at_end = false, int deaths = 0) {
        litmus::programs = std::move(programs);
        litmus::outcomes.clear();
        litmus::tells_reads = !at_end;
        litmus::tells_end = at_end;
        static_cast<void>(models::explorer<litmus>::explore(litmus{}, {deaths, 0}));
        std::string seen;
        for (const std::string& each : litmus::outcomes) {
            seen += each + " ";
        }
        to.says(what, litmus::outcomes == outcomes, seen);
    };
    constexpr auto x = litmus::x;
    constexpr auto y = litmus::y;
    const auto read = [](int place, order how = order::relaxed) { return litmus::read(place, how); };
    const auto write = [](int place, int value, order how = order::relaxed) { return litmus::write(place, value, how); };
    const auto add = [](int place, order how = order::relaxed) { return litmus::add(place, how); };
    const auto fence = [](order how) { return litmus::fence(how); };
    litmus::shared_memory::has_acquire_fences = true;

    to.begin("litmus: what the memory model allows");
    is("a message, relaxed", {{write(x, 1), write(y, 1)}, {read(y), read(x)}}, {"00", "01", "10", "11"});
    is("a message, by release and acquire", {{write(x, 1), write(y, 1, order::release)}, {read(y, order::acquire), read(x)}}, {"00", "01", "11"});
    is("a message, by release and relaxed", {{write(x, 1), write(y, 1, order::release)}, {read(y), read(x)}}, {"00", "01", "10", "11"});
    is("a message, by fences", {{write(x, 1), fence(order::release), write(y, 1)}, {read(y), fence(order::acquire), read(x)}},
       {"00", "01", "11"});
    is("a message, by a fence on one side only", {{write(x, 1), write(y, 1)}, {read(y), fence(order::acquire), read(x)}},
       {"00", "01", "10", "11"});
    is("two stores, and loads behind them", {{write(x, 1, order::release), read(y, order::acquire)},
                                             {write(y, 1, order::release), read(x, order::acquire)}},
       {"00", "01", "10", "11"});
    is("two loads, and stores behind them (no promises: not 11)", {{read(x), write(y, 1)}, {read(y), write(x, 1)}}, {"00", "01", "10"});
    is("one place is read forwards only", {{write(x, 1), write(x, 2)}, {read(x), read(x)}}, {"00", "01", "02", "11", "12", "22"});
    is("stores of two threads in two places, in either order", {{write(x, 1), write(y, 2)}, {write(y, 1), write(x, 2)}},
       {"11", "12", "21", "22"}, true);
    is("a release sequence", {{write(x, 1), write(y, 1, order::release)}, {litmus::exchange_1_for_2(y)}, {read(y, order::acquire), read(x)}},
       {"00", "01", "11", "21"});
    is("additions are not lost", {{add(x)}, {add(x)}, {add(x)}}, {"30"}, true);
    is("what the dead leave: relaxed, in any order", {{write(x, 1), write(y, 1)}}, {"00", "01", "10", "11"}, true, 1);
    is("what the dead leave: a release keeps what is before it", {{write(x, 1), write(y, 1, order::release)}}, {"00", "10", "11"}, true, 1);
    is("what the dead leave: a release does not keep what is behind it", {{write(x, 1, order::release), write(y, 1)}},
       {"00", "01", "10", "11"}, true, 1);
    is("what the dead leave: a fence keeps both", {{write(x, 1), fence(order::release), write(y, 1)}}, {"00", "10", "11"}, true, 1);
    is("what the dead leave: behind what acquires", {{add(x, order::acquire), write(y, 1)}}, {"00", "10", "11"}, true, 1);
    // Four reads of two independent stores may disagree on which was first, as nothing here is sequentially consistent.
    std::set<std::string> all;
    for (int i = 0; i < 16; ++i) {
        all.insert({static_cast<char>('0' + i / 8), static_cast<char>('0' + i / 4 % 2), static_cast<char>('0' + i / 2 % 2),
                    static_cast<char>('0' + i % 2)});
    }
    is("two readers of two stores", {{write(x, 1)}, {write(y, 1)}, {read(x, order::acquire), read(y, order::acquire)},
                                     {read(y, order::acquire), read(x, order::acquire)}}, all);
}

void explore_lock(report& to) {
    using model = models::hand_over;
    to.begin("lock: one adds at a time, no addition is lost, nobody is stuck");
    to.holds<model>("as it is", {2, 0});
    model::rounds = 2;
    to.holds<model>("as it is, each thread twice", {0, 0});
    model::rounds = 1;
    constexpr const char* lost = "an addition is lost";
    without<model>(to, "giving is relaxed", {0, 0}, lost, [](auto& how) { how.giving = order::relaxed; });
    without<model>(to, "taking is relaxed", {0, 0}, lost, [](auto& how) { how.taking = order::relaxed; });
    without<model>(to, "nobody asks whether the owner lives", {1, 0}, stuck, [](auto& how) { how.asks_who_lives = false; });
    without<model>(to, "an heir stores its name, and does not compare", {1, 0}, "the lock has two owners",
                   [](auto& how) { how.heir_compares = false; });
    without<model>(to, "the kernel's \"gone\" orders nothing", {1, 0}, lost, [](auto& how) { how.kernel_orders = false; });
    without<model>(to, "sleeps do not end by themselves", {1, 0}, stuck, [](auto& how) { how.slices = false; });

    // Nobody dies: then it is the bit and the wake-ups that keep sleepers from sleeping beside a free lock; slices are not needed.
    model::how.slices = false;
    to.holds<model>("sleeps do not end by themselves, nobody dies", {0, 0});
    without<model>(to, "... and nobody is woken", {0, 0}, stuck, [](auto& how) { how.wakes = false; });
    without<model>(to, "... and who has slept does not keep the bit", {0, 0}, stuck, [](auto& how) { how.bit_is_kept = false; });
    model::how.slices = true;
}

void explore_redo_log(report& to) {
    using model = models::redo_log;
    constexpr const char* torn = "the owner reads half of a value";
    to.begin("redo_log: an owner finds the object whole, whoever died before");
    to.holds<model>("as it is", {2, 0});
    without<model>(to, "the mark is set relaxed", {1, 0}, torn, [](auto& how) { how.setting = order::relaxed; });
    without<model>(to, "no fence behind setting it", {1, 0}, torn, [](auto& how) { how.fence_after_setting = false; });
    without<model>(to, "the mark is cleared relaxed", {1, 0}, torn, [](auto& how) { how.clearing = order::relaxed; });
    without<model>(to, "no fence behind clearing it", {1, 0}, torn, [](auto& how) { how.fence_after_clearing = false; });
    without<model>(to, "an heir does not complete", {1, 0}, torn, [](auto& how) { how.heir_completes = false; });
    without<model>(to, "an heir clears the mark before it copies", {2, 0}, torn, [](auto& how) { how.heir_copies_first = false; });
    model::how.is_elsewhere = true;
    to.holds<model>("an object elsewhere, which one heir cannot reach", {2, 0});
    without<model>(to, "... and only heirs look for its mark", {1, 0}, torn, [](auto& how) { how.looks_each_time = false; });
    model::how.is_elsewhere = false;
}

void explore_opening(report& to) {
    using model = models::opening;
    model::shared_memory::has_acquire_fences = true;
    constexpr const char* refused = "a sound object is refused";
    to.begin("opening: who opens an object does not take a note that is being written for a damaged one");
    to.holds<model>("as it is", {2, 0});
    without<model>(to, "no second look at the lock", {1, 0}, refused, [](auto& how) { how.looks_again = false; });
    without<model>(to, "no acquire fence before it", {1, 0}, refused, [](auto& how) { how.fence_before_second_look = false; });
    without<model>(to, "no release fence before the note", {1, 0}, refused, [](auto& how) { how.fence_before_note = false; });
}

void explore_life_registry(report& to) {
    using model = models::life_registry;
    model::shared_memory::has_acquire_fences = true;
    constexpr const char* dead = "a living thread is taken for dead";
    constexpr const char* living = "a dead thread is taken for a living one";
    constexpr const char* unseen = "what a dead thread has written is not seen by who knows that it is dead";
    constexpr const char* moved = "a living thread's generation is moved on";
    to.begin("life_registry: names are never given twice, and the living are never taken for dead, nor the dead for living");
    to.holds<model>("a bearer, two claimers, one who asks", {1, 0});
    model::claimers = 1;
    to.holds<model>("a bearer, a claimer, one who asks; one is stopped", {2, 1});
    without<model>(to, "the generation is not moved on before the claim", {1, 1}, living, [](auto& how) { how.moves_on_first = false; });
    model::askers = 2;
    to.holds<model>("a bearer, a claimer, two who ask", {1, 0});
    without<model>(to, "who asks moves a generation on relaxed", {1, 0}, unseen, [](auto& how) { how.asker_moves_on = order::relaxed; });
    model::claimers = 2;
    model::askers = 1;
    without<model>(to, "no release fence behind the naming", {0, 0}, dead, [](auto& how) { how.fence_behind_name = false; });
    without<model>(to, "no acquire fence before the question", {0, 0}, dead, [](auto& how) { how.fence_before_question = false; });
    without<model>(to, "the generation is looked at relaxed", {0, 0}, unseen, [](auto& how) { how.asking = order::relaxed; });
    without<model>(to, "no second look at the generation", {1, 0}, living, [](auto& how) { how.looks_again = false; });
    without<model>(to, "a claimer moves a generation on relaxed", {2, 0}, unseen, [](auto& how) { how.moving_on = order::relaxed; });
    without<model>(to, "a thread resigns relaxed", {0, 0}, unseen, [](auto& how) { how.resigning = order::relaxed; });
    without<model>(to, "a thread gives the slot back, and then its name", {0, 0}, moved,
                   [](auto& how) { how.resigns_generation_first = false; });
    without<model>(to, "a claimer reads the process before the generation", {2, 0}, moved,
                   [](auto& how) { how.reads_generation_first = false; });
    without<model>(to, "a claimer stores its process, and does not compare", {0, 0}, "a slot is taken from a living thread",
                   [](auto& how) { how.claim_compares = false; });
    without<model>(to, "a claimer clears the thread's number first", {1, 0}, "a slot has lost the number of its thread",
                   [](auto& how) { how.thread_cleared_before_claim = true; });
}

void explore_condition(report& to) {
    using model = models::condition;
    to.begin("condition: a notification is never lost beside a sleeper, and wakes one");
    model::waiters = 1;
    to.holds<model>("one waits, two notify", {2, 0});
    model::how.deaths_modulo = 2;
    to.holds<model>("one waits, two notify; the lock counts deaths modulo 2", {2, 0});
    without<model>(to, "and the registry does not count them", {2, 0}, stuck, [](auto& how) { how.counts_in_registry = false; });
    without<model>(to, "and the registry counts them behind the lock", {2, 0}, stuck, [](auto& how) { how.counts_in_registry_first = false; });
    model::how = {};
    model::bystanders = 1;
    to.holds<model>("one waits, one notifies, one takes the lock alone", {2, 0});
    without<model>(to, "a waiter does not look for deaths in a slice", {1, 0}, stuck, [](auto& how) { how.looks_for_deaths = false; });
    without<model>(to, "an heir does not count the death", {1, 0}, stuck, [](auto& how) { how.counts_deaths = false; });
    without<model>(to, "to settle a death does not notify", {1, 0}, stuck, [](auto& how) { how.settles_deaths = false; });
    model::bystanders = 0;
    model::waiters = 2;
    model::begins_waiting = true;
    to.holds<model>("two wait, one notifies", {1, 0});
    // What is taken out is found when the one who matters dies.
    model::first_to_die = 2;
    without<model>(to, "a waiter does not look for a dead owner in a slice", {1, 0}, stuck, [](auto& how) { how.looks_for_dead_owner = false; });
    model::first_to_die = model::last_to_die = 0;
    without<model>(to, "a dead waiter's notification is not passed on", {1, 0}, stuck, [](auto& how) { how.passes_on = false; });
    without<model>(to, "a waiter does not look for dead waiters in a slice", {1, 0}, stuck,
                   [](auto& how) { how.looks_for_dead_waiters = false; });
    without<model>(to, "a place is given up before the lock is had", {1, 0}, stuck, [](auto& how) { how.frees_place_with_lock = false; });
}

} // namespace

int main(int count, char** words) {
    const std::pair<const char*, void (*)(report&)> all[]{
        {"litmus", explore_litmus},   {"lock", explore_lock},
        {"redo_log", explore_redo_log}, {"opening", explore_opening},
        {"life_registry", explore_life_registry}, {"condition", explore_condition},
    };
    report to;
    std::set<std::string> wanted;
    for (int i = 1; i < count; ++i) {
        if (std::strcmp(words[i], "--traces") == 0) {
            to.shows_traces = true;
        } else {
            wanted.insert(words[i]);
        }
    }
    std::size_t explored = 0;
    for (const auto& [name, explore] : all) {
        if (wanted.empty() || wanted.contains(name)) {
            explore(to);
            ++explored;
        }
    }
    if (explored != (wanted.empty() ? std::size(all) : wanted.size())) {
        std::printf("models: there is no model of one of these names\n");
        return 2;
    }
    std::printf("%zu states in all, %d not as expected\n", to.states(), to.failures());
    return to.failures() == 0 ? 0 : 1;
}
