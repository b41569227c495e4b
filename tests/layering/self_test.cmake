# Runs the rules on a small tree that keeps them all, and then on the same tree with one breach after the other.
# cmake -D SCRATCH=<folder> -P self_test.cmake
cmake_minimum_required(VERSION 3.25)

function(write_good_tree)
    file(REMOVE_RECURSE "${SCRATCH}")
    set(include "${SCRATCH}/include/multiprocessing")
    set(language "#include <multiprocessing/base/language.hpp>\n")
    file(WRITE "${include}/base/language.hpp" "#pragma once\n#if OLD\n# include <multiprocessing/needs_cxx20>\n#endif\n")
    file(WRITE "${include}/version.hpp" "#pragma once\n\n${language}#include <string_view>\n")
    file(WRITE "${include}/platform/mapping.hpp" [[
#pragma once
#include <multiprocessing/base/language.hpp>

#if defined(_WIN32)
    #include <multiprocessing/platform/windows/mapping.hpp>
#else
    #include <multiprocessing/platform/posix/mapping.hpp> // with a comment
#endif
]])
    file(WRITE "${include}/platform/posix/mapping.hpp" "#pragma once\n#include <cstddef>\n#include <sys/mman.h>\n")
    file(WRITE "${include}/platform/windows/mapping.hpp" "#pragma once\n#include <windows.h>\n")
    file(WRITE "${include}/memory/detail/bins.hpp" "// Why.\n#pragma once\n#include <bit>\n")
    file(WRITE "${include}/memory/heap.hpp" [[
#pragma once
#include <multiprocessing/base/language.hpp>

#include <boost/interprocess/mapped_region.hpp>
#include <multiprocessing/memory/detail/bins.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/version.hpp>
#include <vector>

// Not the same as on _WIN32, and `#include <elsewhere.h>` in a comment is no include.
struct state : platform::state_with_mutex {
    static constexpr fork_turn turn = fork_turn::heap;
};
inline const bool is_early = look();
]])
    file(WRITE "${include}/memory/allocate.hpp" "#pragma once\n${language}#include <cstddef>\n#include <multiprocessing/memory/allocate.ipp>\n")
    file(WRITE "${include}/memory/allocate.ipp" [[
#pragma once
#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/heap.hpp>
]])
    file(WRITE "${include}/memory/heap_user.hpp" "#pragma once\n${language}#include <multiprocessing/memory/heap.hpp>\n")
    file(WRITE "${include}/process/fork.hpp" "#pragma once\n${language}#include <multiprocessing/memory/heap.hpp>\n")
    file(WRITE "${include}/platform.hpp" "#pragma once\n\n${language}#include <multiprocessing/platform/mapping.hpp>\n")
    file(WRITE "${include}/memory.hpp" [[
#pragma once
#include <multiprocessing/base/language.hpp>
#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/memory/heap_user.hpp>
]])
    file(WRITE "${include}/process.hpp" "#pragma once\n${language}#include <multiprocessing/process/fork.hpp>\n")
    file(WRITE "${include}/multiprocessing.hpp" [[
#pragma once
#include <multiprocessing/base/language.hpp>
#include <multiprocessing/memory.hpp>
#include <multiprocessing/platform.hpp>
#include <multiprocessing/process.hpp>
#include <multiprocessing/version.hpp>
]])
    foreach(test base/language platform/mapping memory/allocate memory/heap memory/heap_user process/fork conformance/anything)
        file(WRITE "${SCRATCH}/tests/${test}.cpp" "")
    endforeach()
    file(COPY "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../docs/design/floors.md" DESTINATION "${SCRATCH}/docs/design")
    file(WRITE "${SCRATCH}/docs/design/copies.md" "| `memory/heap.hpp` | heap | mutex | heap | |\n| `memory/heap.hpp` | `is_early` | |\n")
endfunction()

function(run_rule rule)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -D "ROOT=${SCRATCH}" -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${rule}.cmake"
        ERROR_VARIABLE messages
        RESULT_VARIABLE status
    )
    set(messages "${messages}" PARENT_SCOPE)
    set(status ${status} PARENT_SCOPE)
