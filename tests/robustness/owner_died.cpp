// A process killed at any instruction of a call that meets a dead owner: while it throws OwnerDied, and while it runs its callback. The next one finds what
// it found.
//
// Taken out once, to see it fail: without owner_died raised in mutex::inherit, "runs its callback" fails; with the flag down while a
// throwing call gives the lock back (mutex::face_death), "throws" does; so it does with the dead owner's store completed after that.

#include <multiprocessing/robust/owner_died.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include <support/catch.hpp>
#include <support/sanitized.hpp>
#include <support/stepper.hpp>
#include <support/structs.hpp>

namespace mp = multiprocessing;
using support::numbered;
using support::Whole;

namespace {

mp::robust::mutex& header_of(const mp::SharedValue<Whole>& value) {
    return mp::detail::lock_access::header(value.get_lock());
}

/// A thread that ends with the lock, in the middle of a store: all that is prepared counts, nothing of it is done.
void die_in_a_store(const mp::SharedValue<Whole>& value, const Whole& next) {
    std::thread([&] {
        value.lock();
        std::memcpy(mp::robust::redo_log::in_block(header_of(value), sizeof(mp::robust::mutex), sizeof(next)).shadow(), &next, sizeof(next));
        header_of(value).redo = sizeof(next);
    }).join();
}

/// The calling thread gets its name at full speed.
void enrol() { static_cast<void>(mp::robust::enrol_this_thread()); }

} // namespace

TEST_CASE("killed at every instruction of a try_lock() that throws OwnerDied, until it has given the lock back") {
    if (sanitized) {
        return;
    }
    long given_back = 0; // after so many instructions
    for (long n = 0; given_back == 0 || n < given_back + 50; ++n) {
        const mp::SharedValue<Whole> value(numbered<Whole>(1));
        value.get_lock().set_owner_died_policy(mp::OwnerDiedPolicy::throw_exception);
        die_in_a_store(value, numbered<Whole>(2));
        const std::uint64_t dead = header_of(value).word;
        {
            stepper::victim victim(enrol, [&] {
                try { // not lock(): it spins first, which is thousands of instructions
                    static_cast<void>(value.try_lock());
                } catch (const mp::OwnerDied&) {
                }
            });
            REQUIRE(victim.step(n));
            const std::uint64_t owner = header_of(value).word;
            REQUIRE((owner == 0 || owner == dead || given_back == 0));
            REQUIRE((owner != 0 || header_of(value).redo == 0)); // who takes a free lock looks for no store to complete
            if (owner == 0 && given_back == 0) {
                given_back = n;
            }
        }
        CHECK_THROWS_AS(value.value(), mp::OwnerDied);
        CHECK(header_of(value).word == 0);
        CHECK(header_of(value).redo == 0);
        CHECK(value.get_obj().value() == numbered<Whole>(2));
        CHECK(value.get_lock().repair([&] { value.set(numbered<Whole>(3)); }));
        CHECK(value.value() == numbered<Whole>(3));
    }
    WARN("killed after each of " << given_back + 50 << " instructions: 0 stuck, 0 wrong");
}

TEST_CASE("killed at every instruction of a try_lock() that runs its callback") {
    if (sanitized) {
        return;
    }
    const auto repaired = numbered<Whole>(3);
    struct scene {
        scene() {
            die_in_a_store(value, numbered<Whole>(2));
            prey.emplace(enrol, [this] {
                static_cast<void>(value.try_lock());
                value.unlock();
            });
        }
        [[nodiscard]] stepper::victim& victim() { return *prey; }
        void kill() { prey->kill(); }

        const mp::SharedValue<Whole> value{numbered<Whole>(1)};
        int calls = 0;
        const mp::OwnerDiedCallback callback{value.get_lock(), [this] {
                                                 ++calls;
                                                 value.update([](Whole& all) { all = numbered<Whole>(3); });
                                             }};
        std::optional<stepper::victim> prey; // forked with the callback registered
    };
    const stepper::tries tried = stepper::kill_at_every_instruction(
        [] { return std::make_unique<scene>(); },
        [&](scene& stage, bool completed) {
            const bool died_holding = header_of(stage.value).word != 0;
            const bool was_consistent = !stage.value.get_lock().owner_died();
            REQUIRE(stage.value.try_lock_for(std::chrono::seconds(1)));
            CHECK(stage.value.get_obj().value() == repaired);
            CHECK_FALSE(stage.value.get_lock().owner_died());
            // A death after the repair is a death all the same: it was not known when the victim's callback ran.
            CHECK(stage.calls == (died_holding ? 1 : 0));
            CHECK((!completed || (!died_holding && was_consistent)));
            stage.value.unlock();
        });
    WARN("killed after each of " << tried.victims << " instructions: 0 stuck, 0 wrong");
}
