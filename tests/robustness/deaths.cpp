// Promise 2: a lock is had when its owner is gone, however it went, and no sooner.
//
// Taken out, and this file failed: MADV_DONTFORK (a child holds its parent's token), the question whether the descriptor is still the home's
// (life_tokens), the step that moves a dead bearer's generation on before its slot is claimed (life_registry::claim), the registry's count of dead
// owners (waiter_table::is_settled), the name of a dead thread for a waiter that has to leave without the lock.
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>
#include <multiprocessing/synchronize/condition.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/deaths.hpp>
#include <support/kill_report.hpp>
#include <support/kill_scene.hpp>
#include <support/memory_cgroup.hpp>
#include <support/run.hpp>
#include <support/sanitized.hpp>
#include <support/soak.hpp>
#include <support/stepper.hpp>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace mp = multiprocessing;
using mp::robust::life_id;
using mp::robust::life_registry;
using namespace std::chrono_literals;

namespace {

constexpr int needs_more_rights = 77;

/// It has the lock, twice, and then ends in that way.
class dying_owner {
public:
    template <class End>
    dying_owner(const mp::RLock& lock, End end)
        : child_([this, &lock, end] {
              lock.lock();
              lock.lock();
              has_it_->raise();
              end();
          }) {
        has_it_->wait();
    }

    [[nodiscard]] ::pid_t pid() const noexcept { return child_.pid(); }
    int wait() { return child_.wait(); }

private:
    support::shared<support::flag> has_it_;
    support::child_process child_;
};

void require_had(const mp::RLock& lock) {
    REQUIRE(lock.try_lock_for(30s));
    REQUIRE(lock.owner_died());
    lock.make_consistent();
    lock.unlock();
    REQUIRE(support::run_child([&] { support::expect(lock.try_lock(), "all levels of it"); }) == 0);
    lock.lock(); // of that child, which is dead
    lock.make_consistent();
    lock.unlock();
}

/// A process whose threads have taken all slots of the registry but one. That one a dead thread has, which still owns a lock. The victim is stopped at some
/// instruction of `operation(name of the dead)`, and then, before it is killed, the lock is to be had.
class crowded {
public:
    template <class Operation>
    crowded(const mp::RLock& lock, Operation operation) : lock_(lock) {
        dying_owner(lock, [] { ::raise(SIGKILL); }).wait();
        dead_ = stepper::owner_of(lock);
        victim_.emplace([this, operation] { operation(dead_); });
    }

    [[nodiscard]] stepper::victim& victim() { return *victim_; }
    void kill() {
        had_ = lock_.try_lock_for(stepper::longest_wait);
        if (had_) {
            lock_.make_consistent();
            lock_.unlock();
        }
        victim_->kill();
    }

    [[nodiscard]] bool was_had() const noexcept { return had_; }

private:
    const mp::RLock& lock_;
    life_id dead_;
    std::optional<stepper::victim> victim_;
    bool had_ = false;
};

/// Runs it where there is one slot left.
template <class Operation>
void stop_at_every_instruction(Operation operation) {
    REQUIRE(support::run_child([&] {
                ::alarm(300);
                auto& registry = life_registry::family();
                static_cast<void>(mp::robust::enrol_this_thread());
                life_id last;
                try {
                    for (;;) {
                        last = registry.enrol();
                    }
                } catch (const std::system_error&) { // all are taken
                }
                registry.resign(last); // where the victims will begin to look
                const mp::RLock lock;
                long completed = 0;
                const auto tried = stepper::kill_at_every_instruction(
                    [&] { return std::make_unique<crowded>(lock, operation); },
                    [&](const crowded& stage, bool is_complete) {
                        support::expect(stage.was_had(), "the lock is had while somebody is stopped");
                        completed += is_complete ? 1 : 0;
                    },
                    {.repeats = 1});
                support::expect(tried.victims > 50 && completed > 0 && completed < tried.victims / 2);
                static_cast<void>(registry.enrol()); // and so is the slot
            }) == 0);
}

} // namespace

