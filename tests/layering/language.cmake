# What users include refuses an older language than C++20 before anything else: the first include of each header that is not in detail/,
# posix/ or windows/ is <multiprocessing/base/language.hpp>. Its own, not that of a header it includes, for each header between is a line more
# of what the compiler says.
# cmake -D ROOT=<tree> -P language.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/tree.cmake")

set(language multiprocessing/base/language.hpp)
set(user_headers ${headers})
list(FILTER user_headers EXCLUDE REGEX "/(detail|posix|windows)/")
list(REMOVE_ITEM user_headers ${language})
foreach(header IN LISTS user_headers)
    includes_of("${header}" includes)
    list(POP_FRONT includes first)
    if(NOT first STREQUAL "<${language}>")
        complain("${header}" "the first include is not <${language}>")
    endif()
endforeach()

finish()
