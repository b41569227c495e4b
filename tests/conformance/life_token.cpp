// The contract of platform/life_token.hpp, of this system's backend.
#include "support/catch.hpp"
#include "support/handles.hpp"
#include "support/for_life.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/life_token.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

using multiprocessing::platform::life_token;

namespace {

struct scene {
    life_token token;
    support::milestone claimed;
    support::milestone go;
    std::atomic<int> inside;
    std::atomic<int> clashes;
    std::atomic<int> turns;

    scene() { token.initialize(offsetof(scene, token)); }
};

/// The scene, where it is. Never unmapped, as a token's memory must not be while somebody holds it.
class place {
public:
    place() : stage_(support::for_life<support::stage<scene>>()) {}
    explicit place(support::props given) : stage_(support::stage_of<scene>(given[0])) {}

    scene* operator->() const noexcept { return stage_.operator->(); }
    [[nodiscard]] support::platform::native_handle handle() const noexcept { return stage_.handle(); }

    [[nodiscard]] bool try_claim() const noexcept { return stage_->token.try_claim(stage_.handle()); }
    void release() const noexcept { stage_->token.release(stage_.handle()); }

private:
    const support::stage<scene>& stage_;
};

const support::role holds("life_token: holds", [](support::props given) {
    const place here(given);
    support::ensure(here.try_claim());
    here->claimed.reach();
    here->go.wait();
});

const support::role is_refused("life_token: is refused", [](support::props given) {
    const place here(given);
    support::ensure(!here.try_claim());
    std::thread([&] { support::ensure(!here.try_claim()); }).join();
});

const support::role claims_and_releases("life_token: claims and releases", [](support::props given) {
    const place here(given);
    support::ensure(here.try_claim());
    here.release();
});

const support::role claims_and_ends("life_token: claims and ends", [](support::props given) {
    const place here(given);
    support::ensure(here.try_claim());
});

const support::role lives("life_token: lives", [](support::props given) { place(given)->go.wait(); });

/// Claims, and starts a child that outlives it.
const support::role leaves_a_child("life_token: leaves a child", [](support::props given) {
    const place here(given);
    support::ensure(here.try_claim());
    support::for_life<support::actor>(lives, std::vector{given[0]}); // never waited for
    here->claimed.reach();
});

const support::role takes_turns("life_token: takes turns", [](support::props given) {
    const place here(given);
    here->claimed.reach();
    while (!here->go.is_reached()) {
        if (here.try_claim()) {
            here->clashes += ++here->inside == 1 ? 0 : 1;
            std::this_thread::yield();
            --here->inside;
            ++here->turns;
            here.release();
        }
        std::this_thread::sleep_for(std::chrono::microseconds(50)); // let the others have a turn
    }
});

/// Holds it most of the time, so that it is most likely killed with it.
const support::role is_killed("life_token: is killed", [](support::props given) {
    const place here(given);
    for (;;) {
        if (here.try_claim()) {
            ++here->turns;
            here->claimed.reach();
            if (here->turns % 7 != 0) {
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
            }
            here.release();
        }
    }
});

} // namespace

