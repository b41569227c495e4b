#include "support/catch.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/shareable.hpp>

#include <array>
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using multiprocessing::guardable;
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
struct ViewInsideLast {
    int number;
    struct {
        int number;
        std::string_view text;
    } last;
};
struct Span {
    std::span<int> numbers;
};
struct NeedsValue {
    NeedsValue() = delete;
    explicit(false) NeedsValue(int n) : number(n) {}
    int number;
};
struct LastNeedsValue {
    int first;
    int second;
    NeedsValue last;
};
struct PointerBeforeNeed {
    int* first;
    int second;
    NeedsValue last;
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
struct Counters {
    int number;
    std::atomic<int> hits;
};
struct AtomicFirst {
    std::atomic<long> hits;
    double rest;
};
struct AtomicRing {
    alignas(64) std::atomic<std::uint64_t> head;
    alignas(64) std::atomic<std::uint64_t> tail;
    std::atomic<int> places[100];
    std::array<std::atomic<bool>, 3> flags;
};
struct NestedAtomics {
    AtomicFirst first;
    Counters counters[2];
    Plain plain;
    std::atomic_flag flag;
};
struct WithPair {
    std::pair<int, double> pair;
    int number;
};
struct AtomicAndPointer {
    std::atomic<int> hits;
    int* pointer;
};
struct AtomicPointer {
    std::atomic<int> hits;
    std::atomic<const char*> pointer;
};
struct AtomicAndMutex {
    std::atomic<int> hits;
    std::mutex mutex;
};
struct MutexInside {
    std::atomic<int> hits;
    struct {
        int number;
        std::mutex mutex;
    } last;
};
struct AtomicAndReference {
    std::atomic<int> hits;
    int& reference;
};
struct AtomicAndConstReference {
    const int& reference;
    std::atomic<int> hits;
};
struct AtomicAndString {
    std::atomic<int> hits;
    std::string text;
};
struct AtomicWithLock {
    int number;
    std::atomic<Long> text;
};
class NotPromised {
public:
    NotPromised() = default;
    void enter() { entered_.fetch_add(1); }

private:
    std::atomic<int> entered_{0};
};
class Promised : public NotPromised {};
class PromisedInVain {
public:
    ~PromisedInVain() { entered_ = 0; }

private:
    std::atomic<int> entered_{0};
};
struct Destroyed {
    int number;
    ~Destroyed() {} // NOLINT: not trivial is what it is for
};

} // namespace of_shareable

template <>
inline constexpr bool multiprocessing::enable_shareable<of_shareable::Promised> = true;
template <>
inline constexpr bool multiprocessing::enable_shareable<of_shareable::PromisedInVain> = true;

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
    STATIC_REQUIRE(shareable<LastNeedsValue>);
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

TEST_CASE("shareable: what has atomics in it, pairs and tuples; and guardable: none of these") {
    STATIC_REQUIRE(shareable<std::atomic_flag>);
    STATIC_REQUIRE(shareable<Counters>);
    STATIC_REQUIRE(shareable<AtomicFirst>);
    STATIC_REQUIRE(shareable<AtomicRing>);
    STATIC_REQUIRE(shareable<NestedAtomics>);
    STATIC_REQUIRE(shareable<std::array<Counters, 3>>);
    STATIC_REQUIRE(shareable<std::pair<int, double>>);
    STATIC_REQUIRE(shareable<std::tuple<int, char, Plain>>);
    STATIC_REQUIRE(shareable<std::tuple<>>);
    STATIC_REQUIRE(shareable<std::pair<std::atomic<int>, Counters>>);
    STATIC_REQUIRE(shareable<std::array<std::pair<int, long>, 2>>);
    STATIC_REQUIRE(shareable<WithPair>);
    STATIC_REQUIRE(shareable<WithConst>);
    STATIC_REQUIRE(shareable<Promised>);
    STATIC_REQUIRE(shareable<std::array<Promised, 2>>);

    STATIC_REQUIRE_FALSE(guardable<std::atomic<int>>);
    STATIC_REQUIRE_FALSE(guardable<Counters>);
    STATIC_REQUIRE_FALSE(guardable<std::pair<int, double>>);
    STATIC_REQUIRE_FALSE(guardable<WithPair>);
    STATIC_REQUIRE_FALSE(guardable<WithConst>);
    STATIC_REQUIRE_FALSE(guardable<Promised>);
    STATIC_REQUIRE(guardable<int>);
    STATIC_REQUIRE(guardable<Plain>);
    STATIC_REQUIRE(guardable<Closed>);
}

TEST_CASE("shareable: atomics bring nothing else with them") {
    STATIC_REQUIRE_FALSE(shareable<std::atomic<Pointer>>);
    STATIC_REQUIRE_FALSE(shareable<AtomicAndPointer>);
    STATIC_REQUIRE_FALSE(shareable<AtomicPointer>);
    STATIC_REQUIRE_FALSE(shareable<AtomicAndMutex>);
    STATIC_REQUIRE_FALSE(shareable<AtomicAndReference>);
    STATIC_REQUIRE_FALSE(shareable<AtomicAndConstReference>);
    STATIC_REQUIRE_FALSE(shareable<AtomicAndString>);
    STATIC_REQUIRE_FALSE(shareable<AtomicWithLock>);
    STATIC_REQUIRE_FALSE(shareable<MutexInside>);
    STATIC_REQUIRE_FALSE(shareable<std::mutex>);
    STATIC_REQUIRE_FALSE(shareable<std::atomic_ref<int>>);
    STATIC_REQUIRE_FALSE(shareable<std::pair<int, int*>>);
    STATIC_REQUIRE_FALSE(shareable<std::pair<int&, int>>);
    STATIC_REQUIRE_FALSE(shareable<std::tuple<int, std::string>>);
    STATIC_REQUIRE_FALSE(shareable<std::tuple<std::mutex, int>>);
    STATIC_REQUIRE_FALSE(shareable<NotPromised>);
    STATIC_REQUIRE_FALSE(shareable<PromisedInVain>);
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
    CHECK_FALSE(shareable<ViewInsideLast>);
    CHECK_FALSE(shareable<Span>);
    CHECK_FALSE(shareable<PointerBeforeNeed>);
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
