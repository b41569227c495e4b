#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/own_dev_shm.hpp"
#include "support/run.hpp"
#include "support/soak.hpp"

#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/platform/cpu.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace mp = multiprocessing;
using mp::memory::block;
using mp::memory::heap;
using support::expect;

namespace {

bool all_are(const std::byte* first, std::size_t bytes, unsigned char value) {
    return std::all_of(first, first + bytes, [value](std::byte each) { return each == std::byte{value}; });
}

std::atomic<int>& number_in(const block& one) {
    return *reinterpret_cast<std::atomic<int>*>(one.address());
}

/// A moment, longer or shorter.
void spin(unsigned long rounds) {
    for (; rounds > 0; --rounds) {
        mp::platform::spin_pause();
    }
}

/// How the probes below make a child.
enum class way { by_the_library, bare, by_another_thread, orphan };

/// A child, or a grandchild whose parent has gone, that runs `body` and ends.
class started {
public:
    template <class Body>
    started(way how, Body body) {
        std::array<int, 2> ends{};
        expect(::pipe2(ends.data(), O_CLOEXEC) == 0, "a pipe");
        // All descendants hold its writing end until they end. A byte in it is bad news.
        const auto run = [&] {
            if (support::exit_code_of(body) != 0) {
                expect(::write(ends[1], "!", 1) == 1);
            }
        };
        switch (how) {
        case way::by_the_library:
            process_.emplace(mp::fork([&] {
                run();
            }));
            break;
        case way::bare:
            child_.emplace(run);
            break;
        case way::by_another_thread:
            std::thread([&] { child_.emplace(run); }).join();
            break;
        case way::orphan:
            expect(support::run_child([&] { support::child_process(run).detach(); }) == 0);
            break;
        }
        ::close(ends[1]);
        over_.reset(ends[0]);
    }

    [[nodiscard]] ::pid_t pid() const { return process_ ? static_cast<::pid_t>(process_->pid()) : child_->pid(); }

    /// Until the last descendant is gone.
    void wait() {
        char news = 0;
        expect(::read(over_.get(), &news, 1) == 0, "all is well in the child");
        if (process_) {
            process_->join();
        } else if (child_) {
            child_->wait();
        }
    }

private:
    std::optional<mp::Process> process_;
    std::optional<support::child_process> child_;
    mp::platform::owned_handle over_;
};

/// Frees what children use, and looks whether what they write ever shows in what is made afterwards. Run in a child.
void probe(way how, int iterations) {
    struct round {
        started child;
        std::vector<block> made;
    };
    heap& here = heap::current();
    std::minstd_rand random(static_cast<unsigned>(how) + 1);
    std::deque<round> rounds;
    const auto make = [&](std::size_t bytes, int mark) {
        block fresh = here.allocate(bytes, 16);
        expect(number_in(fresh) == 0, "a new block is zeros");
        number_in(fresh) = mark;
        return fresh;
    };
    const auto finish_oldest = [&] {
        const int mark = number_in(rounds.front().made.front());
        rounds.front().child.wait();
        for (const block& each : rounds.front().made) {
            expect(number_in(each) == mark && mark < 0, "nobody writes into what was made afterwards");
        }
        rounds.pop_front();
    };
    for (int i = 1; i <= iterations; ++i) {
        const std::size_t bytes = std::array<std::size_t, 3>{64, 2048, 20000}[static_cast<std::size_t>(i) % 3];
        block dropped = make(bytes, i);
        started child(how, [&, writes = random() % 30 + 1, pause = random() % 200] {
            for (auto n = writes; n > 0; --n) {
                number_in(dropped) = 777;
                spin(pause);
                expect(number_in(dropped) == 777, "nobody else writes into what this child has");
            }
        });
        dropped = block();
        round next{std::move(child), {}};
        for (int n = 0; n < 4; ++n) {
            next.made.push_back(make(bytes, -i));
        }
        rounds.push_back(std::move(next));
        if (rounds.size() > 4) {
            finish_oldest();
        }
        for (const round& each : rounds) {
            for (const block& one : each.made) {
                expect(number_in(one) < 0, "no child's 777");
            }
        }
    }
    while (!rounds.empty()) {
        finish_oldest();
    }
    // All that was made would take 37 KB a round on average.
    expect(here.arena_count() <= 2, "and what was freed was used again");
}

/// Which of `wanted` come when so many blocks are made. They are kept in `kept`.
std::set<std::byte*> come_back(const std::set<std::byte*>& wanted, std::size_t bytes, std::vector<block>& kept) {
    std::set<std::byte*> found;
    for (int i = 0; i < 300; ++i) {
        kept.push_back(heap::current().allocate(bytes, 16));
        if (wanted.contains(kept.back().address())) {
            found.insert(kept.back().address());
        }
    }
    return found;
}

} // namespace

