// The contract of platform/start_self.hpp, of this system's backend.
#include "support/catch.hpp"
#include "support/handles.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/platform/start_self.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace platform = multiprocessing::platform;

namespace {

constexpr std::size_t several = 5;

struct notes {
    platform::native_handle value;
    char text[4096];
};

const support::role in_order("start_self: in order", [](support::props given) {
    support::ensure(given.size() == several);
    std::set<platform::native_handle> different(given.begin(), given.end());
    support::ensure(different.size() == several);
    for (std::size_t i = 0; i < several; ++i) {
        support::ensure(support::on_stage<std::size_t>(given[i]) == i);
    }
});

const support::role none("start_self: none", [](support::props given) { support::ensure(given.empty()); });

const support::role not_inheritable("start_self: not inheritable", [](support::props) {
    for (const auto each : platform::inherited_handles()) {
        support::ensure(support::is_open(each));
        support::ensure(!support::is_inheritable(each));
    }
});

/// The first handle it is given is a stage with the value of one it must not have.
const support::role without("start_self: without", [](support::props given) {
    notes& here = support::on_stage<notes>(given[0]);
    support::ensure(!support::is_open(here.value));
});

/// Starts another, which is handed the stage but not what this one has besides.
const support::role hands_on("start_self: hands on", [](support::props given) {
    notes& here = support::on_stage<notes>(given[0]);
    here.value = given[1];
    support::ensure(support::is_open(given[1]));
    support::ensure(support::actor(without, {given[0]}).wait() == 0);
});

const support::role prints("start_self: prints", [](support::props) { std::puts("a line of the child's"); });

const support::role reads("start_self: reads", [](support::props) { support::ensure(std::getchar() == EOF); });

const support::role compares_arguments("start_self: compares arguments", [](support::props given) {
    notes& here = support::on_stage<notes>(given[0]);
    std::string all;
    for (const std::string& each : support::program_arguments()) {
        all += each + '\n';
    }
    support::ensure(all == here.text, all.c_str());
});

const support::role knows_environment("start_self: knows environment", [](support::props given) {
    notes& here = support::on_stage<notes>(given[0]);
    const char* const path = std::getenv("PATH");
    support::ensure(path != nullptr && std::string(path) == here.text);
    support::ensure(std::getenv("MULTIPROCESSING_HANDED_OVER") == nullptr);
});

} // namespace

TEST_CASE("start_self") {
    SECTION("hands over what it is given, in order") {
        std::array<support::stage<std::size_t>, several> stages;
        std::vector<platform::native_handle> given;
        for (std::size_t i = 0; i < several; ++i) {
            *stages[i] = i;
            given.push_back(stages[i].handle());
        }
        REQUIRE(support::actor(in_order, given).wait() == 0);
    }
    SECTION("hands over nothing where nothing is given") { REQUIRE(support::actor(none).wait() == 0); }
    SECTION("what is handed over is not inherited any further") {
        REQUIRE(support::actor(not_inheritable).wait() == 0);
        const support::stage<notes> here;
        const support::stage<int> besides;
        REQUIRE(support::actor(hands_on, {here.handle(), besides.handle()}).wait() == 0);
    }
    SECTION("the child has no other handle, inheritable or not") {
        const support::stage<notes> here;
        std::vector<support::stage<int>> besides(20); // so many that their values are none of those the child has anyway
        for (const bool inheritable : {false, true}) {
            here->value = besides.back().handle();
            if (inheritable) {
                support::make_inheritable(here->value);
            }
            REQUIRE(support::actor(without, {here.handle()}).wait() == 0);
        }
    }
    SECTION("leaves no handle behind, and none inheritable that was not") {
        const support::stage<int> here;
        REQUIRE(support::actor(none, {}).wait() == 0);
        const auto before = support::open_handles();
        for (int i = 0; i < 5; ++i) {
            static_cast<void>(support::actor(none).wait());
            REQUIRE_FALSE(support::is_inheritable(here.handle()));
        }
        REQUIRE(support::open_handles() == before);
    }
    SECTION("the child writes to standard output, behind what was written before") {
        const auto path = std::filesystem::temp_directory_path() /
                          ("start_self-" + std::to_string(platform::current_process_number()));
        {
            const support::output_to_file redirected(path);
            REQUIRE(support::actor(prints).wait() == 0);
        }
        std::ifstream file(path);
        std::string line;
        std::getline(file, line);
        REQUIRE(line.starts_with("a line of the child's"));
        file.close();
        std::filesystem::remove(path);
    }
    SECTION("the child reads nothing from standard input") { REQUIRE(support::actor(reads).wait() == 0); }
    SECTION("the child has the same arguments") {
        const support::stage<notes> here;
        std::string all;
        for (const std::string& each : support::program_arguments()) {
            all += each + '\n';
        }
        all.copy(here->text, sizeof(here->text) - 1);
        REQUIRE(support::actor(compares_arguments, {here.handle()}).wait() == 0);
    }
    SECTION("the child has the same environment, without the word about handles") {
        const support::stage<notes> here;
        std::string(std::getenv("PATH")).copy(here->text, sizeof(here->text) - 1);
        REQUIRE(support::actor(knows_environment, {here.handle()}).wait() == 0);
    }
    SECTION("refuses what is no handle") {
        const auto before = support::open_handles();
        const std::vector<platform::native_handle> given{platform::invalid_native_handle};
        REQUIRE_THROWS_AS(static_cast<void>(platform::start_self(given)), std::system_error);
        REQUIRE(support::open_handles() == before);
    }
}

TEST_CASE("inherited_handles") {
    REQUIRE(platform::inherited_handles().empty()); // in a process that was not made by start_self
    REQUIRE_FALSE(platform::started_by_self());
}

#if MULTIPROCESSING_WINDOWS

TEST_CASE("start_self: what is told is believed by the child of who says it") {
    using platform::windows::handles_that_are_told;
    const std::wstring open = std::to_wstring(reinterpret_cast<std::uintptr_t>(::GetStdHandle(STD_OUTPUT_HANDLE))) + L',';
    CAPTURE(support::is_open(::GetStdHandle(STD_OUTPUT_HANDLE)));
    REQUIRE(handles_that_are_told(L"17:" + open, 17).size() == 1);
    for (const std::wstring& other : {L"18:" + open, L":" + open, L"17" + open, L"017:" + open, L"17: " + open, open, std::wstring(L"17"), std::wstring()}) {
        REQUIRE(handles_that_are_told(other, 17).empty());
    }
}

#endif
