#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <boost/interprocess/detail/os_file_functions.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace multiprocessing::platform::windows {

/// A file mapping without a name and without a file, which the paging file stands behind.
///
/// All of it is *committed* at once: the system promises the memory, in RAM or in the paging file, and refuses here, with an
/// exception, when it cannot. Pages of RAM are still taken one by one as they are touched. The other way (SEC_RESERVE, and committing
/// before each first use) would not charge the half of an array that only guards its updates, but every
/// access would have to know what is committed, a system call given such memory would fail, and what was committed could never be
/// given back, because views of a mapping cannot be decommitted.
class memory_object {
public:
    [[nodiscard]] static memory_object create(std::size_t bytes) {
        const std::uint64_t size = bytes;
        owned_handle handle(::CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE | SEC_COMMIT,
                                                 static_cast<DWORD>(size >> 32), static_cast<DWORD>(size), nullptr));
        if (!handle) {
            const int code = last_os_error();
            const std::string object = "shared memory of " + std::to_string(bytes) + " bytes";
            if (code == ERROR_NOT_ENOUGH_MEMORY || code == ERROR_COMMITMENT_LIMIT || code == ERROR_DISK_FULL ||
                (code == ERROR_INVALID_PARAMETER && bytes != 0)) { // the last: larger than any mapping can be
                throw_not_enough_memory("CreateFileMapping", object);
            }
            throw_os_error(code, "CreateFileMapping", object);
        }
        return memory_object(std::move(handle), bytes);
    }

    /// An object that another process made and handed over.
    memory_object(owned_handle handle, std::size_t bytes) noexcept : handle_(std::move(handle)), size_(bytes) {}

    /// The same, when only the object itself knows its size. The system tells it by a view of the whole, in pages.
    [[nodiscard]] static memory_object adopt(owned_handle handle) {
        const void* const view = ::MapViewOfFile(handle.get(), FILE_MAP_READ, 0, 0, 0);
        if (view == nullptr) {
            throw_os_error(last_os_error(), "MapViewOfFile", "shared memory that was handed over");
        }
        MEMORY_BASIC_INFORMATION info{};
        const SIZE_T told = ::VirtualQuery(view, &info, sizeof(info));
        const int code = last_os_error();
        ::UnmapViewOfFile(view);
        if (told == 0) {
            throw_os_error(code, "VirtualQuery", "shared memory that was handed over");
        }
        return {std::move(handle), info.RegionSize};
    }

    [[nodiscard]] native_handle handle() const noexcept { return handle_.get(); }
    [[nodiscard]] native_handle whole_handle() const noexcept { return handle_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool is_reserved() const noexcept { return false; }

    [[nodiscard]] boost::interprocess::mapping_handle_t get_mapping_handle() const noexcept {
        return boost::interprocess::ipcdetail::mapping_handle_from_shm_handle(handle_.get());
    }

private:
    owned_handle handle_;
    std::size_t size_;
};

} // namespace multiprocessing::platform::windows
