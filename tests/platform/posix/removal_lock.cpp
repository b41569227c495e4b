// Each test has a /dev/shm of its own, so that nobody else's removals wait for it.
//
// Taken out once, and what failed: the flag for the threads: "one thread"; the record lock: "one process", "says who"; its being the process's
// (F_OFD_SETLK in its place): "forked in that moment"; that a child begins with the flag clear: "can take it"; the deadline: "one process".
#include "support/catch.hpp"
#include "support/run.hpp"
#include "support/small_shm.hpp"

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/posix/removal_lock.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;
using namespace std::chrono_literals;
using platform::posix::removal_lock;
using support::expect;

namespace {

removal_lock try_lock(std::chrono::milliseconds patience = 0ms) {
    return removal_lock(::geteuid(), "shared memory \"x\"", platform::deadline_after(patience));
}

removal_lock lock() { return try_lock(std::chrono::duration_cast<std::chrono::milliseconds>(support::patience)); }

template <class Body>
void in_own_shm(Body body) {
    const int code = support::run_child([&] {
        if (!support::mount_small_shm("1m")) {
            return support::not_permitted;
        }
        body();
        return 0;
    });
    if (code == support::not_permitted) {
        WARN("not tested: the lock for removals, because a /dev/shm of one's own is not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

/// A child that takes the lock, and keeps it until it is told to go on or is killed.
struct holder {
    support::shared<support::flag> inside;
    support::shared<support::flag> enough;
    support::child_process process{[this] {
        const auto one = lock();
        expect(one.is_held());
        inside->raise();
        enough->wait();
    }};

    holder() { inside->wait(); }
};

} // namespace

TEST_CASE("removal_lock is one thread's of one process") {
    SECTION("one thread: others wait") {
        in_own_shm([] {
            std::atomic<int> inside{0};
            std::atomic<int> most{0};
            std::vector<std::thread> threads;
            for (int i = 0; i < 4; ++i) {
                threads.emplace_back([&] {
                    for (int k = 0; k < 20; ++k) {
                        const auto one = lock();
                        expect(one.is_held());
                        most = std::max(most.load(), ++inside);
                        std::this_thread::yield();
                        --inside;
                    }
                });
            }
            for (std::thread& each : threads) {
                each.join();
            }
            expect(most == 1);
        });
    }
    SECTION("one process: others are told by the deadline, and who has it") {
        in_own_shm([] {
            holder other;
            const auto begin = platform::clock::now();
            const auto mine = try_lock(200ms);
            const auto took = platform::clock::now() - begin;
            expect(!mine.is_held() && took >= 200ms && took < 10s);
            const std::string who = "the lock /dev/shm/mp-removal." + std::to_string(::geteuid()) + ", which process " +
                                    std::to_string(other.process.pid()) + " holds";
            expect(mine.in_the_way() == who, mine.in_the_way().c_str());
            other.enough->raise();
            expect(lock().is_held());
            expect(other.process.wait() == 0);
        });
    }
    SECTION("says so when another thread of the process has it") {
        in_own_shm([] {
            const auto one = lock();
            std::thread([] {
                const auto other = try_lock();
                expect(!other.is_held() && other.in_the_way().find("which another thread of this process holds") != std::string::npos);
            }).join();
        });
    }
    SECTION("that is killed, or stopped and then killed: it is free") {
        in_own_shm([] {
            holder other;
            other.process.send(SIGSTOP);
            expect(!try_lock(50ms).is_held());
            other.process.send(SIGKILL);
            expect(lock().is_held());
        });
    }
}

TEST_CASE("removal_lock is not taken along by who is forked in that moment") {
    in_own_shm([] {
        support::shared<support::flag> forked;
        support::shared<support::flag> enough;
        { // The holder gives it back.
            auto one = std::make_unique<removal_lock>(::geteuid(), "x", platform::deadline_after(1s));
            expect(one->is_held());
            const support::child_process child([&] {
                expect(!try_lock().is_held());
                forked->raise();
                enough->wait();
            });
            forked->wait();
            one.reset();
            expect(support::run_child([] { expect(try_lock().is_held()); }) == 0);
        }
        // It is killed, and the child lives on.
        support::shared<support::flag> again;
        support::shared<support::flag> over;
        support::child_process parent([&] {
            const auto one = lock();
            expect(one.is_held());
            support::child_process child([&] {
                again->raise();
                over->wait();
            });
            static_cast<void>(child.detach());
            support::shared<support::flag>()->wait();
        });
        again->wait();
        parent.send(SIGKILL);
        expect(parent.wait() == -SIGKILL);
        expect(try_lock().is_held());
        over->raise();
        enough->raise();
    });
}

TEST_CASE("removal_lock in a child that was forked while another thread was inside: it can take it, once the parent has not") {
    in_own_shm([] {
        support::shared<support::flag> forked;
        support::shared<support::flag> free;
        std::atomic<bool> inside{false};
        std::atomic<bool> leave{false};
        std::thread thread([&] {
            const auto one = lock();
            inside = true;
            while (!leave) {
                std::this_thread::yield();
            }
        });
        expect(support::eventually([&] { return inside.load(); }));
        support::child_process child([&] {
            expect(!try_lock().is_held()); // the parent's thread has it
            forked->raise();
            free->wait();
            expect(try_lock().is_held());
        });
        forked->wait();
        leave = true;
        thread.join();
        free->raise();
        expect(child.wait() == 0);
    });
}

TEST_CASE("removal_lock's file") {
    in_own_shm([] {
        const std::string path = "/dev/shm/mp-removal.";
        struct ::stat about {};
        expect(lock().is_held());
        expect(::stat((path + std::to_string(::geteuid())).c_str(), &about) == 0);
        expect(about.st_uid == ::geteuid() && (about.st_mode & 07777) == 0600 && about.st_size == 0);
        // What others can open, or have by another name as well, is not locked.
        const std::string mine = path + std::to_string(::geteuid());
        const auto is_refused = [] {
            try {
                static_cast<void>(lock());
            } catch (const std::system_error& error) {
                return error.code() == std::errc::permission_denied;
            }
            return false;
        };
        expect(::chmod(mine.c_str(), 0644) == 0 && is_refused());
        expect(::chmod(mine.c_str(), 0600) == 0 && ::link(mine.c_str(), "/dev/shm/second") == 0 && is_refused());
        expect(::unlink("/dev/shm/second") == 0 && lock().is_held());
        if (::geteuid() != 0) {
            return;
        }
        // Of another user, by root: it is that user's.
        expect(removal_lock(4711, "x", platform::deadline_after(1s)).is_held());
        expect(::stat((path + "4711").c_str(), &about) == 0 && about.st_uid == 4711);
        // A third user has put it there: root does without, the owner is told.
        const platform::owned_handle third(::open((path + "4712").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666));
        expect(third && ::fchown(third.get(), 4713, 4713) == 0);
        expect(!removal_lock(4712, "x", platform::deadline_after(1ms)).is_held());
        expect(support::run_child([] {
                   expect(::setuid(4712) == 0);
                   try {
                       const removal_lock one(4712, "x", platform::deadline_after(1ms));
                   } catch (const std::system_error& error) {
                       expect(error.code() == std::errc::permission_denied);
                       return 7;
                   }
                   return 0;
               }) == 7);
        // Who may not remove is told that.
        expect(support::run_child([] {
                   expect(::setuid(4713) == 0);
                   try {
                       const removal_lock one(4711, "shared memory \"x\"", platform::deadline_after(1ms));
                   } catch (const std::system_error& error) {
                       expect(error.code() == std::errc::operation_not_permitted);
                       return 7;
                   }
                   return 0;
               }) == 7);
    });
}
