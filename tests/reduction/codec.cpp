#include "support/catch.hpp"
#include "support/for_life.hpp"

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/reduction/cereal.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <cereal/access.hpp>
#include <cereal/types/vector.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace memory = multiprocessing::memory;
namespace mp = multiprocessing;
namespace platform = multiprocessing::platform;
namespace reduction = multiprocessing::reduction;

namespace codec_types { // not anonymous: cereal finds functions by argument-dependent lookup

struct plain {
    int a = 0;
    double b = 0;
    std::array<char, 3> c{};
    friend bool operator==(const plain&, const plain&) = default;
};

struct with_a_pointer {
    int* pointer = nullptr;
};

struct with_a_string {
    std::string text;
};

class closed {
public:
    closed() = default;
    explicit closed(int first) : numbers_{first, first + 1} {}
    friend bool operator==(const closed&, const closed&) = default;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(numbers_[0], numbers_[1]);
    }

private:
    std::vector<int> numbers_{0, 0};
};

class saved_and_loaded {
public:
    saved_and_loaded() = default;
    explicit saved_and_loaded(std::string text) : text_(std::move(text)) {}
    friend bool operator==(const saved_and_loaded&, const saved_and_loaded&) = default;

    template <class Archive>
    void save(Archive& archive) const {
        archive(static_cast<std::uint64_t>(text_.size()));
        for (const char each : text_) {
            archive(each);
        }
    }
    template <class Archive>
    void load(Archive& archive) {
        std::uint64_t size = 0;
        archive(size);
        text_.clear();
        for (; size > 0; --size) {
            char next = 0;
            archive(next);
            text_ += next;
        }
    }

private:
    std::string text_;
};

struct not_default_constructible {
    explicit not_default_constructible(std::string);
    std::string text;
    template <class Archive>
    void serialize(Archive&);
};

/// Trivially copyable, and the compiler cannot see its pointer: but it says itself how it is serialised.
class own_pointer {
public:
    own_pointer() = default;
    own_pointer(const own_pointer&) = default;
    own_pointer& operator=(const own_pointer&) = default;
    explicit own_pointer(int number) : number_(number) {}

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool points_to(const void* where) const { return where_ == where; }
    void point_to(const void* where) { where_ = where; }

private:
    friend class cereal::access;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number_);
    }

    const void* where_ = nullptr;
    int number_ = 0;
};

/// The same, said outside of it.
class own_pointer_too {
public:
    int number = 0;
    [[nodiscard]] bool is_null() const { return where_ == nullptr; }
    void point_to_itself() { where_ = this; }

private:
    const void* where_ = nullptr;
};
template <class Archive>
void serialize(Archive& archive, own_pointer_too& one) {
    archive(one.number);
}

/// Of which there is nothing to say.
struct silent {
    std::string unsaid;
    template <class Archive>
    void serialize(Archive&) {}
    friend bool operator==(const silent&, const silent&) = default;
};

/// Library objects that cannot be made of nothing, in containers, which cereal would make of nothing first.
struct with_containers {
    std::vector<mp::SharedArray<int>> arrays;
    std::map<std::string, mp::RawArray<int>> by_name;
    std::optional<mp::SharedArray<char>> maybe;
    std::vector<std::pair<std::string, mp::SharedArray<int>>> pairs;
    std::vector<silent> nothings;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(arrays, CEREAL_NVP(by_name));
        archive & maybe & pairs;
        archive(nothings);
    }
};

enum class colour : std::uint8_t { red, green };

} // namespace codec_types
using namespace codec_types;

namespace {

/// There and back, as if another process had read it. Everything that was written must have been read.
template <class T>
T travel(const T& value) {
    reduction::outgoing out;
    reduction::encode(out, value);
    reduction::incoming in(out.bytes(), {});
    T there = reduction::decode<T>(in);
    REQUIRE(in.bytes_left() == 0);
    return there;
}

template <class T>
bool survives(const T& value) {
    return travel(value) == value;
}

/// Every prefix, and every byte of the description turned round. What is read must not be anything outside of it (the description is in a
/// block of its own exact size, for the sanitizers); it throws, or it makes some T.
template <class T>
void attack(const T& value) {
    reduction::outgoing out;
    reduction::encode(out, value);
    const std::string good = out.bytes();
    const auto read = [](const std::string& bytes) {
        const auto exact = std::make_unique<char[]>(bytes.size());
        bytes.copy(exact.get(), bytes.size());
        reduction::incoming in(std::string_view(exact.get(), bytes.size()), {});
        try {
            static_cast<void>(reduction::decode<T>(in));
        } catch (const std::runtime_error&) {
            return false;
        }
        return true;
    };
    for (std::size_t size = 0; size < good.size(); ++size) {
        REQUIRE_FALSE(read(good.substr(0, size)));
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const int flip : {0x01, 0x80, 0xff}) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ flip);
            static_cast<void>(read(bad));
        }
    }
    REQUIRE(read(good));
}

} // namespace

