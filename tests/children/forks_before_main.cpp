// A program that forks before main, in the static initialisation of a file that does not know of the library's own (nor of <iostream>).
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

class early {
public:
    explicit early(const char* when) {
        lock_.lock();
        const auto other = mp::fork([this] { sum_ += lock_.try_lock() ? 100 : 1; }); // another process, which finds it locked
        other.join();
        lock_.unlock();
        mp::fork([this] {
            lock_.lock();
            std::raise(SIGKILL);
        }).join();
        const bool had = lock_.try_lock_for(30s);
        std::printf("%s: %d; had %d, owner died %d\n", when, sum_.value(), had ? 1 : 0, lock_.owner_died() ? 1 : 0);
        lock_.make_consistent();
        lock_.unlock();
    }

private:
    mp::SharedValue<int> sum_{0};
    mp::RLock lock_;
};

[[gnu::constructor(101)]] void before_all() { const early first("first"); } // as early as there are any
[[gnu::init_priority(200)]] const early second("early");
const early third("later");

} // namespace

int main() {}
