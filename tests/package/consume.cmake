# Uses the library from a project of its own and runs the program made so.
# cmake -D WAY=<find_package|add_subdirectory|fetch_content|pkg_config|c_interface> -D SOURCE=<tree> -D PREFIX=<where it is installed>
#       -D PROGRAM=<file> -D COMPILER=<path> -D GENERATOR=<name> -D VERSION=<x.y.z> -D SCRATCH=<folder> -P consume.cmake
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    message("${output}")
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "This ended with ${status}: ${ARGN}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")

if(WAY STREQUAL "pkg_config")
    find_program(PKG_CONFIG NAMES pkg-config pkgconf REQUIRED)
    set(ENV{PKG_CONFIG_PATH} "${PREFIX}/share/pkgconfig")
    run("${PKG_CONFIG}" --modversion multiprocessing)
    string(STRIP "${output}" found)
    if(NOT found STREQUAL VERSION)
        message(FATAL_ERROR "pkg-config says ${found}, and this is ${VERSION}")
    endif()
    run("${PKG_CONFIG}" --cflags --libs multiprocessing)
    separate_arguments(flags UNIX_COMMAND "${output}")
    run("${COMPILER}" -std=c++20 "${PROGRAM}" ${flags} -o "${SCRATCH}/program")
    run("${SCRATCH}/program")
    return()
endif()

set(project consumer)
if(WAY STREQUAL "c_interface")
    set(project c_consumer)
endif()
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/${project}" -B "${SCRATCH}" -G "${GENERATOR}"
    -D "CMAKE_CXX_COMPILER=${COMPILER}" -D CMAKE_EXPORT_COMPILE_COMMANDS=ON -D "CMAKE_PREFIX_PATH=${PREFIX}"
    -D "WAY=${WAY}" -D "MULTIPROCESSING_SOURCE=${SOURCE}" -D "PROGRAM=${PROGRAM}" -D "VERSION=${VERSION}")

# The project asks for no flags, so the compiler is called with none but the standard and the folders.
file(READ "${SCRATCH}/compile_commands.json" commands)
string(JSON command GET "${commands}" 0 command)
string(REGEX MATCHALL " -[^Iio][^ ]*" flags "${command}")
list(FILTER flags EXCLUDE REGEX "^ -(std=.*|c|pthread)$") # -pthread is the thread library's, where it needs one
string(JSON count LENGTH "${commands}")
if(flags OR NOT count EQUAL 1)
    message(FATAL_ERROR "The user's project compiles more than its program, or with flags it did not ask for: ${commands}")
endif()

run("${CMAKE_COMMAND}" --build "${SCRATCH}")
run("${SCRATCH}/program")
run("${CMAKE_CTEST_COMMAND}" --test-dir "${SCRATCH}" --show-only)
if(NOT output MATCHES "Total Tests: 0")
    message(FATAL_ERROR "The user's project got tests of ours")
endif()
