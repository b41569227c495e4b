# Compiles one form of one file. Without REFUSED it must succeed; with it, it must fail with one error, and with the words that the file
# promises in its lines `// <REFUSED>: <words>`, however the compiler breaks them into lines.
# cmake -D COMPILER=<path> -D INCLUDE_FOLDERS=<list> -D DEFINITIONS=<options> -D FIRST=<header, precompiled> -D SOURCE=<path> -D REFUSED=<macro>
#   -P check.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/../support/lines.cmake")

set(options -std=c++20 -fdiagnostics-color=never -fmessage-length=0 -fsyntax-only) # which instantiates, too
list(TRANSFORM INCLUDE_FOLDERS PREPEND "-I")
if(REFUSED)
    list(APPEND options "-D${REFUSED}")
endif()
if(FIRST)
    list(APPEND options -include "${FIRST}")
endif()
execute_process(
    COMMAND ${COMPILER} ${options} ${DEFINITIONS} ${INCLUDE_FOLDERS} "${SOURCE}"
    ERROR_VARIABLE messages
    RESULT_VARIABLE status
)
message("${messages}")

if(NOT REFUSED)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "The accepted form of ${SOURCE} does not compile.")
    endif()
    return()
endif()

if(status EQUAL 0)
    message(FATAL_ERROR "${REFUSED} of ${SOURCE} compiles, and must not.")
endif()

file(READ "${SOURCE}" text)

# One cause is one error: what follows from it hides it. (But for what the compiler says of itself.)
string(REGEX MATCHALL "(^|\n)[^\n]*: error: " errors "${messages}")
list(LENGTH errors count)
if(count GREATER 1 AND NOT text MATCHES "// ${REFUSED} is several errors of the compiler's own")
    message(FATAL_ERROR "${REFUSED} of ${SOURCE} is refused with ${count} errors, and must be with one.")
endif()

string(REGEX REPLACE "[ \t\r\n]+" " " messages "${messages}")
string(REPLACE "\\\"" "\"" messages "${messages}") # clang prints a static_assert's text with its escapes
set(promises 0)
while(NOT text STREQUAL "")
    take_line(line text)
    if(line MATCHES "^[ \t]*// ${REFUSED}: (.*)$")
        math(EXPR promises "${promises} + 1")
        string(REGEX REPLACE "[ \t\r\n]+" " " words "${CMAKE_MATCH_1}")
        string(STRIP "${words}" words)
        string(FIND "${messages}" "${words}" position)
        if(position EQUAL -1)
            message(FATAL_ERROR "${REFUSED} of ${SOURCE} is refused, but not in these words: ${words}")
        endif()
    endif()
endwhile()
if(promises EQUAL 0)
    message(FATAL_ERROR "${SOURCE} does not say in which words ${REFUSED} is refused. Add: // ${REFUSED}: <words>")
endif()
