#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/grow_file.hpp>
#include <multiprocessing/platform/posix/reserve_pages.hpp>
#include <multiprocessing/platform/posix/unnamed_file.hpp>

#include <boost/interprocess/detail/os_file_functions.hpp>

#include <cerrno>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

class memory_object {
public:
    [[nodiscard]] static memory_object create(std::size_t bytes) {
        const auto name_size = [bytes] { return "shared memory of " + std::to_string(bytes) + " bytes"; };
        if (bytes > static_cast<std::size_t>((std::numeric_limits<off_t>::max)())) {
            throw_os_error(ENOMEM, "ftruncate", name_size());
        }
        unnamed_file file = unnamed_file::make("multiprocessing", name_size);
        const auto size = static_cast<off_t>(bytes);
        if (const int code = grow_file([&] { return ::ftruncate(file.handle.get(), size) != 0 ? last_os_error() : 0; }); code != 0) {
            // EFBIG and EINVAL only say that no file can be so large: to the caller it is memory that is not there.
            throw_not_grown(code == EFBIG || code == EINVAL ? ENOMEM : code, "ftruncate", name_size(), size);
        }
        if (file.can_be_sealed) {
            if (::fcntl(file.handle.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
                throw_os_error(last_os_error(), "fcntl(F_ADD_SEALS)", name_size());
            }
        } else if (const int code = bytes != 0 ? reserve_pages(file.handle.get(), size) : 0; code != 0) { // now, or a SIGBUS later
            throw_not_grown(code, "posix_fallocate", name_size() + unnamed_file::for_want_of_memfd, size);
        }
        return memory_object(std::move(file.handle), bytes, !file.can_be_sealed);
    }

    /// An object that another process made and handed over.
    memory_object(owned_handle handle, std::size_t bytes) noexcept : memory_object(std::move(handle), bytes, false) {}

    /// The same, when only the object itself knows its size.
    [[nodiscard]] static memory_object adopt(owned_handle handle) {
        struct ::stat info{};
        if (::fstat(handle.get(), &info) != 0) {
            throw_os_error(last_os_error(), "fstat", "shared memory that was handed over");
        }
        return {std::move(handle), static_cast<std::size_t>(info.st_size)};
    }

    [[nodiscard]] native_handle handle() const noexcept { return handle_.get(); }
    [[nodiscard]] native_handle whole_handle() const {
        if (!handle_.is_whole()) {
            throw_os_error(EBADF, "spawn", "shared memory of " + std::to_string(size_) + " bytes, whose descriptor " + std::to_string(handle_.get()) +
                                               " this program has closed; it did not open it. Close nothing but what you have opened, or all descriptors "
                                               "before the library is first used");
        }
        return handle_.get();
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool is_reserved() const noexcept { return reserved_; }

    [[nodiscard]] boost::interprocess::mapping_handle_t get_mapping_handle() const noexcept {
        return boost::interprocess::ipcdetail::mapping_handle_from_file_handle(handle_.get());
    }

private:
    memory_object(owned_handle handle, std::size_t bytes, bool reserved) noexcept : handle_(std::move(handle)), size_(bytes), reserved_(reserved) {}

    owned_handle handle_;
    std::size_t size_;
    bool reserved_;
};

} // namespace multiprocessing::platform::posix
