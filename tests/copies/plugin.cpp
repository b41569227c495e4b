// A library with a copy of the headers of its own, which host.cpp is linked with, or loads.
#include "plugin.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>

#include <exception>
#include <mutex>
#include <string>

namespace mp = multiprocessing;

namespace {

void add(const mp::SharedValue<long>& counter, int times) {
    for (int i = 0; i < times; ++i) {
        counter += 1;
    }
}

void add_under(const char* name, const mp::SharedValue<long>& counter, int times) {
    const mp::RLock lock(mp::open_only, name);
    const std::scoped_lock guard(lock);
    add(counter, times);
}

const void* address_of(const char* name) {
    const mp::RawArray<long> array(mp::open_only, name);
    return array.data();
}

int count_children() { return static_cast<int>(mp::active_children().size()); }

const char* try_to_use() {
    static std::string what;
    try {
        const mp::SharedValue<long> value(0);
        value += 1;
        what.clear();
    } catch (const std::exception& error) {
        what = error.what();
    }
    return what.c_str();
}

} // namespace

const plugin_functions* functions_of_plugin() {
    static constexpr plugin_functions all{add, add_under, address_of, count_children, try_to_use};
    return &all;
}
