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

void count() {
    ++calls;
    last = local_objects_gone == calls;
}

struct local_object {
    bool used = false;
    ~local_object() {
        ++local_objects_gone;
        platform::at_thread_end<count>(); // once more, and still once
    }
};

std::atomic<int>* counter = nullptr;
void count_for_another() { ++*counter; }

void live_and_end() {
    platform::at_thread_end<count>();
    platform::at_thread_end<count>();
    static thread_local local_object here;
    here.used = true;
}

} // namespace

TEST_CASE("at_thread_end") {
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
                    platform::at_thread_end<count_for_another>();
                    std::exit(0);
                }) == 0);
        REQUIRE(*called == 0);
    }
}
