#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/reduction/cereal.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <cereal/archives/binary.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace mp = multiprocessing;
namespace reduction = multiprocessing::reduction;
using multiprocessing::detail::serialises_itself;

namespace cereal_types {

/// A user's type with shared members, in containers of cereal's, and between members that are not shared.
struct report {
    std::string title;
    mp::SharedValue<int> count;
    std::vector<mp::SharedValue<double>> rows;
    mp::SharedArray<double> array{0.0};
    std::map<std::string, mp::RawValue<int>> by_name;
    mp::RLock lock;
    int number = 0;
    std::shared_ptr<mp::SharedValue<int>> first = std::make_shared<mp::SharedValue<int>>(1);
    std::shared_ptr<mp::SharedValue<int>> second = first;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(title, count, rows, array, by_name, lock, number, first, second);
    }
};

class with_private_functions {
    friend class cereal::access;
    template <class Archive>
    void save(Archive& archive) const {
        archive(number_);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(number_);
    }
    int number_ = 0;
};

struct heir : with_private_functions {};

struct with_a_version {
    int number = 0;
    template <class Archive>
    void serialize(Archive& archive, std::uint32_t) {
        archive(number);
    }
};

struct final_one final {
    int number = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number);
    }
};

/// Its members are called like functions of cereal's.
struct settings {
    bool save = true;
    int load = 1;
    int serialize = 2;
};

} // namespace cereal_types
using namespace cereal_types;

TEST_CASE("reduction/cereal.hpp") {
    SECTION("makes types of the user's travel, with shared members") {
        report made;
        made.title = "title";
        made.count = 5;
        made.rows.emplace_back(3.0);
        made.rows.emplace_back(4.0);
        made.array = mp::SharedArray<double>(5);
        made.by_name.emplace("a", mp::RawValue<int>(1));
        made.by_name.emplace("b", mp::RawValue<int>(2));
        made.number = 9;
        constexpr auto check = [](const report& got, int behind_it) {
            support::must(got.title == "title" && got.number == 9 && behind_it == 77);
            support::must(got.rows.size() == 2 && got.rows[1].value() == 4.0 && got.array.size() == 5);
            support::must(*got.by_name.at("b") == 2);
            got.count += 1;
            got.rows[1] = 0.5;
            got.array[-1] = 1.5;
            *got.by_name.at("a") = 11;
            support::must(!got.lock.try_lock());
            support::must(got.first == got.second); // one archive for all of an object
            *got.first += 1;
        };
        made.lock.lock();
        const auto process = mp::spawn<check>(made, 77);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(made.count.value() == 6);
        REQUIRE(made.rows[1].value() == 0.5);
        REQUIRE(made.array[4].value() == 1.5);
        REQUIRE(*made.by_name.at("a") == 11);
        REQUIRE(made.second->value() == 2);

        // Several of them, each with its own shared members.
        constexpr auto add = [](const std::vector<report>& all) {
            for (std::size_t i = 0; i < all.size(); ++i) {
                all[i].count += static_cast<int>(i) + 1;
            }
        };
        std::vector<report> all(3);
        REQUIRE(support::exit_code(mp::spawn<add>(all)) == 0);
        for (std::size_t i = 0; i < all.size(); ++i) {
            REQUIRE(all[i].count.value() == static_cast<int>(i) + 1);
        }
        made.lock.unlock();
    }
    SECTION("and a shared object in somebody else's archive: refused") {
        std::ostringstream stream;
        cereal::BinaryOutputArchive archive(stream);
        const mp::SharedValue<int> value(1);
        REQUIRE_THROWS_AS(archive(value), std::logic_error);
        std::istringstream empty;
        cereal::BinaryInputArchive back(empty);
        mp::SharedValue<int> other(1);
        REQUIRE_THROWS_AS(back(other), std::logic_error);
    }
    SECTION("whether a type serialises itself is decided by its functions, hidden ones too, and not by what cereal knows") {
        STATIC_REQUIRE(serialises_itself<report>);
        STATIC_REQUIRE(serialises_itself<with_private_functions>);
        STATIC_REQUIRE(serialises_itself<heir>);
        STATIC_REQUIRE(serialises_itself<with_a_version>);
        STATIC_REQUIRE(serialises_itself<final_one>);
        STATIC_REQUIRE_FALSE(serialises_itself<settings>);
        STATIC_REQUIRE_FALSE(serialises_itself<int>);
        STATIC_REQUIRE_FALSE(serialises_itself<std::atomic<int>>);
        STATIC_REQUIRE_FALSE(serialises_itself<std::string>); // which cereal/types/string.hpp can serialise
        STATIC_REQUIRE(reduction::transferable<with_private_functions>);
        STATIC_REQUIRE(reduction::transferable<with_a_version>);
        STATIC_REQUIRE(reduction::transferable<final_one>);
        STATIC_REQUIRE(reduction::transferable<settings>);
    }
}
