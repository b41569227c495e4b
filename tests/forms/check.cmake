# Links two files of a program in each form, and in mixtures: those must be refused, by a message that says what is wrong.
# Taken out of base/one_form.hpp, and failed: the thread-local name (g++ -flto), the second name (lld; Windows).
# cmake -D COMPILER=<path> -D FLAGS=<list> -D INCLUDE_FOLDERS=<list> -D LIBRARY_OBJECT=<of src/multiprocessing.cpp> -D LINK_FLAGS=<list>
#       -D EMULATOR=<list> -D SCRATCH=<folder> -P check.cmake
cmake_minimum_required(VERSION 3.25)

list(TRANSFORM INCLUDE_FOLDERS PREPEND "-I")
file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")

set(definition_of_headers -UMULTIPROCESSING_COMPILED)
set(definition_of_compiled -DMULTIPROCESSING_COMPILED=1)
foreach(form headers compiled)
    foreach(file first second)
        set(${file}_${form} "${SCRATCH}/${file}_${form}.o")
        execute_process(
            COMMAND ${COMPILER} -std=c++20 -O1 ${FLAGS} ${definition_of_${form}} ${INCLUDE_FOLDERS} -c "${CMAKE_CURRENT_LIST_DIR}/${file}.cpp"
                -o "${${file}_${form}}"
            COMMAND_ERROR_IS_FATAL ANY
        )
    endforeach()
endforeach()

function(link status messages)
    execute_process(
        COMMAND ${COMPILER} -O1 ${FLAGS} -pthread ${ARGN} ${LINK_FLAGS} -o "${SCRATCH}/program"
        RESULT_VARIABLE result
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
    )
    set(${status} "${result}" PARENT_SCOPE)
    set(${messages} "${output}" PARENT_SCOPE)
endfunction()

function(accept)
    link(status messages ${ARGN})
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "These files of one form do not link: ${ARGN}\n${messages}")
    endif()
    execute_process(COMMAND ${EMULATOR} "${SCRATCH}/program" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(refuse)
    link(status messages ${ARGN})
    if(status EQUAL 0)
        message(FATAL_ERROR "These files of both forms link, and must not: ${ARGN}")
    endif()
    if(NOT messages MATCHES "multiprocessing_is_header_only_here_and_compiled_there")
        message(FATAL_ERROR "The linker does not say why it refuses these files: ${ARGN}\n${messages}")
    endif()
endfunction()

accept("${first_headers}" "${second_headers}")
accept("${first_compiled}" "${second_compiled}" "${LIBRARY_OBJECT}")
refuse("${first_headers}" "${second_compiled}" "${LIBRARY_OBJECT}")
refuse("${first_compiled}" "${second_headers}" "${LIBRARY_OBJECT}")
refuse("${LIBRARY_OBJECT}" "${first_compiled}" "${second_headers}")
refuse("${first_headers}" "${second_headers}" "${LIBRARY_OBJECT}")
refuse("${first_headers}" "${second_compiled}") # the library left out
