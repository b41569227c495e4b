# A header that is included first refuses an older language than C++20, and a language without exceptions: by one #error, which says what to do, in fewer
# than ten lines.
# cmake -D COMPILER=<path> -D INCLUDE=<our folder> -D HEADERS_17=<list> -D HEADERS=<list> -D SCRATCH=<folder> -P language.cmake
cmake_minimum_required(VERSION 3.25)

set(failures 0)
function(refuse flags words)
    list(LENGTH ARGN count)
    message("${flags}: ${count} headers")
    if(count EQUAL 0)
        message(FATAL_ERROR "There is nothing to compile")
    endif()
    foreach(header IN LISTS ARGN)
        file(WRITE "${SCRATCH}/program.cpp" "#include <${header}>\n")
        execute_process(
            COMMAND "${COMPILER}" ${flags} "-I${INCLUDE}" -fsyntax-only "${SCRATCH}/program.cpp"
            RESULT_VARIABLE status
            OUTPUT_VARIABLE output
            ERROR_VARIABLE output
        )
        string(REGEX MATCHALL "\n" lines "${output}")
        list(LENGTH lines count)
        if(status EQUAL 0 OR NOT count LESS 10 OR NOT output MATCHES "${words}")
            message("${header} with ${flags} ends with ${status}, and says in ${count} lines:\n${output}")
            math(EXPR failures "${failures} + 1")
        endif()
    endforeach()
    set(failures ${failures} PARENT_SCOPE)
endfunction()

refuse(-std=c++17 "needs C\\+\\+20: compile with -std=c\\+\\+20" ${HEADERS_17})
refuse(-std=c++14 "needs C\\+\\+20: compile with -std=c\\+\\+20" ${HEADERS})
refuse("-std=c++20;-fno-exceptions" "needs exceptions.*: compile this file without -fno-exceptions" ${HEADERS})

if(failures GREATER 0)
    message(FATAL_ERROR "${failures} are not refused as they should be")
endif()