TEST_CASE("life_token::try_claim, on every system") {
    const place here;

    SECTION("is had by one thread at a time") {
        REQUIRE(here.try_claim());
        REQUIRE_FALSE(here.try_claim()); // not even twice by the same
        bool by_other_thread = true;
        std::thread([&] { by_other_thread = here.try_claim(); }).join();
        REQUIRE_FALSE(by_other_thread);
        REQUIRE(support::actor(is_refused, {here.handle()}).wait() == 0);
        REQUIRE_FALSE(here.try_claim());
        here.release();
        REQUIRE(support::actor(claims_and_releases, {here.handle()}).wait() == 0);
        REQUIRE(here.try_claim());
    }
    SECTION("is not had by the end of those who were refused") {
        REQUIRE(here.try_claim());
        for (int i = 0; i < 3; ++i) {
            std::thread([&] { static_cast<void>(here.try_claim()); }).join();
            REQUIRE_FALSE(here.try_claim());
        }
    }
    SECTION("is had when its thread has ended, though the process lives") {
        for (int i = 0; i < 10; ++i) { // the system may give the numbers of ended threads again
            bool claimed = false;
            std::thread([&] { claimed = here.try_claim(); }).join();
            REQUIRE(claimed);
        }
        REQUIRE(here.try_claim());
        REQUIRE_FALSE(here.try_claim());
    }
    SECTION("is had when an ended thread's was claimed elsewhere meanwhile") {
        for (int i = 0; i < 3; ++i) {
            std::thread([&] { static_cast<void>(here.try_claim()); }).join();
            REQUIRE(support::actor(claims_and_releases, {here.handle()}).wait() == 0);
            bool claimed = false;
            std::thread([&] { claimed = here.try_claim(); }).join();
            REQUIRE(claimed);
        }
    }
    SECTION("is had when its process was killed, and by one heir only") {
        const support::actor holder(holds, {here.handle()});
        here->claimed.wait();
        REQUIRE_FALSE(here.try_claim());
        holder.kill();
        REQUIRE(here.try_claim());
        REQUIRE_FALSE(here.try_claim());
        REQUIRE(support::actor(is_refused, {here.handle()}).wait() == 0);
    }
    SECTION("is had when its process ended by itself") {
        REQUIRE(support::actor(claims_and_ends, {here.handle()}).wait() == 0);
        REQUIRE(here.try_claim());
    }
    SECTION("is had when the holder is gone, though its child lives") {
        const support::actor holder(leaves_a_child, {here.handle()});
        REQUIRE(holder.wait() == 0);
        REQUIRE(here.try_claim());
        here->go.reach();
    }
    SECTION("of two tokens, each is its own") {
        const place elsewhere;
        REQUIRE(here.try_claim());
        REQUIRE(elsewhere.try_claim());
        here.release();
        REQUIRE_FALSE(elsewhere.try_claim());
        REQUIRE(support::actor(is_refused, {elsewhere.handle()}).wait() == 0);
        REQUIRE(support::actor(claims_and_releases, {here.handle()}).wait() == 0);
    }
    SECTION("is never had by two at once") {
        const support::actor one(takes_turns, {here.handle()});
        const support::actor two(takes_turns, {here.handle()});
        here->claimed.wait();
        for (int had = 0; had < 200;) {
            if (here.try_claim()) {
                here->clashes += ++here->inside == 1 ? 0 : 1;
                --here->inside;
                ++had;
                here.release();
            }
        }
        here->go.reach();
        REQUIRE(one.wait() == 0);
        REQUIRE(two.wait() == 0);
        REQUIRE(here->clashes == 0);
        REQUIRE(here.try_claim());
    }
    SECTION("is had after every one of many kills") {
        for (int i = 0; i < 15; ++i) {
            const place stage;
            const support::actor victim(is_killed, {stage.handle()});
            stage->claimed.wait();
            std::this_thread::sleep_for(std::chrono::milliseconds(i));
            victim.kill();
            REQUIRE(stage.try_claim());
            REQUIRE_FALSE(stage.try_claim());
        }
    }
}

TEST_CASE("life_token::release, on every system") {
    const place here;
    const auto use = [&] {
        for (int i = 0; i < 10; ++i) {
            REQUIRE(here.try_claim());
            here.release();
        }
        for (int i = 0; i < 10; ++i) {
            bool claimed = false;
            std::thread([&] { claimed = here.try_claim(); }).join(); // ends without a release
            REQUIRE(claimed);
        }
        REQUIRE(here.try_claim());
        here.release();
    };
    use(); // what the system keeps of the first threads is none of ours
    const auto before = support::open_handles();
    use();
    REQUIRE(support::open_handles() < before + 10); // twenty were used; the system may keep one or the other for a thread
}
