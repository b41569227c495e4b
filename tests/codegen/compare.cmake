# Compares the machine instructions of plain_<NAME> and raw_<NAME> in the compiler's assembly output of access.cpp.
#
#   COMPARE=function   raw_ has the instructions of plain_, and one more, not a call: the load of the object's address
#   COMPARE=loop       the first loop of both is the same, instruction for instruction
#
# Which registers are used, and what labels are called, does not matter.
# cmake -D COMPILER=<path> -D INCLUDE_FOLDERS=<list> -D DEFINITIONS=<options> -D SOURCE=<path> -D OUTPUT=<path> -D NAME=<name>
#   -D COMPARE=<how> -P compare.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/../support/lines.cmake")

list(TRANSFORM INCLUDE_FOLDERS PREPEND "-I")
execute_process(
    COMMAND ${COMPILER} -std=c++20 -O2 -g0 -fno-verbose-asm ${DEFINITIONS} ${INCLUDE_FOLDERS} -S "${SOURCE}" -o "${OUTPUT}"
    COMMAND_ERROR_IS_FATAL ANY
)

# The instructions and labels of one function, one a line; registers all written `%r`.
function(read_function name result)
    file(READ "${OUTPUT}" text)
    string(REGEX REPLACE "[ \t]+" " " text "${text}")
    string(REGEX MATCH "\n_?${name}:[^\n]*\n" label "${text}")
    if(label STREQUAL "")
        message(FATAL_ERROR "There is no function ${name} in ${OUTPUT}.")
    endif()
    string(FIND "${text}" "${label}" begin)
    string(LENGTH "${label}" length)
    math(EXPR begin "${begin} + ${length}")
    string(SUBSTRING "${text}" ${begin} -1 text)
    set(body "")
    while(NOT text STREQUAL "")
        take_line(line text)
        string(REGEX REPLACE " *(#|//|;).*$" "" line "${line}") # comments
        string(STRIP "${line}" line)
        if(line MATCHES "^\\.cfi_endproc|^\\.size")
            break()
        endif()
        if(line STREQUAL "" OR line MATCHES "^endbr64|^nop" OR (line MATCHES "^\\." AND NOT line MATCHES ":$"))
            continue()
        endif()
        string(REGEX REPLACE "%[a-z0-9]+" "%r" line "${line}")            # x86
        string(REGEX REPLACE "([ ,[])[dswx][0-9]+" "\\1%r" line "${line}") # ARM
        string(APPEND body "${line}\n")
    endwhile()
    set(${result} "${body}" PARENT_SCOPE)
endfunction()

# What lies between a label and the jump back to it.
function(first_loop body result)
    set(text "${body}")
    set(seen "")
    while(NOT text STREQUAL "")
        take_line(line text)
        if(line MATCHES "^(.*):$")
            set(from_${CMAKE_MATCH_1} "")
            list(APPEND seen "${CMAKE_MATCH_1}")
            continue()
        endif()
        foreach(label IN LISTS seen)
            string(APPEND from_${label} "${line}\n")
        endforeach()
        foreach(label IN LISTS seen)
            if(line MATCHES " ${label}$")
                string(REPLACE "${label}" "back" loop "${from_${label}}")
                set(${result} "${loop}" PARENT_SCOPE)
                return()
            endif()
        endforeach()
    endwhile()
    message(FATAL_ERROR "There is no loop in:\n${body}")
endfunction()

# Whether `plain` is `raw` without one of its lines.
function(is_one_line_shorter plain raw result)
    set(before "")
    set(text "${raw}")
    while(NOT text STREQUAL "")
        take_line(line text)
        if("${before}${text}" STREQUAL "${plain}" AND NOT line MATCHES "call|^bl ")
            set(${result} TRUE PARENT_SCOPE)
            return()
        endif()
        string(APPEND before "${line}\n")
    endwhile()
    set(${result} FALSE PARENT_SCOPE)
endfunction()

read_function(plain_${NAME} plain)
read_function(raw_${NAME} raw)
if(COMPARE STREQUAL "loop")
    first_loop("${plain}" plain)
    first_loop("${raw}" raw)
    string(COMPARE EQUAL "${plain}" "${raw}" same)
else()
    foreach(body plain raw)
        string(REGEX REPLACE "[^\n]*:\n" "" ${body} "${${body}}") # labels
    endforeach()
    is_one_line_shorter("${plain}" "${raw}" same)
endif()
message("plain_${NAME}:\n${plain}\nraw_${NAME}:\n${raw}")
if(NOT same)
    message(FATAL_ERROR "The ${COMPARE} of raw_${NAME} costs more than that of plain_${NAME}.")
endif()
