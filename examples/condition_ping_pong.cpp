// Two processes that take turns. Whose turn it is, is a shared number; a condition over the number's own lock wakes the other when it has
// changed. Nobody looks again and again, and nobody sleeps through its turn.

#include <multiprocessing/multiprocessing.hpp>

#include <iostream>
#include <mutex>

namespace mp = multiprocessing;

constexpr int rounds = 3;

// The player `me` (0 or 1) hits the ball when the number of hits so far is even, or odd.
void play(int me, const mp::SharedValue<int>& hits, const mp::Condition& changed) {
    for (int round = 0; round < rounds; ++round) {
        const std::scoped_lock guard(changed); // the lock of `hits`
        changed.wait([&] { return hits.value() % 2 == me; });
        std::cout << (me == 0 ? "ping" : "     pong") << std::endl; // under the lock, so in turn
        hits += 1;                                                  // locks once more, which a recursive lock allows
        changed.notify();
    }
}

int main() {
    mp::run_if_spawned();

    const mp::SharedValue<int> hits(0);
    const mp::Condition changed(hits.get_lock());
    mp::Process other = mp::spawn<play>(1, hits, changed);
    play(0, hits, changed);
    other.join();
    std::cout << hits.value() << " hits\n";
    return hits.value() == 2 * rounds ? 0 : 1;
}
