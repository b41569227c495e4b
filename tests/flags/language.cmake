# A header that is included first refuses to be compiled as C++17 or C++14: by one #error, which names C++20, in fewer than ten lines.
# cmake -D COMPILER=<path> -D INCLUDE=<our folder> -D HEADERS_17=<list> -D HEADERS_14=<list> -D SCRATCH=<folder> -P language.cmake
cmake_minimum_required(VERSION 3.25)

set(failures 0)
foreach(standard 17 14)
    list(LENGTH HEADERS_${standard} count)
    message("C++${standard}: ${count} headers")
    if(count EQUAL 0)
        message(FATAL_ERROR "There is nothing to compile")
    endif()
    foreach(header IN LISTS HEADERS_${standard})
        file(WRITE "${SCRATCH}/program.cpp" "#include <${header}>\n")
        execute_process(
            COMMAND "${COMPILER}" -std=c++${standard} "-I${INCLUDE}" -fsyntax-only "${SCRATCH}/program.cpp"
            RESULT_VARIABLE status
            OUTPUT_VARIABLE output
            ERROR_VARIABLE output
        )
        string(REGEX MATCHALL "\n" lines "${output}")
        list(LENGTH lines count)
        if(status EQUAL 0 OR NOT count LESS 10 OR NOT output MATCHES "needs C\\+\\+20: compile with -std=c\\+\\+20")
            message("${header} as C++${standard} ends with ${status}, and says in ${count} lines:\n${output}")
            math(EXPR failures "${failures} + 1")
        endif()
    endforeach()
endforeach()

if(failures GREATER 0)
    message(FATAL_ERROR "${failures} are not refused as they should be")
endif()
