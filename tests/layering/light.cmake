# What is hardly ever used is not in the way of what is always used: the headers of values, arrays, locks and fork reach none of the heavy
# headers of the standard library by includes of ours; in the compiled form, that is without the definitions, and in the header-only form with
# them. Backends for Windows are left out: it has no other way to most of this.
# cmake -D ROOT=<tree> -P light.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/tree.cmake")

set(always_used "${headers}")
list(FILTER always_used INCLUDE REGEX "^multiprocessing/(sharedctypes/(raw|shared)_(value|array)|synchronize/(r?lock|(bounded_)?semaphore|event|condition)|process/(fork|run_if_spawned))[.]hpp$")
set(heavy sstream iostream filesystem thread functional map chrono future regex iomanip)
# Only definitions need these.
set(heavy_in_compiled mutex fstream unordered_map)

# What nothing lighter has: fork flushes std::cout; a repair of the user's is a std::function; where there is no light part of <chrono>; and
# where waiting is looking now and then.
set(may_in_definitions
    "multiprocessing/platform/posix/fork.hpp <iostream>"
    "multiprocessing/platform/posix/printed_output.hpp <iostream>"
    "multiprocessing/robust/owner_died_callbacks.hpp <functional>"
)
set(may "multiprocessing/base/chrono.hpp <chrono>" "multiprocessing/platform/posix/polling_wait_word.hpp <thread>")

foreach(form compiled header_only)
    set(reached ${always_used})
    set(left ${always_used})
    while(left)
        list(POP_FRONT left header)
        includes_of("${header}" includes)
        foreach(include IN LISTS includes)
            string(REGEX REPLACE "^<(.*)>$" "\\1" path "${include}")
            if(path MATCHES "^multiprocessing/")
                if(NOT path IN_LIST reached AND EXISTS "${ROOT}/include/${path}" AND NOT path MATCHES "/windows/"
                   AND NOT (form STREQUAL "compiled" AND path MATCHES "[.]ipp$"))
                    list(APPEND reached "${path}")
                    list(APPEND left "${path}")
                endif()
            elseif(path IN_LIST heavy OR (form STREQUAL "compiled" AND path IN_LIST heavy_in_compiled))
                set(allowed ${may})
                if(form STREQUAL "header_only")
                    list(APPEND allowed ${may_in_definitions})
                endif()
                if(NOT "${header} ${include}" IN_LIST allowed)
                    complain("${header}" "#include ${include}: reaches who includes a value, a lock or fork (${form} form)")
                endif()
            endif()
        endforeach()
    endwhile()
endforeach()

finish()
