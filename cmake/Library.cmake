# The target. Its headers come in two file sets: what every system compiles, and the backend of the other system, which
# is installed with the rest but cannot compile here and so is left out when each header is compiled alone.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/multiprocessing/*.hpp")
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
)
set_target_properties(multiprocessing PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY headers)

target_compile_features(multiprocessing INTERFACE cxx_std_20)
target_link_libraries(
    multiprocessing
    INTERFACE
        Boost::headers
        Threads::Threads
        $<$<PLATFORM_ID:Linux>:rt> # shm_open, before glibc 2.34
)

# What was chosen for a system must be the same in all programs that share memory on it. Nothing, mostly.
foreach(choice MULTIPROCESSING_BYTE_LOCK_LIFE_TOKENS MULTIPROCESSING_POLLING_WAIT_WORD)
    if(${choice})
        target_compile_definitions(multiprocessing INTERFACE ${choice}=1)
    endif()
endforeach()

# Where the headers are verified (the presets gcc and clang), that is part of an ordinary build.
get_target_property(verify_headers multiprocessing VERIFY_INTERFACE_HEADER_SETS)
if(verify_headers)
    add_custom_target(multiprocessing_headers_alone ALL)
    add_dependencies(multiprocessing_headers_alone multiprocessing_verify_interface_header_sets)
endif()