TEST_CASE("a lock is had when its owner is gone, however it went", "[soak]") {
    const mp::RLock lock;
    for (const support::death& how : support::deaths) {
        DYNAMIC_SECTION(how.name) {
            for (support::soak_rounds rounds(support::repetitions(10, 10)); rounds.next();) {
                const dying_owner owner(lock, how.in_victim);
                if (how.by_test != &support::detail::nothing) {
                    REQUIRE_FALSE(lock.try_lock_for(1ms));
                }
                how.by_test(owner.pid());
                require_had(lock);
            }
        }
    }
}

TEST_CASE("a lock is had when the system had no memory left for its owner", "[soak]") {
    if (sanitized) {
        return; // theirs is not the kernel's memory
    }
    const support::memory_cgroup small(64 << 20);
    if (!small.is_there()) {
        WARN("not tested: no memory cgroup can be made here");
        return;
    }
    const mp::RLock lock;
    for (support::soak_rounds rounds(3); rounds.next();) {
        dying_owner owner(lock, [&] {
            support::expect(small.join());
            support::detail::eat_memory();
        });
        REQUIRE(lock.try_lock_for(60s));
        REQUIRE(lock.owner_died());
        lock.make_consistent();
        lock.unlock();
        REQUIRE(owner.wait() == -SIGKILL);
    }
}

TEST_CASE("a lock is had when its owner also held more mutexes of its own than the system looks after") {
    const mp::RLock lock;
    dying_owner owner(lock, [] {
        constexpr std::size_t many = 3000; // the system ends after 2,048
        ::pthread_mutexattr_t robust;
        ::pthread_mutexattr_init(&robust);
        ::pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
        static std::vector<::pthread_mutex_t> all(many);
        for (auto& each : all) {
            ::pthread_mutex_init(&each, &robust);
            ::pthread_mutex_lock(&each);
        }
        ::raise(SIGKILL);
    });
    require_had(lock);
}

TEST_CASE("nobody who asks after an owner, in whatever pid namespace, and is killed, takes its lock away", "[soak]") {
    // Owner and asker are each thread 1 of process 1.
    const auto first_of_a_namespace = [](auto body) {
        if (::unshare(CLONE_NEWPID) != 0) {
            return needs_more_rights;
        }
        return support::run_child([&] {
            support::expect(::getpid() == 1);
            body();
        });
    };
    const mp::RLock lock;
    const support::shared<support::flag> held;
    const support::shared<support::flag> enough;
    support::child_process owner([&] {
        const int code = first_of_a_namespace([&] {
            lock.lock();
            held->raise();
            enough->wait();
            lock.unlock(); // throws if it is another one's by now
        });
        held->raise();
        return code;
    });
    held->wait();
    std::minstd_rand random(support::soak_seed());
    int killed = 0;
    for (support::soak_rounds rounds(support::repetitions(50, 50)); rounds.next();) {
        const support::shared<support::flag> asks;
        support::child_process asker([&] {
            return first_of_a_namespace([&] {
                ::prctl(PR_SET_PDEATHSIG, SIGKILL); // it is killed with the one that is waited for
                asks->raise();
                for (;;) {
                    support::expect(!lock.try_lock_for(0s));
                }
            });
        });
        if (!support::eventually([&] { return asks->is_raised() || support::state_of(asker.pid()) == 'Z'; }) || !asks->is_raised()) {
            WARN("not tested: pid namespaces need more rights than this process has");
            break;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000)); // when it is killed is to be any moment
        asker.send(SIGKILL);
        asker.wait();
        ++killed;
        REQUIRE_FALSE(lock.try_lock());
    }
    enough->raise();
    const int code = owner.wait();
    REQUIRE((code == 0 || (code == needs_more_rights && killed == 0)));
}

TEST_CASE("a dead owner's lock is had while somebody is stopped who enrols in its slot", "[slow]") {
    if (sanitized) {
        return; // they make thousands of instructions of every one
    }
    stop_at_every_instruction([](life_id) { static_cast<void>(mp::robust::enrol_this_thread()); });
}

TEST_CASE("a dead owner's lock is had while somebody is stopped who asks after it", "[slow]") {
    if (sanitized) {
        return;
    }
    stop_at_every_instruction([](life_id dead) { static_cast<void>(life_registry::is_alive(dead)); });
}

