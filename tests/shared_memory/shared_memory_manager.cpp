// SharedMemoryManager on every system. That names go also when processes are killed: tests/robustness/shared_memory_manager.cpp.
#include "support/catch.hpp"
#include "support/handles.hpp"
#include "support/start.hpp"

#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/shared_memory/shared_memory_manager.hpp>

#include <stdexcept>
#include <string>

namespace mp = multiprocessing;
using mp::platform::named_memory;

namespace {

void change(const mp::SharedMemory& memory, const mp::ShareableList& list) {
    memory.buf()[0] = std::byte{7};
    list[0] = "changed";
}

} // namespace

TEST_CASE("SharedMemoryManager") {
    std::string block_name;
    std::string list_name;

    SECTION("removes what it made at the end of its scope, and nothing else") {
        const mp::SharedMemory other(mp::create_only, 10);
        {
            mp::SharedMemoryManager manager;
            manager.start();
            const mp::SharedMemory block = manager.SharedMemory(100);
            const mp::ShareableList list = manager.ShareableList({"howdy", 1, mp::none});
            const mp::ShareableList twin = manager.ShareableList(list);
            block_name = block.name();
            list_name = list.shm().name();
            REQUIRE(block.size() == 100);
            REQUIRE(mp::SharedMemory(mp::open_only, block_name).size() == 100);
            REQUIRE(mp::ShareableList(mp::open_only, list_name)[0] == "howdy");
            REQUIRE(twin[1] == 1);
            REQUIRE(twin.shm().name() != list_name);
        }
        REQUIRE_FALSE(named_memory::exists(block_name));
        REQUIRE_FALSE(named_memory::exists(list_name));
        REQUIRE(named_memory::exists(other.name()));
        other.unlink();
    }
    SECTION("removes what it made when it is shut down; those who have it keep it") {
        mp::SharedMemoryManager manager;
        manager.start();
        {
            const mp::SharedMemory block = manager.SharedMemory(100);
            block_name = block.name();
            if constexpr (mp::platform::names_stay) {
                manager.shutdown();
                REQUIRE_FALSE(named_memory::exists(block_name));
            }
            block.buf()[99] = std::byte{1};
        }
        manager.shutdown();
        REQUIRE_FALSE(named_memory::exists(block_name));
        manager.shutdown();
        REQUIRE_THROWS_AS(manager.SharedMemory(1), std::logic_error);
        REQUIRE_THROWS_AS(manager.ShareableList({1}), std::logic_error);
        REQUIRE_THROWS_AS(manager.start(), std::logic_error);
    }
    SECTION("keeps what nobody has open") {
        mp::SharedMemoryManager manager;
        manager.start();
        block_name = manager.SharedMemory(100).name();
        REQUIRE(mp::SharedMemory(mp::open_only, block_name).size() == 100);
    }
    SECTION("must be started, once") {
        mp::SharedMemoryManager manager;
        manager.shutdown();
        REQUIRE_THROWS_AS(manager.SharedMemory(1), std::logic_error);
        REQUIRE_THROWS_AS(manager.ShareableList({1}), std::logic_error);
        manager.start();
        REQUIRE_THROWS_AS(manager.start(), std::logic_error);
        REQUIRE_THROWS_AS(manager.SharedMemory(0), std::invalid_argument);
    }
    SECTION("what it made is passed to processes") {
        for (const auto method : support::start_methods) {
            mp::SharedMemoryManager manager;
            manager.start();
            const mp::SharedMemory block = manager.SharedMemory(100);
            const mp::ShareableList list = manager.ShareableList({"howdy"});
            REQUIRE(support::exit_code(support::start<change>(method, block, list)) == 0);
            REQUIRE(block.buf()[0] == std::byte{7});
            REQUIRE(list[0] == "changed");
            REQUIRE(named_memory::exists(block.name())); // the child's end is not the manager's
        }
    }
    SECTION("leaves no handle") {
        const auto use = [] {
            mp::SharedMemoryManager manager;
            manager.start();
            for (int i = 0; i < 20; ++i) {
                static_cast<void>(manager.SharedMemory(10));
            }
        };
        use();
        const auto before = support::open_handles();
        use();
        REQUIRE(support::open_handles() <= before + 1);
    }
}
