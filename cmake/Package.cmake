# What `cmake --install` leaves behind: the headers, and the ways to find them (find_package, pkg-config).
# What does not depend on the machine goes to share/ rather than lib/: all but the compiled form and its file for pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_DATADIR}/cmake/multiprocessing")
set(pkgconfig_folder "${CMAKE_INSTALL_DATADIR}/pkgconfig")

install(
    TARGETS multiprocessing
    EXPORT multiprocessing-targets
    FILE_SET headers COMPONENT development
    FILE_SET foreign_headers COMPONENT development
    FILE_SET definitions COMPONENT development
)
install(EXPORT multiprocessing-targets NAMESPACE multiprocessing:: DESTINATION "${package_folder}" COMPONENT development)

# The compiled form, where it was asked for. With BUILD_SHARED_LIBS its library is a component of its own, which programs need to run.
if(MULTIPROCESSING_BUILD_COMPILED)
    install(
        TARGETS multiprocessing_compiled
        EXPORT multiprocessing-compiled-targets
        RUNTIME COMPONENT compiled_library
        LIBRARY COMPONENT compiled_library NAMELINK_COMPONENT compiled_development
        ARCHIVE COMPONENT compiled_development
    )
    install(
        EXPORT multiprocessing-compiled-targets
        NAMESPACE multiprocessing::
        DESTINATION "${package_folder}"
        COMPONENT compiled_development
    )
endif()

configure_package_config_file(
    cmake/multiprocessing-config.cmake.in
    multiprocessing-config.cmake
    INSTALL_DESTINATION "${package_folder}"
    NO_SET_AND_CHECK_MACRO
)
write_basic_package_version_file(
    multiprocessing-config-version.cmake
    COMPATIBILITY SameMinorVersion # below 1.0 a minor version may change the interface
    ARCH_INDEPENDENT
)
install(
    FILES
        "${PROJECT_BINARY_DIR}/multiprocessing-config.cmake"
        "${PROJECT_BINARY_DIR}/multiprocessing-config-version.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/multiprocessing-optional.cmake"
    DESTINATION "${package_folder}"
    COMPONENT development
)

# Relative to the file itself, so that `cmake --install --prefix` and a moved folder work.
file(
    RELATIVE_PATH
    pkgconfig_to_include
    "${CMAKE_INSTALL_PREFIX}/${pkgconfig_folder}"
    "${CMAKE_INSTALL_FULL_INCLUDEDIR}"
)
set(pkgconfig_system_libraries "")
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(pkgconfig_system_libraries " -lrt")
endif()
configure_file(cmake/multiprocessing.pc.in multiprocessing.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/multiprocessing.pc" DESTINATION "${pkgconfig_folder}" COMPONENT development)

if(MULTIPROCESSING_BUILD_COMPILED)
    set(compiled_pkgconfig_folder "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
    file(
        RELATIVE_PATH
        pkgconfig_to_lib
        "${CMAKE_INSTALL_PREFIX}/${compiled_pkgconfig_folder}"
        "${CMAKE_INSTALL_FULL_LIBDIR}"
    )
    configure_file(cmake/multiprocessing-compiled.pc.in multiprocessing-compiled.pc @ONLY)
    install(
        FILES "${PROJECT_BINARY_DIR}/multiprocessing-compiled.pc"
        DESTINATION "${compiled_pkgconfig_folder}"
        COMPONENT compiled_development
    )
endif()

# How gdb is to show the handles: read by whoever says `source <that file>`.
install(
    FILES tools/gdb/multiprocessing_printers.py
    DESTINATION "${CMAKE_INSTALL_DATADIR}/multiprocessing/gdb"
    COMPONENT development
)

install(FILES LICENSE README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development)
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development FILES_MATCHING PATTERN "*.md")
install(DIRECTORY examples DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development FILES_MATCHING PATTERN "*.cpp")
