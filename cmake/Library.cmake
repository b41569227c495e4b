# The library in its two forms (include/multiprocessing/base/form.hpp): `multiprocessing`, headers alone, and
# `multiprocessing_compiled`, beside which the same headers declare what they would otherwise define.

# The headers come in two file sets: what every system compiles, and the backend of the other system, which is installed with the rest
# but cannot compile here and so is left out when each header is compiled alone. The definitions (.ipp) are a third: their headers include them.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/multiprocessing/*.hpp")
file(GLOB_RECURSE definitions CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/multiprocessing/*.ipp")
set(foreign_headers "${headers}")
set(foreign_folder "/platform/windows/")
if(WIN32)
    set(foreign_folder "/platform/posix/")
endif()
list(FILTER headers EXCLUDE REGEX "${foreign_folder}")
list(FILTER foreign_headers INCLUDE REGEX "${foreign_folder}")

add_library(multiprocessing INTERFACE)
add_library(multiprocessing::multiprocessing ALIAS multiprocessing)

target_sources(
    multiprocessing
    INTERFACE
        FILE_SET headers TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${headers}
        FILE_SET foreign_headers TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${foreign_headers}
        FILE_SET definitions TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${definitions}
)
set_target_properties(multiprocessing PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY headers)
if(NOT PROJECT_IS_TOP_LEVEL)
    # To the project around us, our headers are the system's, as they are to those who find the package: no warning of its flags is about them.
    set_target_properties(multiprocessing PROPERTIES SYSTEM ON)
endif()

target_compile_features(multiprocessing INTERFACE cxx_std_20)
target_link_libraries(
    multiprocessing
    INTERFACE
        Boost::headers
        Threads::Threads
        $<$<PLATFORM_ID:Linux>:rt> # shm_open, before glibc 2.34
)

# What was chosen for a system must be the same in all programs that share memory on it. Nothing, mostly.
foreach(choice MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS MULTIPROCESSING_POLLING_WAIT_WORD)
    if(${choice})
        target_compile_definitions(multiprocessing INTERFACE ${choice}=1)
    endif()
endforeach()

# The compiled form: static, or shared where BUILD_SHARED_LIBS says so. It is built when something links to it, or is to be installed.
set(without_compiled ON)
if(MULTIPROCESSING_BUILD_COMPILED)
    set(without_compiled OFF)
endif()
add_library(multiprocessing_compiled "${PROJECT_SOURCE_DIR}/src/multiprocessing.cpp")
add_library(multiprocessing::compiled ALIAS multiprocessing_compiled)
target_link_libraries(multiprocessing_compiled PUBLIC multiprocessing)
target_compile_definitions(multiprocessing_compiled PUBLIC MULTIPROCESSING_COMPILED=1)
set_target_properties(
    multiprocessing_compiled
    PROPERTIES
        EXPORT_NAME compiled
        OUTPUT_NAME multiprocessing
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} # below 1.0 a minor version may change the interface
        CXX_VISIBILITY_PRESET default # whatever the project around it asks for
        VISIBILITY_INLINES_HIDDEN OFF
        WINDOWS_EXPORT_ALL_SYMBOLS ON
        POSITION_INDEPENDENT_CODE ON # so that a shared library can have it inside
        EXCLUDE_FROM_ALL ${without_compiled}
)

# What our own programs link to: the form that MULTIPROCESSING_TEST_FORM names. An internal target, never installed.
add_library(multiprocessing_chosen INTERFACE)
if(MULTIPROCESSING_TEST_FORM STREQUAL "compiled")
    target_link_libraries(multiprocessing_chosen INTERFACE multiprocessing_compiled)
elseif(MULTIPROCESSING_TEST_FORM STREQUAL "header_only")
    target_link_libraries(multiprocessing_chosen INTERFACE multiprocessing)
else()
    message(FATAL_ERROR "MULTIPROCESSING_TEST_FORM is header_only or compiled, not \"${MULTIPROCESSING_TEST_FORM}\".")
endif()
