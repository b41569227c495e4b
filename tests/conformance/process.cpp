// What a Process tells of its child and does to it, whatever start method made that.
#include "support/catch.hpp"
#include "support/handles.hpp"
#include "support/soak.hpp"
#include "support/start.hpp"

#include <multiprocessing/platform/process_watch.hpp>
#include <multiprocessing/platform/wait_for_any.hpp>
#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/wait.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

void do_nothing() {}
void exit_with(int code) { std::exit(code); }
void live_until(const support::signal_flag& go) { support::await(go); }

/// One that has reached its function.
mp::Process start_sleeper(support::start_method method, bool daemon = false) {
    const support::signal_flag ready(0);
    auto process = start<[](const support::signal_flag& is_ready) {
        support::raise(is_ready);
        support::stay_alive();
    }>(method, mp::process_options{.daemon = daemon}, ready);
    support::await(ready);
    return process;
}

template <class Call>
bool throws_logic_error(Call call) {
    try {
        call();
    } catch (const std::logic_error&) {
        return true;
    }
    return false;
}

/// The number in `Process-<number>`.
std::string next_name(const std::string& name) { return "Process-" + std::to_string(std::stoi(name.substr(8)) + 1); }

} // namespace

TEST_CASE("Process::exitcode, by every start method", "[soak]") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("is 0 when the function returns") {
        const auto process = start<&do_nothing>(method);
        process.join();
        REQUIRE(process.exitcode() == 0);
        REQUIRE_FALSE(process.is_alive());
    }
    SECTION("is what std::exit was called with") {
        for (const int code : {0, 1, 7, 255}) {
            const auto process = start<&exit_with>(method, code);
            REQUIRE(support::exit_code(process) == code);
        }
    }
    SECTION("is 1 after an escaped exception, whatever it is") {
        const auto process = start<[](int kind) {
            if (kind == 0) {
                throw std::runtime_error("on purpose");
            }
            throw kind;
        }>(method, GENERATE(0, 1));
        REQUIRE(support::exit_code(process) == 1);
    }
    SECTION("is empty while it runs") {
        const support::signal_flag go(0);
        const auto process = start<&live_until>(method, go);
        REQUIRE_FALSE(process.exitcode());
        REQUIRE(process.is_alive());
        support::raise(go);
        REQUIRE(support::exit_code(process) == 0);
    }
    SECTION("of many short ones, and of half as many killed ones, is right, and no handle stays") {
        start_sleeper(method, true).kill();
        const auto handles = support::open_handles();
        const int rounds = support::repetitions(10, 100);
        for (int i = 0; i < rounds; ++i) {
            std::vector<mp::Process> all;
            for (int n = 0; n < 10; ++n) {
                all.push_back(start<&exit_with>(method, n));
            }
            for (int n = 0; n < 5; ++n) {
                all.push_back(start<&support::stay_alive>(method));
                all.back().kill();
            }
            for (int n = 0; n < 15; ++n) {
                REQUIRE(support::exit_code(all[static_cast<std::size_t>(n)]) == (n < 10 ? n : -9));
            }
        }
        REQUIRE(mp::active_children().empty());
        REQUIRE(support::open_handles() <= handles + 2); // a lease, which later children share
    }
}

TEST_CASE("Process::name, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    const auto second = GENERATE(from_range(support::start_methods));
    CAPTURE(method, second);

    SECTION("counts the children of the process, and theirs") {
        const auto first = start<&do_nothing>(method);
        const std::string expected = next_name(first.name());
        const auto process = start<[](support::start_method by, std::string name) {
            must(mp::current_process().name() == name);
            must(mp::parent_process()->name() == "MainProcess");
            const auto one = start<&do_nothing>(by);
            must(one.name() == name + ":1");
            const auto two = start<[](std::string mine) {
                must(mp::current_process().name() == mine + ":2");
                must(mp::parent_process()->name() == mine);
            }>(by, name);
            must(two.name() == name + ":2");
            must(support::exit_code(two) == 0);
        }>(method, second, expected);
        REQUIRE(process.name() == expected);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(mp::current_process().name() == "MainProcess");
    }
    SECTION("is what the options say") {
        const auto process = start<[](support::start_method by) {
            must(mp::current_process().name() == "a worker");
            const auto child = start<&do_nothing>(by);
            must(child.name().starts_with("Process-") && child.name().ends_with(":1")); // not of the name, of the place
        }>(method, {.name = "a worker"}, second);
        REQUIRE(process.name() == "a worker");
        REQUIRE(support::exit_code(process) == 0);
    }
}