TEST_CASE("a lock that an object with static storage holds is held until the process has ended") {
    const mp::RLock lock;
    const support::shared<support::flag> main_has_ended;
    const support::shared<support::flag> go;
    auto child = mp::fork([&] {
        struct guard {
            const mp::RLock& lock;
            support::flag& main_has_ended;
            support::flag& go;
            ~guard() {
                main_has_ended.raise();
                go.wait();
                lock.unlock(); // throws, and so ends the process otherwise, if it is another one's by now
            }
        };
        lock.lock();
        static const guard until_the_end{lock, *main_has_ended, *go};
        std::exit(0);
    });
    main_has_ended->wait();
    REQUIRE_FALSE(lock.try_lock_for(50ms));
    go->raise();
    child.join();
    REQUIRE(child.exitcode() == 0);
    REQUIRE(lock.try_lock());
    REQUIRE_FALSE(lock.owner_died());
    lock.unlock();
}

TEST_CASE("a process that has closed all its descriptors locks, and is told of deaths", "[serial]") { // /proc/locks has to stay within a page
    const mp::RLock lock;
    const support::shared<support::flag> has_closed;
    const support::shared<support::flag> go;
    const support::shared<support::flag> has_asked;
    support::child_process daemon([&] {
        support::detail::close_everything();
        for (int i = 3; i < 10; ++i) {
            ::open("/dev/null", O_RDWR); // the numbers are other files' now
        }
        has_closed->raise();
        go->wait();
        support::expect(!lock.try_lock(), "the owner lives");
        has_asked->raise();
        support::expect(lock.try_lock_for(30s), "had after a death");
        support::expect(lock.owner_died());
        lock.make_consistent();
        lock.unlock();
    });
    has_closed->wait();
    const dying_owner owner(lock, support::stay_alive);
    go->raise();
    has_asked->wait();
    std::this_thread::sleep_for(20ms); // while it lives, too, somebody waits for it
    ::kill(owner.pid(), SIGKILL);
    REQUIRE(daemon.wait() == 0);
}

TEST_CASE("a waiter that cannot ask whether the lock's owner lives leaves its notification to the next one") {
    const mp::Condition condition;
    const support::shared<std::array<support::flag, 4>> flags;
    auto& [first_has_it, first_is_out, second_has_it, enough] = *flags;
    support::child_process first([&, &has_it = first_has_it, &is_out = first_is_out, &is_over = enough] {
        std::thread([&] { // not the one that the child has from its parent, which may be in the scopes of the parent's guards
            condition.lock();
            support::detail::close_everything();
            support::limit(RLIMIT_NOFILE, 0); // so that /proc/locks cannot be opened
            has_it.raise();
            try {
                condition.wait();
                support::expect(false, "it was told");
            } catch (const std::system_error& error) {
                support::expect(error.code() == std::errc::bad_file_descriptor);
            }
            try {
                condition.unlock();
                support::expect(false, "it does not hold the lock");
            } catch (const std::system_error& error) {
                support::expect(error.code() == std::errc::operation_not_permitted);
            }
            is_out.raise();
            is_over.wait(); // it lives on
        }).join();
    });
    first_has_it.wait();
    support::child_process second([&, &has_it = second_has_it] {
        condition.lock(); // had when the first one waits
        has_it.raise();
        support::expect(condition.wait_for(30s), "notified");
        condition.unlock();
    });
    second_has_it.wait();
    condition.lock(); // had when the second one waits, too
    condition.notify();
    first_is_out.wait();
    condition.unlock();
    REQUIRE(second.wait() == 0);
    enough.raise();
    REQUIRE(first.wait() == 0);
}

