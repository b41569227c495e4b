// What a plugin of host.cpp offers: functions of C, as plugins have.
#pragma once

#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

struct plugin_functions {
    /// Adds 1 to the counter, so many times.
    void (*add)(const multiprocessing::SharedValue<long>& counter, int times);
    /// The same, while it holds the lock of that name.
    void (*add_under)(const char* lock, const multiprocessing::SharedValue<long>& counter, int times);
    /// Where it has the value of that name, which it opens.
    const void* (*address_of)(const char* name);
    /// How many children of this process it sees.
    int (*count_children)();
    /// What is in its way, or an empty text.
    const char* (*try_to_use)();
};

#if defined(_WIN32)
extern "C" __declspec(dllexport) const plugin_functions* functions_of_plugin();
#else
/// Weak, so that host.cpp sees whether it is linked with a plugin.
extern "C" [[gnu::visibility("default"), gnu::weak]] const plugin_functions* functions_of_plugin();
#endif
