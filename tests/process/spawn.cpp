#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/reduction/cereal.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace mp = multiprocessing;
using support::must;

namespace spawn_types {

struct point {
    int x = 0;
    double y = 0;
};

struct person { // known to cereal, with a shared member
    std::string name;
    mp::SharedValue<int> visits{0};

    template <class Archive>
    void serialize(Archive& archive) {
        std::vector<char> letters(name.begin(), name.end());
        std::uint64_t size = letters.size();
        archive(size);
        letters.resize(size);
        for (char& each : letters) {
            archive(each);
        }
        name.assign(letters.begin(), letters.end());
        archive(visits);
    }
};

} // namespace spawn_types
using spawn_types::person;
using spawn_types::point;

namespace {

void no_arguments() {}
void never_throws(int number) noexcept { must(number == 3); }
void by_value(std::string text, std::vector<int> numbers) { must(text == "text" && numbers.size() == 2); }
void by_reference(const std::string& text, const std::vector<int>& numbers) { must(text == "text" && numbers[1] == 2); }
void by_reference_to_handle(mp::SharedValue<int>& number, const mp::SharedValue<int>& other) { number += other.value(); }
void by_rvalue(std::string&& text) { must(text == "text"); }
void converted(double number, std::string text, std::int64_t wide, std::optional<int> maybe) {
    must(number == 3.0 && text == "literal" && wide == -1 && maybe == 7);
}
void overloaded(int number) { must(number == 1); }
void overloaded(const std::string& text) { must(text == "one"); }
template <class T>
void templated(T value, T expected) {
    must(value == expected);
}

/// Whether it ran to its end in the child.
bool well(const mp::Process& process) { return support::exit_code(process) == 0; }

} // namespace

TEST_CASE("spawn") {
    SECTION("calls functions") {
        REQUIRE(well(mp::spawn<&no_arguments>()));
        REQUIRE(well(mp::spawn<no_arguments>()));
        REQUIRE(well(mp::spawn<&never_throws>(3)));
        REQUIRE(well(mp::spawn<static_cast<void (*)(int)>(&overloaded)>(1)));
        REQUIRE(well(mp::spawn<static_cast<void (*)(const std::string&)>(&overloaded)>("one")));
        REQUIRE(well(mp::spawn<&templated<int>>(5, 5)));
        REQUIRE(well(mp::spawn<&templated<std::string>>("x", "x")));
    }
    SECTION("calls lambdas without captures, generic ones too") {
        REQUIRE(well(mp::spawn<[] {}>()));
        REQUIRE(well(mp::spawn<[](int a, int b) noexcept { must(a == 1 && b == 2); }>(1, 2)));
        REQUIRE(well(mp::spawn<[](const auto& text, auto number) { must(text == std::string("text") && number == 2); }>("text", 2)));
        REQUIRE(well(mp::spawn<[](auto&&... all) { must(sizeof...(all) == 3); }>(1, std::string("x"), 2.0)));
        constexpr auto named = [](int number) { must(number == 4); };
        REQUIRE(well(mp::spawn<named>(4)));
    }
    SECTION("each of many lambdas of one line is the right one") {
        const mp::RawValue<int> seen(0);
        REQUIRE(well(mp::spawn<[](const mp::RawValue<int>& one) { *one = 1; }>(seen)));
        REQUIRE(*seen == 1);
        const bool both = well(mp::spawn<[](const mp::RawValue<int>& one) { *one = 2; }>(seen)) && well(mp::spawn<[](const mp::RawValue<int>& one) { must((*one)++ == 2); }>(seen));
        REQUIRE(both);
        REQUIRE(*seen == 3);
    }
    SECTION("with the options") {
        const auto process = mp::spawn<[](std::string name) {
            must(mp::current_process().name() == name && mp::current_process().daemon());
        }>({.name = "worker", .daemon = true}, "worker");
        REQUIRE(process.name() == "worker");
        REQUIRE(process.daemon());
        REQUIRE(well(process));
    }
    SECTION("an exception that escapes before and in the function ends the child with 1") {
        REQUIRE(support::exit_code(mp::spawn<[] { throw std::runtime_error("on purpose"); }>()) == 1);
        REQUIRE(support::exit_code(mp::spawn<[](int i) { throw i; }>(1)) == 1);
    }
}

