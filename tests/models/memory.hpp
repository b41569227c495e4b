#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "choices.hpp"
#include "histories.hpp"

/// \file
/// Shared memory as C++ promises it, not as one processor has it: what a thread may read, and what is left of what a dead one wrote.

namespace models {

/// The memory model: that of RC11 (C++20's, without stores that are seen before an earlier load of the same thread was made), as a machine.
/// * Each place has a *history*: the messages that were stored in it, in the order on which all threads agree. A thread has a *view*: for each
///   place the oldest message that it may still read. It may read that one or any later one, and then nothing older. A store goes anywhere
///   behind the thread's view; so two stores of different threads may end up in either order, whichever was made first.
/// * A read-modify-write reads a message and puts its own right behind it: nobody ever comes between.
/// * A message carries a view. That of a release is its writer's view; of another store, the view at the writer's last release fence; of a
///   read-modify-write, that of the message it read as well (the release sequence). Who reads it by an acquire takes that view over; who reads it
///   otherwise, at its next acquire fence.
/// seq_cst is taken for acq_rel: the protocols rely on no more, and a model that allows more finds no less.
///
/// Death. A thread may die between any two steps. What is left of its stores is more than a prefix and less than all: a
/// kill comes between two instructions, but the compiler may have put a later store of the program before an earlier one, wherever C++ lets it.
/// So of the stores that nobody has read yet any set may be lost that leaves none without those it must come behind: s before t when both are
/// in one place, t is a release, a release fence is between, or s is a read-modify-write that acquires.
///
/// The kernel. `is_gone(thread)` is its answer to "does that one live?". An answer "gone" is an acquire of all that was left: the kernel lets go
/// of a life token behind the dying process's last instruction and a full barrier (the count of the memory's users goes to 0), under the lock
/// of the file's list of locks, which the question takes too. "Held" carries nothing.
template <int Places, int Threads>
class memory : public histories<Places, Threads> {
public:
    using base = histories<Places, Threads>;
    using typename base::view;

    /// For a trace: what the last step did. Not part of the state.
    static inline std::string* log = nullptr;
    static inline const char* const* place_names = nullptr;
    /// Whether there was an access since it was set to false. What a thread does by itself, nobody else can tell from what it does later.
    static inline bool was_accessed = false;

    explicit memory(const std::array<int, Places>& initial) : base(initial) {}

    // --- What a thread does. Each of these is one step: whoever calls it begins a new step before (program.hpp).

    [[nodiscard]] int load(int thread, int place, order how, choices& any) {
        const int first = threads_[at(thread)].now[at(place)];
        const int read = first + any.choose(history_[at(place)].count - first);
        see(thread, place, read, how);
        note("load", place, history_[at(place)].messages[at(read)].value, how);
        return history_[at(place)].messages[at(read)].value;
    }

    void store(int thread, int place, int value, order how, choices& any) {
        const history& all = history_[at(place)];
        int gaps = 0;
        for (int to = threads_[at(thread)].now[at(place)] + 1; to <= all.count; ++to) {
            gaps += is_gap(all, to) ? 1 : 0;
        }
        int to = threads_[at(thread)].now[at(place)];
        for (int skip = any.choose(gaps) + 1; skip > 0; skip -= is_gap(all, to) ? 1 : 0) {
            ++to;
        }
        insert(thread, place, to, value, how, false, view{});
        note("store", place, value, how);
    }

    /// Compare-exchange. `seen` becomes what was read, also when that is what was expected.
    [[nodiscard]] bool compare_exchange(int thread, int place, std::uint8_t& seen, int desired, order how, choices& any) {
        const int expected = seen;
        const int read = choose_to_modify(thread, place, any, [&](int value) { return value == expected; });
        seen = history_[at(place)].messages[at(read)].value;
        if (seen != expected) {
            see(thread, place, read, order::relaxed);
            note("compare-exchange finds", place, seen, order::relaxed);
            return false;
        }
        modify(thread, place, read, desired, how);
        note("compare-exchange to", place, desired, how);
        return true;
    }

    /// fetch_add, exchange and the like: `change(old)` is the new value. Returns the old one.
    template <class Change>
    [[nodiscard]] int read_modify_write(int thread, int place, Change change, order how, choices& any) {
        const int read = choose_to_modify(thread, place, any, [](int) { return true; });
        const int old = history_[at(place)].messages[at(read)].value;
        modify(thread, place, read, change(old), how);
        note("read-modify-write to", place, change(old), how);
        return old;
    }
    [[nodiscard]] int exchange(int thread, int place, int value, order how, choices& any) {
        return read_modify_write(thread, place, [value](int) { return value; }, how, any);
    }

    void release_fence(int thread) {
        threads_[at(thread)].fenced = threads_[at(thread)].now;
        ++threads_[at(thread)].fences;
        note("release fence");
    }
    void acquire_fence(int thread) {
        join(threads_[at(thread)].now, threads_[at(thread)].read);
        note("acquire fence");
    }

