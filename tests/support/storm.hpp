#pragma once

#include <support/run.hpp>
#include <support/soak.hpp>
#include <support/storm_deaths.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

/// \file
/// Processes that work on shared objects, end at random, in every way there is, and are replaced.

namespace support {

inline constexpr int storm_workers = 6;

/// What the workers do with one kind of object, and how one can tell afterwards that nothing went wrong. The object is made before the first
/// worker, which inherits it.
class storm_part {
public:
    explicit storm_part(std::string name) : name_(std::move(name)) {}
    virtual ~storm_part() = default;

    /// One piece of work of worker `self`; throws when it finds something wrong. May be killed anywhere.
    virtual void work(int self, std::minstd_rand& random) = 0;

    /// When all workers are dead: throws when something is wrong.
    virtual void verify() = 0;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] long recoveries() const noexcept { return recoveries_->load(); }

protected:
    /// With the lock held: counts the death of its owner, and calls `repair` for what that was in the middle of.
    template <class Lock, class Repair>
    void recover(const Lock& lock, Repair repair) {
        if (lock.owner_died()) {
            ++*recoveries_;
            repair();
            lock.make_consistent();
        }
    }

private:
    std::string name_;
    shared<std::atomic<long>> recoveries_{0};
};

/// What one worker, and those who take its place, say of their updates: each is announced, done, and confirmed. So of all that
/// were announced one may be unconfirmed, and that only if the worker was killed.
struct storm_journal {
    std::atomic<long> announced{0};
    std::atomic<long> confirmed{0};

    /// Calls `update(n)` for the n-th update. `happened` tells the number of the last one that the object shows: what was announced before the
    /// worker was killed is either confirmed now or done again.
    template <class Happened, class Update>
    void next(Happened happened, Update update) {
        if (announced != confirmed) {
            const long seen = happened();
            expect(seen == confirmed || seen == announced, "the update in flight happened once or not at all");
            confirmed = seen;
        }
        const long n = confirmed + 1;
        announced = n;
        update(n);
        confirmed = n;
    }

    /// Whether what the object shows is what was confirmed, give or take the one in flight.
    [[nodiscard]] bool agrees(long seen) const { return seen == confirmed || seen == announced; }
};
using storm_journals = shared<std::array<storm_journal, storm_workers>>;

class storm {
public:
    struct result {
        long kills = 0;
        std::vector<long> kills_by_way; // as storm_deaths()
        long updates = 0;
        long recoveries = 0;
        std::chrono::nanoseconds worst_stall{};
    };

    explicit storm(std::vector<std::unique_ptr<storm_part>> parts) : parts_(std::move(parts)) {}

    /// Ends a random worker every 2 ms, in one of storm_deaths(), for that time; and for longer where the machine has others to serve, until there were
    /// enough. Then lets the last ones work on for a while: none may be asleep for good. Throws when anything is wrong.
    result run(std::chrono::steady_clock::duration time, long enough, unsigned seed) {
        std::minstd_rand random(seed);
        result all;
        all.kills_by_way.resize(ways_.size());
        std::vector<std::optional<worker>> workers(storm_workers);
        for (int i = 0; i < storm_workers; ++i) {
            start(workers, i, random);
        }
        const auto until = std::chrono::steady_clock::now() + time;
        const auto at_the_latest = until + patience / 2;
        const auto goes_on = [&](std::chrono::steady_clock::time_point now) { return now < until || (all.kills < enough && now < at_the_latest); };
        for (auto next = std::chrono::steady_clock::now(); goes_on(std::chrono::steady_clock::now()); next += pace) {
            std::this_thread::sleep_until(next);
            const int index = static_cast<int>(random() % storm_workers);
            end(*workers[static_cast<std::size_t>(index)], all);
            start(workers, index, random);
        }
        expect_all_go_on();
        for (auto& each : workers) {
            end(*each, all);
        }
        for (const auto& part : parts_) {
            part->verify();
            all.recoveries += part->recoveries();
        }
        for (const record& each : *records_) {
            all.updates += each.done;
            all.worst_stall = std::max(all.worst_stall, std::chrono::nanoseconds(each.worst));
        }
        return all;
    }

private:
    static constexpr std::chrono::milliseconds pace{2};

    struct record {
        std::atomic<long> done{0};
        std::atomic<std::chrono::nanoseconds::rep> worst{0};
        std::atomic<std::size_t> at{0}; // the part it is working on
        std::atomic<bool> is_prepared{false};
    };

    struct worker {
        int index;
        std::size_t way;
        child_process process;
    };

    void start(std::vector<std::optional<worker>>& workers, int index, std::minstd_rand& choose) {
        // In a short run each second one by SIGKILL, the first: it is quick, and there are many. The others take turns.
        ++started_;
        const std::size_t way = soaks() ? started_ % ways_.size() : started_ % 2 == 0 ? 0 : started_ / 2 % ways_.size();
        const std::uint_fast32_t seed = choose();
        (*records_)[static_cast<std::size_t>(index)].is_prepared = false;
        workers[static_cast<std::size_t>(index)].emplace(worker{index, way, child_process([this, way, index, seed] {
            record& mine = (*records_)[static_cast<std::size_t>(index)];
            static_cast<void>(::nice(5)); // so that the one that ends and starts them is served before them, and ends more of them
            ways_[way].prepare();
            mine.is_prepared = true;
            for (std::minstd_rand random(seed);;) {
                mine.at = random() % parts_.size();
                const auto begin = std::chrono::steady_clock::now();
                parts_[mine.at]->work(index, random);
                const auto took = std::chrono::steady_clock::now() - begin;
                mine.worst = std::max(mine.worst.load(), std::chrono::nanoseconds(took).count());
                ++mine.done;
            }
        })});
    }

    void end(worker& one, result& all) const {
        const storm_death& way = ways_[one.way];
        if (way.prepare != &detail::as_it_is) {
            expect(eventually([&] { return (*records_)[static_cast<std::size_t>(one.index)].is_prepared.load(); }), "a worker begins");
        }
        way.end(one.process.pid());
        const int code = one.process.wait();
        expect(code == way.code, ("a worker found something wrong, or did not end by " + std::string(way.name) + ": " + std::to_string(code)).c_str());
        ++all.kills;
        ++all.kills_by_way[one.way];
    }

    void expect_all_go_on() {
        std::array<long, storm_workers> before{};
        for (std::size_t i = 0; i < storm_workers; ++i) {
            before[i] = (*records_)[i].done;
        }
        for (std::size_t i = 0; i < storm_workers; ++i) {
            expect(eventually([&] { return (*records_)[i].done > before[i] + 20; }),
                   ("a worker sleeps for good: " + parts_[(*records_)[i].at]->name()).c_str());
        }
    }

    std::vector<std::unique_ptr<storm_part>> parts_;
    std::vector<storm_death> ways_ = storm_deaths();
    std::size_t started_ = 0;
    shared<std::array<record, storm_workers>> records_;
};

} // namespace support
