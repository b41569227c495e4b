# What a page names in backticks is there: a file, by its path or the end of it (`mutex.hpp`); and in docs/design, a name of the code as well
# (`lock_slowly`, `platform::can_fork`), somewhere in the headers, the tests or what builds them.
# cmake -D ROOT=<tree> -P prose.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/tree.cmake")

# What is a user's, installed, or built; any header, and asio's.
set(not_files_of_ours main.cpp setup.py share/multiprocessing/python/multiprocessing_shared.py build/release/bench/table.md x.hpp x.ipp impl/x.ipp impl/src.hpp)
set(names_of_others dlmopen)

file(GLOB_RECURSE files RELATIVE "${ROOT}" LIST_DIRECTORIES OFF
    "${ROOT}/benchmarks/*" "${ROOT}/c_interface/*" "${ROOT}/cmake/*" "${ROOT}/docs/*" "${ROOT}/examples/*" "${ROOT}/include/*" "${ROOT}/packaging/*"
    "${ROOT}/python/*" "${ROOT}/scripts/*" "${ROOT}/src/*" "${ROOT}/tests/*" "${ROOT}/tools/*")
file(GLOB top RELATIVE "${ROOT}" LIST_DIRECTORIES OFF "${ROOT}/*")
list(APPEND files ${top})
list(TRANSFORM files PREPEND "/" OUTPUT_VARIABLE paths)
string(JOIN "\n" paths ${paths})
string(APPEND paths "\n")

set(code "")
foreach(file IN LISTS files)
    if(file MATCHES "\\.(hpp|ipp|cpp|h|cmake|txt|py|json|pml)$|^scripts/" AND NOT file STREQUAL "tests/layering/prose.cmake")
        file(READ "${ROOT}/${file}" text)
        string(APPEND code "${text}")
    endif()
endforeach()

set(pages ${files})
list(FILTER pages INCLUDE REGEX "\\.md$")
foreach(page IN LISTS pages)
    file(READ "${ROOT}/${page}" text)
    string(REGEX MATCHALL "`[A-Za-z0-9_./-]+\\.(hpp|ipp|cpp|cmake|py|md|pml)`" names "${text}")
    list(REMOVE_DUPLICATES names)
    foreach(name IN LISTS names)
        string(REPLACE "`" "" name "${name}")
        string(FIND "${paths}" "/${name}\n" position)
        if(position EQUAL -1 AND NOT name IN_LIST not_files_of_ours)
            complain("${page}" "there is no file ${name}")
        endif()
    endforeach()

    if(page MATCHES "^docs/design/")
        string(REGEX MATCHALL "`[a-z_]+(::[A-Za-z_]+)*(\\(\\))?`" names "${text}")
        list(REMOVE_DUPLICATES names)
        list(FILTER names EXCLUDE REGEX "^`std::")
        foreach(name IN LISTS names)
            string(REGEX MATCHALL "[A-Za-z_]+" parts "${name}")
            foreach(part IN LISTS parts)
                string(FIND "${code}" "${part}" position)
                if(position EQUAL -1 AND NOT part IN_LIST names_of_others)
                    complain("${page}" "the code has no ${part}, which ${name} names")
                endif()
            endforeach()
        endforeach()
    endif()
endforeach()

finish()