endfunction()

# expect_refusal(rule complaint path text [path text]): with `text` in the file `path`, the rule fails and says `complaint`.
function(expect_refusal rule complaint path text)
    write_good_tree()
    file(WRITE "${SCRATCH}/${path}" "${text}")
    if(ARGN)
        list(POP_FRONT ARGN other_path other_text)
        file(WRITE "${SCRATCH}/${other_path}" "${other_text}")
    endif()
    run_rule(${rule})
    string(FIND "${messages}" "${complaint}" position)
    if(status EQUAL 0 OR position EQUAL -1)
        message(FATAL_ERROR "${rule} does not refuse this ${path} with '${complaint}':\n${text}\n---\n${messages}")
    endif()
    message("${rule}: refuses ${path}: ${complaint}")
endfunction()

write_good_tree()
foreach(rule floors includes systems umbrellas mirror language light states)
    run_rule(${rule})
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${rule} refuses a good tree:\n${messages}")
    endif()
endforeach()

set(include include/multiprocessing)
set(heap ${include}/memory/heap.hpp)
expect_refusal(includes "and not this: see cmake/Floors.cmake" ${heap} "#include <multiprocessing/process/fork.hpp>")
expect_refusal(includes "and not this: see cmake/Floors.cmake" ${heap} "  #  include <multiprocessing/memory.hpp>")
expect_refusal(includes "and not this: see cmake/Floors.cmake" ${include}/platform/posix/mapping.hpp "#include <multiprocessing/memory/heap.hpp>")
expect_refusal(includes "process/ may include" ${include}/process/fork.hpp "#include <multiprocessing/sharedctypes/raw_value.hpp>") # a sibling
expect_refusal(includes "is for memory/ alone" ${include}/process/fork.hpp "#include <multiprocessing/memory/detail/bins.hpp>")
expect_refusal(floors "platform/ includes \"base;memory\" there" docs/design/floors.md "| `platform/` | `base` `memory` | |")
expect_refusal(floors "has the floors" docs/design/floors.md "| `base/` | - | |")
expect_refusal(includes "include cycle" ${heap} "#include <multiprocessing/memory/heap_user.hpp>")
expect_refusal(includes "include cycle" ${heap} "#include <multiprocessing/memory/heap.hpp>")
expect_refusal(includes "no such header" ${heap} "#include <multiprocessing/memory/gone.hpp>")
expect_refusal(includes "no such header" ${include}/platform/mapping.hpp
    "#include <multiprocessing/platform/windows/lease.hpp>")
expect_refusal(includes "whole path" ${heap} "#include \"heap_user.hpp\"")
expect_refusal(includes "neither ours" ${heap} "#include <sys/mman.h>")
expect_refusal(includes "neither ours" ${include}/platform/mapping.hpp "#include <unistd.h>")
expect_refusal(includes "neither ours" ${heap} "#include <absl/types.h>")
expect_refusal(includes "neither ours" ${heap} "#include <immintrin.h>")
set(definitions ${include}/memory/allocate.ipp)
expect_refusal(includes "and not this: see cmake/Floors.cmake" ${definitions} "#include <multiprocessing/process/fork.hpp>")
expect_refusal(includes "neither ours" ${definitions} "#include <sys/mman.h>")
expect_refusal(includes "include cycle" ${heap} "#include <multiprocessing/memory/allocate.hpp>")
expect_refusal(includes "by the header of their name alone" ${heap} "#include <multiprocessing/memory/allocate.ipp>")
expect_refusal(includes "not the last include" ${include}/memory/other.ipp "#pragma once\n")
expect_refusal(includes "not the last include" ${include}/memory/allocate.hpp
    "#include <multiprocessing/memory/allocate.ipp>\n#include <cstddef>")
expect_refusal(includes "is no floor of cmake/Floors.cmake" ${include}/util/misc.hpp "#pragma once")

