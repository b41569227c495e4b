#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/cpu.hpp>
#include <multiprocessing/platform/wait_word.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>

/// \file
/// How everything in this folder waits: a short spin, then sleeps that end by themselves.

namespace multiprocessing::robust {

/// The address by which the system knows a word. Layout: an atomic of 32 bits is the 32 bits.
[[nodiscard]] inline const std::uint32_t* address_of(const std::atomic<std::uint32_t>& word) noexcept {
    static_assert(sizeof(word) == sizeof(std::uint32_t) && std::atomic<std::uint32_t>::is_always_lock_free);
    return reinterpret_cast<const std::uint32_t*>(&word);
}

/// Calls `done()` up to `rounds` times, with pauses between that grow from 4 to `longest_pause`; whether it was true. Nothing where
/// there is one processor: whoever is waited for cannot run meanwhile.
template <class Done>
[[nodiscard]] bool spin(int rounds, int longest_pause, Done done) {
    if (!platform::spinning_helps) {
        return false;
    }
    int pauses = 4;
    for (int round = 0; round < rounds; ++round) {
        if (done()) {
            return true;
        }
        for (int pause = pauses; pause > 0; --pause) {
            platform::spin_pause();
        }
        pauses = (std::min)(8 * pauses, longest_pause);
    }
    return false;
}

/// The sleeps of one wait, and its end. Invariant: no sleep is longer than `longest_after` what it has waited so far. So whatever a wake-up was to tell, and
/// whoever was killed before giving it or after getting it, is seen that much later at the most. No protocol here relies on a wake-up; it only saves time.
class sleeping_slices {
public:
    // Long enough that most wake-ups find something done, short enough to heal a lost one unnoticed.
    static constexpr std::chrono::milliseconds first{1};
    static constexpr std::chrono::milliseconds longest{16};
    // A crowd that waits for hours must cost nothing, and each end of a slice costs a switch to the thread and back.
    static constexpr std::chrono::milliseconds longest_when_idle{4'000};

    /// Of a thread that has waited for so long: 16 ms, or a sixteenth of that. Where others are active, one of those waits for a short time, and tells the rest
    /// what it finds; where nobody is, who has waited for a minute does not mind four seconds more.
    [[nodiscard]] static constexpr platform::clock::duration longest_after(platform::clock::duration waited) noexcept {
        return std::clamp<platform::clock::duration>(waited / 16, longest, longest_when_idle);
    }

    explicit sleeping_slices(platform::deadline until) noexcept : until_(until) {}

    /// Whether the time is up. To be asked before each sleep, which begins now.
    [[nodiscard]] bool are_over() noexcept {
        now_ = platform::clock::now();
        if (begin_ == platform::deadline{}) {
            begin_ = now_;
        }
        return now_ >= until_;
    }

    void sleep(const std::uint32_t* word, std::uint32_t expected) noexcept {
        platform::wait_word::wait(word, expected, (std::min)(until_, now_ + length_));
        length_ = (std::min)(2 * length_, longest_after(now_ - begin_));
    }

private:
    platform::deadline until_;
    platform::deadline begin_{}; // of the first sleep
    platform::deadline now_{};
    platform::clock::duration length_ = first;
};

/// How often a thread looks before it sleeps. What is waited for here often comes at once from another processor, and then a look is much cheaper
/// than to sleep and be woken; where it does not come (it takes long, or there are more threads than processors), each look is time taken
/// from whoever could bring it. So a thread goes by what it saw last: twice as many looks after those that helped, half as many after those
/// that did not. A look is four pauses, some 100 ns: from 1 us to about as long as sleeping and being woken takes several times over.
class looks {
public:
    template <class Done>
    [[nodiscard]] static bool help(Done done) {
        constexpr int fewest = 8;
        constexpr int most = 256;
        constexpr int pauses = 4;
        const bool helped = spin(count_, pauses, done);
        count_ = helped ? (std::min)(2 * count_, most) : (std::max)(count_ / 2, fewest);
        return helped;
    }

private:
    static inline constinit thread_local int count_ = 128;
};

/// Waits until `done()`, or `until`: whether it was done. `announce()` makes it known that somebody sleeps, in the word or beside it, and
/// returns what the word is then; after it `done()` is asked once more, so that a change is seen by this thread, or this
/// thread by whoever makes it. It is called once a slice: what is dear to ask, such as who lives, is asked there.
template <class Done, class Announce>
[[nodiscard]] bool wait_in_slices(const std::uint32_t* word, platform::deadline until, Done done, Announce announce) {
    sleeping_slices slices(until);
    if (done()) {
        return true;
    }
    if (!slices.are_over() && looks::help(done)) {
        return true;
    }
    for (;;) {
        if (done()) {
            return true;
        }
        if (slices.are_over()) {
            return false;
        }
        const std::uint32_t expected = announce();
        if (done()) {
            return true;
        }
        slices.sleep(word, expected);
    }
}

} // namespace multiprocessing::robust
