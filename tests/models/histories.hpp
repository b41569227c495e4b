#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "choices.hpp"

/// \file
/// What is in shared memory, and what each thread has seen of it.

namespace models {

/// The state of a memory (memory.hpp, which says what it means).
template <int Places, int Threads>
class histories {
public:
    using view = std::array<std::uint8_t, Places>;

    /// Whether anybody makes acquire fences. If not, what they would give is no part of the state.
    static inline bool has_acquire_fences = false;

    explicit histories(const std::array<int, Places>& initial) {
        for (int place = 0; place < Places; ++place) {
            history_[at(place)].count = 1;
            history_[at(place)].messages[0].value = byte(initial[at(place)]);
        }
    }

    [[nodiscard]] int newest(int place) const { return history_[at(place)].messages[at(history_[at(place)].count - 1)].value; }
    [[nodiscard]] bool is_dead(int thread) const { return threads_[at(thread)].is_dead != 0; }

    /// Forgets what makes no difference: messages that nobody can read any more, and whatever is known of who will not act or die any more.
    void tidy(const std::array<bool, Threads>& acts, const std::array<bool, Threads>& may_die) {
        for (int thread = 0; thread < Threads; ++thread) {
            if (!acts[at(thread)] && !is_dead(thread)) {
                threads_[at(thread)] = {};
            }
            if (!has_acquire_fences) {
                threads_[at(thread)].read = {};
            }
        }
        for (int place = 0; place < Places; ++place) {
            history& all = history_[at(place)];
            int first = all.count - 1;
            for (int thread = 0; thread < Threads; ++thread) {
                if (acts[at(thread)]) {
                    first = std::min(first, int{threads_[at(thread)].now[at(place)]});
                }
            }
            for (int i = 0; i < all.count; ++i) {
                message& each = all.messages[at(i)];
                if (each.writer != nobody && !(acts[at(each.writer)] && may_die[at(each.writer)])) {
                    settle(each);
                }
                if (each.writer != nobody) {
                    first = std::min(first, std::max(0, i - 1)); // which is what is left if it is lost
                }
            }
            drop_before(place, first);
        }
        for (int thread = 0; thread < Threads; ++thread) {
            renumber(thread);
        }
    }

    template <class Sink>
    void write_to(Sink& sink) const {
        for (const history& all : history_) {
            sink(&all.count, 1);
            for (int i = 0; i < all.count; ++i) {
                sink(&all.messages[at(i)], sizeof(message));
            }
        }
        sink(&threads_, sizeof(threads_));
    }

protected:
    static constexpr int longest = 14;
    static constexpr std::uint8_t nobody = 0xff;

    struct message {
        std::uint8_t value = 0;
        std::uint8_t is_attached = 0; // to the one before it, which it has read
        // Of a message that would be lost with its writer; otherwise 0 and nobody.
        std::uint8_t writer = nobody;
        std::uint8_t number = 0; // of the writer's
        std::uint8_t fences = 0; // release fences of the writer before it
        std::uint8_t releases = 0;
        std::uint8_t holds_back = 0; // a read-modify-write that acquires
        view seen{};
    };
    struct history {
        std::uint8_t count = 0;
        std::array<message, longest> messages{};
    };
    struct thread_state {
        view now{};
        view fenced{};
        view read{}; // what an acquire fence would give
        std::uint8_t next_number = 0;
        std::uint8_t fences = 0;
        std::uint8_t is_dead = 0;
    };
    static constexpr std::size_t at(int index) { return static_cast<std::size_t>(index); }
    static constexpr std::uint8_t byte(int value) { return static_cast<std::uint8_t>(value); }
    static void join(view& to, const view& from) {
        for (int place = 0; place < Places; ++place) {
            to[at(place)] = std::max(to[at(place)], from[at(place)]);
        }
    }
    static bool is_gap(const history& all, int to) { return to == all.count || all.messages[at(to)].is_attached == 0; }
    static bool is_open(const message& one, int thread) { return one.writer == thread; }
    static void settle(message& one) {
        one.writer = nobody;
        one.number = one.fences = one.releases = one.holds_back = 0;
    }
    /// Whether the compiler and the processor keep `before` before `after`, both of one thread.
    static bool is_kept_before(int place_before, const message& before, int place_after, const message& after) {
        return before.number < after.number && (place_before == place_after || after.releases != 0 || before.fences < after.fences ||
                                                before.holds_back != 0);
    }