// Fails when one read of /proc/locks is taken for all of it: it ends where the next entry, a lock with all who wait for it, does not fit.
TEST_CASE("who lets many wait for a lock of his own makes no living owner of another one dead", "[serial]") {
    const mp::RLock lock;
    const support::shared<std::array<support::flag, 4>> flags;
    auto& [held, has_closed, is_crowded, enough] = *flags;
    support::child_process owner([&, &is_held = held, &is_over = enough] {
        lock.lock();
        is_held.raise();
        is_over.wait();
        lock.unlock(); // throws when it is another one's by now
    });
    held.wait();
    support::child_process asker([&, &is_closed = has_closed, &is_ready = is_crowded] {
        const mp::RLock own;
        own.lock(); // a name for this thread, while the dead can be told, whose slots it may need
        support::detail::close_everything();
        is_closed.raise();
        is_ready.wait();
        try {
            support::expect(!lock.try_lock(), "the owner lives");
        } catch (const std::system_error& error) { // it says that nobody can be asked
            support::expect(error.code() == std::errc::bad_file_descriptor, error.what());
        }
    });
    has_closed.wait();
    const support::child_process crowd([&is_ready = is_crowded, &is_over = enough] {
        constexpr int many = 75;
        ::cpu_set_t first;
        CPU_ZERO(&first);
        CPU_SET(0, &first);
        ::sched_setaffinity(0, sizeof first, &first); // whose locks are listed first
        const auto open_anew = [](int file) { return ::open(("/proc/self/fd/" + std::to_string(file)).c_str(), O_RDWR | O_CLOEXEC); };
        const int large = ::memfd_create("large", MFD_CLOEXEC);
        const int small = ::memfd_create("small", MFD_CLOEXEC);
        support::expect(::flock(large, LOCK_EX) == 0);
        for (int i = 0; i < many; ++i) {
            std::thread([&] { ::flock(open_anew(large), LOCK_EX); }).detach();
        }
        support::expect(support::eventually([] {
            std::ifstream list("/proc/locks");
            const std::string all(std::istreambuf_iterator<char>(list), {});
            return support::count_of("-> FLOCK", all) >= many;
        }));
        support::expect(::flock(small, LOCK_EX) == 0);
        is_ready.raise();
        is_over.wait();
    });
    REQUIRE(asker.wait() == 0);
    enough.raise();
    REQUIRE(owner.wait() == 0);
}

// Fails when what the system refuses for the moment is taken for a file that cannot be opened anew (life_tokens::try_take): two owners.
TEST_CASE("a child that was forked when no descriptor was left has its locks, or none, whatever it closes") {
    const mp::RLock lock;
    const support::shared<support::flag> has_lock;
    const support::shared<support::flag> enough;
    std::optional<support::child_process> child;
    REQUIRE(support::run_child([&] {
                lock.lock();
                lock.unlock();
                support::limit(RLIMIT_NOFILE, 0);
                child.emplace([&] {
                    support::limit(RLIMIT_NOFILE, 256);
                    support::detail::close_everything();
                    bool has_it = false;
                    try {
                        lock.lock();
                        has_it = true;
                    } catch (const std::system_error&) { // it says so: it can have no token any more
                    }
                    has_lock->raise();
                    enough->wait();
                    if (has_it) {
                        lock.unlock(); // throws when it is another one's by now
                    }
                });
                has_lock->wait();
                const bool is_free = lock.try_lock();
                if (is_free) {
                    support::expect(!lock.owner_died(), "taken from the living");
                    lock.unlock();
                }
                enough->raise();
                return child->wait();
            }) == 0);
}

TEST_CASE("a Condition's waiter is told that owners of its lock died while it was stopped, however many they were") {
    const int deaths = GENERATE(1, 16, 32); // as many as the lock can count, and twice
    CAPTURE(deaths);
    const mp::RLock lock;
    const mp::Condition condition(lock);
    const support::shared<support::flag> has_lock;
    support::child_process waiter([&] {
        lock.lock();
        has_lock->raise();
        const bool is_told = condition.wait_for(support::patience / 2);
        lock.unlock();
        support::expect(is_told, "told of a death");
    });
    has_lock->wait();
    lock.lock(); // it has given the lock back, and so it waits
    lock.unlock();
    waiter.send(SIGSTOP);
    REQUIRE(support::eventually([&] { return support::state_of(waiter.pid()) == 'T'; }));
    for (int i = 0; i < deaths; ++i) {
        const dying_owner owner(lock, support::stay_alive); // killed here
    }
    REQUIRE(lock.try_lock_for(support::patience));
    lock.make_consistent();
    lock.unlock();
    waiter.send(SIGCONT);
    REQUIRE(waiter.wait() == 0);
}
