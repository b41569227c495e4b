// Programs that were started with standard streams closed, or have closed them: the system gives their numbers to whatever is opened next, and what the
// program then prints lands there. So none of the library's own descriptors has one of these numbers.
//
// Taken out once, and what failed: off_standard_streams (it returns what it was given): all cases of the first test; taken_standard_numbers (it takes none):
// the second one.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/run.hpp"

#include <multiprocessing/process.hpp>
#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/sharedctypes/read_only.hpp>
#include <multiprocessing/synchronize.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace mp = multiprocessing;
using support::expect;

namespace {

bool is_closed(int number) { return ::fcntl(number, F_GETFD) == -1; }

void writes(const mp::SharedArray<int>& array, bool out_is_closed, bool error_is_closed) {
    if (is_closed(1) != out_is_closed || is_closed(2) != error_is_closed) {
        ::_exit(7);
    }
    array[-1] += 1;
}

} // namespace

TEST_CASE("no descriptor of the library takes the place of a standard stream that is closed", "[collect]") {
    const int closed = GENERATE(range(1, 8)); // a bit for each
    CAPTURE(closed);
    const auto is_to_be_closed = [&](int number) { return (closed >> number & 1) != 0; };
    REQUIRE(support::run_child([&] {
                for (const int each : {0, 1, 2}) {
                    if (is_to_be_closed(each)) {
                        ::close(each);
                    }
                }
                const auto look = [&](const char* when) {
                    for (const int each : {0, 1, 2}) {
                        expect(is_closed(each) == is_to_be_closed(each), when);
                    }
                };
                const mp::SharedArray<int> array(100'000);
                look("the heap's memory");
                array[-1] += 1;
                look("the registry of lives");
                const support::unused_object name;
                {
                    const mp::SharedValue<int> value(mp::create_only, mp::object_name(name.text()).mode(0660), 1);
                    value += 1;
                    look("a named object");
                    const mp::SharedValue<int> again(mp::open_only, name);
                    const mp::ReadOnlyValue<int> reader(name);
                    expect(reader.value() == 2, "a reader");
                    look("the same, opened");
                }
                expect(mp::unlink(name), "unlink");
                expect(std::ranges::count(mp::collect(), name.text()) == 0, "collect"); // which may find what another test left behind
                look("unlink and collect");
                const support::unused_name memory;
                mp::SharedMemory(mp::create_only, memory.text(), 5000).unlink();
                mp::SharedMemoryManager manager;
                manager.start();
                const auto list = manager.ShareableList({1, 2.5});
                look("memory");
                const mp::Barrier barrier(2);
                {
                    auto forked = mp::fork([&] {
                        expect(is_closed(1) == is_to_be_closed(1) && is_closed(2) == is_to_be_closed(2), "in a forked child");
                        array[-1] += 1;
                        barrier.wait();
                    });
                    auto daemon = mp::fork({.daemon = true}, [&] { array[-1] += 1; });
                    look("children");
                    barrier.wait();
                    auto spawned = mp::spawn<&writes>(array, is_to_be_closed(1), is_to_be_closed(2));
                    look("a spawned child");
                    mp::wait(std::vector<mp::Process*>{&forked, &daemon, &spawned});
                    for (auto* const each : {&forked, &daemon, &spawned}) {
                        each->join();
                        expect(each->exitcode() == 0, "a child's end");
                    }
                }
                expect(array[-1].value() == 4, "the sum");
                look("the end");
            }) == 0);
}

TEST_CASE("what a thread prints to a closed standard stream does not land in what another one opens") {
    const support::unused_object name;
    const mp::SharedValue<int> value(mp::create_only, mp::object_name(name.text()).mode(0660), 1);
    REQUIRE(support::run_child([&] {
                ::close(STDOUT_FILENO);
                std::atomic<bool> enough{false};
                std::thread prints([&] {
                    while (!enough) {
                        static_cast<void>(::write(STDOUT_FILENO, "text", 4) == 4);
                    }
                });
                for (int i = 0; i < 2'000; ++i) {
                    expect(mp::ReadOnlyValue<int>(name).value() == 1); // what is closed again is opened again
                    const mp::RawValue<int> other(mp::create_only, "mp-test-closed-streams", 0);
                    expect(mp::unlink("mp-test-closed-streams") && *other == 0);
                }
                enough = true;
                prints.join();
            }) == 0);
    REQUIRE(value.value() == 1);
}
