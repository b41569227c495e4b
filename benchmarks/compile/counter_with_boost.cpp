// What README's first program does, with Boost.Interprocess and Boost.Process.
#include <boost/interprocess/managed_shared_memory.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>
#include <boost/process.hpp>
#include <iostream>
#include <vector>
namespace bi = boost::interprocess;

struct counter {
    bi::interprocess_mutex mutex;
    int value = 0;
};

int main(int argc, char** argv) {
    if (argc > 1) {
        bi::managed_shared_memory segment(bi::open_only, argv[1]);
        counter& shared = *segment.find<counter>("counter").first;
        for (int n = 0; n < 50'000; ++n) {
            bi::scoped_lock<bi::interprocess_mutex> guard(shared.mutex);
            shared.value += 1;
        }
        return 0;
    }
    const char* const name = "counter_with_boost";
    bi::shared_memory_object::remove(name);
    bi::managed_shared_memory segment(bi::create_only, name, 65536);
    counter& shared = *segment.construct<counter>("counter")();
    std::vector<boost::process::child> workers;
    for (int i = 0; i < 4; ++i)
        workers.emplace_back(argv[0], name);
    for (boost::process::child& worker : workers) worker.wait();
    std::cout << shared.value << '\n';
    bi::shared_memory_object::remove(name);
}
