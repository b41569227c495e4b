#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
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
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
namespace reduction = multiprocessing::reduction;

namespace reducer_types {

/// A handle that somebody else wrote, of a counter in shared memory.
class ticket {
public:
    ticket() : next_(0) {}
    explicit ticket(mp::RawValue<std::atomic<int>> next) : next_(std::move(next)) {}
    [[nodiscard]] int take() const { return ++*next_; }
    [[nodiscard]] const mp::RawValue<std::atomic<int>>& number() const { return next_; }

private:
    mp::RawValue<std::atomic<int>> next_;
};

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

} // namespace reducer_types
using namespace reducer_types;

template <>
struct mp::reduction::reducer<ticket> {
    static void reduce(const ticket& one, outgoing& out) { reducer<RawValue<std::atomic<int>>>::reduce(one.number(), out); }
    [[nodiscard]] static ticket rebuild(incoming& in) { return ticket(reducer<RawValue<std::atomic<int>>>::rebuild(in)); }
};

TEST_CASE("reduction::reducer") {
    STATIC_REQUIRE(reduction::reducible<mp::RawValue<int>>);
    STATIC_REQUIRE(reduction::reducible<mp::RawArray<int>>);
    STATIC_REQUIRE(reduction::reducible<mp::SharedValue<double>>);
    STATIC_REQUIRE(reduction::reducible<mp::SharedArray<char>>);
    STATIC_REQUIRE(reduction::reducible<mp::RLock>);
    STATIC_REQUIRE(reduction::reducible<ticket>);
    STATIC_REQUIRE_FALSE(reduction::reducible<int>);
    STATIC_REQUIRE_FALSE(reduction::reducible<std::string>);
    STATIC_REQUIRE_FALSE(reduction::reducible<std::vector<ticket>>);

    SECTION("is what a user specialises: then it travels alone and inside of anything") {
        const ticket counter;
        const auto process = mp::spawn<[](const ticket& one, const std::vector<std::pair<std::string, ticket>>& more) {
            support::must(one.take() == 1);
            support::must(more.size() == 2 && more[1].first == "second");
            support::must(more[0].second.take() == 2 && more[1].second.take() == 3);
        }>(counter, std::vector<std::pair<std::string, ticket>>{{"first", counter}, {"second", counter}});
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(counter.take() == 4);
    }
    SECTION("makes shared members of a user's type travel through cereal") {
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
    SECTION("of a shared object in somebody else's archive: refused") {
        std::ostringstream stream;
        cereal::BinaryOutputArchive archive(stream);
        const mp::SharedValue<int> value(1);
        REQUIRE_THROWS_AS(archive(value), std::logic_error);
        std::istringstream empty;
        cereal::BinaryInputArchive back(empty);
        mp::SharedValue<int> other(1);
        REQUIRE_THROWS_AS(back(other), std::logic_error);
    }
}
