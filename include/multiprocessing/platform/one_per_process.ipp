#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/platform/library_copy.hpp>
#include <multiprocessing/platform/loaded_copies.hpp>
#include <multiprocessing/platform/one_per_process.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace multiprocessing::platform {

/// The states of a process, in the order in which they were made. Private memory.
///
/// A place is empty, or has its entry for ever. Invariant: the places in front of one that has an entry have one, and no two entries have one name. So who finds
/// none of a name up to an empty place may put one there, by a compare-exchange, and looks on from there when another thread was faster. (What it made for that
/// is destroyed; nobody has seen it.)
///
/// Around a fork all entries have their turns, by fork_turn. `held` is how many there were then; it is written by who has all of their mutexes. A thread that
/// does not exist in the child may have put more entries there meanwhile, and be at work in them: what lies there is made anew in the child.
/// Interruptions: killed, the process has no private memory any more; a fork finds each place empty or whole.
struct process_states {
    struct entry {
        state_kind kind;
        void* state;
    };

    std::array<std::atomic<entry*>, 48> places{};
    std::size_t held = 0;

    [[nodiscard]] std::size_t count() const noexcept {
        std::size_t found = 0;
        while (found < places.size() && places[found].load(std::memory_order_acquire) != nullptr) {
            ++found;
        }
        return found;
    }

    /// Calls `use(entry)` for the first `count`, from the highest turn to the lowest, or the other way round.
    template <class Use>
    void for_each_in_turn(std::size_t count, bool highest_first, Use use) const {
        constexpr int highest = static_cast<int>(fork_turn::heap);
        for (int step = 0; step <= highest; ++step) {
            const auto turn = static_cast<fork_turn>(highest_first ? highest - step : step);
            for (std::size_t i = 0; i < count; ++i) {
                entry& each = *places[i].load(std::memory_order_acquire);
                if (each.kind.turn == turn) {
                    use(each);
                }
            }
        }
    }

    void before_fork() {
        const std::size_t all = count();
        for_each_in_turn(all, true, [](const entry& each) {
            if (each.kind.before_fork != nullptr) {
                each.kind.before_fork(each.state);
            }
        });
        held = all;
    }
    void after_fork_in_parent() {
        for_each_in_turn(held, false, [](const entry& each) {
            if (each.kind.after_fork_in_parent != nullptr) {
                each.kind.after_fork_in_parent(each.state);
            }
        });
    }
    void after_fork_in_child() {
        for (std::size_t i = held; i < count(); ++i) {
            const entry& each = *places[i].load(std::memory_order_acquire);
            each.kind.make(each.state);
        }
        for_each_in_turn(held, false, [](const entry& each) {
            if (each.kind.after_fork_in_child != nullptr) {
                each.kind.after_fork_in_child(each.state);
            }
        });
    }
};

namespace detail {

/// This copy's states. Once it has them, it has them.
class MULTIPROCESSING_OF_THIS_COPY joined_copies {
public:
    /// Throws `std::runtime_error` when a copy that is loaded already has another layout.
    [[nodiscard]] static process_states& states() {
        process_states* const known = loaded_copies::mine().states.load(std::memory_order_acquire);
        return known != nullptr ? *known : join();
    }

private:
    [[nodiscard]] static process_states& join() {
        library_copy& mine = loaded_copies::mine();
        struct {
            library_copy* first = nullptr; // of this layout: whose states there are, or else the first that was loaded
            loaded_copies::module mine{};
            bool is_mine_known = false;
            const library_copy* other = nullptr; // that has states, and so stays
            loaded_copies::module others{};
        } seen;
        loaded_copies::for_each([&](library_copy& each, loaded_copies::module module) {
            const bool has_states = each.states.load(std::memory_order_acquire) != nullptr;
            if (&each == &mine) {
                seen.mine = module;
                seen.is_mine_known = true;
            }
            if (std::strncmp(each.layout.text, mine.layout.text, sizeof(mine.layout.text)) == 0) {
                if (seen.first == nullptr || (has_states && seen.first->states.load(std::memory_order_acquire) == nullptr)) {
                    seen.first = &each;
                }
            } else if (has_states) {
                seen.other = &each;
                seen.others = module;
            }
        });
        if (seen.other != nullptr) {
            const auto name_of = [](loaded_copies::module one) {
                const std::string path = loaded_copies::path_of(one);
                return path.empty() ? "the program" : path;
            };
            throw std::runtime_error("multiprocessing: " + name_of(seen.others) + " and " + (seen.is_mine_known ? name_of(seen.mine) : "a library") +
                                     ", in one process, have copies of this library that cannot work together (\"" + seen.other->layout.text + "\" and \"" +
                                     mine.layout.text + "\"): build both with the same version of it, and the same standard library");
        }
        if (seen.is_mine_known) {
            loaded_copies::stay(seen.mine);
        }
        library_copy& first = seen.first != nullptr ? *seen.first : mine; // none: something has taken the marks of this program's copies away
        process_states* winner = first.states.load(std::memory_order_acquire);
        if (winner == nullptr) {
            auto* const fresh = new process_states;
            if (first.states.compare_exchange_strong(winner, fresh, std::memory_order_acq_rel)) {
                winner = fresh;
                on_fork([] { states().before_fork(); }, [] { states().after_fork_in_parent(); }, [] { states().after_fork_in_child(); });
            } else {
                delete fresh;
            }
        }
        mine.states.store(winner, std::memory_order_release);
        return *winner;
    }
};

/// Made before this copy has threads; and a library's while the dynamic linker loads it, and so before it can be closed. What a copy may not do throws when
/// it is asked to.
struct MULTIPROCESSING_OF_THIS_COPY early_join {
    early_join() noexcept {
        try {
            static_cast<void>(joined_copies::states());
        } catch (const std::exception&) { // as said
        }
    }
};
[[gnu::init_priority(101)]] MULTIPROCESSING_OF_THIS_COPY inline const early_join joined_early;

} // namespace detail

MULTIPROCESSING_INLINE void* find_or_make_state(const state_kind& kind) {
    struct unused {
        const state_kind& of;
        process_states::entry* one = nullptr;
        ~unused() {
            if (one != nullptr) {
                of.destroy(one->state);
                std::free(one->state);
                delete one;
            }
        }
    } fresh{kind};
    for (std::atomic<process_states::entry*>& place : detail::joined_copies::states().places) {
        process_states::entry* here = place.load(std::memory_order_acquire);
        if (here == nullptr) {
            if (fresh.one == nullptr) {
                void* const memory = std::malloc(kind.bytes);
                if (memory == nullptr) {
                    throw std::bad_alloc();
                }
                kind.make(memory);
                fresh.one = new process_states::entry{kind, memory};
            }
            if (place.compare_exchange_strong(here, fresh.one, std::memory_order_acq_rel)) {
                return std::exchange(fresh.one, nullptr)->state;
            }
        }
        if (std::string_view(here->kind.name) == kind.name) {
            return here->state;
        }
    }
    throw std::logic_error("multiprocessing: process_states has too few places");
}

} // namespace multiprocessing::platform
