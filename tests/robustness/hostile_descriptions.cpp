// What a child reads of its arguments is checked against what it was handed: a description of shared objects that is cut off or altered anywhere
// throws, or makes objects that are inside their segments with all that belongs to them. It never leads outside, and never takes long.
//
// Taken out once, to see it fail: take_block's look at the end of the segment, and shared_access::has_log_in_block ("is inside"); take_count's
// bound (memory runs out, or the time).
#include "support/catch.hpp"
#include "support/for_life.hpp"
#include "support/sanitized.hpp"

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/reduction/cereal.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace mp = multiprocessing;
namespace memory = multiprocessing::memory;
namespace platform = multiprocessing::platform;
namespace reduction = multiprocessing::reduction;

namespace hostile_types {

using numbers = std::array<long long, 8>; // more than a word: it has a redo log

struct report {
    std::string title;
    mp::SharedValue<int> count{0};
    std::vector<mp::SharedArray<short>> rows;
    std::map<std::string, mp::SharedValue<numbers>> by_name;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(title, count, rows, by_name);
    }
};

} // namespace hostile_types
using hostile_types::numbers;
using hostile_types::report;

namespace {

using arguments =
    std::tuple<mp::SharedValue<int>, mp::SharedValue<numbers>, mp::SharedArray<double>, mp::SharedArray<char>, mp::RawValue<numbers>,
               mp::RawArray<long long>, mp::RLock, mp::SharedValue<numbers>, mp::SharedArray<int>, std::vector<mp::SharedArray<int>>,
               std::map<std::string, std::optional<mp::SharedValue<numbers>>>, std::variant<std::string, mp::SharedArray<short>>, report>;

arguments make_arguments() {
    const mp::RLock lock;
    report made;
    made.title = "title";
    made.rows.emplace_back(std::vector<short>{1, 2, 3});
    made.by_name.emplace("a", mp::SharedValue<numbers>(numbers{7}));
    return {mp::SharedValue<int>(1),
            mp::SharedValue<numbers>(numbers{1, 2}),
            mp::SharedArray<double>(5),
            mp::SharedArray<char>("text"),
            mp::RawValue<numbers>(numbers{3}),
            mp::RawArray<long long>(3),
            lock,
            mp::SharedValue<numbers>(mp::with_lock(lock), numbers{4}), // whose log is a block of its own
            mp::SharedArray<int>(mp::with_lock(lock), 7),
            {mp::SharedArray<int>(2), mp::SharedArray<int>(100'000)},
            {{"one", mp::SharedValue<numbers>(numbers{5})}, {"none", std::nullopt}},
            mp::SharedArray<short>(1),
            std::move(made)};
}

/// The memory that came with a description, as another process has it: mapped where it is not in the process that wrote it. A copy, for
/// rebuilding notes something in the lock, and it may be led to take anything for a lock.
class segments {
public:
    explicit segments(std::span<const platform::memory_object* const> objects) {
        for (const platform::memory_object* const each : objects) {
            auto copy = platform::memory_object::create(each->size());
            std::memcpy(platform::mapping(copy).data(), platform::mapping(*each).data(), each->size());
            all_.push_back(&support::for_life<memory::attached_segment>(std::move(copy)));
        }
    }

    [[nodiscard]] std::span<memory::attached_segment* const> all() const noexcept { return all_; }

    [[nodiscard]] bool hold(const void* first, std::size_t bytes) const noexcept {
        for (memory::attached_segment* const each : all_) {
            const std::byte* const begin = each->at(0).address();
            const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(first) - begin);
            if (offset < each->size() && bytes <= each->size() - offset) {
                return true;
            }
        }
        return false;
    }

private:
    std::vector<memory::attached_segment*> all_;
};

/// Whether all that is made of shared memory in a value is inside the segments.
class inspector {
public:
    explicit inspector(const segments& memory) : memory_(memory) {}

    [[nodiscard]] bool is_inside(const mp::RLock& lock) const {
        return memory_.hold(&mp::detail::lock_access::header(lock), sizeof(mp::robust::mutex));
    }
    template <class T>
    [[nodiscard]] bool is_inside(const mp::RawValue<T>& value) const {
        return memory_.hold(&*value, sizeof(T));
    }
    template <class T>
    [[nodiscard]] bool is_inside(const mp::RawArray<T>& array) const {
        return memory_.hold(array.data(), array.size() * sizeof(T));
    }
    template <class T>
    [[nodiscard]] bool is_inside(const mp::SharedValue<T>& value) const {
        return is_inside(value.get_lock()) && is_inside(value.get_obj()) &&
               (mp::detail::word<T> || has_log(value, &*value.get_obj(), sizeof(T), alignof(T), 5));
    }
    template <class T>
    [[nodiscard]] bool is_inside(const mp::SharedArray<T>& array) const {
        return is_inside(array.get_lock()) && is_inside(array.get_obj()) &&
               has_log(array, array.get_obj().data(), array.size() * sizeof(T), alignof(T), 6);
    }
    template <class... T>
    [[nodiscard]] bool is_inside(const std::tuple<T...>& all) const {
        return std::apply([this](const auto&... each) { return (this->is_inside(each) && ...); }, all);
    }
    template <class T>
    [[nodiscard]] bool is_inside(const std::optional<T>& maybe) const {
        return !maybe || is_inside(*maybe);
    }
    template <class... T>
    [[nodiscard]] bool is_inside(const std::variant<T...>& one) const {
        return std::visit([this](const auto& each) { return this->is_inside(each); }, one);
    }
    template <class T>
    [[nodiscard]] bool is_inside(const std::vector<T>& all) const {
        return std::ranges::all_of(all, [this](const T& each) { return this->is_inside(each); });
    }
    template <class T>
    [[nodiscard]] bool is_inside(const std::map<std::string, T>& all) const {
        return std::ranges::all_of(all, [this](const auto& each) { return this->is_inside(each.second); });
    }
    [[nodiscard]] bool is_inside(const std::string&) const { return true; }
    [[nodiscard]] bool is_inside(const report& one) const {
        return is_inside(one.count) && is_inside(one.rows) && is_inside(one.by_name);
    }

private:
    /// The object's redo log, in the lock's block or, if its description has more than so many numbers, in one of its own.
    template <class Shared>
    [[nodiscard]] bool has_log(const Shared& shared, const void* object, std::size_t bytes, std::size_t alignment, std::size_t numbers_without) const {
        reduction::outgoing again;
        reduction::encode(again, shared);
        if (again.bytes().size() > numbers_without * 8) {
            reduction::incoming in(again.bytes(), memory_.all());
            static_cast<void>(in.take_bytes(numbers_without * 8));
            // The inspected object's memory is numbered anew: by the order in which its blocks were put.
            const std::uint64_t object_number = in.take_number();
            const std::uint64_t offset = in.take_number();
            return object_number < again.objects().size() &&
                   offset + mp::detail::external_log::bytes_for(bytes, alignment) <= again.objects()[object_number]->size();
        }
        constexpr bool is_array = requires { shared.size(); };
        const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(object) -
                                                     reinterpret_cast<const std::byte*>(&mp::detail::lock_access::header(shared.get_lock())));
        return mp::robust::redo_log::has_layout(mp::detail::lock_access::header(shared.get_lock()), offset, is_array) && memory_.hold(object, 2 * bytes);
    }

    const segments& memory_;
};

class attack {
public:
    attack() : given_(make_arguments()), memory_([this] {
        reduction::encode(out_, given_);
        return segments(out_.objects());
    }()) {}

