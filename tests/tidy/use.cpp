// The templates of the public headers, used once each, so that clang-tidy sees what they become. Never built, never run.

#include <multiprocessing/multiprocessing.hpp>

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

struct Large {
    std::array<long, 20> numbers;
};

void locked_operations(const mp::SharedValue<int>& word, const mp::SharedValue<Large>& large, const mp::SharedArray<double>& array) {
    const std::scoped_lock guard(word, large, array);
    word += 1;
    int expected = word.exchange(3);
    static_cast<void>(word.compare_exchange(expected, 4));
    large.update([](Large& all) { all.numbers[0] = 1; });
    array[0] = array[-1].value();
    array.assign_slice(0, 2, array.slice(2, 4));
    for (double& each : array.synchronize()) {
        each *= 2;
    }
}

void other_locks(const mp::RLock& lock, const mp::RawArray<Large>& raw) {
    const mp::SharedArray<Large> array(mp::with_lock(lock), 3);
    const auto synchronized = mp::synchronized(raw);
    const auto copy = mp::copy(raw);
    array[0] = copy[0];
    synchronized[1] = array[0].value();
    if (lock.acquire(true, 10ms)) {
        lock.release();
    }
    const mp::OwnerDiedCallback callback(lock, [&] { array[0] = Large{}; });
    static_cast<void>(lock.repair([] {}));
}

void child(const mp::SharedValue<Large>& value, const std::string& text, const std::optional<int>& number) {
    value.update([&](Large& all) { all.numbers[1] = static_cast<long>(text.size()) + number.value_or(0); });
}

} // namespace

int main() {
    mp::run_if_spawned();
    const mp::SharedValue<int> word(1);
    const mp::SharedValue<Large> large;
    const mp::SharedArray<double> array(10);
    locked_operations(word, large, array);
    other_locks(mp::RLock(), mp::RawArray<Large>(3));
    mp::Process spawned = mp::spawn<child>(large, std::string("text"), std::optional(1));
    static_cast<void>(mp::wait({&spawned}, 1s));
}
