// A program with a plugin: both have been compiled with the headers, each by itself. It is linked with the plugin, or loads the one that it is told.
//
// host <question> [<plugin>]; check.cmake asks. The exit code is 0 when the answer is what is expected.
#include "plugin.hpp"

#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>


#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

namespace mp = multiprocessing;

namespace {

std::string plugin_path;

void expect(bool is_so, const char* what) {
    if (!is_so) {
        std::printf("not so: %s\n", what);
        std::exit(1);
    }
}

void* load() {
    expect(!plugin_path.empty(), "this program is linked with a plugin, or told one");
    void* const library = ::dlopen(plugin_path.c_str(), RTLD_NOW | RTLD_LOCAL);
    expect(library != nullptr, library == nullptr ? ::dlerror() : "");
    return library;
}
const plugin_functions& functions_in(void* library) {
    return *reinterpret_cast<const plugin_functions* (*)()>(::dlsym(library, "functions_of_plugin"))();
}
const plugin_functions& plugin() { return functions_of_plugin != nullptr ? *functions_of_plugin() : functions_in(load()); }

/// So that a test that hangs ends.
void end_after_a_minute() { ::alarm(60); }

constexpr int times = 20'000;

void add(const mp::SharedValue<long>& counter) {
    for (int i = 0; i < times; ++i) {
        counter += 1;
    }
}

/// Threads of the program, and of its plugin, in this process.
void add_by_all(const mp::SharedValue<long>& counter) {
    const plugin_functions& other = plugin();
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] { add(counter); });
        threads.emplace_back([&] { other.add(counter, times); });
    }
    for (auto& each : threads) {
        each.join();
    }
}
constexpr long added_by_all = 4L * times;

std::string name_of(const char* what) { return "copies-" + std::string(what) + '-' + std::to_string(::getpid()); }

/// Each name is gone at the end.
struct named {
    std::string text;
    ~named() { mp::unlink(text); }
};

/// Two processes, of which each has the threads. `early`: the plugin is there before the fork.
void counts(bool early) {
    const mp::SharedValue<long> counter(0);
    const named name{name_of("counter")};
    const mp::SharedValue<long> with_name(mp::create_only, name.text, 0);
    if (early) {
        plugin().add(counter, 1);
    } else {
        counter += 1;
    }
    auto child = mp::fork([&] {
        end_after_a_minute();
        add_by_all(counter);
        add_by_all(with_name);
    });
    add_by_all(counter);
    add_by_all(with_name);
    child.join();
    expect(child.exitcode() == 0, "the child ended well");
    expect(counter.value() == 2 * added_by_all + 1, "no update is lost");
    expect(with_name.value() == 2 * added_by_all, "nor one of an object with a name");
}

/// A thread is one thread, whoever's code it runs.
void is_one_thread() {
    const named name{name_of("lock")};
    const mp::RLock lock(mp::create_only, name.text);
    const mp::SharedValue<long> counter(0);
    {
        const std::scoped_lock guards(lock, counter);
        plugin().add_under(name.text.c_str(), counter, 10);
        counter += 1;
    }
    expect(counter.value() == 11, "a lock that the program holds does not stop its plugin");
    std::thread([&] { // which the plugin is the first to name
        plugin().add(counter, 1);
        const std::scoped_lock guard(counter);
        plugin().add(counter, 1);
    }).join();
    expect(counter.value() == 13 && counter.get_lock().try_lock(), "what a thread held is free when it has ended");
}

void has_one_mapping() {
    const named name{name_of("array")};
    const mp::RawArray<long> array(mp::create_only, name.text, 4);
    expect(plugin().address_of(name.text.c_str()) == array.data(), "an object has one address in a process");
}

void has_one_family() {
    const plugin_functions& other = plugin();
    const mp::SharedValue<int> go(0);
    auto child = mp::fork([&] {
        expect(other.count_children() == 0, "a child has no children");
        end_after_a_minute();
        while (go.value() == 0) {
        }
    });
    expect(other.count_children() == 1, "the plugin sees the program's children");
    go = 1;
    child.join();
}

std::ptrdiff_t count_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}
std::ptrdiff_t count_mappings() {
    std::ifstream maps("/proc/self/maps");
    return std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n');
}

void reloads() {
    const mp::SharedValue<long> counter(0);
    std::ptrdiff_t descriptors = 0;
    std::ptrdiff_t mappings = 0;
    for (int i = 0; i < 1000; ++i) {
        void* const library = load();
        const plugin_functions& other = functions_in(library);
        other.add(counter, 1);
        std::thread([&] { other.add(counter, 1); }).join();
        expect(*other.try_to_use() == '\0', "the plugin makes objects of its own");
        ::dlclose(library);
        counter += 1;
        if (i == 10) {
            descriptors = count_descriptors();
            mappings = count_mappings();
        }
    }
    expect(counter.value() == 3000, "no update is lost");
    expect(count_descriptors() == descriptors, "no descriptor is left");
    expect(count_mappings() <= mappings + 2, "no memory is left");
    mp::fork([&] { counter += 1; }).join();
    expect(counter.value() == 3001, "a child of a program that has closed its plugin works");
}

/// The plugin was compiled with something else.
void differs() {
    const mp::SharedValue<long> counter(0);
    const plugin_functions& other = plugin();
    const std::string_view why = other.try_to_use();
    std::printf("%s\n", other.try_to_use());
    expect(why.find("cannot work together") != std::string_view::npos, "the plugin is refused, with words");
    expect(why.find(plugin_path) != std::string_view::npos, "which name it");
    add(counter);
    mp::fork([&] { add(counter); }).join();
    expect(counter.value() == 2 * times, "the program goes on");
}

} // namespace

int main(int argc, char** argv) {
    end_after_a_minute();
    const std::string_view question = argv[1];
    plugin_path = argc > 2 ? argv[2] : "";
    if (question == "counts") {
        counts(true);
    } else if (question == "counts, loaded after a fork") {
        counts(false);
    } else if (question == "is one process") {
        is_one_thread();
        has_one_mapping();
        has_one_family();
    } else if (question == "reloads") {
        reloads();
    } else if (question == "differs") {
        differs();
    } else {
        expect(false, "this is a question");
    }
}
