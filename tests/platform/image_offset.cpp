#include "support/catch.hpp"

#include <multiprocessing/platform/image_offset.hpp>
#include <multiprocessing/process/spawn.hpp>

#include "support/start.hpp"

#include <cstdint>
#include <memory>

namespace mp = multiprocessing;
namespace platform = multiprocessing::platform;

namespace {

const int constant = 1;
int variable = 2;
int zero;

} // namespace

TEST_CASE("image_offset") {
    SECTION("tells the objects of the program apart, and is as far between them as they are") {
        REQUIRE(platform::image_offset(&constant) != 0);
        REQUIRE(platform::image_offset(&variable) != 0);
        const auto apart = reinterpret_cast<const char*>(&zero) - reinterpret_cast<const char*>(&variable);
        REQUIRE(static_cast<std::int64_t>(platform::image_offset(&zero) - platform::image_offset(&variable)) == apart);
    }
    SECTION("is the same in every process of the program, wherever it was loaded") {
        for (int i = 0; i < 5; ++i) {
            const auto process = mp::spawn<[](std::uint64_t a, std::uint64_t b, std::uint64_t c) {
                support::must(platform::image_offset(&constant) == a && platform::image_offset(&variable) == b &&
                              platform::image_offset(&zero) == c);
            }>(platform::image_offset(&constant), platform::image_offset(&variable), platform::image_offset(&zero));
            REQUIRE(support::exit_code(process) == 0);
        }
    }
    SECTION("is small: behind the begin of the image, not of the address space") {
        REQUIRE(platform::image_offset(&variable) < (std::uint64_t{1} << 32));
    }
    SECTION("is 0 for what is in no image") {
        const int local = 0;
        const auto on_the_heap = std::make_unique<int>(0);
        REQUIRE(platform::image_offset(&local) == 0);
        REQUIRE(platform::image_offset(on_the_heap.get()) == 0);
        REQUIRE(platform::image_offset(nullptr) == 0);
    }
}
