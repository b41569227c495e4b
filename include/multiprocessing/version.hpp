#pragma once
#include <multiprocessing/base/language.hpp>

#include <string_view>

// The version has one home, these three lines: CMake reads them from here, and the package files from CMake.
#define MULTIPROCESSING_VERSION_MAJOR 0
#define MULTIPROCESSING_VERSION_MINOR 1
#define MULTIPROCESSING_VERSION_PATCH 0

#define MULTIPROCESSING_DETAIL_TEXT(value) #value
#define MULTIPROCESSING_DETAIL_VERSION(major, minor, patch) \
    MULTIPROCESSING_DETAIL_TEXT(major) "." MULTIPROCESSING_DETAIL_TEXT(minor) "." MULTIPROCESSING_DETAIL_TEXT(patch)

namespace multiprocessing {

/// The library's version as text, "major.minor.patch". To choose at preprocessing time, use the macros above.
inline constexpr std::string_view version =
    MULTIPROCESSING_DETAIL_VERSION(MULTIPROCESSING_VERSION_MAJOR, MULTIPROCESSING_VERSION_MINOR, MULTIPROCESSING_VERSION_PATCH);

} // namespace multiprocessing

#undef MULTIPROCESSING_DETAIL_VERSION
#undef MULTIPROCESSING_DETAIL_TEXT
