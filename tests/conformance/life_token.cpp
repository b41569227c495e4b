// The contract of platform/life_token.hpp, of this system's backend.
#include "support/catch.hpp"
#include "support/for_life.hpp"
#include "support/handles.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/life_token.hpp>
#include <multiprocessing/platform/random_number.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

using multiprocessing::platform::life;
using multiprocessing::platform::life_tokens;

namespace {

struct scene {
    std::uint64_t table = multiprocessing::platform::random_number();
    support::milestone taken;
    support::milestone go;
    std::atomic<std::uint64_t> next{1};
    std::atomic<int> winners{0};
    std::atomic<int> tries{0};
};

/// The scene, where it is. Never unmapped, as a home must not be while somebody holds tokens of it.
class place {
public:
    place() : stage_(support::for_life<support::stage<scene>>()) {}
    explicit place(support::props given) : stage_(support::stage_of<scene>(given[0])) {}

    scene* operator->() const noexcept { return stage_.operator->(); }
    [[nodiscard]] support::platform::native_handle handle() const noexcept { return stage_.handle(); }
    [[nodiscard]] const life_tokens& tokens() const noexcept { return tokens_; }

private:
    const support::stage<scene>& stage_;
    const life_tokens& tokens_ = support::for_life<life_tokens>(stage_.handle(), stage_->table, "");
};

const support::role holds("life_token: holds", [](support::props given) {
    const place here(given);
    support::ensure(here.tokens().try_take(1));
    here->taken.reach();
    here->go.wait();
});

const support::role sees_it_held("life_token: sees it held", [](support::props given) {
    const place here(given);
    support::ensure(here.tokens().ask(1) == life::held);
    support::ensure(!here.tokens().try_take(1));
    support::ensure(here.tokens().ask(1) == life::held);
    support::ensure(here.tokens().ask(2) == life::gone);
});

const support::role takes_and_ends("life_token: takes and ends", [](support::props given) {
    const place here(given);
    support::ensure(here.tokens().try_take(1));
});

const support::role lives("life_token: lives", [](support::props given) {
    const place here(given);
    here->taken.reach();
    here->go.wait();
});

/// Takes it, and starts a child that outlives it.
const support::role leaves_a_child("life_token: leaves a child", [](support::props given) {
    const place here(given);
    support::ensure(here.tokens().try_take(1));
    support::for_life<support::actor>(lives, std::vector{given[0]}); // never waited for
    here->taken.wait();
});

const support::role takes_with_a_thread("life_token: takes with a thread", [](support::props given) {
    const place here(given);
    std::thread([&] { support::ensure(here.tokens().try_take(1)); }).join();
    here->taken.reach();
    here->go.wait();
});

const support::role races("life_token: races", [](support::props given) {
    const place here(given);
    here->go.wait();
    here->winners += here.tokens().try_take(1) ? 1 : 0;
    if (++here->tries == 3) {
        here->taken.reach();
    }
    support::live_on();
});

const support::role takes_many("life_token: takes many", [](support::props given) {
    const place here(given);
    for (;;) {
        support::ensure(here.tokens().try_take(here->next + 1));
        ++here->next;
        here->taken.reach();
    }
});

} // namespace

TEST_CASE("life_tokens::ask, on every system") {
    const place here;

    SECTION("of one that nobody has taken") { REQUIRE(here.tokens().ask(1) == life::gone); }
    SECTION("of one that another process holds, until it is killed") {
        const support::actor holder(holds, {here.handle()});
        here->taken.wait();
        REQUIRE(here.tokens().ask(1) == life::held);
        REQUIRE(here.tokens().ask(2) == life::gone); // each is its own
        REQUIRE(support::actor(sees_it_held, {here.handle()}).wait() == 0);
        REQUIRE(here.tokens().ask(1) == life::held); // not lost by the end of who asked, or was refused
        holder.kill();
        REQUIRE(here.tokens().ask(1) == life::gone);
    }
    SECTION("of one whose process ended by itself") {
        REQUIRE(support::actor(takes_and_ends, {here.handle()}).wait() == 0);
        REQUIRE(here.tokens().ask(1) == life::gone);
    }
    SECTION("of one whose process is gone, though its child lives") {
        const support::actor holder(leaves_a_child, {here.handle()});
        REQUIRE(holder.wait() == 0);
        REQUIRE(here.tokens().ask(1) == life::gone);
        here->go.reach();
    }
    SECTION("of one whose process lives, though the thread that took it has ended") {
        const support::actor holder(takes_with_a_thread, {here.handle()});
        here->taken.wait();
        REQUIRE(here.tokens().ask(1) == life::held);
        here->go.reach();
        REQUIRE(holder.wait() == 0);
        REQUIRE(here.tokens().ask(1) == life::gone);
    }
    SECTION("of another table") {
        const place elsewhere;
        const support::actor holder(holds, {here.handle()});
        here->taken.wait();
        REQUIRE(elsewhere.tokens().ask(1) == life::gone);
        here->go.reach();
        REQUIRE(holder.wait() == 0);
    }
    SECTION("of all that a process took, after every one of many kills") {
        for (int i = 0; i < 15; ++i) {
            const place stage;
            const support::actor victim(takes_many, {stage.handle()});
            stage->taken.wait();
            REQUIRE(stage.tokens().ask(2) == life::held);
            std::this_thread::sleep_for(std::chrono::milliseconds(i)); // when it is killed is to be any moment
            victim.kill();
            const std::uint64_t last = stage->next + 1;
            for (std::uint64_t token = 1; token <= last; ++token) {
                REQUIRE(stage.tokens().ask(token) == life::gone);
            }
        }
    }
}

TEST_CASE("life_tokens::try_take, on every system") {
    SECTION("is for one of several at once") {
        for (int i = 0; i < 5; ++i) {
            const place here;
            const support::actor first(races, {here.handle()});
            const support::actor second(races, {here.handle()});
            const support::actor third(races, {here.handle()});
            here->go.reach();
            here->taken.wait();
            REQUIRE(here->winners == 1);
            REQUIRE(here.tokens().ask(1) == life::held);
            first.kill();
            second.kill();
            third.kill();
            REQUIRE(here.tokens().ask(1) == life::gone);
        }
    }
    SECTION("keeps no handle on POSIX, and one on Windows") {
        const place here;
        REQUIRE(here.tokens().try_take(1));
        const auto before = support::open_handles();
        for (std::uint64_t token = 2; token < 12; ++token) {
            REQUIRE(here.tokens().try_take(token));
        }
        REQUIRE(support::open_handles() == before + (MULTIPROCESSING_WINDOWS ? 10 : 0));
    }
}
