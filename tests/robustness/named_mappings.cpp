// The table of named objects that this process has mapped: what forks, closes, and grows under it.
//
// Taken out once, and what failed: the table's fork hook: "a process forked"; detail/made_name: "made with unlink_on_destroy"; its own opening: "is held";
// the look at the size (named_segment::find_or_keep): "whose file grew".
#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/named_kind.hpp>
#include <multiprocessing/memory/detail/segment_table.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/named_segment.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/memory_identity.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <support/catch.hpp>
#include <support/descriptors.hpp>
#include <support/names.hpp>
#include <support/run.hpp>

namespace mp = multiprocessing;

namespace {

template <class Object>
const void* place_of(const Object& object) {
    return &mp::detail::lock_access::header(object.get_lock());
}

/// The descriptor of memory that is being made, of so many bytes.
std::string memory_without_a_name(std::size_t bytes) {
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        struct ::stat about{};
        if (::stat(each.path().c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_nlink == 0 &&
            static_cast<std::size_t>(about.st_size) == bytes) {
            return each.path();
        }
    }
    return {};
}

} // namespace

TEST_CASE("a process forked while other threads open and close named objects opens and closes them") {
    const support::unused_object name;
    const mp::SharedValue<int> kept(mp::create_only, name, 1);
    const support::unused_object other_name;
    static_cast<void>(mp::SharedValue<int>(mp::create_only, other_name, 2)); // mapped and unmapped all the time
    std::atomic<bool> enough{false};
    std::vector<std::thread> threads;
    threads.emplace_back([&] {
        while (!enough) {
            static_cast<void>(mp::SharedValue<int>(mp::open_only, name));
            static_cast<void>(mp::SharedValue<int>(mp::open_only, other_name));
        }
    });
    // And one that is in the table nearly all the time, which a thread that opens is not.
    threads.emplace_back([&] {
        const auto memory = mp::platform::named_memory::open(name.file(), mp::platform::access::read_only);
        const mp::memory::detail::segment_key key{*mp::platform::memory_identity::of(memory->handle()), mp::platform::access::read_write};
        while (!enough) {
            if (auto* const found = mp::memory::detail::segment_table::find(key)) {
                found->release(found->data());
            }
        }
    });
    int failures = 0;
    for (int i = 0; i < 60 && failures == 0; ++i) {
        support::child_process child([&] {
            for (int round = 0; round < 3; ++round) {
                const mp::SharedValue<int> again(mp::open_only, name);
                support::expect(place_of(again) == place_of(kept), "it is where it was inherited");
                const mp::SharedValue<int> other(mp::open_only, other_name);
                const mp::SharedValue<int> twice(mp::open_only, other_name);
                support::expect(place_of(other) == place_of(twice), "it is mapped once");
                support::expect(other.value() == 2);
            }
        });
        failures += child.wait() == 0 ? 0 : 1;
    }
    enough = true;
    for (auto& each : threads) {
        each.join();
    }
    REQUIRE(failures == 0);
}

TEST_CASE("a thousand handles of a named object take one mapping and no more descriptors than one") {
    const support::unused_object name;
    const auto before = support::open_descriptors();
    auto made = std::make_unique<mp::SharedValue<int>>(mp::create_only, name, 1);
    const auto with_one = support::open_descriptors();
    const auto mappings = support::mappings();
    {
        std::vector<mp::SharedValue<int>> all;
        all.reserve(1'000);
        for (int i = 0; i < 1'000; ++i) {
            all.emplace_back(mp::open_only, name);
        }
        REQUIRE(support::open_descriptors() == with_one);
        REQUIRE(support::mappings() < mappings + 100); // the heap's own may be more
        made.reset();
        REQUIRE(all.back().value() == 1);
        REQUIRE(support::open_descriptors() == with_one);
    }
    REQUIRE(support::open_descriptors() < with_one);
    REQUIRE(support::open_descriptors() <= before + 2); // of the table of lives, which the first object opened
}

TEST_CASE("a named object that was made with unlink_on_destroy goes with its maker's handles, whoever else has it here") {
    const support::unused_object name;
    auto made = std::make_unique<mp::SharedValue<int>>(mp::create_only, mp::object_name(name.text()).unlink_on_destroy(), 1);
    const mp::SharedValue<int> opened(mp::open_only, name);
    {
        const mp::SharedValue<int> copy(*made);
        made.reset();
        REQUIRE(mp::platform::named_memory::exists(name.file()));
        REQUIRE(place_of(copy) == place_of(opened));
    }
    REQUIRE_FALSE(mp::platform::named_memory::exists(name.file()));
    REQUIRE(opened.value() == 1);
}

TEST_CASE("a named object is held while its maker has it, also when this process mapped it before the maker did") {
    using mp::memory::named_segment;
    const support::unused_object name;
    const mp::memory::named_content content{mp::detail::named_kind::raw_array, "i4", 4, 4, 12'345, 0, {0, 4}};
    // What another thread does that opens the object as soon as it has its name, done in good time: the mapping of this opening, which holds
    // nothing, is in the table first.
    std::optional<mp::memory::attached_segment> first;
    auto made = named_segment::create(mp::object_name(name.text()).unlink_on_destroy(), content, [&](std::byte*) {
        const std::string being_made = memory_without_a_name(named_segment::object_offset + content.bytes_for(12'345));
        mp::platform::owned_handle again(::open(being_made.c_str(), O_RDWR | O_CLOEXEC));
        first.emplace(mp::platform::memory_object::adopt(std::move(again)));
    });
    REQUIRE(made->object.address() == first->at(named_segment::object_offset).address());
    const auto seen = mp::platform::named_memory::open(name.file(), mp::platform::access::read_only);
    REQUIRE(seen->is_held());
    REQUIRE(made->object.locate().offset == named_segment::object_offset);
    REQUIRE(made->object.locate().object->handle() != first->at(0).locate().object->handle());
    made.reset();
    REQUIRE_FALSE(seen->is_held());
    REQUIRE_FALSE(mp::platform::named_memory::exists(name.file()));
}

TEST_CASE("a named object whose file grew since this process mapped it is refused, until nobody has it") {
    using mp::detail::named_header;
    const support::unused_object name;
    auto made = std::make_unique<mp::RawArray<std::int64_t>>(mp::create_only, name, 10);
    {
        // As a broken or hostile program of the same user may: all that opening checks agrees.
        const mp::platform::owned_handle file(::open(("/dev/shm/" + name.file()).c_str(), O_RDWR | O_CLOEXEC));
        constexpr std::uint64_t count = 1'000'000;
        REQUIRE(::ftruncate(file.get(), sizeof(named_header) + count * 8) == 0);
        named_header header{};
        REQUIRE(::pread(file.get(), &header, sizeof(header), 0) == sizeof(header));
        header.count = count;
        header.total_bytes = sizeof(named_header) + count * 8;
        header.checksum = header.expected_checksum();
        REQUIRE(::pwrite(file.get(), &header, sizeof(header), 0) == sizeof(header));
    }
    try {
        const mp::RawArray<std::int64_t> opened(mp::open_only, name);
        FAIL("it is longer than its mapping: " << opened.size());
    } catch (const mp::LayoutError& error) {
        REQUIRE(std::string(error.what()).find("\"" + name.text() + "\" has 8000256 bytes, and had 336 when this process opened it first") !=
                std::string::npos);
    }
    made.reset();
    const mp::RawArray<std::int64_t> opened(mp::open_only, name);
    REQUIRE(opened.size() == 1'000'000);
    REQUIRE(opened[999'999] == 0);
}
