// The private table of what this process has to do with a lock.
//
// Taken out once, to see it fail: without the mutex around a fork (before_fork), "a child has the table whole"; with all entries of a lock removed at once, "keeps
// those of each lock"; without the erasing of a lock that has none left, "a lock without entries".

#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/robust/lock_table.hpp>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

using multiprocessing::robust::lock_table;
using multiprocessing::robust::lock_table_of_addresses;
using multiprocessing::robust::mutex_state;

namespace {

struct tabled {
    static constexpr const char* table_name = "tests/robust/lock_table";
    int number = 0;
};
struct tabled_elsewhere {
    static constexpr const char* table_name = "tests/robust/lock_table, another";
};

std::vector<int> numbers_tabled_for(const mutex_state& lock) {
    std::vector<int> all;
    lock_table<tabled>::for_each(lock, [&](tabled& each) { all.push_back(each.number); });
    return all;
}

} // namespace

TEST_CASE("lock_table keeps those of each lock, in the order in which they were added") {
    const std::array<mutex_state, 2> locks{};
    tabled one{1}, two{2}, three{3};
    lock_table<tabled>::add(locks[0], two);
    lock_table<tabled>::add(locks[0], one);
    lock_table<tabled>::add(locks[1], three);
    lock_table<tabled>::add(locks[0], three);
    CHECK(numbers_tabled_for(locks[0]) == std::vector{2, 1, 3});
    CHECK(numbers_tabled_for(locks[1]) == std::vector{3});

    lock_table<tabled>::for_each(locks[1], [](tabled& each) { each.number = 30; }); // the entry itself, not a copy
    CHECK(three.number == 30);

    int others = 0;
    lock_table<tabled_elsewhere>::for_each(locks[0], [&](const tabled_elsewhere&) { ++others; });
    CHECK(others == 0);

    lock_table<tabled>::remove(locks[0], one);
    CHECK(numbers_tabled_for(locks[0]) == std::vector{2, 30});
    lock_table<tabled>::remove(locks[0], three);
    CHECK(numbers_tabled_for(locks[1]) == std::vector{30});
    lock_table<tabled>::remove(locks[0], two);
    lock_table<tabled>::remove(locks[1], three);
    CHECK(numbers_tabled_for(locks[0]).empty());
}

TEST_CASE("lock_table_of_addresses: a lock without entries takes up nothing") {
    lock_table_of_addresses table;
    const mutex_state lock{};
    int entry = 0;
    CHECK(table.find(lock) == nullptr);
    table.add(lock, &entry);
    REQUIRE(table.find(lock) != nullptr);
    CHECK(*table.find(lock) == std::vector<void*>{&entry});
    table.remove(lock, &entry);
    CHECK(table.find(lock) == nullptr); // the next lock at this address begins anew
}

TEST_CASE("lock_table: a child has the table whole, whatever other threads of its parent were doing") {
    const mutex_state lock{};
    const mutex_state busy{};
    tabled entry{7};
    lock_table<tabled>::add(lock, entry);
    std::atomic<bool> over = false;
    std::thread other([&] {
        tabled theirs;
        while (!over) {
            lock_table<tabled>::add(busy, theirs);
            lock_table<tabled>::for_each(busy, [](tabled& each) { ++each.number; });
            lock_table<tabled>::remove(busy, theirs);
        }
    });
    int ended_well = 0;
    for (int i = 0; i < 30 && ended_well == i; ++i) {
        ended_well += support::run_child([&] {
            ::alarm(60);
            support::expect(numbers_tabled_for(lock) == std::vector{7});
            tabled mine{8};
            lock_table<tabled>::add(lock, mine);
            support::expect(numbers_tabled_for(lock) == std::vector{7, 8});
        }) == 0;
    }
    over = true;
    other.join();
    CHECK(ended_well == 30);
    CHECK(numbers_tabled_for(lock) == std::vector{7}); // private
    lock_table<tabled>::remove(lock, entry);
}