TEST_CASE("reduction::transferable") {
    STATIC_REQUIRE(reduction::transferable<int>);
    STATIC_REQUIRE(reduction::transferable<bool>);
    STATIC_REQUIRE(reduction::transferable<plain>);
    STATIC_REQUIRE(reduction::transferable<std::string>);
    STATIC_REQUIRE(reduction::transferable<std::vector<std::map<std::string, std::tuple<int, std::optional<std::string>>>>>);
    STATIC_REQUIRE(reduction::transferable<std::variant<std::monostate, std::string, mp::SharedValue<int>>>);
    STATIC_REQUIRE(reduction::transferable<mp::RawValue<std::atomic<int>>>);
    STATIC_REQUIRE(reduction::transferable<closed>);
    STATIC_REQUIRE(reduction::transferable<own_pointer>);

    STATIC_REQUIRE_FALSE(reduction::transferable<int*>);
    STATIC_REQUIRE_FALSE(reduction::transferable<const char*>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::string_view>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::span<int>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::vector<int*>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::vector<std::string_view>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::map<std::string, int*>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::tuple<int, std::string_view>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::optional<std::string_view>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::variant<int, const char*>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<with_a_pointer>);
    STATIC_REQUIRE_FALSE(reduction::transferable<with_a_string>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::mutex>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::unique_ptr<int>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::shared_ptr<int>>);
    STATIC_REQUIRE_FALSE(reduction::transferable<std::atomic<int>>); // it is not copied
    STATIC_REQUIRE_FALSE(reduction::transferable<not_default_constructible>);
    STATIC_REQUIRE_FALSE(reduction::transferable<void (*)()>);
}

TEST_CASE("reduction::encode, reduction::decode") {
    SECTION("numbers and what is made of them") {
        REQUIRE(survives(42));
        REQUIRE(survives(std::numeric_limits<std::int64_t>::min()));
        REQUIRE(survives(-0.5));
        REQUIRE(survives(true));
        REQUIRE(survives(false));
        REQUIRE(survives('x'));
        REQUIRE(survives(colour::green));
        REQUIRE(survives(plain{1, 2.5, {'a', 'b', 'c'}}));
        REQUIRE(survives(std::array{1, 2, 3}));
    }
    SECTION("text, with NULs, and of wide characters") {
        REQUIRE(survives(std::string()));
        REQUIRE(survives(std::string("a\0b\0", 4)));
        REQUIRE(survives(std::string(1'000'000, 'x')));
        REQUIRE(survives(std::u32string(U"\U0001F600 wide")));
        REQUIRE(survives(std::wstring(L"wide")));
    }
    SECTION("containers") {
        REQUIRE(survives(std::vector<int>{}));
        REQUIRE(survives(std::vector{1, 2, 3}));
        REQUIRE(survives(std::vector{true, false, true, true}));
        REQUIRE(survives(std::deque<std::string>{"a", "", "c"}));
        REQUIRE(survives(std::list{1.5, 2.5}));
        REQUIRE(survives(std::set<std::string>{"b", "a"}));
        REQUIRE(survives(std::multiset{1, 1, 2}));
        REQUIRE(survives(std::map<std::string, int>{{"a", 1}, {"b", 2}}));
        REQUIRE(survives(std::multimap<int, std::string>{{1, "x"}, {1, "y"}}));
        REQUIRE(survives(std::unordered_map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}}));
        REQUIRE(survives(std::unordered_set{3, 1, 2}));
        REQUIRE(survives(std::array<std::string, 2>{"left", "right"}));
        REQUIRE(survives(std::array<std::string, 0>{}));
    }
    SECTION("tuples, pairs, optionals, variants") {
        REQUIRE(survives(std::tuple<>()));
        REQUIRE(survives(std::tuple(1, std::string("two"), 3.0)));
        REQUIRE(survives(std::tuple(std::tuple(std::string("one inside the other")))));
        REQUIRE(survives(std::pair(std::string("key"), 7)));
        REQUIRE(survives(std::optional<std::string>()));
        REQUIRE(survives(std::optional<std::string>("there")));
        REQUIRE(survives(std::optional<int>(5)));
        using twice = std::optional<std::optional<std::string>>;
        REQUIRE(survives(twice()));
        REQUIRE(survives(twice(std::in_place)));
        REQUIRE(survives(twice(std::in_place, "x")));
        using either = std::variant<std::monostate, std::string, int, std::string>;
        REQUIRE(survives(either()));
        REQUIRE(survives(either(std::in_place_index<1>, "first")));
        REQUIRE(survives(either(std::in_place_index<2>, 2)));
        REQUIRE(survives(either(std::in_place_index<3>, "third")));
        using variants = std::vector<std::variant<int, std::string>>;
        REQUIRE(survives(variants{1, "two", 3}));
    }
    SECTION("all of them in each other") {
        using inner = std::map<std::string, std::optional<std::vector<std::tuple<int, std::string>>>>;
        using nested = std::vector<std::pair<std::variant<int, inner>, std::array<std::optional<std::string>, 2>>>;
        const inner some{{"none", {}}, {"two", {{{1, "a"}, {2, "b"}}}}};
        REQUIRE(survives(nested{{7, {}}, {some, {"x", std::nullopt}}}));
    }
    SECTION("types that cereal can serialise, alone and in containers") {
        REQUIRE(survives(closed(3)));
        REQUIRE(survives(saved_and_loaded("text\0more")));
        REQUIRE(survives(std::vector{closed(1), closed(5)}));
        REQUIRE(survives(std::tuple(1, closed(2), std::string("behind it"))));
        REQUIRE(survives(std::optional(saved_and_loaded("x"))));
    }
}

