#include "support/catch.hpp"
#include "support/run.hpp"
#include "support/sanitized.hpp"

#include <multiprocessing/platform/thread_end.hpp>

#include <atomic>
#include <cstdlib>
#include <thread>

namespace platform = multiprocessing::platform;

namespace {

std::atomic<int> calls{0};
std::atomic<int> local_objects_gone{0};
std::atomic<bool> last{false};

void count(void* value) {
    REQUIRE(value == &calls);
    ++calls;
    last = local_objects_gone == calls;
}

/// Never destroyed: threads may end later.
const platform::thread_slot<count>& slot() {
    static const auto& one = *new platform::thread_slot<count>;
    return one;
}

struct local_object {
    bool used = false;
    ~local_object() {
        ++local_objects_gone;
        slot().set(&calls); // once more, and still once
    }
};

std::atomic<int>* counter = nullptr;
void count_for_another(void*) { ++*counter; }

void live_and_end() {
    slot().set(&calls);
    slot().set(&calls);
    static thread_local local_object here;
    here.used = true;
}

} // namespace

TEST_CASE("thread_slot") {
    SECTION("has one value for each thread, null at first") {
        int here = 0;
        static const auto& none = *new platform::thread_slot<count_for_another>;
        REQUIRE(none.get() == nullptr);
        none.set(&here);
        REQUIRE(none.get() == &here);
        void* there = &here;
        std::thread([&] { there = none.get(); }).join();
        REQUIRE(there == nullptr);
        none.set(nullptr);
    }
    SECTION("is called once for each thread, behind the destructors of its objects") {
        for (int i = 1; i <= 3; ++i) {
            const int before = calls;
            std::thread(live_and_end).join();
            REQUIRE(calls == before + 1);
            REQUIRE(last);
        }
    }
    SECTION("is not called at the end of the process") {
        if (sanitized) {
            return; // at the end of a bare child by exit they see its parent's heap, which nobody refers to any more
        }
        const support::shared<std::atomic<int>> called;
        REQUIRE(support::run_child([&] {
                    counter = &*called;
                    (new platform::thread_slot<count_for_another>)->set(&*called);
                    std::exit(0);
                }) == 0);
        REQUIRE(*called == 0);
    }
}
