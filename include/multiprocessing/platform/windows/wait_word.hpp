#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/windows/timeout.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace multiprocessing::platform::windows {

/// Where threads that sleep on a word say so, for whoever wakes that word to find: a table in memory that all processes of the session
/// share by name, and an event for each place in it, shared likewise and opened when first needed. Names and objects are gone with the last
/// process that uses them.
///
/// The protocol. A word is known by the low 16 bits of its address, its *key*: shared memory is mapped from its beginning, at a multiple of
/// 64 KiB, so they are the same in every process. The key chooses a row of places.
///   wait:  take a place of the row (compare-exchange its state, free -> key and thread), note until when, look at the word once
///          more, sleep on the place's event, free the place.
///   wake:  of each place of the row that has the key and whose time is not over: compare-exchange its state -> the same with `woken`,
///          and set its event. One of them, or all.
///
/// Invariants and interruptions:
/// * Sleeper: store the place, then load the word. Waker: store the word, then load the place; a full fence between each two. So the
///   sleeper sees the new word or the waker sees the sleeper.
/// * Two words may have one key, in this program or in another that has nothing to do with it. Therefore a sleeper that was woken although
///   its word has not changed wakes the next place of the same key, further on in the row: the wake arrives at the right one, after some
///   that wake for no reason. It moves one way only, so it ends.
/// * A sleeper that is killed leaves its place taken. Once its time is over, nobody wakes it, and whoever finds no free place takes that.
///   Long sleeps are therefore noted in pieces of `longest_piece`. A wake that it was given meanwhile is lost to the others until their own
///   slices end.
/// * A waker that is killed between its two steps leaves a sleeper marked but asleep, until its slice ends.
/// * An event that was set for a sleeper which had just gone wakes the next one in the place for no reason. That is allowed.
/// * No place left in the row, or the objects cannot be had: the sleep is a millisecond long, and nobody can end it.
class parking {
public:
    static constexpr std::size_t rows = 64;
    static constexpr std::size_t places_of_row = 64;

    struct place {
        /// 0: free. Else the thread's number (system-wide, bits 17 to 48), `woken` (bit 16) and the key.
        std::atomic<std::uint64_t> state;
        /// On the clock that all processes have in common. Written after the place was taken.
        std::atomic<std::int64_t> until;
    };

    static constexpr std::uint64_t woken = 1u << 16;

    /// The table of the session; null while it cannot be had.
    [[nodiscard]] static place* table() noexcept {
        place* const here = table_.load(std::memory_order_acquire);
        return here != nullptr ? here : open_table();
    }

    /// The event of a place; null while it cannot be had.
    [[nodiscard]] static native_handle event_of(std::size_t index) noexcept {
        const native_handle here = events_[index].load(std::memory_order_acquire);
        return here != nullptr ? here : open_event(index);
    }

private:
    static constexpr std::size_t places = rows * places_of_row;
    using object_name = std::array<wchar_t, 48>;

    // The number after the word is that of the layout.
    static constexpr object_name table_name{L"Local\\multiprocessing-parking-1"};

    static object_name name_of_event(std::size_t index) noexcept {
        object_name name{L"Local\\multiprocessing-parking-1-0000"};
        std::size_t at = 0;
        while (name[at] != L'\0') {
            ++at;
        }
        for (; index != 0; index /= 10) {
            name[--at] = static_cast<wchar_t>(L'0' + index % 10);
        }
        return name;
    }

    static place* open_table() noexcept {
        constexpr DWORD bytes = places * sizeof(place);
        owned_handle memory(
            ::CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, bytes, table_name.data()));
        if (!memory) {
            return nullptr;
        }
        void* const view = ::MapViewOfFile(memory.get(), FILE_MAP_WRITE, 0, 0, bytes);
        if (view == nullptr) {
            return nullptr;
        }
        place* winner = nullptr;
        if (table_.compare_exchange_strong(winner, static_cast<place*>(view), std::memory_order_acq_rel)) {
            static_cast<void>(memory.release()); // for life: a view keeps the memory, but only a handle keeps its name
            return static_cast<place*>(view);
        }
        ::UnmapViewOfFile(view);
        return winner;
    }

    static native_handle open_event(std::size_t index) noexcept {
        owned_handle fresh(::CreateEventW(nullptr, FALSE, FALSE, name_of_event(index).data()));
        native_handle winner = nullptr;
        if (fresh && events_[index].compare_exchange_strong(winner, fresh.get(), std::memory_order_acq_rel)) {
            return fresh.release();
        }
        return winner;
    }

    static inline constinit std::atomic<place*> table_{nullptr};
    static inline constinit std::array<std::atomic<native_handle>, places> events_{};
};

static_assert(sizeof(parking::place) == 16 && std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::int64_t>::is_always_lock_free);

