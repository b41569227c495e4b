# A user's object file in the compiled form holds nothing of the library's that is to be one per process: of its writable sections, and of
# thread-local ones, only the names that base/one_form.hpp compares.
# cmake -D OBJDUMP=<path> -D OBJECT=<file> -P no_data.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${OBJDUMP}" -t -C -w "${OBJECT}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE ";" "," symbols "${symbols}")
string(REPLACE "[" "(" symbols "${symbols}") # brackets keep a list together
string(REPLACE "]" ")" symbols "${symbols}")
string(REPLACE "\n" ";" symbols "${symbols}")
set(seen_form OFF)
set(offenders "")
foreach(symbol IN LISTS symbols)
    # <address> <seven flags> <section>\t<size> <name>
    if(NOT symbol MATCHES "^[0-9a-f]+ .......( [.][^\t]*)\t[0-9a-f]+ +(.*)$")
        continue()
    endif()
    set(section "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    if(name MATCHES "^([.]hidden )?multiprocessing_(is_header_only_here_and_compiled_there|form)")
        set(seen_form ON)
    elseif(section MATCHES "^ [.](data|bss|tdata|tbss)" AND NOT section MATCHES "^ [.]data[.]rel[.]ro" AND name MATCHES "multiprocessing")
        list(APPEND offenders "  ${name}  (${section} )")
    endif()
endforeach()
if(NOT seen_form)
    message(FATAL_ERROR "${OBJECT} does not say of which form it is: ${symbols}")
endif()
if(offenders)
    list(LENGTH offenders count)
    list(JOIN offenders "\n" offenders)
    message(FATAL_ERROR "${count} objects are defined in a user's file, and belong into a definitions file (.ipp):\n${offenders}\n")
endif()