    /// Somebody else has read it: it and all before it have been made.
    void settle_up_to(int place, int index) {
        const message last = history_[at(place)].messages[at(index)];
        settle(history_[at(place)].messages[at(index)]);
        for (int other = 0; other < Places; ++other) {
            for (int i = 0; i < history_[at(other)].count; ++i) {
                if (is_open(history_[at(other)].messages[at(i)], last.writer) &&
                    is_kept_before(other, history_[at(other)].messages[at(i)], place, last)) {
                    settle_up_to(other, i);
                }
            }
        }
    }

    void insert(int thread, int place, int to, int value, order how, bool is_modification, const view& carried) {
        history& all = history_[at(place)];
        if (all.count == longest) {
            std::abort(); // give `longest` more
        }
        for (int i = all.count; i > to; --i) {
            all.messages[at(i)] = all.messages[at(i - 1)];
        }
        ++all.count;
        all.messages[at(to)] = {};
        for_each_view([&](view& each) { each[at(place)] = byte(each[at(place)] + (each[at(place)] >= to ? 1 : 0)); });
        thread_state& me = threads_[at(thread)];
        me.now[at(place)] = byte(to);
        me.read[at(place)] = std::max(me.read[at(place)], byte(to));
        message& mine = all.messages[at(to)];
        mine.value = byte(value);
        mine.is_attached = is_modification ? 1 : 0;
        mine.seen = releases(how) ? me.now : me.fenced;
        join(mine.seen, carried);
        mine.seen[at(place)] = byte(to);
        mine.writer = byte(thread);
        mine.number = me.next_number++;
        mine.fences = me.fences;
        mine.releases = releases(how) ? 1 : 0;
        mine.holds_back = is_modification && acquires(how) ? 1 : 0;
    }

    void drop(int place, int index) {
        history& all = history_[at(place)];
        std::move(all.messages.begin() + index + 1, all.messages.begin() + all.count, all.messages.begin() + index);
        all.count = byte(all.count - 1);
        for_each_view([&](view& each) { each[at(place)] = byte(each[at(place)] - (each[at(place)] >= index ? 1 : 0)); });
    }

    std::array<history, Places> history_{};
    std::array<thread_state, Threads> threads_{};

private:
    template <class Call>
    void for_each_view(Call call) {
        for (history& all : history_) {
            for (int i = 0; i < all.count; ++i) {
                call(all.messages[at(i)].seen);
            }
        }
        for (thread_state& each : threads_) {
            call(each.now);
            call(each.fenced);
            call(each.read);
        }
    }

    void drop_before(int place, int first) {
        history& all = history_[at(place)];
        all.messages[at(first)].is_attached = 0; // nothing can come before it any more
        if (first == 0) {
            return;
        }
        std::move(all.messages.begin() + first, all.messages.begin() + all.count, all.messages.begin());
        all.count = byte(all.count - first);
        for_each_view([&](view& each) { each[at(place)] = byte(std::max(0, each[at(place)] - first)); });
    }

    /// Numbers and fences count: only their order matters.
    void renumber(int thread) {
        std::array<message*, std::size_t{Places} * longest> all_open;
        std::size_t count = 0;
        for (history& all : history_) {
            for (int i = 0; i < all.count; ++i) {
                if (is_open(all.messages[at(i)], thread)) {
                    all_open[count++] = &all.messages[at(i)];
                }
            }
        }
        const std::span open(all_open.data(), count);
        std::ranges::sort(open, {}, &message::number);
        std::uint8_t number = 0;
        std::uint8_t fences = 0;
        int last = open.empty() ? threads_[at(thread)].fences : open.front()->fences;
        for (message* each : open) {
            each->number = number++;
            fences = byte(fences + (each->fences != last ? 1 : 0));
            last = each->fences;
            each->fences = fences;
        }
        threads_[at(thread)].fences = byte(fences + (threads_[at(thread)].fences != last ? 1 : 0));
        threads_[at(thread)].next_number = number;
    }
};

} // namespace models
