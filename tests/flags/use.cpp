// Every kind of object, with what a program does with it, so that other people's flags see what the templates become.
#include <multiprocessing/format.hpp>
#include <multiprocessing/multiprocessing.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

struct Point {
    double x = 0;
    float y = 0;
    std::int16_t label = 0;

    friend std::ostream& operator<<(std::ostream& out, const Point& point) { return out << point.x << ' ' << point.y; }
};

void values() {
    const mp::SharedValue<int> number(1);
    const mp::SharedValue<double> real(0.5);
    const mp::SharedValue<float> small(0.5F);
    const mp::SharedValue<char> letter('a');
    const mp::SharedValue<bool> truth(true);
    const mp::SharedValue<std::int8_t> tiny(std::int8_t{1});
    const mp::SharedValue<std::uint64_t> large(1U);
    const mp::SharedValue<Point> point(Point{1, 2, 3});
    number += 1;
    ++number;
    number--;
    real *= 2;
    small -= 0.25F;
    large |= 2U;
    tiny = std::int8_t{2};
    letter = 'b';
    truth = !truth.value();
    int expected = number.exchange(3);
    static_cast<void>(number.compare_exchange(expected, 4));
    point.update([](Point& all) { all.x += 1; });
    std::cout << number << real << small << letter << truth << tiny << large << point << '\n';

    const mp::RawValue<std::atomic<int>> atomic(0);
    atomic->fetch_add(1);
    const mp::RawValue<Point> raw;
    const auto guarded = mp::synchronized(raw);
    guarded = Point{};
    const std::scoped_lock all(number, real, guarded);
}

void arrays() {
    const mp::SharedArray<int> numbers{1, 2, 3};
    const mp::SharedArray<double> reals(10);
    const mp::SharedArray<char> text(16);
    const mp::SharedArray<Point> points(2);
    const mp::RawArray<std::uint16_t> raw(4);
    numbers[0] += 1;
    numbers[-1] = numbers[0].value();
    reals.assign_slice(0, 2, reals.slice(2, 4));
    for (double& each : reals.synchronize()) {
        each *= 2;
    }
    points[1] = Point{1, 1, 1};
    raw[3] = 7;
    const auto copied = mp::copy(raw);
    const mp::SharedArray<int> named(mp::open_or_create, mp::object_name("tests.flags.array").unlink_on_destroy().mode(0600), 3);
    const mp::ReadOnlyArray<int> seen("tests.flags.array");
    std::cout << numbers << reals << points << copied.size() << seen[0] << text.size() << '\n';
}

void primitives() {
    const mp::Lock lock;
    const mp::RLock again;
    const mp::Semaphore semaphore(1);
    const mp::BoundedSemaphore bounded(1);
    const mp::Event event;
    const mp::Condition condition;
    const mp::Barrier barrier(1, [] {});
    if (lock.acquire(true, 10ms)) {
        lock.release();
    }
    const std::scoped_lock both(again, semaphore, bounded);
    event.set();
    static_cast<void>(event.wait_for(1s));
    const std::unique_lock held(condition);
    static_cast<void>(condition.wait_for([] { return true; }, 1s));
    condition.notify_all();
    static_cast<void>(barrier.wait());
    const mp::OwnerDiedCallback callback(again, [] {});
    static_cast<void>(again.repair([] {}));
    std::cout << lock << again << semaphore << bounded << event << condition << barrier << '\n';
}

void memory() {
    const mp::SharedMemory block(mp::create_only, 100);
    const mp::ReadOnlySharedMemory seen(mp::open_only, block.name());
    const mp::ShareableList list{"howdy", 42, mp::none, 0.5, true, mp::bytes("bytes")};
    const mp::ShareableList other(mp::create_only, std::vector<int>{1, 2});
    list[0] = "text";
    list[1] = list[2];
    std::cout << block << seen << list << list[0].get<std::string>() << list.count(1) << other.format() << '\n';
    for (const mp::ShareableItem& each : list) {
        static_cast<void>(mp::is_equal_in_python(each, mp::none));
    }
    block.unlink();
    list.shm().unlink();
    other.shm().unlink();
    mp::SharedMemoryManager manager;
    manager.start();
    static_cast<void>(manager.SharedMemory(10U));
    static_cast<void>(manager.ShareableList({1, 2}));
}

void child(const mp::SharedValue<Point>& point, const mp::SharedArray<int>& array, const std::string& text, const std::vector<double>& reals,
           const std::optional<int>& number, const std::tuple<char, float>& both, const mp::ShareableList& list, const mp::Event& done) {
    point.update([&](Point& all) { all.x = static_cast<double>(text.size() + reals.size()) + number.value_or(0); });
    array[0] = static_cast<int>(std::get<0>(both)) + static_cast<int>(list.size());
    done.set();
}

void processes() {
    const mp::ShareableList list{1};
    const mp::Event done;
    mp::Process spawned = mp::spawn<child>(mp::SharedValue<Point>(), mp::SharedArray<int>(1), std::string("text"), std::vector<double>{0.5},
                                           std::optional(1), std::tuple('a', 0.5F), list, done);
    static_cast<void>(mp::wait({&spawned}, 10s));
    spawned.join();
    list.shm().unlink();
    std::cout << spawned.exitcode().has_value() << '\n';
}

void formats() {
    const mp::SharedValue<int> number(1);
    std::cout << mp::detail::text_of(number) << '\n';
#if defined(__cpp_lib_format)
    std::cout << std::format("{:>10}", number) << '\n';
#endif
}

} // namespace

int main() {
    mp::run_if_spawned();
    values();
    arrays();
    primitives();
    memory();
    processes();
    formats();
}
