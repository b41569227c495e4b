# Runs a block of the documentation, which must succeed and, where the page shows its output, print exactly that.
# cmake -D COMMAND=<program;arguments> -D OUTPUT=<file, which need not be there> -P run_block.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND ${COMMAND} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
message("${output}${errors}")
if(NOT status EQUAL 0)
    message(FATAL_ERROR "The block ended with ${status}.")
endif()

if(EXISTS "${OUTPUT}")
    file(READ "${OUTPUT}" expected)
    string(REGEX REPLACE "\n+$" "" expected "${expected}")
    string(REGEX REPLACE "\n+$" "" output "${output}")
    if(NOT "x${output}" STREQUAL "x${expected}")
        message(FATAL_ERROR "The page shows another output:\n${expected}")
    endif()
endif()
