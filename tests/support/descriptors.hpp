#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

/// \file
/// What this process holds of the system, as /proc shows it.

namespace support {

/// Not counting the one that looks.
[[nodiscard]] inline std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all))) - 1;
}

[[nodiscard]] inline std::size_t mappings() {
    std::ifstream file("/proc/self/maps");
    std::size_t lines = 0;
    for (std::string line; std::getline(file, line);) {
        ++lines;
    }
    return lines;
}

/// Pages that are in memory, shared ones too.
[[nodiscard]] inline std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    file >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Memory that a descriptor's file takes from the system.
[[nodiscard]] inline std::size_t bytes_of(int descriptor) {
    struct ::stat about {};
    ::fstat(descriptor, &about);
    return static_cast<std::size_t>(about.st_blocks) * 512;
}

/// The same for all anonymous shared memory of this process, if its descriptors are open.
[[nodiscard]] inline std::size_t shared_memory_bytes() {
    std::size_t bytes = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code ignored;
        if (std::filesystem::read_symlink(each, ignored).string().starts_with("/memfd:")) {
            bytes += bytes_of(std::stoi(each.path().filename().string()));
        }
    }
    return bytes;
}

[[nodiscard]] inline std::set<std::string> names_in(const std::filesystem::path& folder) {
    std::set<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(folder)) {
        names.insert(each.path().filename().string());
    }
    return names;
}

} // namespace support
