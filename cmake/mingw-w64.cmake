# Toolchain file: builds for Windows on another system, by mingw-w64, and runs what it builds under wine.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

# The variant with POSIX threads has std::thread and std::mutex. Where there is but one, that is it.
find_program(MULTIPROCESSING_MINGW NAMES x86_64-w64-mingw32-g++-posix x86_64-w64-mingw32-g++ REQUIRED)
set(CMAKE_CXX_COMPILER "${MULTIPROCESSING_MINGW}")
string(REPLACE "mingw32-g++" "mingw32-gcc" CMAKE_C_COMPILER "${MULTIPROCESSING_MINGW}") # for the tests of the C interface
set(CMAKE_EXE_LINKER_FLAGS_INIT -static) # wine does not know where this system keeps mingw's libraries

# Nothing of this system's is of use there but its programs, and headers that are a whole library.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

get_property(is_trial GLOBAL PROPERTY IN_TRY_COMPILE)
if(is_trial)
    return()
endif()

# Those are linked into a folder of their own: on /usr/include itself the compiler would find the wrong C library.
set(prefix "${CMAKE_BINARY_DIR}/header_only")
foreach(library boost cereal catch2 fmt)
    foreach(folder /usr/local/include /opt/homebrew/include /usr/include)
        if(EXISTS "${folder}/${library}" AND NOT EXISTS "${prefix}/include/${library}")
            file(MAKE_DIRECTORY "${prefix}/include")
            file(CREATE_LINK "${folder}/${library}" "${prefix}/include/${library}" SYMBOLIC)
        endif()
    endforeach()
endforeach()
set(Boost_NO_BOOST_CMAKE ON)
set(Boost_INCLUDE_DIR "${prefix}/include")

# Of Catch2, the second generation is headers alone. (Of the third, no library is installed for Windows.)
if(EXISTS "${prefix}/include/catch2/catch.hpp")
    file(WRITE "${prefix}/lib/cmake/Catch2/Catch2Config.cmake" "
if(NOT TARGET Catch2::Catch2)
    add_library(Catch2::Catch2 INTERFACE IMPORTED)
    target_include_directories(Catch2::Catch2 SYSTEM INTERFACE \"${prefix}/include\")
endif()
")
    file(WRITE "${prefix}/lib/cmake/Catch2/Catch2ConfigVersion.cmake" "
set(PACKAGE_VERSION 2.13)
if(PACKAGE_FIND_VERSION_MAJOR EQUAL 2 AND NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
    set(PACKAGE_VERSION_COMPATIBLE ON)
endif()
")
    set(Catch2_ROOT "${prefix}")
    list(APPEND CMAKE_FIND_ROOT_PATH "${prefix}")
endif()

# wine, with a home of its own in the build folder, which the first run takes some seconds to make. What a program prints goes through files:
# wine's own background processes inherit its output, and would keep ctest waiting for the end of it.
set(CMAKE_CROSSCOMPILING_EMULATOR "${CMAKE_BINARY_DIR}/wine")
file(WRITE "${CMAKE_CROSSCOMPILING_EMULATOR}" "#!/bin/sh
export WINEPREFIX='${CMAKE_BINARY_DIR}/wine_prefix' WINEARCH=win64 WINEDEBUG=-all
mkdir -p \"$WINEPREFIX\"
wineserver -p30 < /dev/null > /dev/null 2>&1 # stays for 30 seconds: one that is just leaving fails the next program
[ -e \"$WINEPREFIX/system.reg\" ] || wineboot --init < /dev/null > /dev/null 2>&1
out=$(mktemp) && err=$(mktemp) || exit 1
trap 'rm -f \"$out\" \"$err\"' EXIT
wine \"$@\" < /dev/null > \"$out\" 2> \"$err\"
status=$?
cat \"$out\"
cat \"$err\" >&2
exit $status
")
file(CHMOD "${CMAKE_CROSSCOMPILING_EMULATOR}" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