TEST_CASE("heap::allocate") {
    heap& here = heap::current();

    SECTION("gives the size and the alignment asked for, zeros, and nothing twice") {
        struct piece {
            block memory;
            std::size_t bytes;
            unsigned char pattern;
        };
        std::vector<std::size_t> sizes{0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 1000, 1023, 1024, 1025, 4095, 4096, 8191, 8192, 8193, 65536, 100000};
        std::minstd_rand random(1);
        for (int i = 0; i < 60; ++i) {
            sizes.push_back(random() % 100001);
            sizes.push_back(random() % 2000);
        }
        std::vector<piece> pieces;
        for (std::size_t alignment = 1; alignment <= 8192; alignment *= 2) {
            for (const std::size_t bytes : sizes) {
                piece next{here.allocate(bytes, alignment), bytes, static_cast<unsigned char>(1 + pieces.size() % 255)};
                const bool aligned = reinterpret_cast<std::uintptr_t>(next.memory.address()) % alignment == 0;
                const bool zeros = all_are(next.memory.address(), bytes, 0);
                if (!aligned || !zeros) {
                    CAPTURE(bytes, alignment, aligned, zeros);
                    FAIL();
                }
                std::memset(next.memory.address(), next.pattern, bytes);
                pieces.push_back(std::move(next));
            }
        }
        for (const piece& each : pieces) {
            if (!all_are(each.memory.address(), each.bytes, each.pattern)) {
                CAPTURE(each.bytes);
                FAIL("another block lies over it");
            }
        }
    }
    SECTION("gives every block, also of no bytes, a place of its own") {
        std::set<std::byte*> places;
        std::vector<block> kept;
        for (int i = 0; i < 100; ++i) {
            kept.push_back(here.allocate(0, 1));
            REQUIRE(kept.back().address() != nullptr);
            places.insert(kept.back().address());
        }
        REQUIRE(places.size() == 100);
    }
    SECTION("uses again at once what was freed, as zeros, when there is no child") {
        REQUIRE(support::run_child([] {
                    for (const std::size_t bytes : {1u, 64u, 100u, 1024u, 8000u, 8193u, 100000u, 5000000u}) {
                        std::byte* place = nullptr;
                        for (int i = 0; i < 20; ++i) {
                            const block one = heap::current().allocate(bytes, 64);
                            expect(place == nullptr || place == one.address(), "the same place");
                            expect(all_are(one.address(), bytes, 0), "zeros");
                            std::memset(one.address(), 0xff, bytes);
                            place = one.address();
                        }
                    }
                }) == 0);
    }
    SECTION("keeps a block for as long as there is a copy of it") {
        REQUIRE(support::run_child([] {
                    std::optional<block> first(heap::current().allocate(64, 64));
                    std::byte* const place = first->address();
                    const block second = first->at(8);
                    first.reset();
                    std::vector<block> kept;
                    expect(come_back({place}, 64, kept).empty());
                }) == 0);
    }
    SECTION("gives the pages of large blocks back to the system") {
        REQUIRE(support::run_child([] {
                    const auto before = support::shared_memory_bytes();
                    {
                        const block large = heap::current().allocate(std::size_t{8} << 20, 64);
                        std::memset(large.address(), 1, std::size_t{8} << 20);
                        expect(support::shared_memory_bytes() >= before + (std::size_t{8} << 20));
                    }
                    expect(support::shared_memory_bytes() <= before + (std::size_t{64} << 10));
                    std::vector<block> small;
                    for (int i = 0; i < 100000; ++i) {
                        small.push_back(heap::current().allocate(64, 64));
                        std::memset(small.back().address(), 1, 64);
                    }
                    expect(support::shared_memory_bytes() >= before + 6400000);
                    small.clear();
                    expect(support::shared_memory_bytes() <= before + (std::size_t{128} << 10), "of many small ones too");
                }) == 0);
    }
    SECTION("refuses what cannot be had, and nothing has changed") {
        REQUIRE(support::run_child([] {
                    const block one = heap::current().allocate(64, 64);
                    const auto arenas = heap::current().arena_count();
                    const auto descriptors = support::open_descriptors();
                    const auto mappings = support::mappings();
                    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
                    for (const std::size_t bytes : {most, most - 63, most / 2, most / 2 + 1, std::size_t{1} << 62,
                                                    (std::size_t{1} << 62) + 1, std::size_t{1} << 50, std::size_t{1} << 47}) {
                        for (const std::size_t alignment : {1u, 64u, 8192u}) {
                            bool refused = false;
                            try {
                                static_cast<void>(heap::current().allocate(bytes, alignment));
                            } catch (const std::system_error& error) {
                                refused = error.code() == std::errc::not_enough_memory;
                            }
                            expect(refused, "with not_enough_memory");
                        }
                    }
                    expect(heap::current().arena_count() == arenas);
                    expect(support::open_descriptors() == descriptors);
                    expect(support::sanitized || support::mappings() <= mappings + 1); // a sanitizer maps for itself
                    expect(heap::current().allocate(64, 64).address() == one.address() + 64, "the next block is the next one");
                }) == 0);
    }
    SECTION("without a descriptor left refuses what needs one, and gives what does not") {
        REQUIRE(support::run_child([] {
                    const block one = heap::current().allocate(64, 64);
                    support::limit(RLIMIT_NOFILE, 0);
                    bool refused = false;
                    try {
                        static_cast<void>(heap::current().allocate(std::size_t{64} << 20, 64));
                    } catch (const std::system_error& error) {
                        refused = error.code() == std::errc::too_many_files_open;
                    }
                    expect(refused);
                    expect(heap::current().allocate(64, 64).address() != nullptr);
                    support::limit(RLIMIT_NOFILE, 256);
                    expect(heap::current().allocate(std::size_t{64} << 20, 64).address() != nullptr);
                }) == 0);
    }
    SECTION("is for several threads at once") {
        std::atomic<int> wrong{0};
        const auto work = [&](unsigned seed) {
            std::minstd_rand random(seed);
            std::deque<std::pair<block, std::size_t>> mine;
            for (int i = 0; i < 10000; ++i) {
                const std::size_t bytes = i % 50 == 0 ? 10000 : 1 + random() % 300;
                mine.emplace_back(here.allocate(bytes, 16), bytes);
                wrong += all_are(mine.back().first.address(), bytes, 0) ? 0 : 1;
                std::memset(mine.back().first.address(), static_cast<int>(seed), bytes);
                if (mine.size() > 40) {
                    const auto& [one, size] = mine.front();
                    wrong += all_are(one.address(), size, static_cast<unsigned char>(seed)) ? 0 : 1;
                    mine.pop_front();
                }
            }
        };
        std::vector<std::thread> threads;
        for (unsigned seed = 1; seed <= 4; ++seed) {
            threads.emplace_back(work, seed);
        }
        for (std::thread& each : threads) {
            each.join();
        }
        REQUIRE(wrong == 0);
    }
    SECTION("counts the copies of a block that several threads make and drop") {
        REQUIRE(support::run_child([] {
                    block one = heap::current().allocate(64, 64);
                    std::byte* const place = one.address();
                    std::vector<std::thread> threads;
                    for (int t = 0; t < 4; ++t) {
                        threads.emplace_back([copy = one] {
                            for (int i = 0; i < 20000; ++i) {
                                const block other(copy);
                                const block third = other.at(4);
                            }
                        });
                    }
                    for (std::thread& each : threads) {
                        each.join();
                    }
                    expect(heap::current().allocate(64, 64).address() != place);
                    threads.clear();
                    one = block();
                    expect(heap::current().allocate(64, 64).address() == place);
                }) == 0);
    }
}