TEST_CASE("spawn, arguments") {
    SECTION("by value, by reference, by rvalue: they are the child's own") {
        std::string text = "text";
        const std::vector<int> numbers{1, 2};
        REQUIRE(well(mp::spawn<&by_value>(text, numbers)));
        REQUIRE(well(mp::spawn<&by_reference>(text, numbers)));
        REQUIRE(well(mp::spawn<&by_rvalue>(text)));
        REQUIRE(well(mp::spawn<&by_rvalue>(std::string("text"))));
        REQUIRE(well(mp::spawn<[](const std::string& one, std::string&& two) { must(one == two); }>(std::string("text"), text)));
        REQUIRE(well(mp::spawn<[](auto&& one, auto two) { // the child's own, both
            one += two;
            must(one == "texttext");
        }>(text, text)));
        REQUIRE(text == "text");
    }
    SECTION("by a reference to non-const: a handle, whose object is the parent's") {
        mp::SharedValue<int> number(1);
        REQUIRE(well(mp::spawn<&by_reference_to_handle>(number, number)));
        REQUIRE(well(mp::spawn<[](auto& one) { one += 1; }>(number)));
        REQUIRE(number.value() == 3);
    }
    SECTION("converted to the parameter's type as in a call") {
        REQUIRE(well(mp::spawn<&converted>(3, "literal", -1, 7)));
        const char* pointer = "literal";
        REQUIRE(well(mp::spawn<&converted>(3.0F, pointer, std::int64_t{-1}, std::optional(7))));
    }
    SECTION("numbers, enumerations, plain structs") {
        enum class colour { red, green };
        REQUIRE(well(mp::spawn<[](bool yes, char letter, unsigned long long big, colour which, point where, std::array<int, 3> three) {
            must(yes && letter == 'x' && big == ~0ULL && which == colour::green && where.x == 1 && where.y == 2.5 && three[2] == 3);
        }>(true, 'x', ~0ULL, colour::green, point{1, 2.5}, std::array{1, 2, 3})));
    }
    SECTION("every kind of shared object, changed there and seen here") {
        const mp::RawValue<int> raw(1);
        const mp::RawArray<double> raw_array{1.0, 2.0};
        const mp::SharedValue<point> value(point{1, 2.0});
        const mp::SharedArray<char> array("text");
        const mp::RLock lock;
        lock.lock();
        REQUIRE(well(mp::spawn<[](mp::RawValue<int> a, mp::RawArray<double>& b, const mp::SharedValue<point>& c, mp::SharedArray<char> d,
                                  const mp::RLock& e) {
            *a = 2;
            b[1] = 3.0;
            c.update([](point& each) { each.x = 9; });
            d.value("TEXT");
            must(!e.try_lock());
        }>(raw, raw_array, value, array, lock)));
        lock.unlock();
        REQUIRE(*raw == 2);
        REQUIRE(raw_array[1] == 3.0);
        REQUIRE(value.value().x == 9);
        REQUIRE(array.value() == "TEXT");
    }
    SECTION("all of them in each other") {
        using shared = mp::SharedValue<int>;
        using choice = std::variant<int, std::string, shared>;
        using nested = std::map<std::string, std::vector<std::tuple<int, std::optional<shared>, choice>>>;
        const shared one(1);
        const shared two(2);
        const nested all{{"a", {{1, one, "text"}, {2, std::nullopt, two}}}, {"b", {}}};
        REQUIRE(well(mp::spawn<[](const nested& got, const std::pair<std::set<std::string>, std::array<std::string, 2>>& more) {
            must(got.size() == 2 && got.at("b").empty());
            const auto& rows = got.at("a");
            must(std::get<std::string>(std::get<2>(rows[0])) == "text" && !std::get<1>(rows[1]));
            *std::get<1>(rows[0]) += 10;
            std::get<shared>(std::get<2>(rows[1])) += 20;
            must(more.first.contains("y") && more.second[1] == "right");
        }>(all, std::pair(std::set<std::string>{"x", "y"}, std::array<std::string, 2>{"left", "right"}))));
        REQUIRE(one.value() == 11);
        REQUIRE(two.value() == 22);
    }
    SECTION("types that cereal serialises, with shared members") {
        person ada;
        ada.name = "Ada";
        std::vector<person> more(2);
        more[1].name = "Grace";
        REQUIRE(well(mp::spawn<[](const person& one, std::vector<person> others, const std::optional<person>& nobody) {
            must(one.name == "Ada" && others[1].name == "Grace" && others[0].name.empty() && !nobody);
            one.visits += 1;
            others[1].visits += 2;
        }>(ada, more, std::nullopt)));
        REQUIRE(ada.visits.value() == 1);
        REQUIRE(more[1].visits.value() == 2);
        REQUIRE(more[0].visits.value() == 0);
    }
    SECTION("of many megabytes, and many objects") {
        const std::string text(20'000'000, 'x');
        std::vector<mp::SharedValue<int>> objects;
        for (int i = 0; i < 500; ++i) {
            objects.emplace_back(i);
        }
        REQUIRE(well(mp::spawn<[](const std::string& much, const std::vector<mp::SharedValue<int>>& many) {
            must(much.size() == 20'000'000 && much.back() == 'x' && many.size() == 500);
            for (const auto& each : many) {
                each += 1;
            }
        }>(text, objects)));
        REQUIRE(objects.front().value() == 1);
        REQUIRE(objects.back().value() == 500);
    }
    SECTION("a handle passed twice is the same object twice") {
        const mp::SharedValue<int> value(0);
        REQUIRE(well(mp::spawn<[](const mp::SharedValue<int>& a, const mp::SharedValue<int>& b) {
            a = 1;
            must(b.value() == 1);
            a.lock();
            must(b.try_lock()); // it is the same lock, which this thread holds
            b.unlock();
            a.unlock();
        }>(value, value)));
    }
}