    [[nodiscard]] const std::string& good() const noexcept { return out_.bytes(); }

    /// Whether something was made of it, and that is inside. What is not, fails the test; so does another exception than those of bad input.
    [[nodiscard]] bool reads(const std::string& bytes) const {
        const auto exact = std::make_unique<char[]>(bytes.size()); // for the sanitizers: no byte more than there is
        bytes.copy(exact.get(), bytes.size());
        reduction::incoming in(std::string_view(exact.get(), bytes.size()), memory_.all());
        try {
            const auto got = reduction::decode<arguments>(in);
            if (!inspector(memory_).is_inside(got)) {
                FAIL("an object was made that is not inside of what was handed over");
            }
        } catch (const std::runtime_error&) {
            return false;
        } catch (const std::length_error&) { // an array that cannot be addressed
            return false;
        }
        return true;
    }

private:
    arguments given_;
    reduction::outgoing out_;
    segments memory_;
};

} // namespace

TEST_CASE("a hostile description of shared objects") {
    const attack one;
    const std::string& good = one.good();
    REQUIRE(one.reads(good));

    SECTION("that ends too early throws, wherever it ends") {
        for (std::size_t size = 0; size < good.size(); ++size) {
            REQUIRE_FALSE(one.reads(good.substr(0, size)));
        }
    }
    SECTION("with a byte altered throws, or makes objects inside their segments") {
        int refused = 0;
        int made = 0;
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
                std::string bad = good;
                bad[at] = static_cast<char>(bad[at] ^ flip);
                ++(one.reads(bad) ? made : refused);
            }
        }
        CAPTURE(refused, made);
        REQUIRE(refused > 1000); // the bytes mean something
        REQUIRE(made > 0);
    }
    SECTION("with several bytes altered, likewise") {
        std::mt19937 random(1);
        for (int i = 0; i < (sanitized ? 5'000 : 50'000); ++i) {
            std::string bad = good;
            for (auto left = 2 + random() % 6; left > 0; --left) {
                bad[random() % bad.size()] = random() % 2 == 0 ? static_cast<char>(random() % 16) : '\0';
            }
            static_cast<void>(one.reads(bad));
        }
    }
}

TEST_CASE("a hostile count of elements is refused, also of elements that take no bytes") {
    constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
    reduction::outgoing out;
    out.put_number(huge / 2);
    out.put_bytes("some", 4);
    const auto read = [&]<class T>(std::type_identity<T>) {
        reduction::incoming in(out.bytes(), {});
        static_cast<void>(reduction::decode<T>(in));
    };
    const auto words = Catch::Contains("things follow, but has only 4 more bytes");
    REQUIRE_THROWS_WITH(read(std::type_identity<std::vector<std::tuple<>>>()), words);
    REQUIRE_THROWS_WITH(read(std::type_identity<std::vector<std::array<std::string, 0>>>()), words);
    REQUIRE_THROWS_WITH(read(std::type_identity<std::vector<int>>()), words);
    REQUIRE_THROWS_WITH(read(std::type_identity<std::map<std::string, std::string>>()), words);
}
