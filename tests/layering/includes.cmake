# cmake/Floors.cmake says which folders a header may include, and its definitions (.ipp), beside its own; and there are version.hpp, the standard library and
# the named dependencies; the backends under platform/posix/ and platform/windows/ include system headers as well. What
# lies directly in multiprocessing/ is above every folder. What lies in a folder's detail/, that folder alone includes.
# There are no cycles. Every included header of ours is there;
# only a system that nothing is written for yet may be announced: a folder posix/ or windows/ without any header.
# Definitions are included by the header of their name, as its last include, and count as part of it: what they include, it includes.
# cmake -D ROOT=<tree> -P includes.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/tree.cmake")

foreach(header IN LISTS definitions)
    string(REGEX REPLACE "ipp$" "hpp" declarations "${header}")
    set(last "")
    if(declarations IN_LIST headers)
        includes_of("${declarations}" includes)
        list(POP_BACK includes last)
    endif()
    if(NOT last STREQUAL "<${header}>")
        complain("${header}" "is not the last include of a header of its name")
    endif()
endforeach()

foreach(header IN LISTS headers definitions)
    string(REGEX REPLACE "ipp$" "hpp" node "${header}") # in the graph
    folder_of("${header}" folder)
    if(NOT folder STREQUAL "" AND NOT folder IN_LIST folders)
        complain("${header}" "the folder ${folder}/ is no floor of cmake/Floors.cmake: ${folders}")
        continue()
    endif()

    includes_of("${header}" includes)
    foreach(include IN LISTS includes)
        if(NOT include MATCHES "^<([^>]+)>$")
            complain("${header}" "#include ${include}: write the whole path in <>")
            continue()
        endif()
        set(path "${CMAKE_MATCH_1}")

        if(path MATCHES "^multiprocessing/")
            string(REGEX MATCH "^multiprocessing/platform/(posix|windows)/" backend "${path}")
            set(siblings ${headers})
            list(FILTER siblings INCLUDE REGEX "^${backend}")
            if(header STREQUAL "multiprocessing/base/language.hpp" AND path MATCHES "^multiprocessing/needs_(cxx20|exceptions)$")
                continue() # which is not there, so that the compiler stops
            endif()
            if(NOT path IN_LIST headers AND NOT path IN_LIST definitions AND siblings)
                complain("${header}" "#include ${include}: there is no such header")
            endif()
            folder_of("${path}" other)
            if(NOT folder STREQUAL "" AND NOT folder STREQUAL other AND NOT other IN_LIST floor_${folder} AND NOT path STREQUAL "multiprocessing/version.hpp"
                    AND NOT header STREQUAL "multiprocessing/base/language.hpp")
                complain("${header}" "#include ${include}: ${folder}/ may include ${floor_${folder}}, and not this: see cmake/Floors.cmake")
            endif()
            if(NOT folder STREQUAL other AND path MATCHES "/detail/")
                complain("${header}" "#include ${include}: what is in detail/ is for ${other}/ alone")
            endif()
            if(path MATCHES "ipp$")
                string(REGEX REPLACE "ipp$" "hpp" path "${path}")
                if(NOT path STREQUAL header)
                    complain("${header}" "#include ${include}: definitions are included by the header of their name alone")
                endif()
            elseif(NOT (path STREQUAL node AND header MATCHES "ipp$")) # definitions include what they define
                list(APPEND graph_${node} ${path})
            endif()
        elseif(path MATCHES "^[a-z_]+$") # the standard library: no folder, no ending
        elseif(path MATCHES "^([^/]+)/" AND CMAKE_MATCH_1 IN_LIST dependencies)
        elseif(header MATCHES "^multiprocessing/base/(chrono|ranges)\\.hpp$" AND path MATCHES "^bits/") # the standard library's, in part
        elseif(header MATCHES "^multiprocessing/platform/(posix|windows)/") # system headers
        elseif(header MATCHES "^multiprocessing/platform/" AND path MATCHES "^(immintrin|intrin|arm_acle)\\.h$") # the processor's
        else()
            complain("${header}" "#include ${include}: neither ours, nor the standard library, nor a named dependency")
        endif()
    endforeach()
endforeach()

# Take away every header that includes nothing that is left, as long as there is one. What stays is in a cycle, or
# includes one.
set(left ${headers})
set(progress ON)
while(progress)
    set(progress OFF)
    foreach(header IN LISTS left)
        set(waits OFF)
        foreach(included IN LISTS graph_${header})
            if(included IN_LIST left)
                set(waits ON)
            endif()
        endforeach()
        if(NOT waits)
            list(REMOVE_ITEM left "${header}")
            set(progress ON)
        endif()
    endforeach()
endwhile()
foreach(header IN LISTS left)
    complain("${header}" "part of an include cycle, or includes one")
endforeach()

finish()