TEST_CASE("heap::allocate after a free while children live", "[soak]") {
    const int many = support::repetitions(200, 1000);
    const int some = support::repetitions(50, 100);
    SECTION("many times by the library's fork") {
        REQUIRE(support::run_child([&] { probe(way::by_the_library, many); }) == 0);
    }
    SECTION("many times by a bare fork") {
        REQUIRE(support::run_child([&] { probe(way::bare, many); }) == 0);
    }
    SECTION("many times by a fork in another thread") {
        REQUIRE(support::run_child([&] { probe(way::by_another_thread, many); }) == 0);
    }
    SECTION("many times by a grandchild whose parent has gone") {
        REQUIRE(support::run_child([&] { probe(way::orphan, many); }) == 0);
    }
    SECTION("and that of a child's own, by the child's children") {
        REQUIRE(support::run_child([&] {
                    const block inherited = heap::current().allocate(64, 16);
                    auto child = mp::fork([&] {
                        probe(way::by_the_library, some);
                        probe(way::bare, some);
                    });
                    child.join();
                    expect(child.exitcode() == 0);
                }) == 0);
    }

    SECTION("small blocks come back when the child has ended") {
        REQUIRE(support::run_child([] {
                    for (const way how : {way::by_the_library, way::bare, way::by_another_thread, way::orphan}) {
                        const support::shared<support::flag> go;
                        block dropped = heap::current().allocate(640, 16);
                        std::byte* const place = dropped.address();
                        started child(how, [&] { go->wait(); });
                        dropped = block();
                        std::vector<block> kept;
                        expect(come_back({place}, 640, kept).empty(), "not while it lives");
                        go->raise();
                        child.wait();
                        expect(support::eventually([&] { return !come_back({place}, 640, kept).empty(); }), "but then");
                    }
                }) == 0);
    }
    SECTION("the pages of large blocks come back when the child was killed") {
        REQUIRE(support::run_child([] {
                    constexpr std::size_t bytes = std::size_t{8} << 20;
                    const block keep = heap::current().allocate(64, 64);
                    const auto before = support::shared_memory_bytes();
                    block dropped = heap::current().allocate(bytes, 64);
                    std::byte* const place = dropped.address();
                    std::memset(place, 7, bytes);
                    const support::shared<support::flag> go;
                    const support::shared<support::flag> seen;
                    auto child = mp::fork([&] {
                        go->wait();
                        if (all_are(place, bytes, 7)) {
                            seen->raise();
                        }
                        ::pause();
                    });
                    dropped = block();
                    expect(heap::current().allocate(64, 64).address() != nullptr);
                    expect(support::shared_memory_bytes() >= before + bytes, "the child has them");
                    go->raise();
                    seen->wait();
                    child.kill();
                    child.join();
                    expect(heap::current().allocate(64, 64).address() != nullptr);
                    expect(support::shared_memory_bytes() <= before + (std::size_t{64} << 10), "nobody has them");
                    expect(heap::current().allocate(bytes, 64).address() == place);
                }) == 0);
    }
    SECTION("a block waits for all children that may know it, and for no other") {
        REQUIRE(support::run_child([] {
                    constexpr std::size_t bytes = 320;
                    std::vector<block> blocks;
                    std::map<std::byte*, int> numbers;
                    std::set<std::byte*> places;
                    for (int i = 0; i < 5; ++i) {
                        blocks.push_back(heap::current().allocate(bytes, 16));
                        numbers[blocks.back().address()] = i + 1;
                        places.insert(blocks.back().address());
                    }
                    // Block n is freed after child n was made: children 1 to n know it.
                    std::vector<support::child_process> children;
                    for (block& each : blocks) {
                        children.emplace_back([] { ::pause(); });
                        each = block();
                    }
                    std::vector<block> kept;
                    const auto back_after_the_end_of = [&](std::size_t child) {
                        children[child - 1].send(SIGKILL);
                        children[child - 1].wait();
                        std::set<int> found;
                        for (std::byte* each : come_back(places, bytes, kept)) {
                            found.insert(numbers[each]);
                        }
                        return found;
                    };
                    expect(come_back(places, bytes, kept).empty());
                    expect(back_after_the_end_of(3).empty());
                    expect(back_after_the_end_of(1) == std::set{1});
                    expect(back_after_the_end_of(2) == std::set{2, 3});
                    expect(back_after_the_end_of(5).empty());
                    expect(back_after_the_end_of(4) == std::set{4, 5});
                }) == 0);
    }
    SECTION("children with no free between them share a lease, and it lasts as long as the last") {
        REQUIRE(support::run_child([] {
                    block dropped = heap::current().allocate(64, 16);
                    std::byte* const place = dropped.address();
                    const auto descriptors = support::open_descriptors();
                    std::vector<support::child_process> children;
                    for (int i = 0; i < 50; ++i) {
                        children.emplace_back([] { ::pause(); });
                    }
                    expect(support::open_descriptors() == descriptors + 2);
                    dropped = block();
                    expect(support::open_descriptors() == descriptors + 1);
                    std::vector<block> kept;
                    for (std::size_t i = 0; i < children.size(); ++i) {
                        expect(come_back({place}, 64, kept).empty());
                        children[(i + 25) % 50].send(SIGKILL);
                        children[(i + 25) % 50].wait();
                    }
                    expect(come_back({place}, 64, kept) == std::set{place});
                    expect(support::open_descriptors() <= descriptors + 1, "one more arena at most");
                }) == 0);
    }
    SECTION("descriptors do not pile up over many short children") {
        REQUIRE(support::run_child([] {
                    block dropped = heap::current().allocate(64, 16);
                    const auto descriptors = support::open_descriptors();
                    for (int i = 0; i < 300; ++i) {
                        const support::child_process child([] {});
                        dropped = heap::current().allocate(64, 16);
                    }
                    expect(support::open_descriptors() <= descriptors + 2);
                }) == 0);
    }
    SECTION("nor after many at the same time") {
        REQUIRE(support::run_child([] {
                    block dropped = heap::current().allocate(64, 16);
                    const auto descriptors = support::open_descriptors();
                    std::vector<support::child_process> children;
                    for (int i = 0; i < 100; ++i) {
                        children.emplace_back([] { ::pause(); });
                        dropped = heap::current().allocate(64, 16);
                    }
                    children.clear();
                    dropped = heap::current().allocate(64, 16);
                    expect(support::open_descriptors() <= descriptors);
                }) == 0);
    }
    SECTION("300 children, with frees between, when descriptors run out") {
        REQUIRE(support::run_child([] {
                    const support::shared<support::flag> go;
                    std::vector<block> dropped;
                    for (int i = 0; i < 300; ++i) {
                        dropped.push_back(heap::current().allocate(64, 16));
                    }
                    const auto descriptors = support::open_descriptors();
                    support::limit(RLIMIT_NOFILE, 256);
                    std::vector<support::child_process> children;
                    std::vector<block> made;
                    for (std::size_t i = 0; i < dropped.size(); ++i) {
                        children.emplace_back([&, i] {
                            go->wait();
                            for (std::size_t known = i; known < dropped.size(); ++known) {
                                number_in(dropped[known]) = 777;
                            }
                        });
                        dropped[i] = block();
                        for (int n = 0; n < 3; ++n) {
                            made.push_back(heap::current().allocate(64, 16));
                            number_in(made.back()) = -1;
                        }
                    }
                    go->raise();
                    for (auto& each : children) {
                        expect(each.wait() == 0);
                    }
                    for (const block& each : made) {
                        expect(number_in(each) == -1, "no child's 777");
                    }
                    expect(heap::current().allocate(64, 16).address() != nullptr);
                    expect(support::open_descriptors() <= descriptors + 2);
                }) == 0);
    }
    SECTION("children made when no descriptor was left") {
        REQUIRE(support::run_child([] {
                    const support::shared<support::flag> go;
                    block dropped = heap::current().allocate(64, 16);
                    support::limit(RLIMIT_NOFILE, 0);
                    support::child_process child([&] {
                        go->wait();
                        number_in(dropped) = 777;
                    });
                    support::limit(RLIMIT_NOFILE, 256);
                    dropped = block();
                    std::vector<block> made;
                    for (int n = 0; n < 500; ++n) {
                        made.push_back(heap::current().allocate(64, 16));
                        number_in(made.back()) = -1;
                    }
                    go->raise();
                    expect(child.wait() == 0);
                    for (const block& each : made) {
                        expect(number_in(each) == -1, "no child's 777");
                    }
                }) == 0);
    }
}

