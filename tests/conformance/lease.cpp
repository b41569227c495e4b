// The contract of platform/lease.hpp, of this system's backend.
#include "support/catch.hpp"
#include "support/handles.hpp"
#include "support/for_life.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/lease.hpp>

#include <utility>

using multiprocessing::platform::lease;

namespace {

struct lease_scene {
    support::milestone there;
    support::milestone go;
};

/// Given a stage, and what else is to be held as long as it lives.
const support::role holds("lease: holds", [](support::props given) {
    lease_scene& here = support::on_stage<lease_scene>(given[0]);
    here.there.reach();
    here.go.wait();
});

/// Has a child that holds it on, and ends.
const support::role hands_on("lease: hands on", [](support::props given) {
    support::for_life<support::actor>(holds, std::vector{given[0], given[1]}); // never waited for
    support::on_stage<lease_scene>(given[0]).there.wait();
});

} // namespace

TEST_CASE("lease::expired, on every system") {
    auto one = lease::open();
    const support::stage<lease_scene> here;

    SECTION("not before it is sealed") {
        REQUIRE_FALSE(one.sealed());
        REQUIRE_FALSE(one.expired());
        one.seal();
        REQUIRE(one.sealed());
        REQUIRE(one.expired()); // nobody else ever had it
        REQUIRE(one.expired()); // asking changes nothing
    }
    SECTION("not while a child lives that was handed the holding end") {
        const support::actor child(holds, {here.handle(), one.holding()});
        one.seal();
        here->there.wait();
        REQUIRE_FALSE(one.expired());
        child.kill();
        REQUIRE(support::comes_true([&] { return one.expired(); }));
    }
    SECTION("not while one of several children lives") {
        const support::actor first(holds, {here.handle(), one.holding()});
        const support::actor second(holds, {here.handle(), one.holding()});
        one.seal();
        here->there.wait();
        first.kill();
        REQUIRE_FALSE(one.expired());
        here->go.reach();
        REQUIRE(second.wait() == 0);
        REQUIRE(support::comes_true([&] { return one.expired(); }));
    }
    SECTION("not while a grandchild lives whose parent has gone") {
        const support::actor child(hands_on, {here.handle(), one.holding()});
        one.seal();
        REQUIRE(child.wait() == 0);
        REQUIRE_FALSE(one.expired());
        here->go.reach();
        REQUIRE(support::comes_true([&] { return one.expired(); }));
    }
    SECTION("whatever children live that were not handed it") {
        const support::actor child(holds, {here.handle()});
        here->there.wait();
        one.seal();
        REQUIRE(one.expired());
        here->go.reach();
        REQUIRE(child.wait() == 0);
    }
    SECTION("is moved with all it knows") {
        lease other(std::move(one));
        other.seal();
        REQUIRE(other.expired());
    }
}

TEST_CASE("lease::open, on every system") {
    const auto before = support::open_handles();
    {
        auto one = lease::open();
        REQUIRE(support::open_handles() == before + 2);
        REQUIRE_FALSE(support::is_inheritable(one.holding()));
        one.seal();
        REQUIRE(one.holding() == multiprocessing::platform::invalid_native_handle);
        REQUIRE(support::open_handles() == before + 1);
    }
    REQUIRE(support::open_handles() == before);
}

TEST_CASE("lease::abandon, on every system") {
    const auto before = support::open_handles();
    auto one = lease::open();
    const multiprocessing::platform::owned_handle holding = one.abandon();
    REQUIRE(holding);
    REQUIRE(support::open_handles() == before + 1);
    REQUIRE_FALSE(one.expired());
}

TEST_CASE("lease::is_watched: not once nobody has the watching end, on every system") {
    auto one = lease::open();
    REQUIRE_FALSE(lease::is_watched(one.abandon()));
}
