# What the rules have in common: the order of the folders, the headers under ROOT, and their includes.
include("${CMAKE_CURRENT_LIST_DIR}/../support/lines.cmake")

include("${CMAKE_CURRENT_LIST_DIR}/../../cmake/Floors.cmake")
set(folders ${floors}) # bottom up
set(dependencies boost cereal fmt) # first folders of their headers

file(GLOB_RECURSE headers RELATIVE "${ROOT}/include" "${ROOT}/include/multiprocessing/*.hpp")
list(SORT headers)
file(GLOB_RECURSE definitions RELATIVE "${ROOT}/include" "${ROOT}/include/multiprocessing/*.ipp") # what the headers of the same names declare
list(SORT definitions)
set(opt_in multiprocessing/reduction/cereal.hpp) # public, and in no umbrella: it needs a library that not everybody has

# A rule reports everything it finds before it fails.
set(complaints 0)
macro(complain where what)
    message("${where}: ${what}")
    math(EXPR complaints "${complaints} + 1")
endmacro()
macro(finish)
    if(complaints GREATER 0)
        message(FATAL_ERROR "${complaints} breaches of the rule")
    endif()
endmacro()

# The folder of a header: its module, or "" for what is directly in multiprocessing/.
function(folder_of header result)
    set(${result} "" PARENT_SCOPE)
    if(header MATCHES "^multiprocessing/([^/]+)/")
        set(${result} "${CMAKE_MATCH_1}" PARENT_SCOPE)
    endif()
endfunction()

# The headers that `header` includes as they are spelled, brackets and all. A list is safe: no path holds a `;`.
function(includes_of header result)
    file(STRINGS "${ROOT}/include/${header}" lines REGEX "^[ \t]*#[ \t]*include")
    set(includes "")
    foreach(line IN LISTS lines)
        string(REGEX REPLACE "^[ \t]*#[ \t]*include[ \t]*" "" spelling "${line}")
        string(REGEX REPLACE "(//|/\\*).*$" "" spelling "${spelling}")
        string(STRIP "${spelling}" spelling)
        list(APPEND includes "${spelling}")
    endforeach()
    set(${result} "${includes}" PARENT_SCOPE)
endfunction()

# The headers of a folder that users may include.
function(public_headers_of folder result)
    set(public ${headers})
    list(FILTER public INCLUDE REGEX "^multiprocessing/${folder}/")
    list(FILTER public EXCLUDE REGEX "/(detail|posix|windows)/")
    set(${result} "${public}" PARENT_SCOPE)
endfunction()
