# Takes the code blocks out of a page of Markdown.
#
#   ```cpp      with `int main`: a whole program, in a file as it stands. Without: a fragment, which becomes a function
#               that may use what prologue.hpp brings; its own #include lines are moved before the function.
#   ```python   a whole program.
#   ```c        a whole program.
#   ```console or ```text after the line `<!-- output -->`, after one of the above: what that one prints, exactly.
#   any block after the line `<!-- file: NAME -->`: that file of the page's project, which a user is to make. A file shown again goes on.
#
# Any other block is left alone, but C++ under another name (c++, cxx, ...) is refused, for it would escape the tests.
include("${CMAKE_CURRENT_LIST_DIR}/../support/lines.cmake")

# extract_blocks(page folder): writes <line>.cpp, <line>.c, <line>.py, <line>.output and fragments.cpp into the folder, where
# <line> is that of the opening fence, and sets `programs`, `c_programs`, `fragments` and `scripts` to those lines. Files that would
# not change are not touched, so that nothing is compiled again. The files of a project are written to <folder>/project, with <file>.output for what the
# program made of that file prints, and `project` is set to the names of those, in their order.
function(extract_blocks page folder)
    file(REMOVE_RECURSE "${folder}/new" "${folder}/project")
    file(MAKE_DIRECTORY "${folder}/new")
    file(READ "${page}" text)
    string(REPLACE "\r\n" "\n" text "${text}")

    set(programs "")
    set(c_programs "")
    set(fragments "")
    set(scripts "")
    set(project "")      # files of it that have an output
    set(file "")         # of the project, that the next block belongs to
    set(functions "")    # of fragments.cpp
    set(calls "")        # of fragments.cpp
    set(last_block "")   # the line of the block that an output would belong to
    set(expects_output OFF)
    set(number 0)
    set(fence "")
    while(NOT text STREQUAL "")
        take_line(line text)
        math(EXPR number "${number} + 1")

        if(fence STREQUAL "") # between blocks
            if(line MATCHES "^( *)(```+|~~~+)[ \t]*([^` \t]*)[^`]*$")
                set(indentation "${CMAKE_MATCH_1}")
                set(fence "${CMAKE_MATCH_2}")
                string(TOLOWER "${CMAKE_MATCH_3}" language)
                if(language MATCHES "^(c[+][+].*|cxx|cc|hpp|cpp.+|py|python.+)$")
                    message(FATAL_ERROR "${page}:${number}: call this block `cpp` or `python`, or it is not tested")
                endif()
                if(expects_output AND NOT language MATCHES "^(console|text)$")
                    message(FATAL_ERROR "${page}:${number}: `<!-- output -->` is followed by ```console or ```text")
                endif()
                set(start ${number})
                set(block "")
            elseif(line MATCHES "^ *<!-- output -->[ \t]*$")
                if(last_block STREQUAL "")
                    message(FATAL_ERROR "${page}:${number}: there is no block directly before this output")
                endif()
                set(expects_output ON)
            elseif(line MATCHES "^<!-- file: ([A-Za-z_.]+) -->[ \t]*$")
                set(file "${CMAKE_MATCH_1}")
            elseif(NOT line MATCHES "^[ \t]*$")
                if(expects_output)
                    message(FATAL_ERROR "${page}:${number}: `<!-- output -->` is followed by ```console or ```text")
                endif()
                if(NOT file STREQUAL "")
                    message(FATAL_ERROR "${page}:${number}: `<!-- file: ${file} -->` is followed by a block")
                endif()
                set(last_block "")
            endif()
            continue()
        endif()

        string(STRIP "${line}" closing)
        if(NOT closing MATCHES "^${fence}[`~]*$") # in a block
            string(FIND "${line}" "${indentation}" position)
            if(position EQUAL 0)
                string(LENGTH "${indentation}" length)
                string(SUBSTRING "${line}" ${length} -1 line)
            endif()
            string(APPEND block "${line}\n")
            continue()
        endif()

        set(fence "")
        set(kept_last_block "${last_block}")
        set(last_block "")
        if(expects_output)
            if(kept_last_block MATCHES "^[0-9]+$")
                file(WRITE "${folder}/new/${kept_last_block}.output" "${block}")
            else()
                file(WRITE "${folder}/project/${kept_last_block}.output" "${block}")
                list(APPEND project "${kept_last_block}")
            endif()
            set(expects_output OFF)
        elseif(NOT file STREQUAL "")
            file(APPEND "${folder}/project/${file}" "${block}")
            set(last_block "${file}")
            set(file "")
        elseif(language STREQUAL "cpp" AND block MATCHES "(^|[^A-Za-z0-9_])int main[ ]*\\(")
            math(EXPR first "${start} + 1")
            file(WRITE "${folder}/new/${start}.cpp" "#line ${first} \"${page}\"\n${block}")
            list(APPEND programs ${start})
            set(last_block ${start})
        elseif(language STREQUAL "cpp")
            set(includes "")
            set(body "")
            math(EXPR first "${start} + 1")
            set(position ${first})
            while(NOT block STREQUAL "")
                take_line(line block)
                if(line MATCHES "^[ \t]*#[ \t]*include")
                    string(APPEND includes "#line ${position} \"${page}\"\n${line}\n")
                    set(line "")
                endif()
                string(APPEND body "${line}\n")
                math(EXPR position "${position} + 1")
            endwhile()
            string(APPEND functions "\n${includes}\nstatic void fragment_${start}()\n{\n#line ${first} \"${page}\"\n${body}}\n")
            string(APPEND calls "    if (wanted == \"${start}\") {\n        fragment_${start}();\n        return 0;\n    }\n")
            list(APPEND fragments ${start})
            set(last_block ${start})
        elseif(language STREQUAL "c")
            math(EXPR first "${start} + 1")
            file(WRITE "${folder}/new/${start}.c" "#line ${first} \"${page}\"\n${block}")
            list(APPEND c_programs ${start})
            set(last_block ${start})
        elseif(language STREQUAL "python")
            file(WRITE "${folder}/new/${start}.py" "${block}")
            list(APPEND scripts ${start})
            set(last_block ${start})
        endif()
    endwhile()
    if(NOT fence STREQUAL "")
        message(FATAL_ERROR "${page}:${start}: this block has no end")
    endif()
    if(expects_output)
        message(FATAL_ERROR "${page}: `<!-- output -->` is followed by ```console or ```text")
    endif()

    if(fragments)
        file(READ "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/prologue.hpp" prologue)
        file(
            WRITE
            "${folder}/new/fragments.cpp"
            "${prologue}${functions}\n#line 1 \"fragments.cpp, main\"\n"
            "int main(int, char** argv)\n{\n    const std::string wanted = argv[1];\n${calls}    return 1;\n}\n"
        )
    endif()

    # What is gone from the page goes from the folder.
    file(GLOB old RELATIVE "${folder}" "${folder}/*.*")
    foreach(name IN LISTS old)
        if(NOT EXISTS "${folder}/new/${name}")
            file(REMOVE "${folder}/${name}")
        endif()
    endforeach()
    file(GLOB new RELATIVE "${folder}/new" "${folder}/new/*")
    foreach(name IN LISTS new)
        file(COPY_FILE "${folder}/new/${name}" "${folder}/${name}" ONLY_IF_DIFFERENT)
    endforeach()
    file(REMOVE_RECURSE "${folder}/new")

    set(programs "${programs}" PARENT_SCOPE)
    set(c_programs "${c_programs}" PARENT_SCOPE)
    set(fragments "${fragments}" PARENT_SCOPE)
    set(scripts "${scripts}" PARENT_SCOPE)
    set(project "${project}" PARENT_SCOPE)
endfunction()
