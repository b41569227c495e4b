// The description of a process's arguments, as `spawn` sends it: reduction::incoming and reduction::decode of what the library promises to pass on. The first
// byte chooses the type, the rest is its description.
//
// Taken out once, to see it fail: the bounds check of incoming::take_bytes, and that of take_block. Each was found within a second.

#include "support/parser.hpp"

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace mp = multiprocessing;
namespace reduction = multiprocessing::reduction;

namespace {

struct Plain {
    int a;
    double b;
    std::array<char, 3> c;
};

using Numbers = std::vector<int>;
using Texts = std::map<std::string, std::optional<std::u16string>>;
using Nested = std::vector<std::pair<std::string, std::vector<std::vector<Plain>>>>;
using Choice = std::variant<int, std::string, Numbers, std::tuple<bool, Plain>>;

/// What a hostile description can point into. One page each: what is read beyond is not there, and the system says so.
std::array<mp::memory::attached_segment*, 2>& segments() {
    using mp::platform::memory_object;
    static auto& made = *new std::array{new mp::memory::attached_segment(memory_object::create(4096)),
                                        new mp::memory::attached_segment(memory_object::create(4096))};
    return made;
}

volatile char touched;

void touch(const void* first, std::size_t bytes) {
    if (bytes != 0) {
        touched = static_cast<const char*>(first)[0];
        touched = static_cast<const char*>(first)[bytes - 1];
    }
}

/// Of a value that was copied: it must survive being passed on.
template <class T>
void use(const T& value) {
    reduction::outgoing first;
    reduction::encode(first, value);
    reduction::incoming in(first.bytes(), {});
    reduction::outgoing second;
    reduction::encode(second, reduction::decode<T>(in));
    if (in.bytes_left() != 0 || first.bytes() != second.bytes()) {
        std::abort();
    }
}

// Of a handle: what it refers to must be there, all of it.
void use(const mp::RLock& lock) { touched = lock.owner_died() ? '1' : '0'; }
template <class T>
void use(const mp::RawValue<T>& value) {
    touch(&value.value(), sizeof(T));
}
template <class T>
void use(const mp::RawArray<T>& array) {
    touch(array.data(), array.size() * sizeof(T));
}
template <class T>
void use(const mp::SharedValue<T>& value) {
    use(value.get_lock());
    use(value.get_obj());
}
template <class T>
void use(const mp::SharedArray<T>& array) {
    use(array.get_lock());
    use(array.get_obj());
}

template <class T>
void parse_as(std::string_view bytes) {
    reduction::incoming in(bytes, segments());
    use(reduction::decode<T>(in));
}

/// One for each kind of thing that decode knows. (Users' own types are cereal's to read, and cereal believes the sizes it reads.)
constexpr std::array parsers = {
    parse_as<int>,
    parse_as<Plain>,
    parse_as<std::string>,
    parse_as<Numbers>,
    parse_as<Texts>,
    parse_as<Nested>,
    parse_as<Choice>,
    parse_as<mp::RLock>,
    parse_as<mp::RawValue<Plain>>,
    parse_as<mp::RawArray<Plain>>,
    parse_as<mp::SharedValue<int>>,
    parse_as<mp::SharedValue<Plain>>,
    parse_as<mp::SharedArray<char>>,
    parse_as<mp::SharedArray<Plain>>,
};

/// A description that is in order, of a value.
template <class T>
std::string seed_of(int parser, const T& value) {
    reduction::outgoing out;
    reduction::encode(out, value);
    return std::string(1, static_cast<char>(parser)) + out.bytes();
}

/// And of a handle: the numbers that its reducer writes, in the terms of the segments above.
std::string seed_of(int parser, std::initializer_list<std::uint64_t> numbers) {
    std::string seed(1, static_cast<char>(parser));
    for (const std::uint64_t each : numbers) {
        seed.append(reinterpret_cast<const char*>(&each), sizeof(each));
    }
    return seed;
}

} // namespace

void fuzz::parse(std::string_view bytes) {
    if (!bytes.empty()) {
        parsers[static_cast<unsigned char>(bytes.front()) % parsers.size()](bytes.substr(1));
    }
}

std::vector<std::string> fuzz::seeds() {
    const Plain plain{1, 2.5, {'a', 'b', 'c'}};
    return {
        seed_of(0, 7),
        seed_of(1, plain),
        seed_of(2, std::string("text")),
        seed_of(3, Numbers{1, 2, 3}),
        seed_of(4, Texts{{"one", u"eins"}, {"none", std::nullopt}}),
        seed_of(5, Nested{{"name", {{plain}, {}, {plain, plain}}}}),
        seed_of(6, Choice(std::tuple(true, plain))),
        seed_of(6, Choice(std::string("text"))),
        seed_of(7, {0, 64}),
        seed_of(8, {1, 128}),
        seed_of(9, {0, 64, 3}), // a block and a length
        seed_of(10, {0, 0, 0, 16, 0}), // a lock, an object, and that there is no log
        seed_of(11, {0, 0, 1, 16, 1, 0, 64}),
        seed_of(12, {0, 0, 0, 64, 10, 0}),
        seed_of(13, {0, 0, 1, 64, 3, 1, 0, 256}),
    };
}
