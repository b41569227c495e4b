# Has gdb stop the scene, print every handle and write a core file; then has it print them from that file, with the process gone. Compares both with
# expected.txt, whose lines are `handle = regular expression`; those with `handle ~` are for the process, with
# `handle !` for the core file.
# Taken out, one after the other, and failed: the right address of a lock (`counter`), the generation (`orphaned`), the question to the kernel after the
# dead (`unasked`), the levels (`counter`), the flag of a dead owner (`inherited`), that of a sleeper (`others`), the mark of a store (`marked`).
# cmake -D GDB=<gdb> -D PROGRAM=<scene> -D PRINTERS=<file> -D SCRATCH=<folder> -P print.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")

file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/expected.txt" lines REGEX "^[a-z]")
set(prints "")
set(handles "${lines}")
list(TRANSFORM handles REPLACE " .*" "")
list(REMOVE_DUPLICATES handles)
foreach(handle IN LISTS handles)
    string(APPEND prints "printf \"${handle}: \"\noutput ${handle}\necho \\n\n")
endforeach()
set(begin "set pagination off\nset confirm off\nset auto-load off\nsource ${PRINTERS}\n")
file(WRITE "${SCRATCH}/live.gdb"
    "${begin}break stop_here\nrun\nup\n${prints}generate-core-file ${SCRATCH}/core\ndelete\ncontinue\n")
file(WRITE "${SCRATCH}/core.gdb" "${begin}up\n${prints}")

function(run_gdb name)
    execute_process(
        COMMAND "${GDB}" --nx --batch -x "${SCRATCH}/${name}.gdb" "${PROGRAM}" ${ARGN}
        OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status TIMEOUT 60
    )
    message("=== ${name}\n${output}${errors}")
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "gdb ended with ${status}.")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect operators)
    foreach(line IN LISTS lines)
        if(NOT line MATCHES "^([a-z_]+) ([${operators}]) (.*)$")
            continue()
        endif()
        set(wanted "\n${CMAKE_MATCH_1}: ${CMAKE_MATCH_3}\n")
        if(NOT "\n${output}" MATCHES "${wanted}")
            message(FATAL_ERROR "It is not so: ${line}")
        endif()
    endforeach()
endfunction()

run_gdb(live)
expect("~=")
if(NOT output MATCHES "exited normally")
    message(FATAL_ERROR "The scene did not go on to its end.")
endif()
run_gdb(core "${SCRATCH}/core")
expect("!=")
