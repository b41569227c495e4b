// Memory with a name, on every system: made whole or not at all, whoever is killed.
//
// Taken out once, and what failed: the name given before `fill` runs (POSIX: link moved in front of it; Windows: all pages committed at once, so that it is
// taken for finished): "is found when it is filled", "that had not finished is not there"; on Windows "never found half-made" saw unfilled bytes.
#include "support/catch.hpp"
#include "support/for_life.hpp"
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/process_id.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace platform = multiprocessing::platform;
using platform::named_memory;

namespace {

constexpr std::size_t pattern_size = 3 * 4096 + 5;

/// Not one byte of it is zero.
void write_pattern(std::byte* first) {
    for (std::size_t i = 0; i < pattern_size; ++i) {
        first[i] = static_cast<std::byte>(1 + i % 255);
    }
}
bool has_pattern(const named_memory& memory) {
    if (memory.size() < pattern_size) {
        return false;
    }
    for (std::size_t i = 0; i < pattern_size; ++i) {
        if (memory.data()[i] != static_cast<std::byte>(1 + i % 255)) {
            return false;
        }
    }
    return true;
}

struct memory_scene {
    char name[64];
    support::milestone ready;
    support::milestone go;
    std::atomic<int> made;
    std::atomic<int> rounds;
};

const support::role changes("named_memory: changes", [](support::props given) {
    const memory_scene& here = support::on_stage<memory_scene>(given[0]);
    const auto memory = named_memory::open(here.name, platform::access::read_write);
    support::ensure(memory.has_value());
    support::ensure(memory->data()[0] == std::byte{42});
    memory->data()[1] = std::byte{43};
});

const support::role makes_and_lives("named_memory: makes and lives", [](support::props given) {
    memory_scene& here = support::on_stage<memory_scene>(given[0]);
    const auto memory = named_memory::create(here.name, pattern_size, 0600, write_pattern);
    support::ensure(memory.has_value());
    here.ready.reach();
    here.go.wait();
});

/// Never gets to the end of its work.
const support::role fills_for_ever("named_memory: fills for ever", [](support::props given) {
    memory_scene& here = support::on_stage<memory_scene>(given[0]);
    const auto memory = named_memory::create(here.name, pattern_size, 0600, [&](std::byte* first) {
        write_pattern(first);
        here.ready.reach();
        support::live_on();
    });
});

/// Makes it again and again, and mostly is killed meanwhile.
const support::role makes_again("named_memory: makes again", [](support::props given) {
    memory_scene& here = support::on_stage<memory_scene>(given[0]);
    for (;;) {
        {
            const auto memory = named_memory::create(here.name, pattern_size, 0600, write_pattern);
            here.made += memory.has_value() ? 1 : 0;
            here.ready.reach();
            std::this_thread::sleep_for(std::chrono::milliseconds(here.rounds % 3)); // and be found
            if (memory) {
                named_memory::unlink(here.name);
            }
        }
        ++here.rounds;
    }
});

/// One of several that want to be the first.
const support::role races("named_memory: races", [](support::props given) {
    memory_scene& here = support::on_stage<memory_scene>(given[0]);
    here.go.wait();
    const auto mine = named_memory::create(here.name, pattern_size, 0600, write_pattern);
    here.made += mine.has_value() ? 1 : 0;
    const auto theirs = named_memory::open(here.name, platform::access::read_only);
    support::ensure(theirs.has_value() && has_pattern(*theirs));
    ++here.rounds;
    support::ensure(support::comes_true([&] { return here.rounds == 4; }), "the others have looked, too");
});

} // namespace

TEST_CASE("named_memory::create, on every system") {
    const support::unused_name name;

    SECTION("is zero, of the size asked for, and found by its name") {
        for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, std::size_t{4096}, std::size_t{100'000}}) {
            const support::unused_name one;
            const auto made = named_memory::create(one, bytes, 0600);
            REQUIRE(made.has_value());
            REQUIRE(made->size() == bytes);
            REQUIRE(std::all_of(made->data(), made->data() + bytes, [](std::byte each) { return each == std::byte{}; }));
            made->data()[bytes - 1] = std::byte{7};
            const auto found = named_memory::open(one, platform::access::read_write);
            REQUIRE(found.has_value());
            REQUIRE(found->size() >= bytes);
            REQUIRE(found->data()[bytes - 1] == std::byte{7});
            REQUIRE(found->is_of_this_user());
            REQUIRE(found->mode() == 0600);
        }
    }
    SECTION("is empty when the name is taken, and leaves what is there") {
        const auto first = named_memory::create(name, 64, 0600);
        first->data()[0] = std::byte{1};
        bool filled = false;
        REQUIRE_FALSE(named_memory::create(name, 64, 0600).has_value());
        REQUIRE_FALSE(named_memory::create(name, 9999, 0600, [&](std::byte* there) {
                          filled = true;
                          there[0] = std::byte{2};
                      }).has_value());
        REQUIRE(named_memory::open(name, platform::access::read_only)->data()[0] == std::byte{1});
    }
    SECTION("is found when it is filled, and not before") {
        const auto made = named_memory::create(name, pattern_size, 0600, [&](std::byte* first) {
            REQUIRE_FALSE(named_memory::exists(name));
            REQUIRE_FALSE(named_memory::open(name, platform::access::read_only).has_value());
            write_pattern(first);
            REQUIRE_FALSE(named_memory::open(name, platform::access::read_only).has_value());
        });
        REQUIRE(named_memory::exists(name));
        REQUIRE(has_pattern(*named_memory::open(name, platform::access::read_only)));
    }
    SECTION("makes nothing when filling it throws") {
        REQUIRE_THROWS_AS(named_memory::create(name, 64, 0600, [](std::byte*) { throw std::runtime_error("on purpose"); }), std::runtime_error);
        REQUIRE_FALSE(named_memory::exists(name));
        REQUIRE(named_memory::create(name, 64, 0600).has_value());
    }
    SECTION("says what cannot be had, and leaves nothing") {
        for (const std::size_t bytes : {std::size_t{1} << 62, std::numeric_limits<std::size_t>::max()}) {
            try {
                static_cast<void>(named_memory::create(name, bytes, 0600));
                FAIL("it was had");
            } catch (const std::system_error& error) {
                REQUIRE((error.code() == std::errc::not_enough_memory || error.code() == std::errc::no_space_on_device));
                REQUIRE(std::string(error.what()).find(name) != std::string::npos);
                REQUIRE(std::string(error.what()).find(std::to_string(bytes) + " bytes") != std::string::npos);
            }
            REQUIRE_FALSE(named_memory::exists(name));
        }
    }
    SECTION("closes what it opened") {
        { const auto warm_up = named_memory::create(support::unused_name(), 64, 0600); }
        const auto before = support::open_handles();
        {
            auto one = named_memory::create(name, 64, 0600);
            const auto other = std::move(*one);
            const auto taken = named_memory::create(name, 64, 0600);
            REQUIRE_FALSE(support::is_inheritable(other.handle()));
            REQUIRE(support::open_handles() <= before + 2); // Boost's mapping keeps a handle of its own on Windows
        }
        REQUIRE(support::open_handles() == before);
    }
    SECTION("is shared with other processes") {
        const auto made = named_memory::create(name, 64, 0600);
        made->data()[0] = std::byte{42};
        const support::stage<memory_scene> here;
        name.copy_to(here->name);
        REQUIRE(support::actor(changes, {here.handle()}).wait() == 0);
        REQUIRE(made->data()[1] == std::byte{43});
    }
}

