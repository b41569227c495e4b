# Builds the compiled form as a shared library and installs it. It finds its own dependencies, and its name for the dynamic linker ends with the
# version up to which programs may be linked to it.
# cmake -D SOURCE=<tree> -D COMPILER=<path> -D GENERATOR=<name> -D VERSION=<x.y.z> -D SCRATCH=<folder> -D PREFIX=<folder> -P shared.cmake
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${SCRATCH}" "${PREFIX}")
run("${CMAKE_COMMAND}" -S "${SOURCE}" --preset install -B "${SCRATCH}" -G "${GENERATOR}" -D "CMAKE_CXX_COMPILER=${COMPILER}"
    -D BUILD_SHARED_LIBS=ON -D CMAKE_SHARED_LINKER_FLAGS=-Wl,-z,defs -D CMAKE_CXX_FLAGS_RELEASE=-O0)
run("${CMAKE_COMMAND}" --build "${SCRATCH}")
run("${CMAKE_COMMAND}" --install "${SCRATCH}" --prefix "${PREFIX}")

string(REGEX REPLACE "[.][0-9]+$" "" soversion "${VERSION}")
file(GLOB library "${PREFIX}/lib*/libmultiprocessing.so.${soversion}" "${PREFIX}/lib/*/libmultiprocessing.so.${soversion}")
if(NOT library)
    message(FATAL_ERROR "There is no libmultiprocessing.so.${soversion} in ${PREFIX}")
endif()
