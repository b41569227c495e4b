# An overlay port: it takes the tree that it lies in. A port in a registry has vcpkg_from_github here, with the hash of a release.
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../../.." ABSOLUTE)

vcpkg_check_features(
    OUT_FEATURE_OPTIONS options
    FEATURES
        compiled MULTIPROCESSING_BUILD_COMPILED
        tools MULTIPROCESSING_BUILD_TOOLS
        tools MULTIPROCESSING_INSTALL_TOOLS
)
if("compiled" IN_LIST FEATURES AND VCPKG_TARGET_IS_WINDOWS)
    vcpkg_check_linkage(ONLY_STATIC_LIBRARY) # nothing in the headers imports from a DLL
endif()
if(NOT "compiled" IN_LIST FEATURES AND NOT "tools" IN_LIST FEATURES)
    set(VCPKG_BUILD_TYPE release) # headers alone: there is nothing to debug
endif()

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS ${options}
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/multiprocessing)
vcpkg_fixup_pkgconfig()
if("tools" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES mpshm AUTO_CLEAN)
endif()

if("compiled" IN_LIST FEATURES)
    set(without "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
else()
    set(without "${CURRENT_PACKAGES_DIR}/debug")
endif()
file(REMOVE_RECURSE ${without} "${CURRENT_PACKAGES_DIR}/share/doc")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
