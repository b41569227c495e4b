// SharedMemory as POSIX shows it: what stays in /dev/shm, and what does not.
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/run.hpp"
#include "support/small_shm.hpp"

#include <multiprocessing/shared_memory/shareable_list.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <exception>
#include <filesystem>
#include <ranges>
#include <string>
#include <system_error>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace mp = multiprocessing;

TEST_CASE("SharedMemory stays when those who attached end, however they do") { // CPython's gh-82300 removes it
    const support::unused_name name;
    {
        const mp::SharedMemory memory(mp::create_only, name.text(), 100);
        memory.buf()[0] = std::byte{1};
    }
    REQUIRE(support::run_child([&] { const mp::SharedMemory attached(mp::open_only, name.text()); }) == 0);
    REQUIRE(support::run_child([&] {
                const mp::SharedMemory attached(mp::open_only, name.text());
                ::kill(::getpid(), SIGKILL);
            }) == -SIGKILL);
    REQUIRE(mp::SharedMemory(mp::open_only, name.text()).buf()[0] == std::byte{1});
}

TEST_CASE("ShareableList is found complete or not at all, while it is made and removed a thousand times") { // CPython: an empty file in between
    const support::unused_name name;
    const support::shared<std::atomic<bool>> over(false);
    const std::vector<mp::ShareableItem> items{1, "two", 3.0, mp::bytes(std::string(5000, '4'))};
    support::child_process maker([&] {
        for (int i = 0; i < 1000; ++i) {
            mp::ShareableList(mp::create_only, name.text(), items).shm().unlink();
        }
        *over = true;
    });
    int found = 0;
    while (!*over) {
        try {
            const mp::ShareableList list(mp::open_only, name.text());
            REQUIRE(std::ranges::equal(list, items));
            ++found;
        } catch (const std::system_error& error) {
            REQUIRE(error.code() == std::errc::no_such_file_or_directory);
        }
    }
    REQUIRE(maker.wait() == 0);
    CAPTURE(found);
}

TEST_CASE("SharedMemory::unlink, a second time") {
    const mp::SharedMemory memory(mp::create_only, 100);
    const mp::SharedMemory other(mp::open_only, memory.name());
    memory.unlink();
    other.buf()[0] = std::byte{1};
    REQUIRE(memory.buf()[0] == std::byte{1});
    try {
        other.unlink();
        FAIL("it was there");
    } catch (const std::system_error& error) {
        REQUIRE(error.code() == std::errc::no_such_file_or_directory);
        REQUIRE(std::string(error.what()).find(memory.name()) != std::string::npos);
    }
}

TEST_CASE("SharedMemory has the permissions asked for, and else its owner's alone") {
    const auto mode_of = [](const std::string& name) {
        struct ::stat about {};
        REQUIRE(::stat(("/dev/shm/" + name).c_str(), &about) == 0);
        return about.st_mode & 07777;
    };
    const support::unused_name name;
    const mp::SharedMemory own(mp::create_only, 10);
    const mp::SharedMemory open(mp::create_only, name.text(), 10, std::filesystem::perms(0664));
    REQUIRE(mode_of(own.name()) == 0600);
    REQUIRE(mode_of(name) == 0664);
    own.unlink();
}

TEST_CASE("what cannot be made leaves nothing in /dev/shm") { // CPython leaves /psm_* for ever
    const int code = support::run_child([] {
        if (!support::mount_small_shm("64m")) { // of its own, where nobody else makes anything meanwhile
            return support::not_permitted;
        }
        const auto descriptors = support::open_descriptors();
        const auto refused = [](auto make) {
            try {
                make();
            } catch (const std::exception&) {
                return true;
            }
            return false;
        };
        support::expect(refused([] { mp::SharedMemory(mp::create_only, 0); }));
        support::expect(refused([] { mp::SharedMemory(mp::create_only, std::size_t{1} << 62); }));
        support::expect(refused([] { mp::SharedMemory(mp::create_only, 65u << 20); }));
        support::expect(refused([] { mp::ShareableList{"fine", std::string("\xff")}; }));
        support::expect(refused([] { mp::ShareableList{std::string(10'000'000, 'x')}; }));
        support::expect(support::names_in("/dev/shm").empty());
        support::expect(support::open_descriptors() == descriptors);
        return 0;
    });
    if (code == support::not_permitted) {
        WARN("not tested: what stays in /dev/shm, because mounting one of its own is not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

TEST_CASE("a full /dev/shm is no_space_on_device, and the process lives") { // CPython's gh-114390: SIGBUS
    const int code = support::run_child([] {
        if (!support::mount_small_shm("512k")) {
            return support::not_permitted;
        }
        int made = 0;
        try {
            for (;;) {
                const mp::SharedMemory memory(mp::create_only, 100'000);
                std::memset(memory.buf().data(), 1, memory.size());
                ++made;
            }
        } catch (const std::system_error& error) {
            support::expect(error.code() == std::errc::no_space_on_device, error.what());
        }
        support::expect(made > 3 && support::names_in("/dev/shm").size() == static_cast<std::size_t>(made));
        try {
            const mp::ShareableList list{std::string(200'000, 'x')};
            support::expect(false, "there was room");
        } catch (const std::system_error& error) {
            support::expect(error.code() == std::errc::no_space_on_device, error.what());
        }
        support::expect(support::names_in("/dev/shm").size() == static_cast<std::size_t>(made));
        return 0;
    });
    if (code == support::not_permitted) {
        WARN("not tested: a full /dev/shm, because mounting one is not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}
