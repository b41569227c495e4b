#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "explorer.hpp"

/// \file
/// Short programs of which it is known what C++ lets them read: the explorer's own test.

namespace models {

/// Threads that each make a few accesses. What they read, and what is in memory at the end, is an outcome.
struct litmus {
    static constexpr int threads = 4;
    static constexpr const char* places[]{"x", "y"};
    using shared_memory = memory<2, threads>;
    enum : std::uint8_t { x, y };

    struct access {
        enum what { load, store, add, exchange_1_for_2, fence } kind;
        std::uint8_t place = 0;
        std::uint8_t value = 0;
        order how = order::relaxed;
    };
    static access read(int place, order how = order::relaxed) { return {access::load, byte(place), 0, how}; }
    static access write(int place, int value, order how = order::relaxed) { return {access::store, byte(place), byte(value), how}; }
    static access add(int place, order how = order::relaxed) { return {access::add, byte(place), 1, how}; }
    static access exchange_1_for_2(int place) { return {access::exchange_1_for_2, byte(place), 2, order::relaxed}; }
    static access fence(order how) { return {access::fence, 0, 0, how}; }

    static inline std::vector<std::vector<access>> programs;
    static inline std::set<std::string> outcomes;
    static inline bool tells_reads = true;
    static inline bool tells_end = false;

    shared_memory shared{{0, 0}};
    std::array<std::uint8_t, threads> next{};
    std::array<std::array<std::uint8_t, 2>, threads> reads{};
    std::array<std::uint8_t, threads> reads_count{};

    outcome step(int me, choices& any) {
        const auto thread = static_cast<std::size_t>(me);
        if (thread >= programs.size() || next[thread] == programs[thread].size()) {
            return outcome::done;
        }
        const access& now = programs[thread][next[thread]++];
        switch (now.kind) {
        case access::load:
            reads[thread][reads_count[thread]++] = byte(shared.load(me, now.place, now.how, any));
            break;
        case access::store:
            shared.store(me, now.place, now.value, now.how, any);
            break;
        case access::add:
            static_cast<void>(shared.read_modify_write(me, now.place, [](int old) { return old + 1; }, now.how, any));
            break;
        case access::exchange_1_for_2: {
            std::uint8_t seen = 1;
            static_cast<void>(shared.compare_exchange(me, now.place, seen, now.value, now.how, any));
            break;
        }
        case access::fence:
            now.how == order::release ? shared.release_fence(me) : shared.acquire_fence(me);
            break;
        }
        return outcome::running; // so that it may die behind its last access
    }

    static bool may_die(int thread) { return thread == 0; }
    static void forget(const std::array<bool, threads>&) {}
    static bool is_end(const std::array<bool, threads>& acts) { return nobody_acts(acts); }
    [[nodiscard]] const char* wrong(bool all_done) const {
        if (all_done) {
            std::string seen;
            for (std::size_t thread = 0; thread < threads && tells_reads; ++thread) {
                for (int i = 0; i < reads_count[thread]; ++i) {
                    seen += static_cast<char>('0' + reads[thread][static_cast<std::size_t>(i)]);
                }
            }
            if (tells_end) {
                seen += static_cast<char>('0' + shared.newest(x));
                seen += static_cast<char>('0' + shared.newest(y));
            }
            outcomes.insert(seen);
        }
        return nullptr;
    }
    template <class Sink>
    void write_to(Sink& sink) const {
        sink(&next, sizeof(next));
        sink(&reads, sizeof(reads));
        sink(&reads_count, sizeof(reads_count));
    }
    static std::string*& log() {
        shared_memory::place_names = places;
        return shared_memory::log;
    }

private:
    static std::uint8_t byte(int value) { return static_cast<std::uint8_t>(value); }
};

} // namespace models
