# The warnings our own programs are built with. An internal target: it is linked privately and never installed, so that
# no flag of ours reaches a user's project. That a warning is an error, the presets for development say
# (CMAKE_COMPILE_WARNING_AS_ERROR); whoever builds the demo with a compiler of the future should see it run.
add_library(multiprocessing_warnings INTERFACE)
if(MSVC)
    target_compile_options(multiprocessing_warnings INTERFACE /W4 /permissive- /Zc:__cplusplus /utf-8)
else()
    target_compile_options(multiprocessing_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
        # g++ 12 and 13 see std::string copy beyond its own bounds where it does not (GCC bug 105651 and its kin).
        target_compile_options(multiprocessing_warnings INTERFACE -Wno-error=restrict -Wno-error=array-bounds)
    endif()
endif()