TEST_CASE("reduction::encode of a type that says itself how it is serialised") {
    SECTION("is never a copy of its bytes, alone or in a container") {
        const int here = 0;
        own_pointer one(7);
        one.point_to(&here);
        const own_pointer there = travel(one);
        REQUIRE(there.number() == 7);
        REQUIRE(there.points_to(nullptr));
        REQUIRE(travel(std::array{one, one})[1].points_to(nullptr));
        REQUIRE(travel(std::vector{one}).front().points_to(nullptr));
        REQUIRE(travel(std::optional(one))->points_to(nullptr));
        own_pointer_too other;
        other.number = 8;
        other.point_to_itself();
        REQUIRE(travel(other).number == 8);
        REQUIRE(travel(other).is_null());
    }
    SECTION("may have nothing to say, any number of times") {
        REQUIRE(survives(silent()));
        REQUIRE(survives(std::vector<silent>(1000)));
        REQUIRE(survives(std::vector<std::tuple<>>(1000)));
        REQUIRE(survives(std::vector<std::array<std::string, 0>>(3)));
    }
}

TEST_CASE("reduction::encode of containers of shared objects in a type of the user's") {
    with_containers made;
    made.arrays.push_back(mp::SharedArray<int>{1, 2});
    made.arrays.push_back(mp::SharedArray<int>(3));
    made.by_name.emplace("raw", mp::RawArray<int>{5});
    made.maybe.emplace("text");
    made.pairs.emplace_back("pair", mp::SharedArray<int>{6});
    made.nothings.resize(100);

    reduction::outgoing out;
    reduction::encode(out, std::vector{made, made});
    std::vector<memory::attached_segment*> segments;
    for (const auto* const each : out.objects()) {
        // Mapped for life, and not owned: the handle is this process's own heap's.
        segments.push_back(&support::for_life<memory::attached_segment>(
            platform::memory_object(platform::owned_handle(each->handle()), each->size())));
    }
    reduction::incoming in(out.bytes(), segments);
    const auto there = reduction::decode<std::vector<with_containers>>(in);
    REQUIRE(in.bytes_left() == 0);
    for (const with_containers& each : there) {
        REQUIRE(each.arrays.size() == 2);
        each.arrays[0][1] += 1;
        *each.by_name.at("raw").begin() += 1;
        each.maybe->value("TEXT");
        each.pairs.front().second[0] += 1;
        REQUIRE(each.nothings.size() == 100);
    }
    REQUIRE(made.arrays[0][1].value() == 4);
    REQUIRE(made.by_name.at("raw")[0] == 7);
    REQUIRE(made.maybe->value() == "TEXT");
    REQUIRE(made.pairs.front().second[0].value() == 8);
}

TEST_CASE("reduction::decode of what is not whole, or not true") {
    attack(42);
    attack(true);
    attack(std::string("some text"));
    attack(std::u32string(U"wide"));
    attack(std::vector<int>{1, 2, 3});
    attack(std::vector<std::string>{"a", "bc"});
    attack(std::map<std::string, int>{{"a", 1}, {"b", 2}});
    attack(std::optional<std::string>("there"));
    attack(std::variant<int, std::string>("text"));
    attack(std::tuple(1, std::string("two"), std::vector{true, false}));
    attack(closed(7));
    attack(saved_and_loaded("text"));
    attack(std::vector{std::optional(closed(1)), std::optional<closed>()});
    attack(std::vector<silent>(5));
}
