#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <atomic>
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
}
