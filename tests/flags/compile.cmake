# Compiles a file with flags, our headers like the user's own and all others like the system's.
# cmake -D COMPILER=<path> -D FLAGS=<list> -D INCLUDE=<our folder> -D INCLUDE_FOLDERS=<list> -D SOURCE=<path> -P compile.cmake
cmake_minimum_required(VERSION 3.25)

list(REMOVE_ITEM FLAGS "")
list(REMOVE_ITEM INCLUDE_FOLDERS "" "${INCLUDE}" /usr/include) # the last is the system's already, and has its place in the order
list(TRANSFORM INCLUDE_FOLDERS PREPEND "-isystem")
execute_process(
    COMMAND "${COMPILER}" -std=c++20 ${FLAGS} "-I${INCLUDE}" ${INCLUDE_FOLDERS} -fsyntax-only "${SOURCE}"
    RESULT_VARIABLE status
)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${SOURCE} does not compile with ${FLAGS}")
endif()
