#include "support/catch.hpp"
#include "support/run.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/wait.hpp>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;
using support::start;
using support::start_method;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

/// How long a wait goes on after its process was killed: in a thread of its own, which is asleep by then.
template <class Wait>
std::chrono::milliseconds lateness(const mp::Process& process, Wait wait) {
    std::atomic<bool> waits{false};
    clock_type::time_point returned;
    std::thread waiter([&] {
        waits = true;
        wait();
        returned = clock_type::now();
    });
    while (!waits) {
        std::this_thread::yield();
    }
    std::this_thread::sleep_for(20ms); // asleep, most likely; it holds also when it is not
    process.kill();
    const auto killed = clock_type::now();
    waiter.join();
    return std::chrono::duration_cast<std::chrono::milliseconds>(returned - killed);
}

mp::Process start_with_grandchild(start_method method, const support::signal_flag& go) {
    const support::signal_flag ready(0);
    auto process = start<[](const support::signal_flag& is_go, const support::signal_flag& is_ready) {
        support::child_process([&] { support::await(is_go); }).detach(); // inherits all there is to inherit
        support::raise(is_ready);
        support::stay_alive();
    }>(method, go, ready);
    support::await(ready);
    return process;
}

constexpr auto exact = 50ms;

} // namespace

TEST_CASE("wait") {
    SECTION("of none is none, at once") {
        REQUIRE(mp::wait({}).empty());
        REQUIRE(mp::wait(std::span<mp::Process* const>(), 1h).empty());
    }
    SECTION("of one that is closed: logic_error") {
        auto process = mp::fork([] {});
        process.join();
        process.close();
        REQUIRE_THROWS_AS(mp::wait({&process}, 0s), std::logic_error);
    }
    SECTION("sleeps in the kernel") {
        const support::signal_flag go(0);
        auto one = mp::fork([&] { support::await(go); });
        const std::clock_t before = std::clock();
        REQUIRE(mp::wait({&one}, 300ms).empty());
        REQUIRE(std::clock() - before < CLOCKS_PER_SEC / 20);
        support::raise(go);
    }
    SECTION("of the same one twice, and of many") {
        const support::signal_flag go(0);
        std::vector<mp::Process> all;
        std::vector<mp::Process*> pointers;
        for (int i = 0; i < 30; ++i) {
            all.push_back(mp::fork([&] { support::await(go); }));
        }
        for (auto& each : all) {
            pointers.push_back(&each);
        }
        pointers.push_back(&all.front());
        all[17].kill();
        REQUIRE(mp::wait(pointers) == std::vector{&all[17]});
        all[0].kill();
        all[0].join();
        REQUIRE(mp::wait(pointers) == std::vector{&all[0], &all[17], &all[0]});
        support::raise(go);
    }
}

TEST_CASE("waits are exact", "[serial]") {
    const auto method = GENERATE(start_method::fork, start_method::spawn);
    CAPTURE(method);
    const support::signal_flag go(0);

    SECTION("when the child is dead but a grandchild lives") {
        auto process = start_with_grandchild(method, go);
        REQUIRE(lateness(process, [&] { process.join(); }) < exact);
        auto second = start_with_grandchild(method, go);
        REQUIRE(lateness(second, [&] { static_cast<void>(second.join_for(30s)); }) < exact);
        auto third = start_with_grandchild(method, go);
        REQUIRE(lateness(third, [&] { mp::wait({&third}, 30s); }) < exact);
    }
    SECTION("when SIGCHLD is ignored") {
        REQUIRE(support::run_child([&] {
                    std::signal(SIGCHLD, SIG_IGN);
                    auto process = start<&support::stay_alive>(method);
                    support::expect(lateness(process, [&] { process.join(); }) < exact);
                    support::expect(!process.is_alive());
                    support::expect(process.exitcode() == mp::unknown_exitcode);
                    auto second = start<&support::stay_alive>(method);
                    support::expect(lateness(second, [&] { mp::wait({&second}); }) < exact);
                }) == 0);
    }
    SECTION("when another thread joins the same child") {
        auto process = start<&support::stay_alive>(method);
        std::thread other([&] { process.join(); });
        const auto late = lateness(process, [&] { process.join(); });
        other.join();
        REQUIRE(late < exact);
        REQUIRE(process.exitcode() == -SIGKILL);
    }
    SECTION("when somebody else reaps it") {
        auto process = start<&support::stay_alive>(method);
        const auto pid = static_cast<::pid_t>(process.pid());
        std::thread other([pid] { ::waitpid(pid, nullptr, 0); });
        const auto late = lateness(process, [&] { process.join(); });
        other.join();
        REQUIRE(late < exact);
        REQUIRE_FALSE(process.is_alive());
        REQUIRE((process.exitcode() == -SIGKILL || process.exitcode() == mp::unknown_exitcode));
        auto reaped = start<[] {}>(method);
        ::waitpid(static_cast<::pid_t>(reaped.pid()), nullptr, 0);
        REQUIRE(reaped.join_for(0s));
        REQUIRE(reaped.exitcode() == mp::unknown_exitcode);
    }
    support::raise(go);
}

TEST_CASE("wait of a range of processes") {
    std::vector<mp::Process> workers;
    CHECK(mp::wait(workers).empty());
    workers.push_back(mp::fork(support::stay_alive));
    workers.push_back(mp::fork([] {}));
    workers.push_back(mp::fork(support::stay_alive));
    const std::vector<mp::Process*> ended = mp::wait(workers);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0] == &workers[1]); // points into the range
    workers[1].close();
    workers.erase(workers.begin() + 1);

    CHECK(mp::wait(workers, 0s).empty());
    CHECK(mp::wait(mp::active_children(), 10ms).empty());
    const std::vector<mp::ProcessRef> children = mp::active_children(); // before one of them may have ended
    workers[1].kill();
    const std::vector<mp::ProcessRef> references = mp::wait(children, 30s);
    REQUIRE(references.size() == 1);
    CHECK(references[0] == workers[1]);
    workers[0].kill();
}
