#include "support/catch.hpp"

#include <multiprocessing/platform/cpu.hpp>

#include <thread>

TEST_CASE("spin_pause") {
    for (int i = 0; i < 1000; ++i) {
        multiprocessing::platform::spin_pause();
    }
    SUCCEED("it returns");
}

TEST_CASE("spinning_helps") {
    REQUIRE(multiprocessing::platform::spinning_helps == (std::thread::hardware_concurrency() > 1));
}

TEST_CASE("processor_count") {
    REQUIRE(multiprocessing::platform::processor_count() == static_cast<int>(std::thread::hardware_concurrency()));
}
