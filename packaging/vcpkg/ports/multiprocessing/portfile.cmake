# An overlay port: it takes the tree that it lies in. A port in a registry has vcpkg_from_github here, with the hash of a release.
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS options FEATURES tools MULTIPROCESSING_BUILD_TOOLS tools MULTIPROCESSING_INSTALL_TOOLS)
if(NOT "tools" IN_LIST FEATURES)
    set(VCPKG_BUILD_TYPE release) # headers alone: there is nothing to debug
endif()

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DMULTIPROCESSING_BUILD_TESTS=OFF
        -DMULTIPROCESSING_BUILD_EXAMPLES=OFF
        -DMULTIPROCESSING_BUILD_BENCHMARKS=OFF
        ${options}
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/multiprocessing)
vcpkg_fixup_pkgconfig()
if("tools" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES mpshm AUTO_CLEAN)
endif()

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug" "${CURRENT_PACKAGES_DIR}/share/doc")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