struct wait_word {
    static void wait(const std::uint32_t* word, std::uint32_t expected, deadline until) noexcept {
        deadline now = clock::now();
        if (value_of(word) != expected || now >= until) {
            return;
        }
        const sleeper me(word, now);
        if (!me) {
            ::Sleep(1);
            return;
        }
        for (;;) {
            const deadline piece = (std::min)(until, now + longest_piece);
            me.note(piece);
            std::atomic_thread_fence(std::memory_order_seq_cst);
            if (value_of(word) != expected) {
                return;
            }
            if (me.is_woken_within(milliseconds_between(now, piece))) {
                if (value_of(word) == expected) {
                    me.wake_next();
                }
                return;
            }
            now = clock::now();
            if (now >= until) {
                return;
            }
        }
    }

    static void wake_one(const std::uint32_t* word) noexcept { wake(word, 1, 0); }
    static void wake_all(const std::uint32_t* word) noexcept { wake(word, parking::places_of_row, 0); }

private:
    static constexpr std::chrono::seconds longest_piece{1};

    static std::uint32_t value_of(const std::uint32_t* word) noexcept {
        return std::atomic_ref(const_cast<std::uint32_t&>(*word)).load(std::memory_order_relaxed);
    }
    static std::uint64_t key_of(const std::uint32_t* word) noexcept {
        return reinterpret_cast<std::uintptr_t>(word) & 0xffff;
    }
    /// Objects of one size lie at multiples of it: the product spreads them over the rows.
    static std::size_t first_place_of(const std::uint32_t* word) noexcept {
        const auto mixed = static_cast<std::uint32_t>(key_of(word)) * 0x9e3779b1u;
        return (mixed >> 26) * parking::places_of_row;
    }
    static std::int64_t ticks(deadline when) noexcept { return when.time_since_epoch().count(); }

    /// The calling thread in a place, which it leaves at the end of the scope.
    class sleeper {
    public:
        sleeper(const std::uint32_t* word, deadline now) noexcept : word_(word) {
            parking::place* const table = parking::table();
            if (table == nullptr) {
                return;
            }
            const std::size_t first = first_place_of(word);
            // A free one; for want of one, that of a sleeper who should have left it long ago, and was most likely killed.
            for (const std::int64_t over : {std::int64_t{-1}, ticks(now - longest_piece)}) {
                for (std::size_t i = 0; i < parking::places_of_row; ++i) {
                    parking::place& one = table[first + i];
                    std::uint64_t state = one.state.load(std::memory_order_relaxed);
                    if ((state == 0 || one.until.load(std::memory_order_relaxed) < over) && take(one, state, first + i)) {
                        return;
                    }
                }
            }
        }
        ~sleeper() {
            std::uint64_t asleep = mine_;
            if (place_ != nullptr && !place_->state.compare_exchange_strong(asleep, 0, std::memory_order_relaxed)) {
                asleep = mine_ | parking::woken; // unless it was taken from us
                place_->state.compare_exchange_strong(asleep, 0, std::memory_order_relaxed);
            }
        }
        sleeper(const sleeper&) = delete;
        sleeper& operator=(const sleeper&) = delete;

        [[nodiscard]] explicit operator bool() const noexcept { return place_ != nullptr; }

        void note(deadline until) const noexcept { place_->until.store(ticks(until), std::memory_order_relaxed); }

        [[nodiscard]] bool is_woken_within(DWORD milliseconds) const noexcept {
            return ::WaitForSingleObject(event_, milliseconds) == WAIT_OBJECT_0;
        }

        void wake_next() const noexcept { wake(word_, 1, index_ % parking::places_of_row + 1); }

    private:
        [[nodiscard]] bool take(parking::place& one, std::uint64_t& state, std::size_t index) noexcept {
            const native_handle event = parking::event_of(index);
            mine_ = std::uint64_t{::GetCurrentThreadId()} << 17 | key_of(word_);
            if (event == nullptr || !one.state.compare_exchange_strong(state, mine_, std::memory_order_relaxed)) {
                return false;
            }
            place_ = &one;
            event_ = event;
            index_ = index;
            return true;
        }

        const std::uint32_t* word_;
        parking::place* place_ = nullptr;
        native_handle event_ = nullptr;
        std::size_t index_ = 0;
        std::uint64_t mine_ = 0;
    };

    static void wake(const std::uint32_t* word, std::size_t count, std::size_t from) noexcept {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        parking::place* const table = parking::table();
        if (table == nullptr) {
            return;
        }
        const std::size_t first = first_place_of(word);
        const std::int64_t now = ticks(clock::now());
        for (std::size_t i = from; i < parking::places_of_row && count != 0; ++i) {
            parking::place& one = table[first + i];
            std::uint64_t state = one.state.load(std::memory_order_relaxed);
            if (state == 0 || (state & (parking::woken | 0xffff)) != key_of(word) ||
                one.until.load(std::memory_order_relaxed) < now) {
                continue;
            }
            const native_handle event = parking::event_of(first + i);
            if (event != nullptr &&
                one.state.compare_exchange_strong(state, state | parking::woken, std::memory_order_relaxed)) {
                ::SetEvent(event);
                --count;
            }
        }
    }
};

} // namespace multiprocessing::platform::windows