TEST_CASE("Process::daemon, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    const auto second = GENERATE(from_range(support::start_methods));
    CAPTURE(method, second);

    SECTION("is told on both sides, and daemons have no children") {
        const auto process = start<[](support::start_method by) {
            must(mp::current_process().daemon());
            must(throws_logic_error([by] { static_cast<void>(start<&do_nothing>(by)); }));
        }>(method, {.daemon = true}, second);
        REQUIRE(process.daemon());
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE_FALSE(mp::current_process().daemon());
        REQUIRE_FALSE(start<&do_nothing>(method).daemon());
    }
    SECTION("is ended when it goes out of scope, not waited for") {
        const auto begin = clock_type::now();
        std::int64_t pid = 0;
        {
            const auto process = start_sleeper(method, true);
            pid = process.pid();
        }
        REQUIRE(clock_type::now() - begin < support::start_patience / 2);
        REQUIRE(mp::active_children().empty());
        REQUIRE(mp::platform::process_watch(pid).wait_until(mp::platform::clock::now()));
    }
    SECTION("is ended when the process that made it ends, by whatever end") {
        const auto end = GENERATE(0, 1, 2);
        CAPTURE(end);
        const mp::RawValue<std::atomic<std::int64_t>> pid(0);
        const auto process = start<[](const mp::RawValue<std::atomic<std::int64_t>>& number, support::start_method by, int how) {
            auto child = start<[](const mp::RawValue<std::atomic<std::int64_t>>& mine) {
                *mine = mp::current_process().pid();
                support::stay_alive();
            }>(by, mp::process_options{.daemon = true}, number);
            must(support::soon([&] { return *number != 0; }));
            if (how == 1) {
                std::exit(0); // without the destructor
            }
            if (how == 2) {
                support::stay_alive(); // is killed
            }
        }>(method, pid, second, end);
        REQUIRE(support::soon([&] { return *pid != 0; }));
        const mp::platform::process_watch watch(*pid);
        if (end == 2) {
            process.kill();
        }
        REQUIRE(support::exit_code(process) == (end == 2 ? -9 : 0));
        REQUIRE(watch.wait_until(mp::platform::deadline_after(1s)));
    }
}

TEST_CASE("Process::terminate, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("ends it; so do interrupt and kill, each with its exit code") {
        const auto one = start_sleeper(method);
        const auto two = start_sleeper(method);
        const auto three = start_sleeper(method);
        one.terminate();
        two.kill();
        three.interrupt();
        REQUIRE(support::exit_code(one) == -15);
        REQUIRE(support::exit_code(two) == -9);
        REQUIRE(support::exit_code(three) == -2);
    }
    SECTION("does nothing when it has ended") {
        const auto process = start<&exit_with>(method, 7);
        process.join();
        process.terminate();
        process.kill();
        process.interrupt();
        REQUIRE(process.exitcode() == 7);
    }
    SECTION("at once after the start: it ends") {
        for (int i = 0; i < 20; ++i) {
            const auto process = start<&support::stay_alive>(method);
            process.terminate();
            REQUIRE(support::exit_code(process) == -15);
        }
    }
}

TEST_CASE("Process::join_for, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const support::signal_flag go(0);

    SECTION("is false while it runs, after the time") {
        const auto process = start<&live_until>(method, go);
        REQUIRE_FALSE(process.join_for(0s));
        REQUIRE_FALSE(process.join_for(-1h));
        const auto begin = clock_type::now();
        REQUIRE_FALSE(process.join_for(100ms));
        REQUIRE(clock_type::now() - begin >= 100ms);
        support::raise(go);
        REQUIRE(process.join_for(support::start_patience));
        REQUIRE(process.join_for(0s));
    }
    SECTION("is true when it is dead though its own child lives") {
        const auto second = GENERATE(from_range(support::start_methods));
        const support::signal_flag ready(0);
        const auto process = start<[](const support::signal_flag& is_go, const support::signal_flag& is_ready, support::start_method by) {
            const auto child = start<&live_until>(by, is_go);
            support::raise(is_ready);
            support::stay_alive();
        }>(method, go, ready, second);
        support::await(ready);
        process.kill();
        const auto begin = clock_type::now();
        REQUIRE(process.join_for(support::start_patience));
        REQUIRE(clock_type::now() - begin < 1s);
        REQUIRE(process.exitcode() == -9);
        support::raise(go);
    }
    SECTION("by several threads at once: all learn the same") {
        const auto process = start<&exit_with>(method, 7);
        std::vector<std::optional<int>> codes(8);
        std::vector<std::thread> threads;
        for (auto& each : codes) {
            threads.emplace_back([&each, &process] {
                if (process.join_for(support::start_patience)) {
                    each = process.exitcode();
                }
            });
        }
        for (auto& each : threads) {
            each.join();
        }
        REQUIRE(std::count(codes.begin(), codes.end(), std::optional(7)) == 8);
    }
}

TEST_CASE("Process::join, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("is what the destructor does, and the exit of a process for its children") {
        const mp::RawValue<std::atomic<int>> done(0);
        const auto second = GENERATE(from_range(support::start_methods));
        const auto process = start<[](const mp::RawValue<std::atomic<int>>& count, support::start_method by) {
            constexpr auto work = [](const mp::RawValue<std::atomic<int>>& theirs) {
                std::this_thread::sleep_for(20ms); // while the parent is on its way out
                ++*theirs;
            };
            {
                const auto joined_by_destructor = start<work>(by, count);
            }
            must(*count == 1);
            const auto joined_at_exit = start<work>(by, count);
            std::exit(0);
        }>(method, done, second);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(*done == 2);
    }
}

