#include "support/catch.hpp"
#include "support/for_life.hpp"
#include "support/roles.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/life_token.hpp>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <thread>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

using multiprocessing::platform::life_token;

namespace {

/// A token and what its holder and the test tell each other, in memory that both have.
struct scene {
    scene() { token.initialize(offsetof(scene, token)); }

    life_token token;
    support::flag claimed;
    support::flag go;
};

/// The scene, where it is. Never unmapped: a thread that holds a token whose memory has gone may crash at the next one it takes.
class place {
public:
    scene* operator->() const noexcept { return stage_.operator->(); }
    [[nodiscard]] bool try_claim() const noexcept { return stage_->token.try_claim(stage_.object()); }
    void release() const noexcept { stage_->token.release(stage_.object()); }

private:
    const support::stage<scene>& stage_ = support::for_life<support::stage<scene>>();
};

/// What try_claim does first, and no more, where there is more than one step to it.
template <class Token>
void claim_half(Token& token) {
    if constexpr (requires { token.mutex; }) {
        support::expect(::pthread_mutex_trylock(&token.mutex) == EOWNERDEAD);
    }
}

constexpr int not_allowed = 77;

} // namespace

TEST_CASE("life_token::try_claim") {
    const place here;

    SECTION("is had by one thread at a time") {
        REQUIRE(here.try_claim());
        REQUIRE_FALSE(here.try_claim()); // not even twice by the same
        bool by_other_thread = true;
        std::thread([&] { by_other_thread = here.try_claim(); }).join();
        REQUIRE_FALSE(by_other_thread);
        REQUIRE(support::run_child([&] { support::expect(!here.try_claim()); }) == 0);
    }
    SECTION("is had when its thread has ended, though the process lives") {
        bool claimed = false;
        std::thread([&] { claimed = here.try_claim(); }).join();
        REQUIRE(claimed);
        REQUIRE(here.try_claim());
        REQUIRE_FALSE(here.try_claim());
    }
    SECTION("is had when its process was killed, and by one heir only") {
        support::child_process holder([&] {
            support::expect(here.try_claim());
            here->claimed.raise();
            ::pause();
        });
        here->claimed.wait();
        REQUIRE_FALSE(here.try_claim());
        holder.send(SIGKILL);
        REQUIRE(support::eventually([&] { return support::state_of(holder.pid()) == 'Z'; }));
        REQUIRE(here.try_claim()); // before anybody waited for it
        REQUIRE_FALSE(here.try_claim());
        REQUIRE(support::run_child([&] { support::expect(!here.try_claim()); }) == 0);
    }
    SECTION("is had when its process ended by itself") {
        REQUIRE(support::run_child([&] { support::expect(here.try_claim()); }) == 0);
        REQUIRE(here.try_claim());
    }
    SECTION("is not held by a child of the holder") {
        REQUIRE(here.try_claim());
        REQUIRE(support::run_child([&] { support::expect(!here.try_claim()); }) == 0);
        REQUIRE_FALSE(here.try_claim()); // and the child's end did not let go of it
    }
    SECTION("is had when the holder is gone, though its child lives") {
        const support::child_process orphan([&] {
            support::expect(here.try_claim());
            support::child_process([&] { here->go.wait(); }).detach();
            here->claimed.raise();
        });
        here->claimed.wait();
        REQUIRE(support::eventually([&] { return support::state_of(orphan.pid()) == 'Z'; }));
        REQUIRE(here.try_claim());
        here->go.raise();
    }
    SECTION("is had by a child of the holder once the holder is gone") {
        const support::shared<support::flag> had;
        const support::child_process orphan([&] {
            support::expect(here.try_claim());
            support::child_process([&] {
                here->go.wait();
                support::expect(here.try_claim());
                had->raise();
            }).detach();
            here->claimed.raise();
        });
        here->claimed.wait();
        REQUIRE(support::eventually([&] { return support::state_of(orphan.pid()) == 'Z'; }));
        here->go.raise();
        had->wait();
    }
    SECTION("is had by the next when an heir is killed in the middle of claiming") {
        REQUIRE(support::run_child([&] { support::expect(here.try_claim()); }) == 0);
        REQUIRE(support::run_child([&] {
                    claim_half(here->token);
                    ::raise(SIGKILL);
                }) == -SIGKILL);
        REQUIRE(here.try_claim());
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
                support::expect(here.try_claim());
                here->claimed.raise();
                here->go.wait();
            });
        });
        if (support::run_child([] { return ::unshare(CLONE_NEWPID) == 0 ? 0 : not_allowed; }) == 0) {
            here->claimed.wait();
            REQUIRE(first_of_a_namespace([&] { support::expect(!here.try_claim()); }) == 0);
            here->go.raise();
            REQUIRE(holder.wait() == 0);
        }
    }
}

TEST_CASE("life_token::release") {
    const place here;
    REQUIRE(here.try_claim());
    here.release();
    REQUIRE(support::run_child([&] {
                support::expect(here.try_claim());
                here.release();
            }) == 0);
    REQUIRE(here.try_claim());
}