TEST_CASE("heap::current") {
    SECTION("is one for the process, whichever thread asks") {
        heap* other = nullptr;
        std::thread([&] { other = &heap::current(); }).join();
        REQUIRE(other == &heap::current());
    }
    SECTION("of a child is another, and what it frees of its own it uses again") {
        const block parents = heap::current().allocate(64, 16);
        heap* const parents_heap = &heap::current();
        REQUIRE(support::run_child([&] {
                    expect(&heap::current() != parents_heap);
                    expect(heap::current().arena_count() == 0);
                    std::byte* place = nullptr;
                    {
                        const block own = heap::current().allocate(64, 16);
                        place = own.address();
                        number_in(own) = 1;
                    }
                    const block again = heap::current().allocate(64, 16);
                    expect(again.address() == place);
                    expect(number_in(again) == 0);
                    expect(heap::current().arena_count() == 1);
                }) == 0);
    }
    SECTION("of a child gives nothing back of what was inherited, and the parent's goes on") {
        const block other = heap::current().allocate(64, 16); // which the child keeps, and with it the addresses of the rest
        block parents = heap::current().allocate(64, 16);
        block large = heap::current().allocate(100000, 16);
        number_in(parents) = 5;
        std::memset(large.address(), 7, 100000);
        REQUIRE(support::run_child([&] {
                    const std::set<std::byte*> places{parents.address(), large.address()};
                    {
                        const block copy(parents);
                        parents = block();
                    }
                    large = block();
                    std::vector<block> kept;
                    expect(come_back(places, 64, kept).empty());
                    expect(come_back(places, 100000, kept).empty());
                    for (const block& each : kept) {
                        number_in(each) = 777;
                    }
                    // Its own child, neither.
                    expect(support::run_child([&] { expect(come_back(places, 64, kept).empty()); }) == 0);
                }) == 0);
        REQUIRE(number_in(parents) == 5);
        REQUIRE(all_are(large.address(), 100000, 7));
        const block next = heap::current().allocate(64, 16);
        REQUIRE(next.address() != parents.address());
    }
    SECTION("of a parent goes in a child with the last of its blocks that the child has") {
        REQUIRE(support::run_child([] { // which has few objects of the tests
                    block small = heap::current().allocate(64, 16);
                    block large = heap::current().allocate(std::size_t{64} << 20, 64);
                    number_in(small) = 5;
                    expect(support::run_child([&] {
                               const auto descriptors = support::open_descriptors();
                               const auto mappings = support::mappings();
                               large = block();
                               expect(support::open_descriptors() == descriptors, "there is one more");
                               expect(number_in(small) == 5);
                               block copy(small);
                               small = block();
                               expect(number_in(copy) == 5, "which is there");
                               copy = block();
                               expect(support::open_descriptors() < descriptors, "both arenas are closed");
                               expect(support::mappings() < mappings, "and unmapped");
                               const block own = heap::current().allocate(64, 16);
                               number_in(own) = 6;
                           }) == 0);
                    expect(number_in(small) == 5, "the parent has what it had");
                    small = block();
                    large = block();
                    expect(support::run_child([] { // it is gone before the child goes on
                               const block own = heap::current().allocate(64, 16);
                               expect(heap::current().arena_count() == 1);
                           }) == 0);
                }) == 0);
    }
    SECTION("of a child is there though another thread of the parent was allocating") {
        REQUIRE(support::run_child([] {
                    std::atomic<bool> stop{false};
                    std::thread busy([&] {
                        std::deque<block> some;
                        for (std::size_t i = 0; !stop; ++i) {
                            some.push_back(heap::current().allocate(i % 20000, 16));
                            if (some.size() > 30) {
                                some.pop_front();
                            }
                        }
                    });
                    int wrong = 0;
                    for (int i = support::repetitions(500, 500); i > 0; --i) {
                        const auto use = [] {
                            const block small = heap::current().allocate(64, 16);
                            const block large = heap::current().allocate(100000, 16);
                            expect(number_in(small) == 0 && number_in(large) == 0);
                            const mp::SharedValue<int> value(5);
                            expect((value += 1) == 6);
                        };
                        wrong += support::run_child(use) == 0 ? 0 : 1;
                    }
                    stop = true;
                    busy.join();
                    expect(wrong == 0);
                }) == 0);
    }
    SECTION("is made by the first of several threads, while another forks") {
        for (int i = 0; i < 50; ++i) {
            REQUIRE(support::run_child([] { // a process without a heap
                        std::atomic<int> begin{0};
                        std::array<heap*, 3> seen{};
                        std::vector<std::thread> threads;
                        for (auto& each : seen) {
                            threads.emplace_back([&] {
                                ++begin;
                                while (begin != 4) {
                                }
                                each = &heap::current();
                                static_cast<void>(each->allocate(64, 16));
                            });
                        }
                        while (begin != 3) {
                        }
                        ++begin;
                        const int code = support::run_child([] { static_cast<void>(heap::current().allocate(64, 16)); });
                        for (auto& each : threads) {
                            each.join();
                        }
                        expect(code == 0);
                        expect(seen[0] == seen[1] && seen[1] == seen[2] && seen[0] == &heap::current());
                    }) == 0);
        }
    }
}

