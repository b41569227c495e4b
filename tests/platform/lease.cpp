#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/lease.hpp>

#include <csignal>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

using multiprocessing::platform::lease;

TEST_CASE("lease::expired") {
    auto one = lease::open();

    SECTION("not before it is sealed") {
        REQUIRE_FALSE(one.sealed());
        REQUIRE_FALSE(one.expired());
        one.seal();
        REQUIRE(one.sealed());
        REQUIRE(one.expired()); // nobody ever had it
        REQUIRE(one.expired()); // asking changes nothing
    }
    SECTION("not while a child lives") {
        support::child_process child([] { ::pause(); });
        one.seal();
        REQUIRE_FALSE(one.expired());
        child.send(SIGKILL);
        REQUIRE(child.wait() == -SIGKILL);
        REQUIRE(one.expired());
    }
    SECTION("not while a grandchild lives whose parent has gone") {
        const support::shared<support::flag> go;
        support::child_process child([&] { support::child_process([&] { go->wait(); }).detach(); });
        one.seal();
        REQUIRE(child.wait() == 0);
        REQUIRE_FALSE(one.expired());
        go->raise();
        REQUIRE(support::eventually([&] { return one.expired(); }));
    }
    SECTION("covers no child made after it was sealed") {
        one.seal();
        const support::child_process child([] { ::pause(); });
        REQUIRE(one.expired());
    }
    SECTION("a child that executes another program gives it up") {
        const auto before = support::open_descriptors();
        int hold[2];
        REQUIRE(::pipe(hold) == 0); // the program reads it to its end, so it lives as long as we like
        support::child_process child([&] {
            ::dup2(hold[0], STDIN_FILENO);
            ::close(hold[0]);
            ::close(hold[1]);
            ::execl("/bin/cat", "cat", static_cast<char*>(nullptr));
            return 1;
        });
        one.seal();
        REQUIRE(support::eventually([&] { return one.expired(); }));
        REQUIRE(::kill(child.pid(), 0) == 0);
        REQUIRE(support::state_of(child.pid()) != 'Z');
        ::close(hold[0]);
        ::close(hold[1]);
        REQUIRE(child.wait() == 0);
        REQUIRE(support::open_descriptors() == before - 1); // the holding end
    }
    SECTION("not before the other process is gone that was handed its holding end") {
        const auto held = ::fcntl(one.holding(), F_DUPFD_CLOEXEC, 0);
        one.seal();
        REQUIRE(one.holding() == multiprocessing::platform::invalid_native_handle);
        REQUIRE_FALSE(one.expired());
        ::close(held);
        REQUIRE(one.expired());
    }
    SECTION("is moved with all it knows") {
        lease other(std::move(one));
        other.seal();
        REQUIRE(other.expired());
    }
}

TEST_CASE("lease::open") {
    SECTION("closes its descriptors") {
        const auto before = support::open_descriptors();
        {
            auto one = lease::open();
            REQUIRE(support::open_descriptors() == before + 2);
            one.seal();
            REQUIRE(support::open_descriptors() == before + 1);
        }
        REQUIRE(support::open_descriptors() == before);
    }
    SECTION("without a descriptor never expires") {
        REQUIRE(support::run_child([] {
                    const auto open = support::open_descriptors();
                    support::limit(RLIMIT_NOFILE, 0);
                    auto one = lease::open();
                    support::expect(!one.expired());
                    one.seal();
                    support::expect(one.sealed() && !one.expired());
                    static_cast<void>(one.abandon());
                    support::expect(!one.expired());
                    support::limit(RLIMIT_NOFILE, 256);
                    support::expect(support::open_descriptors() == open);
                }) == 0);
    }
}

TEST_CASE("lease::abandon") {
    auto one = lease::open();
    const support::shared<support::flag> abandoned;
    support::child_process child([&] {
        const auto before = support::open_descriptors();
        const auto held = one.abandon();
        support::expect(::fcntl(held.get(), F_GETFD) != -1, "which it returns");
        support::expect(support::open_descriptors() == before - 1, "it keeps the holding end and no other");
        support::expect(!one.expired());
        support::expect(lease::is_watched(held), "the parent does");
        abandoned->raise();
        ::pause();
    });
    one.seal();
    abandoned->wait();
    REQUIRE_FALSE(one.expired());
    child.send(SIGKILL);
    child.wait();
    REQUIRE(one.expired());
}