TEST_CASE("named_memory: names, on every system") {
    const std::string text = GENERATE(as<std::string>{}, "", ".", "..", "a/b", "/a", std::string("a\0b", 3), std::string(256, 'a'));
    REQUIRE_THROWS_AS(named_memory::create(text, 64, 0600), std::invalid_argument);
    REQUIRE_THROWS_AS(named_memory::open(text, platform::access::read_only), std::invalid_argument);
    REQUIRE_THROWS_AS(named_memory::exists(text), std::invalid_argument);
    REQUIRE_THROWS_AS(named_memory::unlink(text), std::invalid_argument);
}

TEST_CASE("named_memory::open, on every system") {
    const support::unused_name name;
    REQUIRE_FALSE(named_memory::open(name, platform::access::read_write).has_value());
    REQUIRE_FALSE(named_memory::exists(name));
    REQUIRE_FALSE(named_memory::unlink(name));
}

TEST_CASE("named_memory::list, on every system") {
    const support::unused_name name;
    const auto first = named_memory::create(name.with("-b"), 64, 0600);
    const auto second = named_memory::create(name.with("-a"), 64, 0600);
    REQUIRE(named_memory::list(name.with("-")) == std::vector<std::string>{name.with("-a"), name.with("-b")});
    REQUIRE(named_memory::list(name.with("-c")).empty());
    named_memory::unlink(name.with("-a"));
    named_memory::unlink(name.with("-b"));
}

TEST_CASE("named_memory of a killed maker, on every system") {
    const support::unused_name name;
    const support::stage<memory_scene> here;
    name.copy_to(here->name);

    SECTION("that had not finished is not there, and can be made again") {
        const support::actor maker(fills_for_ever, {here.handle()});
        here->ready.wait();
        REQUIRE_FALSE(named_memory::exists(name));
        REQUIRE_FALSE(named_memory::open(name, platform::access::read_write).has_value());
        maker.kill();
        REQUIRE_FALSE(named_memory::exists(name));
        REQUIRE(named_memory::create(name, 64, 0600).has_value());
    }
    SECTION("that had finished is whole for those who have it") {
        const support::actor maker(makes_and_lives, {here.handle()});
        here->ready.wait();
        const auto found = named_memory::open(name, platform::access::read_only);
        maker.kill();
        REQUIRE(has_pattern(*found));
        REQUIRE(has_pattern(*named_memory::open(name, platform::access::read_only)));
    }
    SECTION("is never found half-made, however many are killed") {
        int found = 0;
        for (int i = 0; i < 12; ++i) {
            const support::stage<memory_scene> scene_now;
            name.copy_to(scene_now->name);
            named_memory::unlink(name); // of the one who was killed before, where names stay
            const support::actor maker(makes_again, {scene_now.handle()});
            scene_now->ready.wait();
            const auto until = platform::deadline_after(std::chrono::milliseconds(30 + i));
            const int found_before = found;
            REQUIRE(support::comes_true([&] { // for a while, and until it was found at least once
                if (const auto one = named_memory::open(name, platform::access::read_only)) {
                    REQUIRE(has_pattern(*one));
                    ++found;
                }
                return platform::clock::now() > until && found > found_before;
            }));
            maker.kill();
            REQUIRE(scene_now->made > 0);
            const auto left = named_memory::open(name, platform::access::read_only);
            REQUIRE((!left || has_pattern(*left)));
        }
    }
}

TEST_CASE("named_memory: one of many makers is the first, on every system") {
    for (int i = 0; i < 10; ++i) {
        const support::unused_name name;
        const support::stage<memory_scene> here;
        name.copy_to(here->name);
        std::vector<support::actor> actors;
        for (int n = 0; n < 4; ++n) {
            actors.emplace_back(races, std::vector{here.handle()});
        }
        here->go.reach();
        for (const auto& each : actors) {
            REQUIRE(each.wait() == 0);
        }
        REQUIRE(here->made == 1);
    }
}
