// As host.cpp, on Windows, where each module has its own of everything: a program that loads a DLL.
//
// windows_host <plugin>. The exit code is 0 when all is as expected.
#include "plugin.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <windows.h>

namespace mp = multiprocessing;

namespace {

void expect(bool is_so, const char* what) {
    if (!is_so) {
        std::printf("not so: %s\n", what);
        std::exit(1);
    }
}

const plugin_functions& functions_in(::HMODULE library) {
    expect(library != nullptr, "the plugin is loaded");
    return *reinterpret_cast<const plugin_functions* (*)()>(reinterpret_cast<void*>(::GetProcAddress(library, "functions_of_plugin")))();
}

void counts(const mp::SharedValue<long>& counter, const plugin_functions& other) {
    constexpr int times = 20'000;
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < times; ++n) {
                counter += 1;
            }
        });
        threads.emplace_back([&] { other.add(counter, times); });
    }
    for (auto& each : threads) {
        each.join();
    }
    expect(counter.value() == 4L * times, "no update is lost");
}

void is_one_thread(const plugin_functions& other) {
    const std::string name = "copies-" + std::to_string(::GetCurrentProcessId());
    const mp::RLock lock(mp::create_only, name);
    const mp::SharedValue<long> counter(0);
    const std::scoped_lock guards(lock, counter);
    other.add_under(name.c_str(), counter, 10);
    counter += 1;
    expect(counter.value() == 11, "a lock that the program holds does not stop its plugin");
}

void has_one_mapping(const plugin_functions& other) {
    const std::string name = "copies-array-" + std::to_string(::GetCurrentProcessId());
    const mp::RawArray<long> array(mp::create_only, name, 4);
    expect(other.address_of(name.c_str()) == array.data(), "an object has one address in a process");
}

void reloads(const char* path, ::HMODULE first) {
    const mp::SharedValue<long> counter(0);
    ::DWORD handles = 0;
    for (int i = 0; i < 1000; ++i) {
        const ::HMODULE library = ::LoadLibraryA(path);
        expect(library == first, "it is the same one");
        functions_in(library).add(counter, 1);
        ::FreeLibrary(library);
        ::DWORD now = 0;
        ::GetProcessHandleCount(::GetCurrentProcess(), &now);
        handles = i == 10 ? now : handles;
        expect(i <= 10 || now <= handles, "no handle is left");
    }
    expect(counter.value() == 1000, "no update is lost");
}

} // namespace

int main(int, char** argv) {
    const ::HMODULE library = ::LoadLibraryA(argv[1]);
    const plugin_functions& other = functions_in(library);
    counts(mp::SharedValue<long>(0), other);
    is_one_thread(other);
    has_one_mapping(other);
    ::FreeLibrary(library);
    reloads(argv[1], library);
}
