// Promise 2, when it is the system that fails: each system call of each operation is refused once. The operation then does what it was asked for, or
// throws; it works when it is called again; and no descriptor and no file is left.
//
// What it found: a table of lives whose file was opened anew (life_tokens::usable_home) kept that descriptor open when the object's last handle had gone.
#if defined(__x86_64__)

#include <multiprocessing/process.hpp>
#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <support/catch.hpp>
#include <support/descriptors.hpp>
#include <support/fault_injector.hpp>
#include <support/run.hpp>
#include <support/sanitized.hpp>
#include <support/small_shm.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using support::expect;

namespace {

struct faulty_operation {
    const char* name;
    void (*run)();
    long fewest_calls; // that can be refused, at first
    void (*prepare)() = [] {};
};

void make_objects() {
    const mp::SharedValue<int> value(1);
    value += 1;
    const mp::SharedArray<long> array(100'000);
    array[-1] += 1;
    expect(value.value() == 2 && array[-1].value() == 1);
}

void make_named_objects() {
    const mp::SharedValue<int> value(mp::create_only, "value", 1);
    const mp::SharedValue<int> again(mp::open_only, "value");
    again += 1;
    expect(value.value() == 2);
    const mp::SharedArray<char> array(mp::open_or_create, mp::object_name("array").mode(0660), 10'000); // with a table of its own
    array[0] = 'x';
    const mp::RLock lock(mp::create_only, mp::object_name("lock").unlink_on_destroy());
    lock.lock();
    lock.unlock();
    expect(mp::unlink("value") && mp::unlink("array"));
}

void wait_for_primitives() {
    const mp::Semaphore semaphore(0);
    const mp::BoundedSemaphore bounded(1);
    const mp::Event event;
    const mp::Condition condition;
    const mp::Barrier barrier(2);
    expect(!semaphore.try_lock_for(1ms));
    expect(bounded.try_lock_for(1ms) && !bounded.try_lock_for(1ms));
    bounded.release();
    expect(!event.wait_for(1ms));
    condition.lock();
    expect(!condition.wait_for(1ms));
    condition.notify();
    condition.unlock();
    expect(!barrier.broken());
}

std::unique_ptr<const mp::RLock> lock_of_dead;
std::unique_ptr<const mp::SharedValue<int>> named_of_dead;

/// Each time there are two who die, with a lock.
void let_owners_die() {
    if (!lock_of_dead) {
        lock_of_dead = std::make_unique<const mp::RLock>();
    }
    expect(support::run_child([] { lock_of_dead->lock(); }) == 0);
}
void inherit() {
    lock_of_dead->lock();
    expect(lock_of_dead->owner_died());
    lock_of_dead->make_consistent();
    lock_of_dead->unlock();
}

void make_memory() {
    const mp::SharedMemory memory(mp::create_only, "memory", 5000);
    const mp::ReadOnlySharedMemory again(mp::open_only, "memory");
    const mp::ShareableList list(mp::create_only, "list", {1, 2.5, "text"});
    expect(again.size() >= 5000 && list.size() == 3);
    list.shm().unlink();
    memory.unlink();
}

void make_children() {
    const mp::SharedValue<int> value(0);
    auto forked = mp::fork([&] { value += 1; });
    forked.join();
    auto daemon = mp::fork({.daemon = true}, [&] { value += 1; });
    daemon.join();
    expect(value.value() == 2 && forked.exitcode() == 0 && daemon.exitcode() == 0);
}

void add_one(const mp::SharedValue<int>& value) { value += 1; }

void spawn_child() {
    const mp::SharedValue<int> value(0);
    auto spawned = mp::spawn<&add_one>(value);
    spawned.join();
    expect(value.value() == 1 && spawned.exitcode() == 0);
}

void collect_names() {
    static_cast<void>(mp::collect());
    expect(!mp::unlink("nobody"));
}

const std::array faulty_operations{
    faulty_operation{"making shared objects", make_objects, 10},
    faulty_operation{"making, opening and removing named objects", make_named_objects, 60},
    faulty_operation{"waiting", wait_for_primitives, 8},
    faulty_operation{"inheriting a lock", inherit, 1, let_owners_die},
    faulty_operation{"SharedMemory and ShareableList", make_memory, 15},
    faulty_operation{"fork and join", make_children, 20},
    faulty_operation{"spawn and join", spawn_child, 30},
    faulty_operation{"collect, and unlink of nothing", collect_names, 4},
};

/// What the descriptors are of, in words, but for the pipes, which are leases: how many there are of these depends on what children still live.
std::multiset<std::string> open_files() {
    std::multiset<std::string> all;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        const std::string what = std::filesystem::read_symlink(each, error).string();
        if (!error && !what.starts_with("pipe:") && !what.starts_with("/proc/")) {
            all.insert(what);
        }
    }
    return all;
}

std::string in_words(const std::multiset<std::string>& files) {
    std::string all;
    for (const auto& each : files) {
        all += ' ' + each;
    }
    return all;
}

/// Of the tests' own /dev/shm: what has the name of a user's object.
bool is_anything_left() {
    const auto names = support::names_in("/dev/shm");
    return std::ranges::any_of(names, [](const std::string& each) { return !each.starts_with("mp-lives.") && !each.starts_with("mp-removal."); });
}

} // namespace

TEST_CASE("what cannot be made for want of a descriptor leaves no name") {
    if (sanitized) {
        return; // they need descriptors as well
    }
    using maker = void (*)();
    const auto made_with = [](std::size_t more, maker make) {
        return support::run_child([&] {
            if (!support::mount_small_shm("8m")) {
                return support::not_permitted;
            }
            support::limit(RLIMIT_NOFILE, 64);
            std::vector<int> all;
            for (int next = 0; (next = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) != -1;) {
                all.push_back(next);
            }
            expect(all.size() > more);
            for (std::size_t left = more; left > 0; --left) {
                ::close(all.back());
                all.pop_back();
            }
            try {
                make();
                return 1;
            } catch (const std::system_error& error) {
                expect(error.code() == std::errc::too_many_files_open, error.what());
            }
            support::limit(RLIMIT_NOFILE, 100);
            expect(!is_anything_left(), "a name is left");
            return 0;
        });
    };
    if (made_with(0, [] {}) == support::not_permitted) {
        WARN("not tested: objects that cannot be made, because a /dev/shm of one's own is not permitted here");
        return;
    }
    const maker makers[] = {
        [] { const mp::SharedValue<int> value(mp::create_only, "value", 1); },
        [] { const mp::SharedArray<int> array(mp::create_only, mp::object_name("array").mode(0660), 10); }, // with a table of its own
        [] { const mp::RLock lock(mp::create_only, mp::object_name("lock").unlink_on_destroy()); },
        [] { const mp::Condition condition(mp::create_only, "condition"); },
        [] { const mp::SharedMemory memory(mp::create_only, "memory", 10); },
        [] { const mp::ShareableList list(mp::create_only, "list", {1, 2}); },
    };
    for (const maker make : makers) {
        std::size_t refused = 0;
        int code = 0;
        for (; refused < 10 && (code = made_with(refused, make)) == 0; ++refused) {
        }
        REQUIRE(code == 1); // in the end there were enough
        REQUIRE(refused > 0);
    }
}

TEST_CASE("each system call is refused once, of every operation", "[collect]") {
    if (sanitized) {
        return; // theirs would be refused as well
    }
    if (support::run_child([] { return support::mount_small_shm("8m") ? 0 : support::not_permitted; }) != 0) {
        WARN("not tested: refused system calls, because a /dev/shm of one's own is not permitted here");
        return;
    }
    const faulty_operation what = GENERATE(from_range(faulty_operations));
    const bool is_warm = GENERATE(false, true); // it was done before
    CAPTURE(what.name, is_warm);
    long refused = 0;
    support::shared<std::atomic<long>> thrown{0};
    for (support::refused_call call; refused == 0 || call.number != -1; ++refused) {
        std::multiset<std::string> before;
        bool has_thrown = false;
        call = support::refuse_call(
            refused,
            [&] {
                expect(support::mount_small_shm("8m"), "a /dev/shm of one's own");
                if (is_warm) {
                    what.prepare();
                    what.run();
                }
                what.prepare();
                before = open_files();
            },
            [&] {
                try {
                    what.run();
                } catch (const std::exception&) {
                    has_thrown = true;
                    ++*thrown;
                }
            },
            [&] {
                if (has_thrown) { // what it could not remove can be removed now
                    for (const char* each : {"value", "array", "lock"}) {
                        static_cast<void>(mp::unlink(each));
                    }
                    ::unlink("/dev/shm/memory");
                    ::unlink("/dev/shm/list");
                }
                static_cast<void>(mp::unlink("lock")); // no destructor can say that it could not remove a name
                expect(!is_anything_left(), "a file is left");
                const auto after = open_files();
                expect(!is_warm || std::ranges::includes(before, after), (in_words(before) + ", and then" + in_words(after)).c_str());
                what.prepare();
                what.run();
                expect(!is_anything_left(), "a file is left, though nothing was refused");
                return 0;
            });
        CAPTURE(refused, call.number);
        REQUIRE(call.exit_code == 0);
    }
    std::printf("%s, %s: %ld calls refused, %ld told by an exception\n", what.name, is_warm ? "again" : "at first", refused - 1, thrown->load());
    REQUIRE((is_warm || refused > what.fewest_calls));
}

#endif
