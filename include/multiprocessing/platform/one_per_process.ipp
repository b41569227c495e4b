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
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace multiprocessing::platform {

/// The states of a process, in the order in which they were made. Private memory.
///
/// A place is empty, or has its entry for ever. Invariant: the places in front of one that has an entry have one, and no two entries have one name. To look for
/// an entry takes no lock; to add one takes `adding`, and looks once more. Who has `adding` waits for no other of the library's mutexes.
///
/// Before a fork all entries have their turns, by fork_turn, and then `adding` is taken. If there are more entries by then, of another thread, or made by one
/// that had its turn, all is given back and done again. So from there until behind the fork each entry has had its turn, and `held` of them are all there are.
/// Interruptions: killed, the process has no private memory any more; a fork finds each place empty or whole, and nobody at work in any.
struct process_states {
    struct entry {
        state_kind kind;
        void* state;
    };

    std::array<std::atomic<entry*>, 48> places{};
    std::mutex adding;
    std::size_t held = 0; // with `adding`

    [[nodiscard]] std::size_t count() const noexcept {
        std::size_t found = 0;
        while (found < places.size() && places[found].load(std::memory_order_acquire) != nullptr) {
            ++found;
        }
        return found;
    }

    /// Calls that function of the first `count`, where they have it, from the highest turn to the lowest, or the other way round.
    void call_in_turn(void (*state_kind::*function)(void*), std::size_t count, bool highest_first) const {
        constexpr int highest = static_cast<int>(fork_turn::heap);
        for (int step = 0; step <= highest; ++step) {
            const auto turn = static_cast<fork_turn>(highest_first ? highest - step : step);
            for (std::size_t i = 0; i < count; ++i) {
                const entry& each = *places[i].load(std::memory_order_acquire);
                if (each.kind.turn == turn && each.kind.*function != nullptr) {
                    (each.kind.*function)(each.state);
                }
            }
        }
    }

    void before_fork() {
        for (;;) {
            const std::size_t all = count();
            call_in_turn(&state_kind::before_fork, all, true);
            adding.lock();
            if (count() == all) {
                held = all;
                return;
            }
            adding.unlock();
            call_in_turn(&state_kind::after_fork_in_parent, all, false);
        }
    }
    void after_fork_in_parent() {
        const std::size_t all = held;
        adding.unlock();
        call_in_turn(&state_kind::after_fork_in_parent, all, false);
    }
    void after_fork_in_child() {
        const std::size_t all = held;
        adding.unlock(); // a State's turn may make another one
        call_in_turn(&state_kind::after_fork_in_child, all, false);
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

    /// Looks, and keeps this copy loaded; also when another copy has given it its states.
    static process_states& join() {
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
                try {
                    on_fork([] { states().before_fork(); }, [] { states().after_fork_in_parent(); }, [] { states().after_fork_in_child(); });
                } catch (...) { // no states without their turns
                    first.states.store(nullptr, std::memory_order_release);
                    delete fresh;
                    throw;
                }
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
            static_cast<void>(joined_copies::join());
        } catch (const std::exception&) { // as said
        }
    }
};
[[gnu::init_priority(101)]] MULTIPROCESSING_OF_THIS_COPY inline const early_join joined_early;

} // namespace detail

MULTIPROCESSING_INLINE void* find_or_make_state(const state_kind& kind) {
    process_states& all = detail::joined_copies::states();
    const auto find = [&](std::size_t& place) -> void* {
        for (; place < all.places.size(); ++place) {
            const process_states::entry* const here = all.places[place].load(std::memory_order_acquire);
            if (here == nullptr) {
                return nullptr;
            }
            if (std::string_view(here->kind.name) == kind.name) {
                return here->state;
            }
        }
        throw std::logic_error("multiprocessing: process_states has too few places");
    };
    std::size_t place = 0;
    if (void* const known = find(place)) {
        return known;
    }
    const std::lock_guard guard(all.adding);
    if (void* const known = find(place)) {
        return known;
    }
    struct memory {
        void* state;
        ~memory() { std::free(state); }
    } fresh{std::malloc(kind.bytes)}; // which all copies have one of, whatever their `new` is
    if (fresh.state == nullptr) {
        throw std::bad_alloc();
    }
    auto entry = std::make_unique<process_states::entry>(process_states::entry{kind, fresh.state});
    kind.make(fresh.state);
    all.places[place].store(entry.release(), std::memory_order_release);
    return std::exchange(fresh.state, nullptr);
}

} // namespace multiprocessing::platform
