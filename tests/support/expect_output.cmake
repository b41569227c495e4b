# Runs a program, which must succeed and print what a file expects.
# cmake -D COMMAND=<program;arguments> -D EXPECTED=<file> -P expect_output.cmake
#
# Every line of the file is one regular expression of CMake's kind; empty lines and lines that begin with # do not
# count. Each must match a line that the program prints after the line that the one before it matched.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/lines.cmake")

list(FILTER COMMAND EXCLUDE REGEX "^$") # the place of an emulator that is not there
execute_process(COMMAND ${COMMAND} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
string(REPLACE "\r" "" output "${output}") # Windows ends its lines so
message("${output}${errors}")
if(NOT status EQUAL 0)
    message(FATAL_ERROR "The program ended with ${status}.")
endif()
if(NOT EXISTS "${EXPECTED}")
    message(FATAL_ERROR "What should it print? Write its regular expressions into ${EXPECTED}")
endif()

file(READ "${EXPECTED}" expected)
while(NOT expected STREQUAL "")
    take_line(expression expected)
    if(expression MATCHES "^(#.*)?$")
        continue()
    endif()
    set(found OFF)
    while(NOT found AND NOT output STREQUAL "")
        take_line(line output)
        if(line MATCHES "${expression}")
            set(found ON)
        endif()
    endwhile()
    if(NOT found)
        message(FATAL_ERROR "No line of the output matches, or none after the lines matched before: ${expression}")
    endif()
endwhile()
