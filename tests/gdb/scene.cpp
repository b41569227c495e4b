// Makes handles of every sort, with locks in every state, and stops, for gdb to print them (print.cmake). What other processes hold, daemons
// hold, which end with this one.
#include <multiprocessing/multiprocessing.hpp>

#include <csignal>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

namespace mp = multiprocessing;

struct Point {
    double x, y;
};

[[gnu::noinline]] void stop_here() { asm volatile(""); }

int main() {
    const std::string name = "gdb." + std::to_string(getpid());

    mp::RawValue<int> raw{5};
    mp::RawArray<double> row{1.5, 2.5, 3.5};
    const mp::RawArray<int> empty(0);
    const mp::RawValue<Point> point(1.0, 2.0);
    mp::SharedValue<int> counter{42};
    mp::SharedArray<int> grid{1, 2, 3};
    mp::SharedArray<char> text(16);
    text.value("a \"text\"");
    mp::SharedValue<long> named(mp::create_only, mp::object_name(name).unlink_on_destroy(), 7L);
    const mp::ReadOnlyValue<long> view(name);
    mp::SharedValue<long> teams(mp::create_only, mp::object_name(name + ".team").mode(0660).unlink_on_destroy(), 8L); // has a table of its own
    mp::RawValue<int> gone{1};
    const mp::RawValue<int> moved = std::move(gone);
    [[maybe_unused]] const mp::RawValue<int>& reference = raw;

    // Locks: mine, deeper; another process's; a dead one's; one that a death was seen of.
    counter.lock();
    counter.lock();
    mp::RLock others, orphaned, inherited;
    mp::Lock lock;
    mp::Event has_locked, never;
    mp::BoundedSemaphore slots(3);
    mp::Barrier barrier(3);
    mp::Condition changed;
    mp::Process holder = mp::fork({.name = "holder", .daemon = true}, [&] {
        others.lock();
        teams.lock();
        slots.acquire();
        has_locked.set();
        never.wait();
    });
    mp::fork([&] {
        orphaned.lock();
        inherited.lock();
        slots.acquire();
        std::raise(SIGKILL);
    }).join();
    inherited.lock();
    inherited.unlock();
    slots.acquire();
    mp::Semaphore permits(4);
    permits.acquire();
    const mp::Process party = mp::fork({.daemon = true}, [&] { barrier.wait(); });
    mp::Event is_about_to_wait;
    const mp::Process waiter = mp::fork({.daemon = true}, [&] {
        changed.lock();
        is_about_to_wait.set();
        changed.wait();
    });
    has_locked.wait();
    while (barrier.n_waiting() != 1) {
        std::this_thread::yield();
    }
    is_about_to_wait.wait();
    changed.lock(); // it was given back by one who waits
    changed.unlock();

    // One asleep beside a lock; a store whose writer seems to have died between its mark and its copy.
    const mp::Process sleeper = mp::fork({.daemon = true}, [&] { others.lock(); });
    while ((mp::detail::lock_access::header(others).word & mp::robust::mutex::somebody_waits) == 0) {
        std::this_thread::yield();
    }
    mp::RLock unasked; // of a dead one whom nobody has asked after: whoever needs a slot next does
    mp::fork([&] {
        unasked.lock();
        std::raise(SIGKILL);
    }).join();
    mp::SharedValue<Point> marked(1.0, 2.0);
    mp::detail::lock_access::header(marked.get_lock()).redo = sizeof(Point);
    mp::SharedMemory bytes(mp::create_only, name + ".bytes", 100);
    bytes.unlink();
    {
        auto span = grid.synchronize();
        stop_here();
        span[0] = 1;
    }
}
