#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/life_token.hpp>

#include <cerrno>
#include <csignal>
#include <deque>
#include <thread>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

using multiprocessing::platform::life_token;

namespace {

/// A token and what its holder and the test tell each other, in memory that both have.
struct stage {
    stage() { token.initialize(); }

    life_token token;
    support::flag claimed;
    support::flag go;
};

constexpr int not_allowed = 77;

/// Never unmapped: a thread that holds a token whose memory has gone crashes at the next one it takes.
support::shared<stage>& new_stage() {
    static auto* const all = new std::deque<support::shared<stage>>;
    return all->emplace_back();
}

} // namespace

TEST_CASE("life_token::try_claim") {
    const auto& here = new_stage();
    life_token& token = here->token;

    SECTION("is had by one thread at a time") {
        REQUIRE(token.try_claim());
        REQUIRE_FALSE(token.try_claim()); // not even twice by the same
        bool by_other_thread = true;
        std::thread([&] { by_other_thread = token.try_claim(); }).join();
        REQUIRE_FALSE(by_other_thread);
        REQUIRE(support::run_child([&] { support::expect(!token.try_claim()); }) == 0);
    }
    SECTION("is had when its thread has ended, though the process lives") {
        bool claimed = false;
        std::thread([&] { claimed = token.try_claim(); }).join();
        REQUIRE(claimed);
        REQUIRE(token.try_claim());
        REQUIRE_FALSE(token.try_claim());
    }
    SECTION("is had when its process was killed, and by one heir only") {
        support::child_process holder([&] {
            support::expect(token.try_claim());
            here->claimed.raise();
            ::pause();
        });
        here->claimed.wait();
        REQUIRE_FALSE(token.try_claim());
        holder.send(SIGKILL);
        REQUIRE(support::eventually([&] { return support::state_of(holder.pid()) == 'Z'; }));
        REQUIRE(token.try_claim()); // before anybody waited for it
        REQUIRE_FALSE(token.try_claim());
        REQUIRE(support::run_child([&] { support::expect(!token.try_claim()); }) == 0);
    }
    SECTION("is had when its process ended by itself") {
        REQUIRE(support::run_child([&] { support::expect(token.try_claim()); }) == 0);
        REQUIRE(token.try_claim());
    }
    SECTION("is not held by a child of the holder") {
        REQUIRE(token.try_claim());
        REQUIRE(support::run_child([&] { support::expect(!token.try_claim()); }) == 0);
        REQUIRE_FALSE(token.try_claim()); // and the child's end did not let go of it
    }
    SECTION("is had when the holder is gone, though its child lives") {
        const support::child_process orphan([&] {
            support::expect(token.try_claim());
            support::child_process([&] { here->go.wait(); }).detach();
            here->claimed.raise();
        });
        here->claimed.wait();
        REQUIRE(support::eventually([&] { return support::state_of(orphan.pid()) == 'Z'; }));
        REQUIRE(token.try_claim());
        here->go.raise();
    }
    SECTION("is had by the next when an heir is killed in the middle of claiming") {
        REQUIRE(support::run_child([&] { support::expect(token.try_claim()); }) == 0);
        REQUIRE(support::run_child([&] {
                    // What try_claim does first; and then no more.
                    support::expect(::pthread_mutex_trylock(&token.mutex) == EOWNERDEAD);
                    ::raise(SIGKILL);
                }) == -SIGKILL);
        REQUIRE(token.try_claim());
    }
    SECTION("tells threads of equal numbers in two pid namespaces apart") {
        // Each child's child is process 1, thread 1 of a namespace of its own. Needs privileges; without them there is nothing to see.
        const auto first_of_a_namespace = [](auto body) {
            return support::run_child([&] {
                if (::unshare(CLONE_NEWPID) != 0) {
                    return not_allowed;
                }
                return support::run_child([&] {
                    support::expect(::getpid() == 1);
                    body();
                });
            });
        };
        support::child_process holder([&] {
            return first_of_a_namespace([&] {
                support::expect(token.try_claim());
                here->claimed.raise();
                here->go.wait();
            });
        });
        if (support::run_child([] { return ::unshare(CLONE_NEWPID) == 0 ? 0 : not_allowed; }) == 0) {
            here->claimed.wait();
            REQUIRE(first_of_a_namespace([&] { support::expect(!token.try_claim()); }) == 0);
            here->go.raise();
            REQUIRE(holder.wait() == 0);
        }
    }
}

TEST_CASE("life_token::release") {
    const auto& here = new_stage();
    REQUIRE(here->token.try_claim());
    here->token.release();
    REQUIRE(support::run_child([&] {
                support::expect(here->token.try_claim());
                here->token.release();
            }) == 0);
    REQUIRE(here->token.try_claim());
}
