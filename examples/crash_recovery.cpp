// A ledger that stays exact while the processes that keep it are killed for sport. Four workers move money between ten accounts as fast as they can;
// every two milliseconds one of them gets a SIGKILL, wherever it is, and another takes its place. After two hundred kills not a penny is missing.
//
// The library sees to it that a killed worker leaves no lock stuck and no number half-written. That a transfer is *two* numbers only this program
// knows: so it writes into a journal what it is about to do, and says how to undo it. Whoever has the lock next runs that, before anything else.

#include <multiprocessing/multiprocessing.hpp>

#include <chrono>
#include <iostream>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

constexpr int account_count = 10;
constexpr int worker_count = 4;
constexpr int kills = 200;
constexpr long opening_balance = 1000;
constexpr long expected_total = account_count * opening_balance;

// A transfer under way, and what it will have changed.
struct JournalEntry {
    bool open;
    int from;
    int to;
    long from_before;
    long to_before;
};

// One lock guards all of it.
struct Ledger {
    mp::SharedArray<long> accounts{std::vector<long>(account_count, opening_balance)};
    mp::SharedValue<JournalEntry> journal{mp::with_lock(accounts.get_lock())};
    mp::SharedValue<long> transfers{mp::with_lock(accounts.get_lock()), 0};
    mp::SharedValue<long> deaths{mp::with_lock(accounts.get_lock()), 0};
    mp::SharedValue<long> undone{mp::with_lock(accounts.get_lock()), 0};

    // Killed between any two lines, it leaves an open entry that tells how it was before.
    void transfer(int from, int to, long amount) const {
        const std::scoped_lock guard(accounts);
        journal.set({true, from, to, accounts[from].value(), accounts[to].value()}); // the whole struct or nothing of it
        accounts[from] -= amount;
        accounts[to] += amount;
        journal.set({});
        transfers += 1;
    }

    // What is to be done when the last owner of the lock died. Killed in here itself, it is done again by the next: so it
    // stores what was there before, and does not add or subtract.
    void repair() const {
        deaths += 1;
        if (const JournalEntry entry = journal.value(); entry.open) {
            accounts[entry.from] = entry.from_before;
            accounts[entry.to] = entry.to_before;
            journal.set({});
            undone += 1;
        }
    }

    long total() const {
        const auto all = accounts.synchronize();
        return std::accumulate(all.begin(), all.end(), 0L);
    }
};

void work(const Ledger& ledger, unsigned seed) {
    std::minstd_rand random(seed);
    const auto below = [&](int limit) { return std::uniform_int_distribution(0, limit - 1)(random); };
    for (;;) {
        const int from = below(account_count);
        const int to = (from + 1 + below(account_count - 1)) % account_count; // another one
        ledger.transfer(from, to, 1 + below(100));
    }
}

int main() {
    const Ledger ledger;

    // From here on, in this process and in the children it forks: who takes the lock of a dead owner repairs first.
    const mp::OwnerDiedCallback repair(ledger.accounts.get_lock(), [&] { ledger.repair(); });
    // A process without a callback is not to see a ledger in need of repair, but an exception.
    ledger.accounts.get_lock().set_owner_died_policy(mp::OwnerDiedPolicy::throw_exception);

    unsigned seed = 0;
    const auto start_worker = [&] {
        ++seed;
        return mp::fork({.daemon = true}, [&ledger, seed] { work(ledger, seed); });
    };
    std::vector<mp::Process> workers;
    for (int i = 0; i < worker_count; ++i) {
        workers.push_back(start_worker());
    }

    std::minstd_rand random(1);
    long wrong = 0;
    for (int i = 0; i < kills; ++i) {
        std::this_thread::sleep_for(2ms);
        mp::Process& victim = workers[random() % worker_count];
        victim.kill();
        victim.join();
        victim = start_worker();
        wrong += ledger.total() == expected_total ? 0 : 1; // an audit, while the others go on
    }
    for (mp::Process& worker : workers) {
        worker.kill();
        worker.join();
    }

    std::cout << ledger.transfers << " transfers, " << kills + worker_count << " workers killed\n"
              << ledger.deaths << " died holding the lock, " << ledger.undone << " in the middle of a transfer, which was undone\n"
              << kills << " audits while the others worked, " << wrong << " wrong\n"
              << "total " << ledger.total() << ", expected " << expected_total << '\n';
    return wrong == 0 && ledger.total() == expected_total ? 0 : 1;
}
