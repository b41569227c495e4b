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
        return memory_identity(about);
    }

    /// Of a file that has, or had, a name.
    explicit memory_identity(const struct ::stat& about) noexcept : device_(about.st_dev), file_(about.st_ino) {}

    friend bool operator==(const memory_identity&, const memory_identity&) = default;

    [[nodiscard]] std::size_t hash() const noexcept { return std::hash<std::uint64_t>()(file_ ^ (device_ << 32)); }
    [[nodiscard]] std::string text() const { return std::to_string(device_) + ":" + std::to_string(file_); }

private:
    std::uint64_t device_;
    std::uint64_t file_;
};

} // namespace multiprocessing::platform::posix
