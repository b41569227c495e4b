#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex_state.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

/// \file
/// The permits of a bounded semaphore, as they lie in shared memory: who has which.

namespace multiprocessing::detail {

/// Behind the table lies one word for each permit: 0, or the life_id of the thread that has it. The protocol:
///   acquire:  compare-exchange a permit from 0, or else from the name of a dead thread, to me. To sleep: put bit 0 of `word` on, look
///             once more, sleep on `word`. Who acquires after it has slept puts bit 0 on again, because others may be asleep, and wakes
///             one of them if a permit is left.
///   release:  compare-exchange a permit of mine, or else of any living thread, to 0. If bit 0 is on, add 1 to `word` (which puts it off) and
///             wake one.
///
/// Invariants and interruptions:
/// * Taking and giving is one atomic step on one word, so each permit is somebody's or nobody's at any instruction. That of a dead thread counts
///   as nobody's, everywhere: nothing has to be given back by anyone.
/// * A sleeper puts bit 0 on, then looks at the permits; a releaser changes a permit, then looks at bit 0; all in one order (seq_cst). So
///   the sleeper sees the permit or the releaser sees the sleeper.
/// * A wake that is never given, or is swallowed by one who is killed, is healed at the end of a slice. So is the death of an owner, which nobody
///   tells: each slice asks who lives.
struct permit_table {
    robust::mutex_state header; // its word says whose names these are; each permit is its own lock
    std::atomic<std::uint32_t> word{0};
    std::uint32_t bound; // for those who open it, and people

    /// What a table may have: it is searched from the front.
    static constexpr std::uint32_t fewest = 0;
    static constexpr std::uint32_t most = 65'536;

    /// A permit.
    using place = std::atomic<robust::life_id>;
    /// All of them, as the handle knows them.
    using permit_span = std::span<place>;

    explicit permit_table(std::uint32_t permits) noexcept : header{}, bound(permits) {}

    [[nodiscard]] std::uint32_t count() const noexcept { return bound; }

    /// How many can be taken: nobody's, and those of the dead.
    [[nodiscard]] std::uint32_t free_permits(permit_span permits) const noexcept;

    [[nodiscard]] bool try_take(permit_span permits) {
        const robust::life_id me = robust::this_thread_id_for(header);
        return (me && take_nobodys(permits, me)) || try_take_slowly(permits);
    }

    [[nodiscard]] bool take_until(permit_span permits, platform::deadline until) {
        const robust::life_id me = robust::this_thread_id_for(header);
        return (me && take_nobodys(permits, me)) || take_slowly(permits, until);
    }

    /// False, and nothing is changed, when no living thread has one.
    [[nodiscard]] bool give(permit_span permits) noexcept {
        const robust::life_id me = robust::this_thread_id_for(header);
        if (!give_of(permits, [me](robust::life_id owner) { return owner == me; }) && !give_of_another(permits)) {
            return false;
        }
        wake_one_if(true);
        return true;
    }

private:
    static constexpr std::uint32_t somebody_sleeps = 1;

    // Out of line, so that what is hardly ever done does not cost registers and cache where a permit is taken or given.
    [[nodiscard]] bool try_take_slowly(permit_span permits);
    [[nodiscard]] bool take_slowly(permit_span permits, platform::deadline until);
    [[nodiscard, gnu::cold]] bool give_of_another(permit_span permits) const noexcept;
    [[gnu::cold]] void wake_one() noexcept;

    // All about those who have permits and may be dead: in the slow half.
    struct steps;

    // It goes through the whole table before anybody's life is asked, which is dearer.
    [[nodiscard]] static bool take_nobodys(permit_span permits, robust::life_id me) noexcept {
        for (auto& each : permits) {
            robust::life_id nobody;
            if (!each.load() && each.compare_exchange_strong(nobody, me)) {
                return true;
            }
        }
        return false;
    }
    template <class Whose>
    [[nodiscard]] static bool give_of(permit_span permits, Whose is_it) noexcept {
        for (auto& each : permits) {
            robust::life_id owner = each.load(std::memory_order_relaxed);
            if (owner && is_it(owner) && each.compare_exchange_strong(owner, {})) {
                return true;
            }
        }
        return false;
    }

    void wake_one_if(bool there_is_one) noexcept {
        if (there_is_one && (word.load() & somebody_sleeps) != 0) [[unlikely]] {
            wake_one();
        }
    }
};

static_assert(offsetof(permit_table, word) == 16 && offsetof(permit_table, bound) == 20 && sizeof(permit_table) == 24 &&
              std::atomic<robust::life_id>::is_always_lock_free);

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/permit_table.ipp>
#endif
