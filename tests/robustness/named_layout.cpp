// A file that has the name of an object and is none, or was damaged: LayoutError, and nothing outside of it is read or written.
//
// Taken out once, and what failed: the checksum (named_segment::read_header): "each bit of a header flipped"; the check of count and size (named_segment::open):
// "each number of a header at its extremes"; what make_named_guarded asks of the lock (mutex::is_sane): "each bit of an object's lock" and "what an
// heir would do" (SIGBUS, SIGSEGV).
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/owner_died.hpp>
#include <multiprocessing/robust/redo_log.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/sharedctypes/read_only.hpp>
#include <multiprocessing/synchronize/lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mp = multiprocessing;
using mp::robust::mutex_state;
using mp::detail::named_header;
using support::Whole;

namespace {

using bytes = std::vector<unsigned char>;

std::string path_of(const support::unused_object& name) { return "/dev/shm/" + name.file(); }

bytes read(const support::unused_object& name) {
    const mp::platform::owned_handle file(::open(path_of(name).c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(file);
    bytes all(4096);
    const auto got = ::pread(file.get(), all.data(), all.size(), 0);
    REQUIRE(got > 0);
    all.resize(static_cast<std::size_t>(got));
    return all;
}

/// A new file of that name; whoever has the old one keeps it.
void write(const support::unused_object& name, const bytes& content) {
    ::unlink(path_of(name).c_str());
    const mp::platform::owned_handle file(::open(path_of(name).c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
    REQUIRE(file);
    REQUIRE(::write(file.get(), content.data(), content.size()) == static_cast<::ssize_t>(content.size()));
}

/// Where the checksum is to hold though something in front of it was changed.
bytes sealed(bytes content) {
    named_header header{};
    std::memcpy(&header, content.data(), sizeof(header));
    header.checksum = header.expected_checksum();
    std::memcpy(content.data(), &header, sizeof(header));
    return content;
}

enum class answer { refused, opened };

/// What the library says; whatever it is but LayoutError fails the test.
template <class Open>
answer answer_of(Open open) {
    try {
        open();
        return answer::opened;
    } catch (const mp::LayoutError& error) {
        REQUIRE(std::string(error.what()).starts_with("multiprocessing: "));
        return answer::refused;
    }
}

/// Opens it in every way; used, if it opens.
template <class Object, class Use>
answer opened_in_every_way(const support::unused_object& name, Use use) {
    const answer first = answer_of([&] { use(Object(mp::open_only, name)); });
    if constexpr (requires { Object(mp::open_or_create, name); }) {
        const answer second = answer_of([&] { use(Object(mp::open_or_create, name)); });
        REQUIRE((first == second || first == answer::opened)); // using it may have repaired it, not broken it
    }
    return first;
}

/// With a time-out and whatever policy: a damaged word may name a thread that lives, somewhere.
template <class Object, class Use>
void use_if_had(const Object& object, Use use) {
    try {
        if (object.try_lock_for(std::chrono::milliseconds(5))) {
            use();
            object.unlock();
        }
    } catch (const mp::OwnerDied&) {
        // as the policy in the damaged lock says
    }
}

answer open_value(const support::unused_object& name) {
    return opened_in_every_way<mp::SharedValue<Whole>>(name, [](const auto& value) { use_if_had(value, [&] { static_cast<void>(value.value()); }); });
}
answer open_array(const support::unused_object& name) {
    return opened_in_every_way<mp::SharedArray<std::int32_t>>(name, [](const auto& array) { use_if_had(array, [&] { static_cast<void>(array.slice()); }); });
}
answer look_at_value(const support::unused_object& name) {
    return answer_of([&] { static_cast<void>(mp::ReadOnlyValue<Whole>(name).value()); });
}
answer look_at_array(const support::unused_object& name) {
    return answer_of([&] {
        std::int64_t sum = 0;
        for (const std::int32_t each : mp::ReadOnlyArray<std::int32_t>(name)) {
            sum += each;
        }
        static_cast<void>(sum);
    });
}

constexpr std::array<std::uint64_t, 14> extremes{0,
                                                 1,
                                                 2,
                                                 7,
                                                 255,
                                                 256,
                                                 257,
                                                 4096,
                                                 std::uint64_t{1} << 31,
                                                 std::uint64_t{1} << 32,
                                                 std::uint64_t{1} << 62,
                                                 std::uint64_t{1} << 63,
                                                 std::numeric_limits<std::uint64_t>::max() - 1,
                                                 std::numeric_limits<std::uint64_t>::max()};

void put(bytes& content, std::size_t offset, std::uint64_t number, std::size_t size = 8) {
    std::memcpy(content.data() + offset, &number, size);
}

/// As the table of lives has it.
std::uint64_t name_of_a_dead_thread() {
    static const std::uint64_t name = [] {
        std::uint64_t mine = 0;
        std::thread([&] { mine = mp::robust::enrol_this_thread(mp::robust::life_scope::user).bits(); }).join();
        return mine;
    }();
    return name;
}

struct made {
    support::unused_object name;
    mp::SharedValue<Whole> object{mp::create_only, name, support::numbered<Whole>(1)};
    bytes good = read(name);
};
struct made_array {
    support::unused_object name;
    mp::SharedArray<std::int32_t> object{mp::create_only, name, {1, 2, 3, 4, 5, 6}};
    bytes good = read(name);
};

} // namespace

TEST_CASE("each bit of a header flipped is LayoutError") {
    const made value;
    for (std::size_t i = 0; i < sizeof(named_header); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            bytes bad = value.good;
            bad[i] = static_cast<unsigned char>(bad[i] ^ (1u << bit));
            write(value.name, bad);
            CAPTURE(i, bit);
            REQUIRE(open_value(value.name) == answer::refused);
            REQUIRE(look_at_value(value.name) == answer::refused);
        }
    }
    write(value.name, value.good);
    REQUIRE(open_value(value.name) == answer::opened);
    REQUIRE(look_at_value(value.name) == answer::opened);
}

TEST_CASE("each bit of a header flipped, under a checksum that holds: LayoutError, or the object") {
    const made value;
    std::size_t opened = 0;
    for (std::size_t i = 0; i < offsetof(named_header, checksum); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            bytes bad = value.good;
            bad[i] = static_cast<unsigned char>(bad[i] ^ (1u << bit));
            write(value.name, sealed(bad));
            CAPTURE(i, bit);
            const answer said = open_value(value.name);
            static_cast<void>(look_at_value(value.name));
            // What may differ: the wish to be collected, and the text that only messages show.
            const bool harmless = i >= offsetof(named_header, flags) && i < offsetof(named_header, life_offset);
            REQUIRE((said == answer::refused) == !harmless);
            opened += said == answer::opened ? 1 : 0;
        }
    }
    REQUIRE(opened > 0);
}

TEST_CASE("each number of a header at its extremes, under a checksum that holds") {
    const made value;
    const made_array array;
    for (const std::size_t field : {16u, 24u, 32u, 40u, 48u, 56u, 64u, 72u, 240u}) { // total_bytes to life_table, life_offset
        for (const std::uint64_t extreme : extremes) {
            CAPTURE(field, extreme);
            bytes bad = value.good;
            put(bad, field, extreme);
            write(value.name, sealed(bad));
            REQUIRE((open_value(value.name) == answer::refused) == (bad != value.good));
            static_cast<void>(look_at_value(value.name));

            bad = array.good;
            put(bad, field, extreme);
            write(array.name, sealed(bad));
            REQUIRE((open_array(array.name) == answer::refused) == (bad != array.good));
            if (field != 72) { // which one who takes no lock does not need
                REQUIRE((look_at_array(array.name) == answer::refused) == (bad != array.good));
            }
        }
    }
    // A count and a size that agree with each other, and are more than there is.
    for (const std::uint64_t count : extremes) {
        bytes bad = array.good;
        put(bad, 56, count);
        put(bad, 16, 256 + 64 + 2 * count * 4);
        write(array.name, sealed(bad));
        CAPTURE(count);
        REQUIRE(open_array(array.name) == answer::refused);
        REQUIRE(look_at_array(array.name) == answer::refused);
    }
}

TEST_CASE("truncated at every size, and longer than it says") {
    const made value;
    const made_array array;
    for (std::size_t size = 0; size < value.good.size(); ++size) {
        CAPTURE(size);
        write(value.name, bytes(value.good.begin(), value.good.begin() + static_cast<std::ptrdiff_t>(size)));
        REQUIRE(open_value(value.name) == answer::refused);
        REQUIRE(look_at_value(value.name) == answer::refused);
        if (size < array.good.size()) {
            write(array.name, bytes(array.good.begin(), array.good.begin() + static_cast<std::ptrdiff_t>(size)));
            REQUIRE(open_array(array.name) == answer::refused);
            REQUIRE(look_at_array(array.name) == answer::refused);
        }
    }
    bytes longer = value.good;
    longer.push_back(0);
    write(value.name, longer);
    REQUIRE(open_value(value.name) == answer::refused);
}

TEST_CASE("an empty file in the place of an object is refused, and can be removed") { // open_or_create would look for ever
    const support::unused_object name;
    write(name, {});
    REQUIRE(open_value(name) == answer::refused);
    REQUIRE(look_at_value(name) == answer::refused);
    REQUIRE_THROWS_AS(mp::SharedValue<Whole>(mp::create_only, name, support::numbered<Whole>(1)), std::system_error);
    REQUIRE(mp::unlink(name));
    REQUIRE_FALSE(mp::unlink(name));
}

TEST_CASE("each bit of an object's lock flipped: LayoutError, or a lock that can be taken") {
    const made value;
    const made_array array;
    for (const bool owner_is_dead : {false, true}) {
        for (std::size_t i = 0; i < 64; ++i) {
            for (int bit = 0; bit < 8; ++bit) {
                CAPTURE(owner_is_dead, i, bit);
                const auto damaged = [&](bytes content) {
                    if (owner_is_dead) {
                        put(content, 256, name_of_a_dead_thread());
                    }
                    content[256 + i] = static_cast<unsigned char>(content[256 + i] ^ (1u << bit));
                    return content;
                };
                // The header itself is to be as it was, whatever was done behind it.
                if (i < sizeof(mutex_state) && (i >= 8 || owner_is_dead)) { // a free word with a bit set names somebody, who may live
                    write(value.name, damaged(value.good));
                    static_cast<void>(open_value(value.name));
                    REQUIRE(std::memcmp(read(value.name).data(), value.good.data(), sizeof(named_header)) == 0);
                }
                if (i >= 8 || owner_is_dead) {
                    write(array.name, damaged(array.good));
                    static_cast<void>(open_array(array.name));
                    REQUIRE(std::memcmp(read(array.name).data(), array.good.data(), sizeof(named_header)) == 0);
                }
            }
        }
    }
}

TEST_CASE("what an heir would do is refused when it leaves the object") {
    const std::uint64_t dead = name_of_a_dead_thread();
    SECTION("of a value: any mark but its size") {
        const made value;
        for (const std::uint64_t mark : {std::uint64_t{1}, std::uint64_t{63}, std::uint64_t{65}, std::uint64_t{4096}, std::uint64_t{0xffffffff}}) {
            bytes bad = value.good;
            put(bad, 256, dead);
            put(bad, 268, mark, 4);
            write(value.name, bad);
            REQUIRE(open_value(value.name) == answer::refused);
        }
        bytes good = value.good;
        put(good, 256, dead);
        put(good, 268, sizeof(Whole), 4);
        good[272 + 64] = 42; // the shadow: the new value
        write(value.name, good);
        REQUIRE(mp::SharedValue<Whole>(mp::open_only, value.name).value().x == 42);
    }
    SECTION("of an array: every number of the note at its extremes") {
        const made_array array;
        // 256: the mutex; 272: first, stride, count, piece_bytes, shadow_distance; 320: six elements, and six of the shadow.
        const auto with_note = [&](std::array<std::uint64_t, 5> note) {
            bytes content = array.good;
            put(content, 256, dead);
            put(content, 268, 1, 4);
            for (std::size_t i = 0; i < note.size(); ++i) {
                put(content, 272 + 8 * i, note[i]);
            }
            std::memset(content.data() + 320 + 24, 7, 24);
            return content;
        };
        const std::array<std::uint64_t, 5> sane{4, 8, 3, 4, 24}; // elements 1, 3 and 5
        for (std::size_t field = 0; field < sane.size(); ++field) {
            for (std::uint64_t extreme : extremes) {
                auto note = sane;
                note[field] = extreme;
                write(array.name, with_note(note));
                CAPTURE(field, extreme);
                static_cast<void>(open_array(array.name));
                // Whatever was done, it was done to the elements.
                const bytes now = read(array.name);
                REQUIRE(now.size() == array.good.size());
                REQUIRE(std::memcmp(now.data(), array.good.data(), sizeof(named_header)) == 0);
                REQUIRE(std::memcmp(now.data() + 320 + 24, with_note(note).data() + 320 + 24, 24) == 0);
            }
        }
        for (const auto& outside : {std::array<std::uint64_t, 5>{4, 8, 4, 4, 24}, std::array<std::uint64_t, 5>{24, 4, 1, 4, 24},
                                    std::array<std::uint64_t, 5>{0, ~std::uint64_t{0} - 3, 2, 4, 24}, std::array<std::uint64_t, 5>{0, 4, 1, 25, 24},
                                    std::array<std::uint64_t, 5>{0, 4, 1, 4, 28}, std::array<std::uint64_t, 5>{0, 4, 1, 4, 0}}) {
            write(array.name, with_note(outside));
            REQUIRE(open_array(array.name) == answer::refused);
        }
        write(array.name, with_note(sane));
        REQUIRE(mp::SharedArray<std::int32_t>(mp::open_only, array.name).slice() == std::vector<std::int32_t>{1, 0x07070707, 3, 0x07070707, 5, 0x07070707});
    }
    SECTION("of a lock alone: there is nothing to do") {
        const support::unused_object name;
        const mp::RLock lock(mp::create_only, name);
        bytes bad = read(name);
        put(bad, 256, dead);
        bad[256 + offsetof(mutex_state, layout)] = 0x3f;
        put(bad, 268, 4096, 4);
        write(name, bad);
        REQUIRE(answer_of([&] { mp::RLock(mp::open_only, name).lock(); }) == answer::refused);
        REQUIRE(answer_of([&] { mp::RLock(mp::open_or_create, name).lock(); }) == answer::refused);
    }
    SECTION("a free lock has neither depth nor anything to redo") {
        const made value;
        for (const std::size_t at : {8u, 12u}) {
            bytes bad = value.good;
            bad[256 + at] = 64;
            write(value.name, bad);
            REQUIRE(open_value(value.name) == answer::refused);
        }
    }
}

TEST_CASE("opening an object writes nothing to it") {
    const made value;
    const made_array array;
    const mp::SharedValue<Whole> other(mp::open_only, value.name);
    const mp::SharedArray<std::int32_t> other_array(mp::open_or_create, array.name, 6);
    REQUIRE(read(value.name) == value.good);
    REQUIRE(read(array.name) == array.good);
    // so one who may not even take the lock can
    std::thread([&] { value.object.lock(); }).join();
    const bytes with_dead_owner = read(value.name);
    const mp::SharedValue<Whole> third(mp::open_only, value.name);
    REQUIRE(read(value.name) == with_dead_owner);
}

TEST_CASE("what is no file is refused at once", "[collect]") {
    const support::unused_object name;
    const std::string path = path_of(name);
    const auto refused = [&] {
        REQUIRE_THROWS_AS(mp::SharedValue<int>(mp::open_only, name), std::system_error);
        REQUIRE_THROWS_AS(mp::SharedValue<int>(mp::open_or_create, name, 1), std::system_error);
        REQUIRE_THROWS_AS(mp::SharedValue<int>(mp::create_only, name, 1), std::system_error);
        REQUIRE_NOTHROW(mp::collect());
    };
    SECTION("a folder") {
        REQUIRE(::mkdir(path.c_str(), 0700) == 0);
        refused();
        ::rmdir(path.c_str());
    }
    SECTION("a pipe") {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        refused();
        ::unlink(path.c_str());
    }
    SECTION("a link, even to an object") {
        const support::unused_object real;
        const mp::SharedValue<int> value(mp::create_only, real, 1);
        REQUIRE(::symlink(real.file().c_str(), path.c_str()) == 0);
        refused();
        ::unlink(path.c_str());
    }
}

TEST_CASE("what a hostile program prepared is never handed to collect", "[collect]") {
    const support::unused_object name;
    write(name, bytes(5'000, 0xff));
    REQUIRE(answer_of([&] { mp::SharedValue<int>(mp::open_only, name); }) == answer::refused);
    const auto removed = mp::collect();
    REQUIRE(std::ranges::count(removed, name.text()) == 0);
    REQUIRE(mp::platform::named_memory::exists(name.file()));
    REQUIRE(mp::unlink(name)); // but whoever names it may remove it
}
