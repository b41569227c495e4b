#pragma once

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/waiting.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

/// \file
/// A barrier, as it lies in shared memory.

namespace multiprocessing::detail {

/// Parties gather in *rounds*. A round ends once: it is passed, when all have arrived, or broken. One word, `rounds`, is the whole state of it: the
/// number of the round that gathers now (32 bits), whether the barrier is broken (1 bit), and of the last 31 rounds which were broken. Behind the
/// state lies a place for each party: 0, or the life_id of one that has arrived in the round `places_of`. The protocol:
///   arrive:  under the lock in the header: if the places are of an earlier round, clear them all, then set `places_of`. Ask whether all who
///            have arrived live: if not, break. Put my name into the first free place, whose number is the result.
///   pass:    by the last to arrive: compare-exchange `rounds`: next round; wake all.
///   break:   by anybody, without the lock: compare-exchange `rounds`: next round, this one broken, and the barrier broken; wake all.
///   reset:   the same, but the barrier is not broken; the next round only if somebody has arrived.
///   wait:    sleep on the number of the round. When it is another, `rounds` says how mine ended. Each slice asks whether all who
///            have arrived live: if not, break.
///
/// Invariants and interruptions:
/// * How a round ends is decided by one atomic operation, which excludes any other end of it; whoever wakes late reads it there. (31 rounds late,
///   and later: passed if none of the 31 was broken, else broken, and either may be wrong. That takes more threads than parties, one of them starved
///   for so long, and a break of the barrier; with as many threads as parties nobody can be later than the breaks since.)
/// * Places are written under a robust lock, one word at a time. Killed while clearing them: `places_of` is still the earlier round, and the heir
///   clears again. Killed after arriving: the name is of a dead thread, and who arrives next, or sleeps, breaks the barrier.
/// * The lock is held for arriving only, never while anybody's code runs or while waiting. A party that arrived in a round that was broken
///   meanwhile finds it broken when it begins to wait.
/// * Only the lives of those who have arrived are asked after. A party that dies before it arrives is not known; that is what time-outs are for.
/// * A thread more than parties finds a round full that is not its own. It waits for that round's end, and breaks it by a death alone, not when its own
///   time is up.
/// * Killed between the end of a round and the wake: sleepers find the new number at the end of their slices.
struct alignas(64) barrier_state {
    robust::mutex header;
    std::atomic<std::uint64_t> rounds{0};
    std::uint32_t parties; // for those who open it, and people
    std::atomic<std::uint32_t> places_of{0};
    /// For each wait that is not given another one; in nanoseconds, -1: none.
    std::int64_t timeout;

    static constexpr std::uint32_t fewest = 1;
    static constexpr std::uint32_t most = 65'536;

    /// Of a party.
    using place = std::atomic<robust::life_id>;
    /// All of them, as the handle knows them: never none.
    using place_span = std::span<place>;

    barrier_state(std::uint32_t how_many, std::int64_t nanoseconds) noexcept
        : header{}, parties(how_many), timeout{nanoseconds} {}

    [[nodiscard]] std::uint32_t count() const noexcept { return parties; }

    enum class outcome { passed, broken };

    [[nodiscard]] bool is_broken() const noexcept { return (rounds.load(std::memory_order_acquire) & broken_now) != 0; }

    [[nodiscard]] std::uint32_t arrived(place_span places) noexcept {
        return places_of.load(std::memory_order_acquire) == round_in(rounds.load(std::memory_order_acquire)) ? taken(places) : 0;
    }

    struct arrival {
        std::uint32_t round;
        std::uint32_t place;
    };

    /// Arrives; waits for the next round first if all of this one have arrived but not passed. Nothing when the barrier is broken.
    [[nodiscard]] std::optional<arrival> arrive(place_span places, platform::deadline until) {
        const robust::life_id me = robust::enrol_this_thread_for(header);
        // One who goes on finding rounds that are full, or have dead in them, does so until its time is up, and twice more: it may have come late to a
        // round that ended well. Among parties it is in the second of them at the latest; for ever, where there are more threads than parties, or
        // somebody writes here who is none.
        for (int late = 0; late < 3; late += platform::clock::now() >= until ? 1 : 0) {
            // However short the time is: the lock is held for a moment only, and who has it, but no processor, is not to be the reason for a
            // broken barrier.
            if (!header.try_lock_until((std::max)(until, platform::clock::now() + 4 * robust::sleeping_slices::longest))) {
                break_round(round_in(rounds.load()));
                return std::nullopt;
            }
            const std::uint64_t seen = rounds.load(std::memory_order_acquire);
            const arrival mine{round_in(seen), place_in(places, seen)};
            const bool broken = (seen & broken_now) != 0;
            const bool died = !broken && somebody_died(places, {mine.round, 0}, most);
            const bool arrives = !broken && !died && mine.place != places.size();
            if (arrives) {
                places[mine.place].store(me, std::memory_order_release);
            }
            header.unlock();
            if (broken || arrives) {
                return broken ? std::nullopt : std::optional(mine);
            }
            if (died) { // unless it was passed before that, for which nobody has to live on: look again
                break_round(mine.round);
            } else {
                static_cast<void>(ends_in_time(places, mine, until));
            }
        }
        return std::nullopt;
    }

    /// By the last to arrive.
    [[nodiscard]] outcome pass(std::uint32_t round) noexcept {
        return end_round(round, [](std::uint64_t seen) { return next_round(seen, false); }) ? outcome::passed
                                                                                           : outcome_of(round);
    }

