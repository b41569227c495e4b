#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memory.hpp"
#include "program.hpp"
#include "state_hash.hpp"

/// \file
/// Tries everything: whoever goes next, whatever it reads, wherever it dies.

namespace models {

/// So many threads die, and so many stop for ever and live.
struct limits {
    int deaths = 0;
    int stops = 0;
};

template <std::size_t Threads>
[[nodiscard]] bool nobody_acts(const std::array<bool, Threads>& acts) {
    return std::ranges::none_of(acts, [](bool each) { return each; });
}

/// What threads that act no more had in mind cannot matter: states that differ in it alone are one.
template <class Programs, std::size_t Threads>
void forget_programs(Programs& programs, const std::array<bool, Threads>& acts) {
    for (std::size_t thread = 0; thread < Threads; ++thread) {
        if (!acts[thread]) {
            programs[thread] = {};
        }
    }
}

struct result {
    std::size_t states = 0;
    std::string wrong;              // empty: nothing
    std::vector<std::string> trace; // what leads there, the shortest
};

/// What a model is: a struct that can be copied, with these members.
///   static constexpr int threads;
///   memory<places, threads> shared;         ... and its type shared_memory. Beside it programs, and what only the model knows
///   outcome step(int thread, choices&);     the thread goes on to its next access, and makes it
///   const char* wrong(all_done) const;      null, or what is wrong in this state; `all_done`: nobody does anything any more
///   bool is_end(acts) const;                all who act have what they wanted; `acts[thread]`: it lives, and is neither done nor stopped
///   bool may_die(thread); void stop(thread) (or none); who may die, or stop
///   void forget(acts);                      what is of no account any more, of those who do not act
///   write_to(sink), log()                   by what states are told apart, beside `shared`; where a trace is written
/// Beside what is wrong in a state, a model fails when from some state no end can be reached though nobody dies any more: somebody is stuck.
template <class Model>
class explorer {
    static_assert([] {
        if constexpr (requires { typename Model::program; }) {
            return std::has_unique_object_representations_v<typename Model::program>; // no byte that is not part of the state
        }
        return true;
    }());

public:
    static constexpr int threads = Model::threads;
    static constexpr std::size_t most_states = 6'000'000;

    [[nodiscard]] static result explore(const Model& begin, limits allowed) {
        explorer all;
        const node first{begin, allowed, {}};
        all.add(first, none, 0);
        while (all.found_.wrong.empty() && !all.waiting_.empty() && all.from_.size() < most_states) {
            const node here = all.waiting_.front();
            all.waiting_.pop_front();
            const auto index = all.expanded_++;
            std::uint16_t way = 0;
            for_each_next(here, [&](const node& next, bool is_step) {
                all.follow(index, next, way++, is_step);
                return all.found_.wrong.empty();
            });
        }
        if (!all.waiting_.empty() && all.found_.wrong.empty()) {
            all.found_.wrong = "there are too many states";
        }
        std::size_t wrong_at = all.from_.size() - 1;
        if (all.found_.wrong.empty()) {
            wrong_at = all.stuck_at();
        }
        if (!all.found_.wrong.empty()) {
            all.trace_to(wrong_at, first);
        }
        all.found_.states = all.from_.size();
        return all.found_;
    }

private:
    enum class life : std::uint8_t { running, done, stopped };
    struct node {
        Model model;
        limits left;
        std::array<life, threads> lives;
    };
    struct origin {
        std::uint32_t state;
        std::uint16_t way;
    };
    static constexpr std::uint32_t none = 0xffffffff;

    static constexpr std::size_t at(int index) { return static_cast<std::size_t>(index); }

    static bool acts(const node& here, int thread) {
        return here.lives[at(thread)] == life::running && !here.model.shared.is_dead(thread);
    }

    /// Calls `with(next, whether it is a step)` for each state that may come next, in an order that is always the same, until it is false.
    template <class With>
    static void for_each_next(const node& here, With with) {
        bool go_on = true;
        // A step that touches nothing is taken at once: whatever the others do commutes with it, deaths too.
        for (int thread = 0; thread < threads; ++thread) {
            if (acts(here, thread)) {
                choices any;
                any.begin();
                node next = here;
                Model::shared_memory::was_accessed = false;
                const outcome did = next.model.step(thread, any);
                if (did == outcome::running && !Model::shared_memory::was_accessed) {
                    note(thread, "goes on");
                    with(next, true);
                    return;
                }
                forget_note();
            }
        }
        for (int thread = 0; thread < threads && go_on; ++thread) {
            if (!acts(here, thread)) {
                continue;
            }
            choices any;
            do {
                any.begin();
                node next = here;
                const outcome did = next.model.step(thread, any);
                if (did == outcome::done) {
                    next.lives[at(thread)] = life::done;
                }
                if (did != outcome::blocked) {
                    note(thread, "");
                    go_on = with(next, true);
                }
                forget_note();
            } while (any.next() && go_on);
            if (here.left.deaths > 0 && here.model.may_die(thread) && go_on) {
                here.model.shared.for_each_death(thread, [&](const auto& left) {
                    if (go_on) {
                        node next = here;
                        next.model.shared = left;
                        --next.left.deaths;
                        note(thread, "dies");
                        go_on = with(next, false);
                    }
                });
            }
            if (here.left.stops > 0 && here.model.may_die(thread) && go_on) {
                node next = here;
                next.lives[at(thread)] = life::stopped;
                if constexpr (requires { next.model.stop(thread); }) {
                    next.model.stop(thread);
                }
                --next.left.stops;
                note(thread, "stops for ever, and lives");
                go_on = with(next, false);
            }
        }
    }

