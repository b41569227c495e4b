#pragma once

#include "support/run.hpp"

#include <string>
#include <vector>

#include <unistd.h>

/// \file
/// A Python program on the other side.

#ifndef MULTIPROCESSING_TEST_PYTHON
#    define MULTIPROCESSING_TEST_PYTHON "/usr/bin/python3"
#endif

namespace support {

/// What every script begins with. `opened` is how docs/python_interop.md says that Python is to open what somebody else owns.
inline constexpr const char* python_prologue = R"python(
import sys
from multiprocessing import resource_tracker, shared_memory
from multiprocessing.shared_memory import SharedMemory, ShareableList

def untracked(memory):
    "Python up to 3.12 removes at its exit whatever it has opened: gh-82300."
    resource_tracker.unregister(memory._name, "shared_memory")
    return memory

def opened(name):
    return untracked(SharedMemory(name))

def opened_list(name):
    items = ShareableList(name=name)
    untracked(items.shm)
    return items
)python";

/// Runs a script, with arguments from `sys.argv[1]` on, from beginning to end.
[[nodiscard]] inline outcome run_python(const std::string& script, std::vector<std::string> arguments = {}) {
    return run_captured([&] {
        const std::string all = python_prologue + script;
        std::vector<const char*> pointers{MULTIPROCESSING_TEST_PYTHON, "-c", all.c_str()};
        for (const std::string& each : arguments) {
            pointers.push_back(each.c_str());
        }
        pointers.push_back(nullptr);
        ::setenv("PYTHONUTF8", "1", 1);
        ::execv(pointers[0], const_cast<char* const*>(pointers.data()));
        return failed;
    });
}

/// Whether the Python that the tests run can import it.
[[nodiscard]] inline bool python_has(const std::string& module) { return run_python("import " + module).code == 0; }

} // namespace support
