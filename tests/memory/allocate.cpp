#include <multiprocessing/memory/allocate.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <system_error>

TEST_CASE("allocate gives zeroed, aligned blocks of this process's heap") {
    for (const std::size_t alignment : {std::size_t{16}, std::size_t{64}, std::size_t{4096}}) {
        const auto block = multiprocessing::memory::allocate(100, alignment);
        REQUIRE(reinterpret_cast<std::uintptr_t>(block.address()) % alignment == 0);
        REQUIRE(std::all_of(block.address(), block.address() + 100, [](std::byte each) { return each == std::byte{0}; }));
    }
    REQUIRE(multiprocessing::memory::allocate(0, 16).address() != nullptr);
    REQUIRE_THROWS_AS(multiprocessing::memory::allocate(SIZE_MAX / 2, 16), std::system_error);
}