    /// Breaks the barrier if `round` has not ended.
    void break_round(std::uint32_t round) noexcept {
        static_cast<void>(end_round(round, [](std::uint64_t seen) { return next_round(seen, true) | broken_now; }));
    }

    void abort() noexcept {
        std::uint64_t seen = rounds.load(std::memory_order_acquire);
        while ((seen & broken_now) == 0 && !try_end(seen, next_round(seen, true) | broken_now)) {
        }
    }

    void reset(place_span places) noexcept {
        std::uint64_t seen = rounds.load(std::memory_order_acquire);
        while (!try_end(seen, (arrived(places) != 0 ? next_round(seen, true) : seen) & ~broken_now)) {
        }
    }

    /// Breaks the barrier when the time is up or a party has died.
    [[nodiscard]] outcome wait_for_end(place_span places, arrival mine, platform::deadline until) {
        if (!ends_in_time(places, mine, until)) {
            break_round(mine.round);
        }
        return outcome_of(mine.round);
    }

private:
    /// Whether the round ends before the time is up. It is broken when a party has died; each asks after those from `from` on.
    [[nodiscard]] bool ends_in_time(place_span places, arrival from, platform::deadline until) {
        const std::uint32_t round = from.round;
        const auto has_ended = [&] { return round_in(rounds.load(std::memory_order_acquire)) != round; };
        return robust::wait_in_slices(round_half(), until, has_ended, [&] {
            if (somebody_died(places, from, asked_each_slice)) {
                break_round(round);
            }
            return round;
        });
    }

    /// All ask after all, up to so many parties. Among more, each is asked after by so many: to ask costs time each slice.
    static constexpr std::uint32_t asked_each_slice = 32;

    static constexpr int history_bits = 31;
    static constexpr std::uint64_t history = (std::uint64_t{1} << history_bits) - 1;
    static constexpr std::uint64_t broken_now = std::uint64_t{1} << history_bits;

    [[nodiscard]] static std::uint32_t round_in(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word >> 32); }

    /// The round after the one in `word`, which ended so. Whether the barrier is broken stays to be said.
    [[nodiscard]] static std::uint64_t next_round(std::uint64_t word, bool was_broken) noexcept {
        return std::uint64_t{round_in(word) + 1} << 32 | (word << 1 & history) | (was_broken ? 1 : 0);
    }

    /// The half of `rounds` that the system sleeps on.
    [[nodiscard]] const std::uint32_t* round_half() const noexcept {
        return reinterpret_cast<const std::uint32_t*>(&rounds) + (std::endian::native == std::endian::big ? 0 : 1);
    }

    /// How many: they are taken from the front.
    [[nodiscard]] static std::uint32_t taken(place_span places) noexcept {
        const auto free = std::ranges::find(places, robust::life_id(), [](const auto& each) { return each.load(std::memory_order_acquire); });
        return static_cast<std::uint32_t>(free - places.begin());
    }

    /// Under the lock: the place for one that arrives in the round of `word`.
    [[nodiscard]] std::uint32_t place_in(place_span places, std::uint64_t word) noexcept {
        if (places_of.load(std::memory_order_relaxed) != round_in(word)) {
            for (auto& each : places) {
                each.store({}, std::memory_order_relaxed);
            }
            places_of.store(round_in(word), std::memory_order_release);
        }
        return taken(places);
    }

    /// Of those who have arrived in this round: asks so many places, from that of `from` on and around. (Without the lock it may look at names of
    /// another round; what it says is used only if the round has not ended, see break_round.)
    [[nodiscard]] bool somebody_died(place_span places, arrival from, std::uint32_t how_many) noexcept {
        if (places_of.load(std::memory_order_acquire) != from.round) {
            return false;
        }
        const auto all = static_cast<std::uint32_t>(places.size());
        for (std::uint32_t i = 0; i < (std::min)(how_many, all); ++i) {
            const robust::life_id id = places[(from.place + i) % all].load(std::memory_order_acquire);
            if (id && !robust::is_alive(header, id)) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] outcome outcome_of(std::uint32_t round) const noexcept {
        const std::uint64_t seen = rounds.load(std::memory_order_acquire);
        const std::uint32_t ended_since = round_in(seen) - round - 1;
        const bool broken = ended_since < history_bits ? (seen >> ended_since & 1) != 0 : (seen & history) != 0;
        return broken ? outcome::broken : outcome::passed;
    }

    /// False, with `seen` what the word is, when another came first.
    [[nodiscard]] bool try_end(std::uint64_t& seen, std::uint64_t next) noexcept {
        if (!rounds.compare_exchange_strong(seen, next, std::memory_order_acq_rel, std::memory_order_acquire)) {
            return false;
        }
        if (round_in(seen) != round_in(next)) {
            platform::wait_word::wake_all(round_half());
        }
        return true;
    }

    template <class Next>
    [[nodiscard]] bool end_round(std::uint32_t round, Next next) noexcept {
        std::uint64_t seen = rounds.load(std::memory_order_acquire);
        while (round_in(seen) == round && (seen & broken_now) == 0) {
            if (try_end(seen, next(seen))) {
                return true;
            }
        }
        return false;
    }
};

static_assert(sizeof(barrier_state) == 64 && offsetof(barrier_state, rounds) == 16 && std::atomic<std::uint64_t>::is_always_lock_free);

} // namespace multiprocessing::detail