expect_refusal(states "there is no row \"| `memory/heap_user.hpp` | others | child |\"" ${include}/memory/heap_user.hpp
    "static constexpr platform::fork_turn turn = platform::fork_turn::others;\nvoid after_fork_in_child() { ++forks; }")
expect_refusal(states "there is no row \"| `memory/heap.hpp` | files | - |\"" ${heap} "static constexpr fork_turn turn = fork_turn::files;")
expect_refusal(states "there is no row \"| `memory/allocate.ipp` | `late_` |\"" ${include}/memory/allocate.ipp
    "MULTIPROCESSING_INLINE const heap_hook heap::late_{nullptr};")
expect_refusal(states "has 1 such rows, and the headers 0" ${heap} "#pragma once")

expect_refusal(prose "docs/a.md: there is no file memory/gone.hpp" docs/a.md "`heap.hpp`, `memory/heap.hpp` and `memory/gone.hpp`")
expect_refusal(prose "the code has no lock_slowly" docs/design/a.md "`is_early`, and in the end `heap::lock_slowly()`")

expect_refusal(systems "asks for a system" ${heap} "#pragma once\n#ifdef __linux__\n#endif\n")
expect_refusal(systems "asks for a system" ${heap} "#pragma once\n#if X || \\\n defined(_WIN32)\n#endif\n")
expect_refusal(systems "asks for a system" ${include}/memory.hpp "#pragma once\n#if !__APPLE__ // why\n#endif\n")
expect_refusal(systems "no #pragma once" ${heap} "int x;\n")
expect_refusal(systems "first directive" ${heap} "#ifndef HEAP_HPP\n#define HEAP_HPP\n#endif\n")
expect_refusal(systems "more than one" ${include}/platform/windows/lease.hpp "#pragma once\n# include <Windows.h>\n")

expect_refusal(umbrellas "should include" ${include}/memory.hpp "#include <multiprocessing/memory/heap.hpp>")
expect_refusal(umbrellas "should include" ${include}/memory.hpp
    "#include <multiprocessing/memory/heap_user.hpp>\n#include <multiprocessing/memory/heap.hpp>")
expect_refusal(umbrellas "should include" ${include}/process.hpp
    "#include <multiprocessing/process/fork.hpp>\n#include <multiprocessing/version.hpp>")
expect_refusal(umbrellas "should include" ${include}/multiprocessing.hpp "#include <multiprocessing/memory.hpp>")
expect_refusal(umbrellas "should include" ${include}/platform.hpp "#pragma once")
expect_refusal(umbrellas "is missing" ${include}/synchronize/rlock.hpp "#pragma once")

expect_refusal(language "the first include is not" ${heap} "#pragma once\n#include <vector>\n")
expect_refusal(language "the first include is not" ${heap} "#pragma once\n#include <multiprocessing/version.hpp>\n#include <multiprocessing/base/language.hpp>")
expect_refusal(language "the first include is not" ${include}/version.hpp "#pragma once\n")
expect_refusal(language "the first include is not" ${include}/memory.hpp "#pragma once\n#include <multiprocessing/memory/heap.hpp>")

expect_refusal(light "(compiled form)" ${include}/synchronize/lock.hpp "#pragma once\n#include <sstream>\n")
expect_refusal(light "heap.hpp: #include <thread>" ${heap} "#pragma once\n#include <thread>\n") # which fork.hpp includes
expect_refusal(light "lock.hpp: #include <mutex>" ${include}/synchronize/lock.hpp "#pragma once\n#include <mutex>\n")
expect_refusal(light "(header_only form)" ${include}/process/fork.hpp "#include <multiprocessing/memory/other.ipp>" ${include}/memory/other.ipp
    "#include <map>")

expect_refusal(mirror "has no tests/memory/arena.cpp" ${include}/memory/arena.hpp "#pragma once")
expect_refusal(mirror "there is no include" tests/memory/arena.cpp "")
expect_refusal(mirror "there is no include" tests/platform/posix/arena.cpp "")
expect_refusal(mirror "nothing builds" tests/memroy/arena.cpp "")
