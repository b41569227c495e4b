# Extracts nasty.md, compares what came out, and sees that pages which would escape the tests are refused.
# cmake -D SCRATCH=<folder> -P self_test.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/extract.cmake")

if(DEFINED PAGE) # this script, called by itself below
    extract_blocks("${PAGE}" "${SCRATCH}/refused")
    return()
endif()

function(expect name wanted)
    file(READ "${SCRATCH}/${name}" text)
    string(FIND "${text}" "${wanted}" position)
    if(position EQUAL -1)
        message(FATAL_ERROR "${name} lacks\n${wanted}\n--- and is\n${text}")
    endif()
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
extract_blocks("${CMAKE_CURRENT_LIST_DIR}/nasty.md" "${SCRATCH}")
if(NOT "${programs}/${fragments}/${scripts}" STREQUAL "3/26/42")
    message(FATAL_ERROR "The blocks begin at other lines: ${programs}/${fragments}/${scripts}")
endif()
expect(3.cpp [[
    std::cout << "a;b]c[ \"quoted\" \\ ${X} @Y@ $ENV{HOME} $<1:z> ]==]\n" << a[0]; \
    std::cout << R"(back\)" << "\n\n"; // back, \\, slash
    std::cout << "`tick` é\n";
}
]])
expect(3.cpp "#line 4 \"${CMAKE_CURRENT_LIST_DIR}/nasty.md\"\n#include <iostream>\n")
expect(3.output [[
a;b]c[ "quoted" \ ${X} @Y@ $ENV{HOME} $<1:z> ]==]
1back\

`tick` é
]])
expect(fragments.cpp [[
{
#line 27]])
expect(fragments.cpp [[

std::set<int> s{3}; // ```
if (s.size() != 1)
    std::abort();

}
]])
expect(42.py "print(\"x;y[\")\n")
expect(42.output "x;y[\n")
expect(project/CMakeLists.txt "project(a) # ;]\nadd_executable(a a.cpp)\n")
expect(project/a.cpp "int main() {} // no program of the page\n")
expect(project/a.cpp.output "nothing\n")
if(NOT project STREQUAL "a.cpp")
    message(FATAL_ERROR "Other files of the project have an output: ${project}")
endif()
file(GLOB_RECURSE files RELATIVE "${SCRATCH}" "${SCRATCH}/*")
if(NOT files STREQUAL "3.cpp;3.output;42.output;42.py;fragments.cpp;project/CMakeLists.txt;project/a.cpp;project/a.cpp.output")
    message(FATAL_ERROR "Other files came out: ${files}")
endif()

function(expect_refusal complaint page)
    file(WRITE "${SCRATCH}/page.md" "${page}")
    execute_process(
        COMMAND
            ${CMAKE_COMMAND} -D "PAGE=${SCRATCH}/page.md" -D "SCRATCH=${SCRATCH}"
            -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/self_test.cmake"
        ERROR_VARIABLE messages
        RESULT_VARIABLE status
    )
    string(REGEX REPLACE "[ \n]+" " " messages "${messages}") # CMake breaks its messages into lines
    string(FIND "${messages}" "${complaint}" position)
    if(status EQUAL 0 OR position EQUAL -1)
        message(FATAL_ERROR "This page is not refused with '${complaint}':\n${page}\n---\n${messages}")
    endif()
endfunction()
expect_refusal("has no end" "```cpp\nint x;\n")
expect_refusal("it is not tested" "```c++\nint x;\n```\n")
expect_refusal("it is not tested" "```cpp,ignore\nint x;\n```\n")
expect_refusal("no block directly before" "text\n<!-- output -->\n```text\nx\n```\n")
expect_refusal("no block directly before" "```cpp\nint x;\n```\nwords between\n<!-- output -->\n```text\nx\n```\n")
expect_refusal("is followed by" "```cpp\nint x;\n```\n<!-- output -->\nwords\n")
expect_refusal("is followed by" "```cpp\nint x;\n```\n<!-- output -->\n")
expect_refusal("is followed by a block" "<!-- file: a.cpp -->\nwords\n")
