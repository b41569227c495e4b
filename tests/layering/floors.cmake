# docs/design/floors.md says of each floor what it may include: as cmake/Floors.cmake has it, in the same order.
# cmake -D ROOT=<tree> -P floors.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/tree.cmake")

set(page docs/design/floors.md)
file(STRINGS "${ROOT}/${page}" rows REGEX "^\\| `[a-z_]+/` \\|")
set(told "")
foreach(row IN LISTS rows)
    string(REGEX MATCH "^\\| `([a-z_]+)/` \\| ([^|]*) \\|" found "${row}")
    set(floor "${CMAKE_MATCH_1}")
    string(REGEX MATCHALL "[a-z_]+" includes "${CMAKE_MATCH_2}")
    list(APPEND told ${floor})
    if(NOT includes STREQUAL "${floor_${floor}}")
        complain("${page}" "${floor}/ includes \"${includes}\" there, and \"${floor_${floor}}\" in cmake/Floors.cmake")
    endif()
endforeach()
if(NOT told STREQUAL floors)
    complain("${page}" "has the floors \"${told}\", and cmake/Floors.cmake \"${floors}\"")
endif()

finish()