    void follow(std::size_t from, const node& next, std::uint16_t way, bool is_step) {
        const std::size_t to = add(next, static_cast<std::uint32_t>(from), way);
        if (is_step) {
            steps_.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)});
        }
    }

    std::size_t add(node next, std::uint32_t from, std::uint16_t way) {
        std::array<bool, threads> act{};
        std::array<bool, threads> may_die{};
        bool all_done = true;
        for (int thread = 0; thread < threads; ++thread) {
            act[at(thread)] = acts(next, thread);
            may_die[at(thread)] = next.left.deaths > 0 && next.model.may_die(thread);
            all_done = all_done && !act[at(thread)];
        }
        next.model.forget(act);
        next.model.shared.tidy(act, may_die);
        state_hash key;
        next.model.shared.write_to(key);
        key(&next.left, sizeof(next.left));
        key(&next.lives, sizeof(next.lives));
        next.model.write_to(key);
        const auto [place, is_new] = known_.try_emplace(key, static_cast<std::uint32_t>(from_.size()));
        if (!is_new) {
            return place->second;
        }
        from_.push_back({from, way});
        ends_.push_back(next.model.is_end(act));
        if (const char* const wrong = next.model.wrong(all_done); wrong != nullptr) {
            found_.wrong = wrong;
        }
        waiting_.push_back(std::move(next));
        return from_.size() - 1;
    }

    /// The first state from which no end can be reached.
    std::size_t stuck_at() {
        std::vector<std::uint32_t> begin(from_.size() + 1, 0);
        for (const auto& [from, to] : steps_) {
            ++begin[to + 1];
        }
        for (std::size_t i = 1; i < begin.size(); ++i) {
            begin[i] += begin[i - 1];
        }
        std::vector<std::uint32_t> before(steps_.size());
        std::vector<std::uint32_t> filled(begin.begin(), begin.end() - 1);
        for (const auto& [from, to] : steps_) {
            before[filled[to]++] = from;
        }
        std::vector<bool> reaches = ends_;
        std::vector<std::uint32_t> next;
        for (std::uint32_t i = 0; i < from_.size(); ++i) {
            if (reaches[i]) {
                next.push_back(i);
            }
        }
        while (!next.empty()) {
            const std::uint32_t here = next.back();
            next.pop_back();
            for (std::uint32_t i = begin[here]; i < begin[here + 1]; ++i) {
                if (!reaches[before[i]]) {
                    reaches[before[i]] = true;
                    next.push_back(before[i]);
                }
            }
        }
        for (std::size_t i = 0; i < from_.size(); ++i) {
            if (!reaches[i]) {
                found_.wrong = "somebody is stuck: no end can be reached";
                return i;
            }
        }
        return from_.size() - 1;
    }

    /// Goes the way there once more, and writes it down.
    void trace_to(std::size_t state, const node& first) {
        std::vector<std::uint16_t> ways;
        for (auto here = static_cast<std::uint32_t>(state); from_[here].state != none; here = from_[here].state) {
            ways.insert(ways.begin(), from_[here].way);
        }
        node here = first;
        std::string line;
        Model::log() = &line;
        for (const std::uint16_t wanted : ways) {
            std::uint16_t way = 0;
            line.clear();
            explorer scratch;
            node reached = here;
            for_each_next(here, [&](const node& next, bool) {
                if (way == wanted) {
                    found_.trace.push_back(line);
                    scratch.add(next, none, 0);
                    reached = scratch.waiting_.front();
                }
                line.clear();
                return way++ != wanted;
            });
            here = reached;
        }
        Model::log() = nullptr;
    }

    static void note(int thread, const char* what) {
        if (Model::log() != nullptr) {
            *Model::log() = "thread " + std::to_string(thread) + ": " + *Model::log() + what;
        }
    }

    static void forget_note() {
        if (Model::log() != nullptr) {
            Model::log()->clear();
        }
    }

    std::deque<node> waiting_; // in the order of their numbers
    std::unordered_map<state_hash, std::uint32_t, hash_of_state_hash> known_;
    std::vector<origin> from_;
    std::vector<bool> ends_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> steps_;
    std::size_t expanded_ = 0;
    result found_;
};

} // namespace models
