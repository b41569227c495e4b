# Uses the library from a project of its own and runs the program made so.
# cmake -D WAY=<find_package|add_subdirectory|fetch_content|pkg_config|c_interface> -D SOURCE=<tree> -D PREFIX=<where it is installed>
#       -D PROGRAM=<file> -D COMPILER=<path> -D GENERATOR=<name> -D VERSION=<x.y.z> -D SCRATCH=<folder>
#       [-D FORM=<multiprocessing|compiled>] [-D FLAGS=<of the program's own>] -P consume.cmake
cmake_minimum_required(VERSION 3.25)

if(NOT FORM)
    set(FORM multiprocessing)
endif()

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
    set(package multiprocessing)
    if(FORM STREQUAL "compiled")
        set(package multiprocessing-compiled)
    endif()
    file(GLOB folders "${PREFIX}/lib*/pkgconfig" "${PREFIX}/lib/*/pkgconfig")
    list(JOIN folders ":" folders)
    set(ENV{PKG_CONFIG_PATH} "${PREFIX}/share/pkgconfig:${folders}")
    run("${PKG_CONFIG}" --modversion ${package})
    string(STRIP "${output}" found)
    if(NOT found STREQUAL VERSION)
        message(FATAL_ERROR "pkg-config says ${found}, and this is ${VERSION}")
    endif()
    run("${PKG_CONFIG}" --cflags --libs ${package})
    separate_arguments(flags UNIX_COMMAND "${output}")
    run("${PKG_CONFIG}" --variable=libdir ${package})
    string(STRIP "${output}" library_folder) # where a shared library is, if it is one
    if(library_folder)
        list(APPEND flags "-Wl,-rpath,${library_folder}")
    endif()
    run("${COMPILER}" -std=c++20 ${FLAGS} "${PROGRAM}" ${flags} -o "${SCRATCH}/program")
    run("${SCRATCH}/program")
    return()
endif()

set(project consumer)
if(WAY STREQUAL "c_interface")
    set(project c_consumer)
endif()
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/${project}" -B "${SCRATCH}" -G "${GENERATOR}"
    -D "CMAKE_CXX_COMPILER=${COMPILER}" -D CMAKE_EXPORT_COMPILE_COMMANDS=ON -D "CMAKE_PREFIX_PATH=${PREFIX}"
    -D "WAY=${WAY}" -D "FORM=${FORM}" -D "MULTIPROCESSING_SOURCE=${SOURCE}" -D "PROGRAM=${PROGRAM}" -D "VERSION=${VERSION}"
    -D "CMAKE_CXX_FLAGS=${FLAGS}")

# The project asks for no flags, so the compiler is called with none but the standard, the folders and the form. Of ours, it compiles the
# compiled form alone, where that is not installed, and only if it is linked to.
file(READ "${SCRATCH}/compile_commands.json" commands)
string(JSON count LENGTH "${commands}")
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
    string(JSON file GET "${commands}" ${i} file)
    if(file MATCHES "/src/multiprocessing[.]cpp$") # listed wherever the target is, built or not
        continue()
    endif()
    if(NOT file STREQUAL PROGRAM)
        message(FATAL_ERROR "The user's project compiles more than its program: ${file}")
    endif()
    string(JSON command GET "${commands}" ${i} command)
    string(REGEX MATCHALL " -[^Iio][^ ]*" flags "${command}")
    list(FILTER flags EXCLUDE REGEX "^ -(std=.*|c|pthread|DBOOST_ALL_NO_LIB)$") # the last two the thread library's and Boost's, where they want it
    if(FLAGS)
        list(REMOVE_ITEM flags " ${FLAGS}")
    endif()
    if(FORM STREQUAL "compiled")
        list(REMOVE_ITEM flags " -DMULTIPROCESSING_COMPILED=1")
    endif()
    if(flags)
        message(FATAL_ERROR "The user's program is compiled with flags it did not ask for: ${command}")
    endif()
endforeach()

run("${CMAKE_COMMAND}" --build "${SCRATCH}")
run("${SCRATCH}/program")
file(GLOB built "${SCRATCH}/multiprocessing/libmultiprocessing*" "${SCRATCH}/_deps/*/libmultiprocessing*")
if(built AND NOT FORM STREQUAL "compiled")
    message(FATAL_ERROR "The user's project built what it does not link to: ${built}")
endif()
run("${CMAKE_CTEST_COMMAND}" --test-dir "${SCRATCH}" --show-only)
if(NOT output MATCHES "Total Tests: 0")
    message(FATAL_ERROR "The user's project got tests of ours")
endif()
