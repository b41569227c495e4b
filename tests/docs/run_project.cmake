# Does with a page's project what its reader does: installs the library, configures, builds, and runs the programs one after the other. Each must print
# what the page shows.
# cmake -D PROJECT=<folder> -D FILES=<those of it that have an output> -D LIBRARY=<where the library was configured>
#       -D COMPILER=<path> -D GENERATOR=<name> -D SCRATCH=<folder> -P run_project.cmake
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "This ended with ${status}: ${ARGN}\n${output}")
    endif()
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
run("${CMAKE_COMMAND}" --install "${LIBRARY}" --prefix "${SCRATCH}/prefix")
run("${CMAKE_COMMAND}" -S "${PROJECT}" -B "${SCRATCH}/build" -G "${GENERATOR}"
    -D "CMAKE_CXX_COMPILER=${COMPILER}" -D "CMAKE_PREFIX_PATH=${SCRATCH}/prefix")
run("${CMAKE_COMMAND}" --build "${SCRATCH}/build")

foreach(file IN LISTS FILES)
    cmake_path(GET file STEM program)
    run("${CMAKE_COMMAND}" -D "COMMAND=${SCRATCH}/build/${program}" -D "OUTPUT=${PROJECT}/${file}.output"
        -P "${CMAKE_CURRENT_LIST_DIR}/run_block.cmake")
endforeach()
