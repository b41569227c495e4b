# tests/ mirrors include/: every public header include/multiprocessing/<folder>/<name>.hpp has tests/<folder>/<name>.cpp,
# and every test file in those folders has its header. A test file anywhere else is in a folder that the build knows.
# cmake -D ROOT=<tree> -P mirror.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/tree.cmake")

foreach(folder IN LISTS folders)
    public_headers_of(${folder} public)
    foreach(header IN LISTS public)
        string(REGEX REPLACE "^multiprocessing/(.*)\\.hpp$" "tests/\\1.cpp" test "${header}")
        if(NOT EXISTS "${ROOT}/${test}")
            complain("${header}" "has no ${test}")
        endif()
    endforeach()

    file(GLOB_RECURSE tests RELATIVE "${ROOT}/tests" "${ROOT}/tests/${folder}/*.cpp")
    foreach(test IN LISTS tests)
        string(REGEX REPLACE "\\.cpp$" ".hpp" header "${test}")
        if(NOT EXISTS "${ROOT}/include/multiprocessing/${header}")
            complain("tests/${test}" "there is no include/multiprocessing/${header}")
        endif()
    endforeach()
endforeach()

set(suites conformance robustness interop children support)
file(GLOB_RECURSE tests RELATIVE "${ROOT}/tests" "${ROOT}/tests/*/*.cpp")
foreach(test IN LISTS tests)
    string(REGEX REPLACE "/.*$" "" folder "${test}")
    if(NOT folder IN_LIST folders AND NOT folder IN_LIST suites
            AND NOT EXISTS "${ROOT}/tests/${folder}/CMakeLists.txt")
        complain("tests/${test}" "nothing builds the folder ${folder}/")
    endif()
endforeach()

finish()