    /// Whether `other` is dead, as the kernel says. `is_acquire`: see above.
    [[nodiscard]] bool is_gone(int thread, int other, bool is_acquire = true) {
        const bool gone = threads_[at(other)].is_dead != 0;
        if (gone && is_acquire) {
            join(threads_[at(thread)].now, threads_[at(other)].now);
            join(threads_[at(thread)].read, threads_[at(other)].now);
        }
        note(gone ? "the kernel says: gone" : "the kernel says: held");
        return gone;
    }

    /// The same for what a step asks of the system, or changes in another thread.
    static void access() { was_accessed = true; }

    // --- For who looks from outside.

    /// Calls `with(state)` for each memory that the death of `thread` may leave.
    template <class With>
    void for_each_death(int thread, With with) const {
        std::vector<origin> open;
        for (int place = 0; place < Places; ++place) {
            for (int i = 0; i < history_[at(place)].count; ++i) {
                if (is_open(history_[at(place)].messages[at(i)], thread)) {
                    open.push_back({place, i});
                }
            }
        }
        std::ranges::sort(open, {}, [&](const origin& each) { return at_origin(each).number; });
        std::vector<bool> lost(open.size());
        lose_from(thread, open, lost, 0, with);
    }

private:
    using typename base::history;
    using typename base::message;
    using typename base::thread_state;
    using base::at;
    using base::byte;
    using base::drop;
    using base::history_;
    using base::insert;
    using base::is_gap;
    using base::is_kept_before;
    using base::is_open;
    using base::join;
    using base::longest;
    using base::nobody;
    using base::settle;
    using base::settle_up_to;
    using base::threads_;

    struct origin {
        int place;
        int index;
    };

    [[nodiscard]] const message& at_origin(const origin& one) const { return history_[at(one.place)].messages[at(one.index)]; }

    void see(int thread, int place, int index, order how) {
        const message& one = history_[at(place)].messages[at(index)];
        if (one.writer != nobody && one.writer != thread) {
            settle_up_to(place, index);
        }
        thread_state& me = threads_[at(thread)];
        me.now[at(place)] = std::max(me.now[at(place)], byte(index));
        me.read[at(place)] = std::max(me.read[at(place)], byte(index));
        join(me.read, one.seen);
        if (acquires(how)) {
            join(me.now, one.seen);
        }
    }

    template <class IsModified>
    int choose_to_modify(int thread, int place, choices& any, IsModified is_modified) const {
        const history& all = history_[at(place)];
        int readable[longest];
        int count = 0;
        for (int i = threads_[at(thread)].now[at(place)]; i < all.count; ++i) {
            if (!is_modified(all.messages[at(i)].value) || is_gap(all, i + 1)) {
                readable[count++] = i;
            }
        }
        return readable[any.choose(count)];
    }

    void modify(int thread, int place, int read, int value, order how) {
        const view carried = history_[at(place)].messages[at(read)].seen;
        see(thread, place, read, how);
        insert(thread, place, read + 1, value, how, true, carried);
    }

    template <class With>
    void lose_from(int thread, const std::vector<origin>& open, std::vector<bool>& lost, std::size_t next, With& with) const {
        if (next == open.size()) {
            memory left = *this;
            left.die(thread, open, lost);
            with(left);
            return;
        }
        bool must = false;
        for (std::size_t before = 0; before < next; ++before) {
            must = must || (lost[before] &&
                            is_kept_before(open[before].place, at_origin(open[before]), open[next].place, at_origin(open[next])));
        }
        for (const bool loses : {false, true}) {
            if (loses || !must) {
                lost[next] = loses;
                lose_from(thread, open, lost, next + 1, with);
            }
        }
    }

    void die(int thread, const std::vector<origin>& open, const std::vector<bool>& lost) {
        threads_[at(thread)].is_dead = 1;
        threads_[at(thread)].fenced = threads_[at(thread)].read = {};
        threads_[at(thread)].next_number = threads_[at(thread)].fences = 0;
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (!lost[i]) {
                settle(history_[at(open[i].place)].messages[at(open[i].index)]);
            }
        }
        for (int place = 0; place < Places; ++place) {
            history& all = history_[at(place)];
            for (int i = all.count - 1; i >= 0; --i) {
                if (is_open(all.messages[at(i)], thread)) {
                    drop(place, i);
                }
            }
        }
    }

    static void note(const char* what, int place = -1, int value = 0, order how = order::relaxed) {
        was_accessed = true;
        if (log != nullptr) {
            *log += std::string(what) +
                    (place < 0 ? "" : std::string(" ") + place_names[place] + " = " + std::to_string(value) + ", " + name_of(how)) + "; ";
        }
    }

};

} // namespace models