TEST_CASE("heap::arena_count") {
    SECTION("a million values, under the usual limit of descriptors") {
        REQUIRE(support::run_child([] {
                    support::limit(RLIMIT_NOFILE, 1024);
                    constexpr std::size_t count = 1000000;
                    std::vector<mp::SharedValue<int>> values;
                    values.reserve(count);
                    std::memset(static_cast<void*>(values.data()), 0, count * sizeof(values[0])); // not counted below
                    const auto mappings = support::mappings();
                    const auto before = support::resident_bytes();
                    for (std::size_t i = 0; i < count; ++i) {
                        values.emplace_back(static_cast<int>(i));
                    }
                    const auto each = static_cast<double>(support::resident_bytes() - before) / count;
                    std::fprintf(stderr, "%.1f bytes a value, %zu mappings, %zu arenas\n", each, support::mappings(),
                                 heap::current().arena_count());
                    expect(support::sanitized || each + sizeof(values[0]) < 128, "with its handle, fewer than 128 bytes a value");
                    expect(support::sanitized || support::mappings() < 200);
                    expect(support::mappings() < mappings + 100);
                    expect(heap::current().arena_count() < 20);
                    expect((values[0] += 1) == 1);
                    expect((values[count - 1] += 1) == static_cast<int>(count));
                }) == 0);
    }
    SECTION("ten thousand arrays, under the usual limit of descriptors") {
        REQUIRE(support::run_child([] {
                    support::limit(RLIMIT_NOFILE, 1024);
                    std::vector<mp::SharedArray<double>> arrays;
                    const auto mappings = support::mappings();
                    for (int i = 0; i < 10000; ++i) {
                        arrays.emplace_back(1000);
                        arrays.back()[999] = i;
                    }
                    std::fprintf(stderr, "%zu mappings, %zu arenas\n", support::mappings(), heap::current().arena_count());
                    expect(support::sanitized || support::mappings() < 200);
                    expect(support::mappings() < mappings + 100);
                    expect(heap::current().arena_count() < 20);
                    expect(arrays[0][999] == 0 && arrays[9999][999] == 9999);
                }) == 0);
    }
}