TEST_CASE("wait, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const support::signal_flag go(0);

    SECTION("returns whichever ended, in the order given") {
        auto runs = start<&live_until>(method, go);
        auto ends = start<&do_nothing>(method);
        REQUIRE(mp::wait({&runs, &ends}) == std::vector{&ends});
        REQUIRE(mp::wait({&runs, &ends}, support::start_patience) == std::vector{&ends});
        support::raise(go);
        REQUIRE(support::exit_code(runs) == 0);
        REQUIRE(mp::wait({&runs, &ends}, 0s) == std::vector{&runs, &ends});
        REQUIRE(mp::wait({&ends, &runs}) == std::vector{&ends, &runs});
    }
    SECTION("is empty after the time when none has") {
        auto one = start<&live_until>(method, go);
        auto two = start<&live_until>(method, go);
        const auto begin = clock_type::now();
        REQUIRE(mp::wait({&one, &two}, 80ms).empty());
        REQUIRE(clock_type::now() - begin >= 80ms);
        REQUIRE(mp::wait({&one, &two}, 0s).empty());
        support::raise(go);
    }
}

TEST_CASE("active_children, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const support::signal_flag go(0);

    REQUIRE(mp::active_children().empty());
    const auto one = start<&live_until>(method, {.name = "one"}, go);
    const auto two = start<&do_nothing>(method);
    two.join();
    const auto now = mp::active_children();
    REQUIRE(now.size() == 1);
    REQUIRE(now[0].name() == "one");
    REQUIRE(now[0].pid() == one.pid());
    support::raise(go);
    now[0].join();
    REQUIRE(one.exitcode() == 0);
    REQUIRE(mp::active_children().empty());
}

TEST_CASE("current_process, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const auto process = start<[](std::int64_t parent) {
        must(mp::parent_process().has_value());
        must(mp::parent_process()->pid() == parent);
        must(mp::parent_process()->is_alive());
        must(!mp::parent_process()->join_for(20ms));
        must(mp::current_process().pid() != parent);
        must(mp::active_children().empty());
    }>(method, mp::current_process().pid());
    REQUIRE(support::exit_code(process) == 0);
    REQUIRE(mp::current_process().pid() != process.pid());
}

TEST_CASE("parent_process, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    const auto second = GENERATE(from_range(support::start_methods));
    CAPTURE(method, second);

    const support::signal_flag ready(0);
    const support::signal_flag parent_is_killed(0);
    const mp::RawValue<std::atomic<int>> joined(0);
    const auto process = start<[](const support::signal_flag& is_ready, const support::signal_flag& is_killed,
                                  const mp::RawValue<std::atomic<int>>& result, support::start_method by) {
        const auto child = start<[](const support::signal_flag& here, const support::signal_flag& killed,
                                    const mp::RawValue<std::atomic<int>>& told) {
            const auto parent = mp::parent_process();
            must(parent->is_alive());
            support::raise(here);
            parent->join(); // returns when it was killed, and not before
            *told = support::is_raised(killed) && !parent->is_alive() && parent->join_for(0s) ? 1 : -1;
        }>(by, is_ready, is_killed, result);
        support::stay_alive();
    }>(method, ready, parent_is_killed, joined, second);
    support::await(ready);
    support::raise(parent_is_killed);
    process.kill();
    REQUIRE(support::soon([&] { return *joined != 0; }));
    REQUIRE(*joined == 1);
}

TEST_CASE("Process::close, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    auto process = start_sleeper(method);
    const std::string name = process.name();
    REQUIRE(throws_logic_error([&] { process.close(); }));
    process.kill();
    process.join();
    process.close();
    process.close();
    REQUIRE(process.name() == name);
    REQUIRE(throws_logic_error([&] { process.join(); }));
    REQUIRE(throws_logic_error([&] { process.join_for(0s); }));
    REQUIRE(throws_logic_error([&] { static_cast<void>(process.is_alive()); }));
    REQUIRE(throws_logic_error([&] { static_cast<void>(process.exitcode()); }));
    REQUIRE(throws_logic_error([&] { static_cast<void>(process.pid()); }));
    REQUIRE(throws_logic_error([&] { static_cast<void>(process.sentinel()); }));
    REQUIRE(throws_logic_error([&] { process.terminate(); }));
    REQUIRE(throws_logic_error([&] { process.kill(); }));
    REQUIRE(throws_logic_error([&] { process.interrupt(); }));
    REQUIRE(throws_logic_error([&] { mp::wait({&process}); }));
}

TEST_CASE("Process::sentinel, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const support::signal_flag go(0);
    const auto process = start<&live_until>(method, go);
    const mp::platform::native_handle sentinel = process.sentinel();
    mp::platform::wait_for_any({&sentinel, 1}, mp::platform::deadline_after(20ms));
    REQUIRE(process.is_alive());
    support::raise(go);
    while (process.is_alive()) {
        mp::platform::wait_for_any({&sentinel, 1}, mp::platform::deadline_after(support::start_patience));
    }
    REQUIRE(process.exitcode() == 0);
}
