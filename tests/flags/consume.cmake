# Builds a project that has flags of its own for everything, the library in a folder included, and runs its program.
# cmake -D SOURCE=<tree> -D COMPILER=<path> -D GENERATOR=<name> -D FLAGS=<text> -D PROGRAM=<file> -D SCRATCH=<folder> -P consume.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${SCRATCH}")
execute_process(
    COMMAND
        "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${SCRATCH}" -G "${GENERATOR}"
        -D "CMAKE_CXX_COMPILER=${COMPILER}" -D "CMAKE_CXX_FLAGS=${FLAGS}" -D CMAKE_EXPORT_COMPILE_COMMANDS=ON
        -D "MULTIPROCESSING_SOURCE=${SOURCE}" -D "PROGRAM=${PROGRAM}"
    COMMAND_ERROR_IS_FATAL ANY
)

# The program's own file is what the flags are for; the headers are the system's.
file(READ "${SCRATCH}/compile_commands.json" commands)
string(FIND "${commands}" "-isystem ${SOURCE}/include" as_system)
string(FIND "${commands}" "-I${SOURCE}/include" as_own)
if(as_system EQUAL -1 OR NOT as_own EQUAL -1)
    message(FATAL_ERROR "The headers are not the system's to a project that has the tree in a folder: ${commands}")
endif()

execute_process(COMMAND "${CMAKE_COMMAND}" --build "${SCRATCH}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${SCRATCH}/program" COMMAND_ERROR_IS_FATAL ANY)
