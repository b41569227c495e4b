# What the library needs: a thread library and Boost's headers. Nothing is downloaded unless the user asks for it.
set(MULTIPROCESSING_BOOST_MINIMUM 1.74)

find_package(Threads REQUIRED)

if(POLICY CMP0167)
    cmake_policy(SET CMP0167 OLD) # CMake's own search finds Boost's package first, and a plain copy of the headers as well
endif()
if(NOT TARGET Boost::headers) # a parent project may have brought its own
    find_package(Boost ${MULTIPROCESSING_BOOST_MINIMUM} QUIET)
endif()

if(NOT TARGET Boost::headers AND MULTIPROCESSING_FETCH_DEPENDENCIES)
    include(FetchContent)
    FetchContent_Declare(
        multiprocessing_boost
        URL https://archives.boost.io/release/1.81.0/source/boost_1_81_0.tar.bz2
        URL_HASH SHA256=71feeed900fbccca04a3b4f2f84a7c217186f28a940ed8b7ed4725986baf99fa
        DOWNLOAD_EXTRACT_TIMESTAMP ON
        SOURCE_SUBDIR headers-only # a folder that is not there: unpack, but build nothing of Boost's
    )
    FetchContent_MakeAvailable(multiprocessing_boost)
    add_library(Boost::headers INTERFACE IMPORTED GLOBAL)
    target_include_directories(Boost::headers INTERFACE "${multiprocessing_boost_SOURCE_DIR}")
endif()

if(NOT TARGET Boost::headers)
    message(
        FATAL_ERROR
        "multiprocessing needs the headers of Boost ${MULTIPROCESSING_BOOST_MINIMUM} or later, and found none. Install\n"
        "  libboost-dev    with apt  (Debian, Ubuntu)\n"
        "  boost-devel     with dnf  (Fedora, RHEL)\n"
        "  boost           with brew (macOS)\n"
        "or name the folder of your own copy with -DBOOST_ROOT=<folder>, or let CMake download the headers with "
        "-DMULTIPROCESSING_FETCH_DEPENDENCIES=ON."
    )
endif()
