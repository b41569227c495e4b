# A header that is included first refuses to be compiled as C++17 and C++14: in one message, which names C++20, and fewer than ten lines.
# cmake -D COMPILER=<path> -D INCLUDE=<our folder> -D HEADERS=<list> -D SCRATCH=<folder> -P language.cmake
cmake_minimum_required(VERSION 3.25)

set(failures 0)
foreach(header IN LISTS HEADERS)
    file(WRITE "${SCRATCH}/program.cpp" "#include <${header}>\n")
    foreach(standard c++17 c++14)
        execute_process(
            COMMAND "${COMPILER}" -std=${standard} "-I${INCLUDE}" -fsyntax-only "${SCRATCH}/program.cpp"
            RESULT_VARIABLE status
            OUTPUT_VARIABLE output
            ERROR_VARIABLE output
        )
        string(REGEX MATCHALL "\n" lines "${output}")
        list(LENGTH lines count)
        if(status EQUAL 0 OR NOT count LESS 10 OR NOT output MATCHES "needs C\\+\\+20: compile with -std=c\\+\\+20")
            message("${header} as ${standard} ends with ${status}, and says in ${count} lines:\n${output}")
            math(EXPR failures "${failures} + 1")
        endif()
    endforeach()
endforeach()

list(LENGTH HEADERS count)
message("${count} headers")
if(failures GREATER 0 OR count EQUAL 0)
    message(FATAL_ERROR "${failures} are not refused as they should be")
endif()