TEST_CASE("heap leaves nothing in /dev/shm, whoever is killed") {
    REQUIRE(support::run_child([] {
                const support::own_dev_shm shm;
                if (!shm.is_own()) { // other programs' files would be taken for ours
                    std::fputs("not permitted to have a /dev/shm of its own: nothing was tested\n", stderr);
                    return;
                }
                const auto before = support::names_in("/dev/shm");
                // The system notes every name that is given there, however shortly.
                const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
                expect(::inotify_add_watch(watch, "/dev/shm", IN_CREATE | IN_MOVED_TO) >= 0);
                {
                    const mp::SharedValue<int> parents(0);
                    std::minstd_rand random(1);
                    for (int i = 0; i < 150; ++i) {
                        const auto work = [&] {
                            for (int n = 0;; ++n) {
                                const mp::SharedValue<int> own(n);
                                const mp::SharedArray<double> array(static_cast<std::size_t>(n % 20000));
                                parents += own.value() % 2;
                            }
                        };
                        auto child = mp::fork(work);
                        spin(random() % 20000);
                        expect(support::names_in("/dev/shm") == before, "while it lives");
                        child.kill();
                        child.join();
                        expect(child.exitcode() == -SIGKILL);
                        expect(support::names_in("/dev/shm") == before, "after its death");
                    }
                }
                alignas(::inotify_event) std::array<char, 4096> news{};
                const auto got = ::read(watch, news.data(), news.size());
                expect(got < 0 && errno == EAGAIN, got > 0 ? reinterpret_cast<::inotify_event*>(news.data())->name : "no news");
            }) == 0);
}
