// Whoever can write to an object with a name can write anything to it, at any time, also while others use it. They get values or errors: no store, and
// no heir, leads outside of the memory that they have mapped; what ends by itself, ends.
//
// Taken out once, and what failed: each is named at its test case.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/run.hpp"
#include "support/small_shm.hpp"
#include "support/soak.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/robust/guarded_elsewhere.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>
#include <multiprocessing/shared_memory/shareable_list.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>
#include <multiprocessing/synchronize/detail/barrier_state.hpp>
#include <multiprocessing/synchronize/detail/waiter_table.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using mp::robust::mutex;
using mp::robust::life_id;
using mp::robust::life_scope;
using mp::detail::named_header;
using support::expect;
using support::numbered;
using support::Twelve;
using support::Whole;

namespace {

constexpr std::size_t object = sizeof(named_header);    // where it begins
constexpr std::size_t word = object;                    // of its mutex
constexpr std::size_t layout_byte = object + 11;
constexpr std::size_t mark = object + 12;
constexpr std::size_t range = object + 16;              // of an array
constexpr std::size_t number_of_places = object + 20;   // of permits

constexpr std::array<std::uint64_t, 18> extremes{0,
                                                 1,
                                                 2,
                                                 4,
                                                 7,
                                                 12,
                                                 24,
                                                 64,
                                                 255,
                                                 256,
                                                 4096,
                                                 std::uint64_t{1} << 31,
                                                 std::uint64_t{1} << 32,
                                                 std::uint64_t{1} << 40,
                                                 std::uint64_t{1} << 62,
                                                 std::uint64_t{1} << 63,
                                                 std::numeric_limits<std::uint64_t>::max() - 3,
                                                 std::numeric_limits<std::uint64_t>::max()};

/// The same memory once more, by hand, as another program has it.
class second_mapping {
public:
    explicit second_mapping(const std::string& file) {
        const mp::platform::owned_handle opened(::open(("/dev/shm/" + file).c_str(), O_RDWR | O_CLOEXEC));
        expect(static_cast<bool>(opened), "the file is there");
        struct ::stat status {};
        expect(::fstat(opened.get(), &status) == 0);
        size_ = static_cast<std::size_t>(status.st_size);
        void* const place = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, opened.get(), 0);
        expect(place != MAP_FAILED, "it is mapped");
        first_ = static_cast<unsigned char*>(place);
    }
    second_mapping(second_mapping&& other) noexcept : first_(std::exchange(other.first_, nullptr)), size_(other.size_) {}
    second_mapping& operator=(second_mapping&&) = delete;
    ~second_mapping() {
        if (first_ != nullptr) {
            ::munmap(first_, size_);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void put(std::size_t offset, std::uint64_t number, std::size_t bytes = 8) const noexcept { std::memcpy(first_ + offset, &number, bytes); }
    [[nodiscard]] std::uint64_t get(std::size_t offset, std::size_t bytes = 8) const noexcept {
        std::uint64_t number = 0;
        std::memcpy(&number, first_ + offset, bytes);
        return number;
    }
    /// As no compiler tears it.
    void store(std::size_t word_number, std::uint64_t number) const noexcept {
        reinterpret_cast<std::atomic<std::uint64_t>*>(first_)[word_number].store(number, std::memory_order_relaxed);
    }
    [[nodiscard]] std::vector<unsigned char> bytes(std::size_t from, std::size_t count) const { return {first_ + from, first_ + from + count}; }

private:
    unsigned char* first_;
    std::size_t size_;
};

life_id name_of_a_dead_thread(life_scope scope) {
    life_id name;
    std::thread([&] { name = mp::robust::enrol_this_thread(scope); }).join();
    return name;
}

/// Whether it threw LayoutError.
template <class Call>
bool is_refused(Call call) {
    try {
        call();
        return false;
    } catch (const mp::LayoutError& error) {
        CHECK(std::string(error.what()).starts_with("multiprocessing: "));
        return true;
    }
}

} // namespace

// Fails (what was stored is not there) with the object where the layout byte says, as redo_log::in_block had it.
TEST_CASE("a store goes to the object of its handle, whatever the block says") {
    const support::unused_object value_name;
    const mp::SharedValue<Whole> value(mp::create_only, value_name, numbered<Whole>(1));
    const support::unused_object array_name;
    const mp::SharedArray<Twelve> array(mp::create_only, array_name, std::vector<Twelve>(10));
    const second_mapping of_value(value_name.file());
    const second_mapping of_array(array_name.file());
    for (int layout = 0; layout < 256; ++layout) {
        CAPTURE(layout);
        of_value.put(layout_byte, static_cast<unsigned>(layout), 1);
        value.set(numbered<Whole>(layout % 100));
        REQUIRE(value.value() == numbered<Whole>(layout % 100));
        value.update([](Whole& whole) { whole = numbered<Whole>(7); });
        REQUIRE(value.value() == numbered<Whole>(7));

        of_array.put(layout_byte, static_cast<unsigned>(layout), 1);
        array[9] = Twelve{layout, 2, 3};
        array.assign_slice(0, 2, std::vector<Twelve>(2, Twelve{4, 5, layout}));
        REQUIRE(array[9].value() == Twelve{layout, 2, 3});
        REQUIRE(array[1].value() == Twelve{4, 5, layout});
    }
}

// Fails (SIGSEGV) without the look at what is mapped, and without the look at the note, in redo_log::complete_in_block.
TEST_CASE("an heir copies nothing outside of what is mapped") {
    const support::unused_object name;
    const mp::SharedArray<std::int32_t> array(mp::create_only, name, {1, 2, 3, 4, 5, 6});
    const second_mapping hostile(name.file());
    const auto header = hostile.bytes(0, sizeof(named_header));
    const life_id dead = name_of_a_dead_thread(life_scope::user);
    const std::array<std::uint64_t, 5> good{4, 8, 3, 4, 24}; // first, stride, count, piece_bytes, shadow_distance: elements 1, 3 and 5
    const auto leave = [&](std::uint64_t layout, std::uint64_t what, const std::array<std::uint64_t, 5>& note) {
        for (std::size_t i = 0; i < note.size(); ++i) {
            hostile.put(range + 8 * i, note[i]);
        }
        hostile.put(mark, what, 4);
        hostile.put(layout_byte, layout, 1);
        hostile.put(word, dead.bits());
    };
    const std::uint64_t its_layout = hostile.get(layout_byte, 1);
    const auto heir = [&] {
        const bool refused = is_refused([&] { static_cast<void>(array.slice()); });
        REQUIRE(hostile.bytes(0, sizeof(named_header)) == header);
        REQUIRE(array.get_lock().owner_died());
        REQUIRE_FALSE(is_refused([&] { static_cast<void>(array.slice()); })); // it is told once: the note is gone
        REQUIRE(hostile.get(mark, 4) == 0);
        array.lock();
        array.get_lock().make_consistent();
        array.unlock();
        return refused;
    };
    leave(its_layout, 1, good);
    hostile.put(object + 64 + 24 + 4, 42, 4); // in the shadow
    REQUIRE_FALSE(heir());
    REQUIRE(array[1] == 42);

    SECTION("each number of the note at its extremes") {
        int refused = 0;
        for (std::size_t field = 0; field < good.size(); ++field) {
            for (const std::uint64_t extreme : extremes) {
                CAPTURE(field, extreme);
                auto note = good;
                note[field] = extreme;
                leave(its_layout, 1, note);
                refused += heir() ? 1 : 0;
            }
        }
        REQUIRE(refused > 50);
    }
    SECTION("any layout, with any mark") {
        int refused = 0;
        for (std::uint64_t layout = 0; layout < 256; ++layout) {
            for (const std::uint64_t what : {1u, 24u, 4096u, 0x7fffffffu, 0xffffffffu}) {
                CAPTURE(layout, what);
                for (const bool is_large : {false, true}) {
                    leave(layout, what, is_large ? std::array<std::uint64_t, 5>{0, 4, 1u << 30, 4, std::uint64_t{1} << 32} : good);
                    if (layout == 0) { // nothing is in this block
                        static_cast<void>(array.try_lock());
                        array.unlock();
                        hostile.put(mark, 0, 4);
                    } else {
                        refused += heir() ? 1 : 0;
                    }
                }
            }
        }
        REQUIRE(refused > 1000);
    }
    SECTION("at random") {
        std::mt19937_64 random(support::soak_seed(7));
        for (support::soak_rounds rounds(sanitized ? 2'000 : 20'000); rounds.next();) {
            auto note = good;
            for (auto& each : note) {
                each = random() % 2 == 0 ? extremes[random() % extremes.size()] : random() >> random() % 64;
            }
            leave(random() % 2 == 0 ? its_layout : 1 + random() % 255, 1, note);
            static_cast<void>(heir());
        }
    }
    SECTION("who repairs is not refused, and finds the object as it is") {
        leave(its_layout, 1, {std::uint64_t{1} << 40, 8, 3, 4, 24});
        bool called = false;
        REQUIRE(array.get_lock().repair([&] { called = true; }));
        REQUIRE(called);
        REQUIRE(array[1] == 42);
    }
}

// An heir's copies end at the table and not at the end of the mapping: bytes_behind (lives_of.hpp).
TEST_CASE("an heir copies nothing into the object's own table of lives") {
    const support::unused_object name;
    const mp::SharedArray<std::int32_t> array(mp::create_only, mp::object_name(name.text()).mode(0660), {1, 2, 3, 4, 5, 6});
    const second_mapping hostile(name.file());
    const std::size_t table = hostile.get(offsetof(named_header, life_offset));
    REQUIRE(table == object + 128); // 64 in front of 6 elements, as many bytes of shadow, and what is missing to 64
    life_id dead;
    std::thread([&] { dead = mp::robust::enrol_this_thread_for(mp::detail::lock_access::header(array.get_lock())); }).join();
    const auto heir_is_refused = [&](const std::array<std::uint64_t, 5>& note) {
        for (std::size_t i = 0; i < note.size(); ++i) {
            hostile.put(range + 8 * i, note[i]);
        }
        hostile.put(mark, 1, 4);
        hostile.put(word, dead.bits());
        const bool refused = is_refused([&] { array.lock(); });
        if (refused) {
            array.lock();
        }
        REQUIRE(array.get_lock().owner_died());
        array.get_lock().make_consistent();
        array.unlock();
        return refused;
    };
    hostile.put(object + 64 + 24 + 20, 41, 4); // in the shadow
    REQUIRE_FALSE(heir_is_refused({4, 8, 3, 4, 24}));
    // As if the array were larger: from the table's slots into its front, and from its front into the object.
    constexpr std::size_t checked = offsetof(mp::robust::life_table_front, dead_owners); // which heirs count
    const auto front = hostile.bytes(table, checked);
    for (const std::uint64_t pretended : {40u, 64u, 128u, 4096u, 32768u}) {
        CAPTURE(pretended);
        REQUIRE(heir_is_refused({0, 4, pretended / 4, 4, pretended}));
        REQUIRE(heir_is_refused({pretended - 4, 4, 1, 4, pretended}));
        REQUIRE(hostile.bytes(table, checked) == front);
    }
    array[5] += 1;
    REQUIRE(array[5] == 42);
}

// Fails (what leads out is not refused) without the look at the object's size, in redo_log::complete_marked.
TEST_CASE("a note beside an object that is guarded elsewhere does not lead out of that object") {
    const mp::RLock lock;
    auto& header = mp::detail::lock_access::header(lock);
    const auto block = mp::memory::allocate(128, 64);
    auto& log_header = *reinterpret_cast<mutex*>(block.address());
    auto& note = *reinterpret_cast<mp::robust::redo_range*>(&log_header + 1);
    std::array<std::byte, 24> guarded{};
    const mp::robust::redo_log log(log_header, guarded.data(), block.address() + 64);
    const bool is_array = GENERATE(false, true);
    const mp::robust::guarded_elsewhere::entry entry(header, log, is_array, guarded.size());
    for (const std::uint64_t extreme : extremes) {
        for (const bool first : {false, true}) {
            note = {first ? extreme : 0, 8, first ? 1 : extreme, 8, 64};
            const std::uint32_t what = is_array ? 1 : static_cast<std::uint32_t>(extreme);
            log_header.redo = what;
            const bool fits = is_array ? (first ? extreme <= 16 : extreme - 1 < 3) : what == 24 || what == 0;
            CAPTURE(is_array, extreme, first);
            REQUIRE(is_refused([&] { lock.lock(); }) == !fits);
            REQUIRE(log_header.redo == 0);
            if (fits) {
                lock.unlock();
            }
            REQUIRE(lock.try_lock()); // it was given back
            lock.unlock();
        }
    }
}

// Fails (SIGSEGV, or what is asked is not so) with the number of places from shared memory, in primitive::places.
TEST_CASE("how many places a primitive has is what its handle knows") {
    const std::uint64_t number = GENERATE(0u, 1u, 5'000u, 0x7fffffffu, 0xffffffffu);
    CAPTURE(number);
    SECTION("BoundedSemaphore") {
        const support::unused_object name;
        const mp::BoundedSemaphore semaphore(mp::create_only, name, 3);
        second_mapping(name.file()).put(number_of_places, number, 4);
        for (int i = 0; i < 3; ++i) {
            REQUIRE(semaphore.try_lock_for(1s));
        }
        REQUIRE_FALSE(semaphore.try_lock_for(1ms));
        REQUIRE(semaphore.value() == 0);
        for (int i = 0; i < 3; ++i) {
            semaphore.unlock();
        }
        REQUIRE_THROWS_AS(semaphore.unlock(), std::system_error);
    }
    SECTION("Condition") {
        const support::unused_object name;
        const mp::Condition condition(mp::create_only, name, 4);
        const second_mapping hostile(name.file());
        hostile.put(object + offsetof(mp::detail::waiter_table, capacity), number, 4);
        hostile.put(object + offsetof(mp::detail::waiter_table, high_water), number, 4);
        condition.lock();
        static_cast<void>(condition.wait_for(2ms));
        condition.notify_all();
        condition.unlock();
    }
    SECTION("Barrier") {
        const support::unused_object name;
        const mp::Barrier barrier(mp::create_only, name, 2);
        second_mapping(name.file()).put(object + offsetof(mp::detail::barrier_state, parties), number, 4);
        REQUIRE(barrier.parties() == 2);
        std::thread other([&] { barrier.wait_for(60s); });
        barrier.wait_for(60s);
        other.join();
        REQUIRE_THROWS_AS(barrier.wait_for(2ms), mp::BrokenBarrier);
        barrier.reset();
        REQUIRE(barrier.n_waiting() == 0);
    }
}

namespace {

/// Makes the object of that name one of `count` places, by a header whose checksum holds, and a file that is as large.
void pretend(const std::string& file, std::uint64_t count, std::size_t front, std::size_t each, std::size_t number_at) {
    const std::uint64_t bytes = object + front + count * each;
    expect(::truncate(("/dev/shm/" + file).c_str(), static_cast<::off_t>(bytes)) == 0);
    const second_mapping hostile(file);
    hostile.put(offsetof(named_header, total_bytes), bytes);
    hostile.put(offsetof(named_header, count), count);
    hostile.put(object + number_at, count, 4);
    named_header header{};
    const auto all = hostile.bytes(0, sizeof(header));
    std::memcpy(&header, all.data(), sizeof(header));
    hostile.put(offsetof(named_header, checksum), header.expected_checksum());
}

} // namespace

// Fails without the question for fewest and most, in named_state.
TEST_CASE("a header that says how many, and means too few or too many, is refused") {
    SECTION("a Barrier for nobody, or for too many") {
        const support::unused_object name;
        const mp::Barrier barrier(mp::create_only, name, 2);
        for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{65'537}, std::uint64_t{1} << 32, (std::uint64_t{1} << 32) + 2}) {
            CAPTURE(count);
            pretend(name.file(), count, sizeof(mp::detail::barrier_state), 8, offsetof(mp::detail::barrier_state, parties));
            REQUIRE(is_refused([&] { static_cast<void>(mp::Barrier(mp::open_only, name)); }));
        }
        pretend(name.file(), 1, sizeof(mp::detail::barrier_state), 8, offsetof(mp::detail::barrier_state, parties));
        REQUIRE(mp::Barrier(mp::open_only, name).parties() == 1);
    }
    SECTION("a BoundedSemaphore of too many") {
        const support::unused_object name;
        const mp::BoundedSemaphore semaphore(mp::create_only, name, 2);
        for (const std::uint64_t count : {std::uint64_t{65'537}, std::uint64_t{1} << 32}) {
            CAPTURE(count);
            pretend(name.file(), count, sizeof(mp::detail::permit_table), 8, offsetof(mp::detail::permit_table, bound));
            REQUIRE(is_refused([&] { static_cast<void>(mp::BoundedSemaphore(mp::open_only, name)); }));
        }
        pretend(name.file(), 0, sizeof(mp::detail::permit_table), 8, offsetof(mp::detail::permit_table, bound)); // which anybody may make
        const mp::BoundedSemaphore none(mp::open_only, name);
        REQUIRE(none.value() == 0);
        REQUIRE_FALSE(none.try_lock_for(1ms));
        REQUIRE_THROWS_AS(none.unlock(), std::system_error);
    }
    SECTION("a Condition without room, or with too much") {
        const support::unused_object name;
        const mp::Condition condition(mp::create_only, name, 2);
        for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{4097}, std::uint64_t{1} << 32}) {
            CAPTURE(count);
            pretend(name.file(), count, sizeof(mp::detail::waiter_table), 32, offsetof(mp::detail::waiter_table, capacity));
            REQUIRE(is_refused([&] { static_cast<void>(mp::Condition(mp::open_only, name)); }));
        }
    }
}

// Without the count of late rounds, in barrier_state::arrive, this passed all the same: who breaks a round mostly finds it broken, when the writer does not run
// at that moment.
TEST_CASE("who waits at a barrier has an end, whatever is written there meanwhile") {
    const support::unused_object name;
    const mp::Barrier barrier(mp::create_only, name, 3);
    const second_mapping hostile(name.file());
    const life_id dead = name_of_a_dead_thread(life_scope::user);
    std::atomic<bool> enough{false};
    std::thread writer([&] {
        for (std::uint64_t round = 1; !enough; ++round) { // always a round that is not broken, in which a dead party has arrived
            hostile.put(object + offsetof(mp::detail::barrier_state, rounds), round << 32);
            hostile.put(object + offsetof(mp::detail::barrier_state, places_of), round, 4);
            for (std::size_t i = 0; i < 3; ++i) {
                hostile.put(object + sizeof(mp::detail::barrier_state) + 8 * i, dead.bits());
            }
        }
    });
    std::atomic<bool> ended{false};
    std::thread waiter([&] {
        for (int i = 0; i < 20; ++i) {
            try {
                static_cast<void>(barrier.wait_for(5ms));
            } catch (const mp::BrokenBarrier&) {
            }
        }
        ended = true;
    });
    const bool in_time = support::eventually([&] { return ended.load(); });
    enough = true;
    writer.join();
    waiter.join();
    REQUIRE(in_time);
}

// With as many rounds as notify_all asks for, in waiter_table::notify, this passed all the same: they end when the writer does not run for a moment.
TEST_CASE("who notifies has an end, though waiters are put there for ever") {
    const support::unused_object name;
    const mp::Condition condition(mp::create_only, name, 4);
    const second_mapping hostile(name.file());
    const life_id alive = mp::robust::enrol_this_thread(life_scope::user);
    std::atomic<bool> enough{false};
    std::thread writer([&] {
        while (!enough) {
            hostile.put(object + offsetof(mp::detail::waiter_table, high_water), 4, 4);
            for (std::size_t i = 0; i < 4; ++i) {
                const std::size_t place = object + sizeof(mp::detail::waiter_table) + i * sizeof(mp::detail::waiter_table::waiter);
                hostile.put(place + offsetof(mp::detail::waiter_table::waiter, id), alive.bits());
                hostile.put(place + offsetof(mp::detail::waiter_table::waiter, state), 0, 4); // waiting
            }
        }
    });
    std::atomic<bool> ended{false};
    std::thread notifier([&] {
        for (int i = 0; i < 100; ++i) {
            condition.lock();
            condition.notify_all();
            condition.unlock();
        }
        ended = true;
    });
    const bool in_time = support::eventually([&] { return ended.load(); });
    enough = true;
    writer.join();
    notifier.join();
    REQUIRE(in_time);
}

// Fails (std::terminate) with a destructor that calls unlock().
TEST_CASE("guards of the library end, though another owner was written into the lock") {
    const support::unused_object name;
    const mp::SharedArray<int> array(mp::create_only, name, 3);
    const second_mapping hostile(name.file());
    const std::uint64_t free = hostile.get(word);
    const life_id dead = name_of_a_dead_thread(life_scope::user);
    {
        const auto span = array.synchronize();
        hostile.put(word, dead.bits());
    }
    REQUIRE(hostile.get(word) == dead.bits()); // it is not ours to give back
    REQUIRE_THROWS_AS(array.get_lock().repair([&] { hostile.put(word, free); }), std::system_error); // make_consistent
    REQUIRE(array.try_lock());
    array.unlock();
}

// What answers is is_alive (lives_of.hpp): for one by its `catch`, without which it ends the program; for the other as no table is known.
TEST_CASE("a name that is written in a table which cannot be had is one that lives") {
    const int code = support::run_child([] {
        if (!support::mount_small_shm("8m")) {
            return support::not_permitted;
        }
        // The one has a table of its own, and this process none of its user's; the other is written in its user's.
        const mp::BoundedSemaphore of_others(mp::create_only, mp::object_name("others").mode(0660), 2);
        static_cast<void>(mp::platform::named_memory::create(mp::robust::life_table_memory::name_for_user(), 100, 0600)); // no table
        const auto one_is_taken_by = [](const mp::BoundedSemaphore& semaphore, const char* file, life_scope scope) {
            second_mapping(file).put(object + sizeof(mp::detail::permit_table), life_id(scope, 0, 1).bits());
            expect(semaphore.value() == 1);
            expect(semaphore.try_lock_for(1s));
            expect(!semaphore.try_lock_for(1ms));
            semaphore.unlock();
        };
        one_is_taken_by(of_others, "mp.others", life_scope::user);
        expect(mp::platform::named_memory::unlink(mp::robust::life_table_memory::name_for_user()));
        const mp::BoundedSemaphore of_user(mp::create_only, "users", 2);
        one_is_taken_by(of_user, "mp.users", life_scope::object);
        return 0;
    });
    if (code == support::not_permitted) {
        WARN("not tested: a table that cannot be had, because a /dev/shm of one's own is not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

namespace {

constexpr ::uid_t nobody = 65'534;

/// What both sides of a storm know.
struct storm {
    support::flag has_opened; // everything, by the victim: what is damaged before that cannot be
    support::flag is_over;
    std::atomic<std::uint64_t> writes{0};
    std::atomic<std::uint64_t> values{0};
    std::atomic<std::uint64_t> errors{0};
};

const std::vector<std::string>& object_names() {
    static const std::vector<std::string> names{"value", "small", "array", "text", "lock", "semaphore", "bounded", "event", "barrier", "condition"};
    return names;
}

/// Writes until it is killed. What it writes into a table names no process that goes on after that: it is right to wait for ever for who lives, but not by a
/// lock without a time-out (named_tables.cpp, where the times are short).
[[noreturn]] void write_anything(storm& here, const std::vector<std::string>& files, life_id mine, unsigned seed) {
    std::vector<second_mapping> all;
    for (const std::string& each : files) {
        all.emplace_back(each);
    }
    std::vector<std::vector<unsigned char>> headers;
    std::vector<std::uint64_t> tables;
    for (const auto& each : all) {
        headers.push_back(each.bytes(0, sizeof(named_header)));
        tables.push_back(each.get(offsetof(named_header, life_offset)));
    }
    const auto is_process_of_slot = [](std::size_t offset, std::uint64_t table) { return table != 0 && offset >= table + 64 && offset % 64 == table % 64; };
    std::mt19937_64 random(seed);
    for (;;) {
        const std::size_t which = random() % all.size();
        const second_mapping& target = all[which];
        const std::size_t words = target.size() / 8;
        const std::size_t front = object / 8;
        // Mostly the first words behind the header, where locks, notes and numbers are.
        const std::size_t at = random() % 8 == 0 ? random() % words : std::min(words - 1, front + random() % 16);
        std::uint64_t number = 0;
        switch (random() % 8) {
        case 0:
            number = random();
            break;
        case 1:
            number = random() >> random() % 64;
            break;
        case 2:
            number = mine.bits(); // the name of one that lives, and works here
            break;
        case 3:
            number = target.get(8 * (front + random() % (words - front))); // what lies elsewhere in it
            break;
        case 4:
            number = target.get(8 * at) ^ std::uint64_t{1} << random() % 64;
            break;
        default:
            number = extremes[random() % extremes.size()] | (random() % 2 == 0 ? extremes[random() % extremes.size()] << 32 : 0);
        }
        if (is_process_of_slot(8 * at, tables[which])) {
            number |= std::uint64_t{1} << 40;
        }
        target.store(at, number);
        if (at < front) { // or nobody could open it any more
            for (std::size_t i = 0; i < front; ++i) {
                std::uint64_t good = 0;
                std::memcpy(&good, headers[which].data() + 8 * i, 8);
                target.store(i, good);
            }
        }
        here.writes.fetch_add(1, std::memory_order_relaxed);
        if (random() % 64 == 0) {
            ::sched_yield();
        }
    }
}

/// All operations, with time-outs where they have any.
class user_of_objects {
public:
    explicit user_of_objects(bool of_any_user)
        : of_any_user_(of_any_user), value_(mp::open_only, named("value")), small_(mp::open_only, named("small")), array_(mp::open_only, named("array")),
          text_(mp::open_only, named("text")), lock_(mp::open_only, named("lock")), semaphore_(mp::open_only, named("semaphore")),
          bounded_(mp::open_only, named("bounded")), event_(mp::open_only, named("event")), barrier_(mp::open_only, named("barrier")),
          condition_(mp::open_only, named("condition")) {}

    [[nodiscard]] std::vector<std::function<void()>> operations() const {
        return {
            [this] { value_.set(numbered<Whole>(3)); },
            [this] { static_cast<void>(value_.value()); },
            [this] { value_.update([](Whole& whole) { ++whole.x; }); },
            [this] { small_ += 1; },
            [this] { static_cast<void>(small_.exchange(5)); },
            [this] { array_[7] = Twelve{1, 2, 3}; },
            [this] { array_[-1].update([](Twelve& one) { ++one.b; }); },
            [this] { static_cast<void>(array_.slice(0, 10, 3)); },
            [this] { array_.assign_slice(0, 10, 2, std::vector<Twelve>(5)); },
            [this] { text_.value("a text"); },
            [this] { static_cast<void>(text_.value()); },
            [this] { array_.synchronize()[3] = Twelve{3, 2, 1}; },
            [this] { with(lock_); },
            [this] { with(value_); },
            [this] { static_cast<void>(lock_.repair([] {})); },
            [this] { static_cast<void>(lock_.try_lock() && (lock_.unlock(), true)); },
            [this] { static_cast<void>(semaphore_.try_lock_for(1ms)); },
            [this] { semaphore_.release(2); },
            [this] { static_cast<void>(bounded_.try_lock_for(1ms)); },
            [this] { bounded_.unlock(); },
            [this] { static_cast<void>(bounded_.value()); },
            [this] { event_.set(); },
            [this] { event_.clear(); },
            [this] { static_cast<void>(event_.wait_for(1ms)); },
            [this] { static_cast<void>(barrier_.wait_for(1ms)); },
            [this] { barrier_.reset(); },
            [this] { barrier_.abort(); },
            [this] { static_cast<void>(barrier_.n_waiting()); },
            [this] { in(condition_, [this] { static_cast<void>(condition_.wait_for(1ms)); }); },
            [this] { in(condition_, [this] { condition_.notify_all(); }); },
            [this] { static_cast<void>(mp::SharedArray<Twelve>(mp::open_only, named("array")).size()); },
            [this] { static_cast<void>(mp::SharedValue<Whole>(mp::open_or_create, named("value"), Whole{}).get_obj()); },
            [this] { static_cast<void>(mp::Barrier(mp::open_only, named("barrier")).parties()); },
            [this] { static_cast<void>(mp::BoundedSemaphore(mp::open_only, named("bounded")).value()); },
            [this] { static_cast<void>(mp::Condition(mp::open_only, named("condition")).try_lock()); },
        };
    }

private:
    [[nodiscard]] mp::object_name named(const char* name) const {
        return of_any_user_ ? mp::object_name(name).of_any_user() : mp::object_name(name);
    }

    template <class Lock, class Use>
    static void in(const Lock& lock, Use use) {
        if (lock.try_lock_for(1ms)) {
            const std::unique_ptr<const Lock, void (*)(const Lock*)> give_back(&lock, [](const Lock* held) {
                try {
                    held->unlock();
                } catch (const std::system_error&) { // somebody wrote another name there
                }
            });
            use();
        }
    }
    template <class Lock>
    static void with(const Lock& lock) {
        in(lock, [] {});
    }

    bool of_any_user_;
    mp::SharedValue<Whole> value_;
    mp::SharedValue<std::int64_t> small_;
    mp::SharedArray<Twelve> array_;
    mp::SharedArray<char> text_;
    mp::RLock lock_;
    mp::Semaphore semaphore_;
    mp::BoundedSemaphore bounded_;
    mp::Event event_;
    mp::Barrier barrier_;
    mp::Condition condition_;
};

void use_everything(storm& here, bool of_any_user, unsigned seed) {
    const user_of_objects user(of_any_user);
    here.has_opened.raise();
    const auto operations = user.operations();
    std::mt19937 random(seed);
    const auto use = [&](const std::function<void()>& each) {
        try {
            each();
            here.values.fetch_add(1, std::memory_order_relaxed);
        } catch (const std::exception&) { // of any kind: what is not to be is a signal, or no end
            here.errors.fetch_add(1, std::memory_order_relaxed);
        }
    };
    while (!here.is_over.is_raised()) {
        use(operations[random() % operations.size()]);
    }
    std::ranges::for_each(operations, use); // whatever is left there, now that nobody writes any more
}

int storm_as(bool another_user, unsigned seed) {
    if (!support::mount_small_shm("8m")) {
        return support::not_permitted;
    }
    const std::uint32_t mode = another_user ? 0666 : 0600;
    const auto named = [&](const char* name) { return mp::object_name(name).mode(mode); };
    const mp::SharedValue<Whole> value(mp::create_only, named("value"), Whole{});
    const mp::SharedValue<std::int64_t> small(mp::create_only, named("small"), 0);
    const mp::SharedArray<Twelve> array(mp::create_only, named("array"), 10);
    const mp::SharedArray<char> text(mp::create_only, named("text"), 30);
    const mp::RLock lock(mp::create_only, named("lock"));
    const mp::Semaphore semaphore(mp::create_only, named("semaphore"), 2);
    const mp::BoundedSemaphore bounded(mp::create_only, named("bounded"), 3);
    const mp::Event event(mp::create_only, named("event"));
    const mp::Barrier barrier(mp::create_only, named("barrier"), 2);
    const mp::Condition condition(mp::create_only, named("condition"), 4);
    if (another_user) { // they are his, and the one who opens them is root
        for (const std::string& each : object_names()) {
            if (::chown(("/dev/shm/mp." + each).c_str(), nobody, nobody) != 0) {
                return support::not_permitted;
            }
        }
    }
    const auto length = support::soak_time(std::chrono::milliseconds(1000));
    const auto alarm_after = [&] { ::alarm(static_cast<unsigned>(std::chrono::duration_cast<std::chrono::seconds>(length + support::patience).count())); };
    alarm_after();
    const support::shared<storm> here;
    support::child_process victim([&] {
        alarm_after();
        use_everything(*here, another_user, seed);
    });
    {
        const support::child_process writer([&]() -> int {
            alarm_after();
            // Of others' objects each has a table of its own: it is the name in one of them, and mostly the same in all.
            const life_id mine = mp::robust::enrol_this_thread_for(mp::detail::lock_access::header(value.get_lock()));
            if (another_user && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) {
                return support::not_permitted;
            }
            std::vector<std::string> files;
            for (const std::string& each : object_names()) {
                files.push_back("mp." + each);
            }
            here->has_opened.wait();
            write_anything(*here, files, mine, seed + 1);
        });
        here->has_opened.wait();
        std::this_thread::sleep_for(length); // the storm itself
        expect(here->writes > 0, "somebody wrote");
    } // killed
    here->is_over.raise();
    const int code = victim.wait(); // -SIGALRM if anything had no end
    expect(here->values > 0 && here->errors > 0, "there were values and errors");
    return code;
}

} // namespace

// Fails with the object where the layout byte says, and (std::terminate) with a guard whose destructor calls unlock().
TEST_CASE("a storm of writes to objects that are in use: values and errors", "[soak]") {
    const bool another_user = GENERATE(false, true);
    const unsigned seed = support::soak_seed();
    CAPTURE(another_user, seed);
    if (another_user && ::geteuid() != 0) {
        WARN("not tested: a storm by another user, because this one is not root");
        return;
    }
    const int code = support::run_child([&] { return storm_as(another_user, seed); });
    if (code == support::not_permitted) {
        WARN("not tested: a storm of writes, because a /dev/shm of one's own is not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

// Nothing was taken out: list_layout has no other way to its numbers than the copy that was checked.
TEST_CASE("a storm of writes to a ShareableList: items and errors", "[soak]") {
    const support::unused_name name;
    const mp::ShareableList list(mp::create_only, name.text(), {1, 2.5, "text", true, mp::none, "another text"});
    const unsigned seed = support::soak_seed();
    CAPTURE(seed);
    const support::shared<storm> here;
    const support::child_process writer([&]() -> int {
        const second_mapping target(name.text());
        std::mt19937_64 random(seed);
        for (;;) {
            const std::uint64_t number = random() % 2 == 0 ? extremes[random() % extremes.size()] : random() >> random() % 64;
            target.put(random() % (target.size() - 8), number, 1 + random() % 8);
            here->writes.fetch_add(1, std::memory_order_relaxed);
        }
    });
    const auto until = std::chrono::steady_clock::now() + support::soak_time(std::chrono::milliseconds(300));
    REQUIRE(support::eventually([&] { return here->writes > 0; }));
    std::mt19937 random(seed);
    while (std::chrono::steady_clock::now() < until) {
        try {
            const auto i = static_cast<std::ptrdiff_t>(random() % list.size());
            static_cast<void>(list.get(i));
            list.set(i, "new");
            static_cast<void>(list.count(mp::ShareableItem(2.5)));
            static_cast<void>(mp::ShareableList(mp::open_only, name.text()).size());
        } catch (const std::exception&) { // LayoutError, or an item without room
        }
    }
    REQUIRE(list.size() == 6);
}
