# Debian packages, one for each component that there is to install: `cmake --workflow --preset package` leaves them in build/package/packages.
# tests/package builds them, unpacks them and uses them.
if(CMAKE_CROSSCOMPILING OR NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
    return()
endif()

set(MULTIPROCESSING_PACKAGE_CONTACT "multiprocessing contributors" CACHE STRING "Debian packages: their maintainer, as `name <address>`")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "${MULTIPROCESSING_PACKAGE_CONTACT}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each has its own, the first line of its description
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON) # of the component that has a library
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

# debian_package(<component> <package> <section> <description>): the name is known to Debian's tools, the component to CMake's.
set(CPACK_COMPONENTS_ALL "")
macro(debian_package component package section description)
    list(APPEND CPACK_COMPONENTS_ALL ${component})
    string(TOUPPER ${component} upper)
    set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
    set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
    set(CPACK_DEBIAN_${upper}_DESCRIPTION "${description}")
    install(
        FILES "${PROJECT_SOURCE_DIR}/LICENSE"
        DESTINATION share/doc/${package}
        RENAME copyright # where Debian has it
        COMPONENT ${component}
        EXCLUDE_FROM_ALL # from `cmake --install`, not from the package
    )
endmacro()

debian_package(
    development libmultiprocessing-dev libdevel
    "processes and shared values after Python's multiprocessing
Header-only C++20 library: numbers, structs, arrays and texts that several
processes change at once, without a lost update, and without a lock that a
killed process leaves behind; processes, locks, semaphores, conditions,
events and barriers between them."
)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_ARCHITECTURE all)
set(boost "libboost-dev (>= ${MULTIPROCESSING_BOOST_MINIMUM}) | libboost1.81-dev") # Debian 12 has a newer one beside its default
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${boost}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libcereal-dev, gdb")

set(soversion ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
if(MULTIPROCESSING_BUILD_COMPILED)
    debian_package(
        compiled_development libmultiprocessing-compiled-dev libdevel
        "processes and shared values after Python's multiprocessing (compiled form)
What is the same in every program that includes libmultiprocessing-dev,
compiled once: programs that link to it compile in a fraction of the time."
    )
    set(needed "libmultiprocessing-dev (= ${PROJECT_VERSION})")

    get_target_property(type multiprocessing_compiled TYPE)
    if(type STREQUAL "SHARED_LIBRARY")
        debian_package(
            compiled_library libmultiprocessing${soversion} libs
            "processes and shared values after Python's multiprocessing (library)
What programs need to run that were linked to the compiled form."
        )
        set(CPACK_DEBIAN_COMPILED_LIBRARY_PACKAGE_SHLIBDEPS ON)
        string(APPEND needed ", libmultiprocessing${soversion} (= ${PROJECT_VERSION})")
    endif()
    set(CPACK_DEBIAN_COMPILED_DEVELOPMENT_PACKAGE_DEPENDS "${needed}")
endif()

if(TARGET multiprocessing_c)
    debian_package(
        c_library libmultiprocessing-c${soversion} libs
        "named shared objects of multiprocessing, for C (library)
Makes values, arrays and locks that C++ programs share by a name usable from
C, and from every language that calls C."
    )
    set(CPACK_DEBIAN_C_LIBRARY_PACKAGE_SHLIBDEPS ON)

    debian_package(
        c_development libmultiprocessing-c-dev libdevel
        "named shared objects of multiprocessing, for C (development)
The header multiprocessing.h, and what a program needs to link with
libmultiprocessing-c${soversion}."
    )
    set( # the second has what find_package reads first
        CPACK_DEBIAN_C_DEVELOPMENT_PACKAGE_DEPENDS
        "libmultiprocessing-c${soversion} (= ${PROJECT_VERSION}), libmultiprocessing-dev (= ${PROJECT_VERSION})"
    )

    debian_package(
        python python3-multiprocessing-shared python
        "named shared objects of multiprocessing, for Python
The module multiprocessing_shared: values, arrays and locks that C++ programs
share by a name, with their locks, and as numpy arrays without a copy."
    )
    set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
    set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3, libmultiprocessing-c${soversion} (>= ${PROJECT_VERSION})")
    set(CPACK_DEBIAN_PYTHON_PACKAGE_RECOMMENDS python3-numpy)
endif()

if(TARGET mpshm AND MULTIPROCESSING_INSTALL_TOOLS)
    debian_package(
        tools multiprocessing-tools utils
        "shows and removes named shared objects of multiprocessing
The command mpshm lists the objects that programs share by a name, shows
their values and locks, and removes what nobody uses any more."
    )
    set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
endif()

include(CPack)
