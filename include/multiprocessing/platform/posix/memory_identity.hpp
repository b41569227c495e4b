#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional> // and std::hash, without <functional>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

namespace multiprocessing::platform::posix {

class memory_identity {
public:
    [[nodiscard]] static std::optional<memory_identity> of(native_handle handle) {
        // A memfd is told by the seal that memory_object gives it, and that a file in /dev/shm cannot have.
        if (const int seals = ::fcntl(handle, F_GET_SEALS); seals != -1 && (seals & F_SEAL_SHRINK) != 0) {
            return std::nullopt;
        }
        struct ::stat about{};
        if (::fstat(handle, &about) != 0) {
            throw_os_error(last_os_error(), "fstat", "shared memory");
        }
        memory_identity one;
        one.device_ = about.st_dev;
        one.file_ = about.st_ino;
        return one;
    }

    friend bool operator==(const memory_identity&, const memory_identity&) = default;

    [[nodiscard]] std::size_t hash() const noexcept { return std::hash<std::uint64_t>()(file_ ^ (device_ << 32)); }
    [[nodiscard]] std::string text() const { return std::to_string(device_) + ":" + std::to_string(file_); }

private:
    memory_identity() = default;

    std::uint64_t device_ = 0;
    std::uint64_t file_ = 0;
};

} // namespace multiprocessing::platform::posix
