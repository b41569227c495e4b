#include "support/catch.hpp"

#include <multiprocessing/memory/block.hpp>

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

using multiprocessing::memory::block;

namespace {

/// Counts the references, and keeps the addresses it was told.
class owner final : public multiprocessing::memory::block_owner {
public:
    void retain(const std::byte* where) noexcept override {
        ++references;
        asked.push_back(where);
    }
    void release(const std::byte* where) noexcept override {
        --references;
        asked.push_back(where);
    }

    [[nodiscard]] multiprocessing::memory::location locate(const std::byte* where) noexcept override {
        asked.push_back(where);
        return {nullptr, 8};
    }

    [[nodiscard]] block take(std::byte* address) {
        ++references;
        return block(*this, address);
    }

    int references = 0;
    std::vector<const std::byte*> asked;
};

} // namespace

TEST_CASE("block") {
    owner home;
    std::array<std::byte, 64> memory{};
    {
        block first = home.take(memory.data());
        REQUIRE(first.address() == memory.data());
        REQUIRE(home.references == 1);
        REQUIRE(home.asked.empty()); // it took over a reference that was counted

        SECTION("is counted for each copy") {
            const block second(first); // NOLINT(performance-unnecessary-copy-initialization): that is what is looked at
            REQUIRE(second.address() == first.address());
            REQUIRE(home.references == 2);
        }
        SECTION("is moved without counting, and leaves an empty one") {
            const block second(std::move(first));
            REQUIRE(second.address() == memory.data());
            REQUIRE(first.address() == nullptr); // NOLINT(bugprone-use-after-move): that is the contract
            REQUIRE(home.references == 1);
            REQUIRE(home.asked.empty());
        }
        SECTION("gives up what it had when it is assigned to") {
            owner other;
            std::array<std::byte, 8> elsewhere{};
            {
                block second = other.take(elsewhere.data());
                second = first;
                REQUIRE(other.references == 0);
                REQUIRE(home.references == 2);
                REQUIRE(second.address() == memory.data());
                second = block();
                REQUIRE(home.references == 1);
                REQUIRE(second.address() == nullptr);
            }
            REQUIRE(other.references == 0);
        }
        SECTION("survives being assigned to itself") {
            block& same = first;
            first = same;
            REQUIRE(home.references == 1);
            first = std::move(same);
            REQUIRE(home.references == 1);
            REQUIRE(first.address() == memory.data());
        }
    }
    REQUIRE(home.references == 0);
    for (const std::byte* each : home.asked) {
        REQUIRE(each == memory.data());
    }
}

TEST_CASE("block::at") {
    owner home;
    std::array<std::byte, 64> memory{};
    {
        const block first = home.take(memory.data());
        const block inside = first.at(16).at(8);
        REQUIRE(inside.address() == memory.data() + 24);
        REQUIRE(first.address() == memory.data());
        REQUIRE(home.references == 2);
    }
    REQUIRE(home.references == 0);
    for (const std::byte* each : home.asked) { // an owner is only ever asked about addresses inside the piece
        REQUIRE(each >= memory.data());
        REQUIRE(each < memory.data() + memory.size());
    }
}

TEST_CASE("block::locate") {
    owner home;
    std::array<std::byte, 64> memory{};
    const block first = home.take(memory.data());
    REQUIRE(first.at(16).locate().offset == 8); // the owner's answer
    REQUIRE(home.asked[1] == memory.data() + 16);
}
