#include "support/catch.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/shareable.hpp>

#include <array>
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

using multiprocessing::shareable;
using namespace support;

namespace of_shareable {

enum class Colour : char { red, green };

struct Plain {
    int number;
    double fraction;
    char text[16];
    Colour colour;
    std::array<std::array<short, 3>, 2> table;
    Pair inside;
    std::optional<int> maybe;
    bool bits : 3;
};
struct Derived : Plain {
    int more;
};
struct Empty {};
class Closed {
public:
    Closed() = default;
    explicit Closed(int n) : number_(n) {}
    int number() const { return number_; }

private:
    int number_ = 0;
};
struct Long {
    char text[100'000];
};

struct Pointer {
    int number;
    int* pointer;
};
struct FirstPointer {
    const char* pointer;
    int number;
};
struct Nested {
    double fraction;
    Pointer inside;
};
struct NestedFirst {
    Pointer inside;
    double fraction;
};
struct DerivedOfPointer : Pointer {
    int more;
};
struct InArray {
    std::array<int*, 3> pointers;
};
struct InBuiltInArray {
    int numbers[5];
    void* pointers[2];
};
struct InArrayOfStructs {
    std::array<Pointer, 2> structs;
};
struct View {
    int number;
    std::string_view text;
};
struct Span {
    std::span<int> numbers;
};
struct Function {
    void (*function)(int);
};
struct MemberPointer {
    int Pair::* member;
};
struct MaybePointer {
    std::optional<int*> pointer;
};
struct Null {
    std::nullptr_t null;
};
struct WithReference {
    int& reference;
};
struct WithConst {
    const int number;
};
struct Owner {
    std::unique_ptr<int> owned;
};
struct Virtual {
    virtual int number() const { return 1; }
};
struct Destroyed {
    int number;
    ~Destroyed() {} // NOLINT: not trivial is what it is for
};

} // namespace of_shareable

using namespace of_shareable;

TEST_CASE("shareable: numbers, enumerations, and structs and standard classes of them") {
    STATIC_REQUIRE(shareable<int>);
    STATIC_REQUIRE(shareable<bool>);
    STATIC_REQUIRE(shareable<char8_t>);
    STATIC_REQUIRE(shareable<long double>);
    STATIC_REQUIRE(shareable<std::byte>);
    STATIC_REQUIRE(shareable<Colour>);
    STATIC_REQUIRE(shareable<Plain>);
    STATIC_REQUIRE(shareable<Derived>);
    STATIC_REQUIRE(shareable<Empty>);
    STATIC_REQUIRE(shareable<Closed>);
    STATIC_REQUIRE(shareable<Long>);
    STATIC_REQUIRE(shareable<Overaligned>);
    STATIC_REQUIRE(shareable<std::array<Whole, 10>>);
    STATIC_REQUIRE(shareable<std::optional<int>>);
    STATIC_REQUIRE(shareable<std::variant<int, double>>);
    STATIC_REQUIRE(shareable<std::complex<float>>);
    STATIC_REQUIRE(shareable<std::bitset<100>>);
    STATIC_REQUIRE(shareable<std::chrono::steady_clock::time_point>);
}

TEST_CASE("shareable: atomics without a lock") {
    STATIC_REQUIRE(shareable<std::atomic<int>>);
    STATIC_REQUIRE(shareable<std::atomic<double>>);
    STATIC_REQUIRE(shareable<std::atomic<Colour>>);
    STATIC_REQUIRE_FALSE(shareable<std::atomic<Whole>>);
    STATIC_REQUIRE_FALSE(shareable<std::atomic<int*>>);
}

TEST_CASE("shareable: no pointers, nor views") {
    STATIC_REQUIRE_FALSE(shareable<int*>);
    STATIC_REQUIRE_FALSE(shareable<const char*>);
    STATIC_REQUIRE_FALSE(shareable<void (*)()>);
    STATIC_REQUIRE_FALSE(shareable<int Pair::*>);
    STATIC_REQUIRE_FALSE(shareable<std::nullptr_t>);
    STATIC_REQUIRE_FALSE(shareable<std::string_view>);
    STATIC_REQUIRE_FALSE(shareable<std::span<int>>);
    STATIC_REQUIRE_FALSE(shareable<std::reference_wrapper<int>>);
    STATIC_REQUIRE_FALSE(shareable<std::optional<int*>>);
}

TEST_CASE("shareable: no pointers in structs, however deep") {
    CHECK_FALSE(shareable<Pointer>);
    CHECK_FALSE(shareable<FirstPointer>);
    CHECK_FALSE(shareable<NestedFirst>);
    CHECK_FALSE(shareable<Nested>);
    CHECK_FALSE(shareable<DerivedOfPointer>);
    CHECK_FALSE(shareable<InArray>);
    CHECK_FALSE(shareable<InBuiltInArray>);
    CHECK_FALSE(shareable<InArrayOfStructs>);
    CHECK_FALSE(shareable<View>);
    CHECK_FALSE(shareable<Span>);
    CHECK_FALSE(shareable<Function>);
    CHECK_FALSE(shareable<MemberPointer>);
    CHECK_FALSE(shareable<MaybePointer>);
    CHECK_FALSE(shareable<Null>);
    CHECK_FALSE(shareable<std::array<int*, 2>>);
    CHECK_FALSE(shareable<std::array<Nested, 2>>);
}

TEST_CASE("shareable: nothing that owns, refers, or cannot be assigned") {
    STATIC_REQUIRE_FALSE(shareable<std::string>);
    STATIC_REQUIRE_FALSE(shareable<std::vector<int>>);
    STATIC_REQUIRE_FALSE(shareable<std::unique_ptr<int>>);
    STATIC_REQUIRE_FALSE(shareable<std::function<void()>>);
    STATIC_REQUIRE_FALSE(shareable<Owner>);
    STATIC_REQUIRE_FALSE(shareable<Virtual>);
    STATIC_REQUIRE_FALSE(shareable<Destroyed>);
    STATIC_REQUIRE_FALSE(shareable<WithReference>);
    STATIC_REQUIRE_FALSE(shareable<WithConst>);
}

TEST_CASE("shareable: no const, no reference, no array, no void, no function") {
    STATIC_REQUIRE_FALSE(shareable<const int>);
    STATIC_REQUIRE_FALSE(shareable<volatile int>);
    STATIC_REQUIRE_FALSE(shareable<int&>);
    STATIC_REQUIRE_FALSE(shareable<int&&>);
    STATIC_REQUIRE_FALSE(shareable<int[3]>);
    STATIC_REQUIRE_FALSE(shareable<void>);
    STATIC_REQUIRE_FALSE(shareable<void()>);
}
