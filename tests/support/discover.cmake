# Writes the ctest file of a Catch2 program: one test for each test case, named by it.
# cmake -D PROGRAM=<path> -D EMULATOR=<command> -D LIST_TESTS=<args> -D RUN_TEST=<args> -D OUTPUT=<path> -P discover.cmake
#
# Tags that matter here:
#   [slow]    may take 300 seconds instead of 120; the first ones to run; ctest's label `slow`
#   [serial]  measures, or watches the whole machine: runs while no other test does
#   [collect] calls collect(), which removes what another test's killed process left: runs while no other that does
# More tests run at once than there are processors, as most of them sleep most of the time.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/lines.cmake")

function(list_tests result spec)
    execute_process(
        COMMAND ${EMULATOR} "${PROGRAM}" ${LIST_TESTS} ${spec}
        OUTPUT_VARIABLE names
        ERROR_VARIABLE errors
        RESULT_VARIABLE status # Catch2 2 answers with the number of tests
    )
    if(NOT status MATCHES "^[0-9]+$" OR NOT errors STREQUAL "")
        message(FATAL_ERROR "${PROGRAM} cannot list its tests (${status}): ${errors}")
    endif()
    string(REPLACE "\r" "" names "${names}") # Windows ends its lines so
    set(${result} "${names}" PARENT_SCOPE)
endfunction()

list_tests(all "")
list_tests(slow "[slow]")
list_tests(serial "[serial]")
list_tests(collect "[collect]")

set(script "")
while(NOT all STREQUAL "")
    take_line(name all)
    string(STRIP "${name}" name)
    if(name STREQUAL "")
        continue()
    endif()

    string(REGEX REPLACE "([],[\\])" "\\\\\\1" pattern "${name}") # characters that mean something to Catch2
    string(REGEX REPLACE "^([~\"])" "\\\\\\1" pattern "${pattern}")
    set(properties "TIMEOUT 120")
    string(FIND "\n${slow}" "\n${name}\n" is_slow)
    if(is_slow GREATER -1)
        set(properties "TIMEOUT 300 COST 100 LABELS slow")
    endif()
    string(FIND "\n${serial}" "\n${name}\n" is_serial)
    if(is_serial GREATER -1)
        string(APPEND properties " RUN_SERIAL ON")
    endif()

    string(FIND "\n${collect}" "\n${name}\n" does_collect)
    if(does_collect GREATER -1)
        string(APPEND properties " RESOURCE_LOCK collect")
    endif()

    set(command "")
    foreach(argument IN LISTS EMULATOR PROGRAM)
        string(APPEND command " [==[${argument}]==]")
    endforeach()
    string(REPLACE ";" " " options "${RUN_TEST}")
    string(APPEND script "add_test([==[${name}]==]${command} [==[${pattern}]==] ${options})\n")
    string(APPEND script "set_tests_properties([==[${name}]==] PROPERTIES ${properties})\n")
endwhile()
file(WRITE "${OUTPUT}" "${script}")
