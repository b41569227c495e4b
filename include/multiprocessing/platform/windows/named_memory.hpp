#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/memory_identity.hpp>
#include <multiprocessing/platform/windows/memory_object.hpp>
#include <multiprocessing/platform/windows/native_calls.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace multiprocessing::platform::windows {

/// Without effect: what can be opened is held.
enum class hold { no, yes };

inline constexpr bool names_stay = false;

/// A file mapping in the names of the session. It has its name from the moment it is made, and nothing can be given one later; so
/// "finished" has to be said by something else.
///
/// The protocol of making one: the mapping is made of *reserved* pages (SEC_RESERVE), all of which are then committed; it is filled; and last its
/// *trailer*, the last sixteen bytes, is written: the exact size, and then, by one store, the mark of the finished. Whoever opens a mapping asks the
/// system whether it was made of reserved pages, which no content can imitate. If so it is one of ours, and finished when its trailer can be
/// read and has the mark. If not it was made elsewhere (CPython), zero and committed from the beginning, and is finished.
/// Interruptions: a maker that is killed before the last store leaves a mapping that nobody takes for finished, and whose name is gone with
/// its last handle: the maker's own, and those of processes that are just looking, which let go at once.
/// A maker that finds an unfinished one therefore looks again until it is finished or gone; it gives up after a second, as if finished, when
/// its maker lives but does not get on.
class named_memory {
public:
    [[nodiscard]] static std::optional<named_memory> create(const std::string& name, std::size_t bytes, std::uint32_t mode) {
        return create(name, bytes, mode, [](std::byte*) {});
    }

    template <class Fill>
    [[nodiscard]] static std::optional<named_memory> create(const std::string& name, std::size_t bytes, std::uint32_t /*mode*/,
                                                            Fill&& fill, hold = hold::no) {
        const std::string title = title_of(name) + " of " + std::to_string(bytes) + " bytes";
        const std::size_t page = mapping::page_size();
        if (bytes > (std::numeric_limits<std::size_t>::max)() / 2) {
            throw_not_enough_memory("CreateFileMapping", title);
        }
        const std::size_t all = (bytes + sizeof(trailer) + page - 1) / page * page;
        owned_handle object = make(name, all, title);
        if (!object) {
            return std::nullopt;
        }
        named_memory memory(std::move(object), all, access::read_write);
        if (::VirtualAlloc(memory.data(), all, MEM_COMMIT, PAGE_READWRITE) == nullptr) {
            throw_not_enough_memory("VirtualAlloc", title);
        }
        std::forward<Fill>(fill)(memory.data());
        memory.size_ = bytes;
        trailer& end = memory.end_of(all);
        end.size = bytes;
        std::atomic_ref(end.mark).store(trailer::finished, std::memory_order_release); // now it is there
        return memory;
    }

    [[nodiscard]] static std::optional<named_memory> open(const std::string& name, access how) {
        const DWORD rights = how == access::read_only ? FILE_MAP_READ : FILE_MAP_READ | FILE_MAP_WRITE;
        owned_handle object(::OpenFileMappingW(rights | SECTION_QUERY, FALSE, wide(name).c_str()));
        if (!object) {
            if (last_os_error() == ERROR_FILE_NOT_FOUND) {
                return std::nullopt;
            }
            throw_os_error(last_os_error(), "OpenFileMapping", title_of(name));
        }
        return if_finished(std::move(object), how, name);
    }

    static bool unlink(const std::string& name) { return exists(name); }

    [[nodiscard]] bool unlink_if_named(const std::string&) const { return false; }
    [[nodiscard]] bool unlink_if_named(const std::string&, deadline) const { return false; }

    [[nodiscard]] static std::string user() { return "session"; }

    [[nodiscard]] static std::string place_of(const std::string& name) { return "Local\\" + name; }

    [[nodiscard]] static bool exists(const std::string& name) { return open(name, access::read_only).has_value(); }

    [[nodiscard]] static bool is_empty(const std::string&) { return false; }

    [[nodiscard]] static std::vector<std::string> list(std::string_view prefix) {
        std::vector<std::string> names = names_of_session(L"Section");
        std::erase_if(names, [&](const std::string& each) { return !each.starts_with(prefix); });
        return names;
    }

    [[nodiscard]] static std::vector<std::string> list_others(std::string_view) { return {}; }

    /// A section never becomes shorter.
    [[nodiscard]] bool read(std::size_t offset, std::span<std::byte> bytes) const {
        if (offset > size() || size() - offset < bytes.size()) {
            return false;
        }
        std::copy_n(data() + offset, bytes.size(), bytes.begin());
        return true;
    }

    [[nodiscard]] std::byte* data() const noexcept { return mapping_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint32_t mode() const noexcept { return 0600; }
    [[nodiscard]] bool is_of_this_user() const noexcept { return true; }
    [[nodiscard]] std::optional<memory_identity> identity() const { return memory_identity::of(handle()); }
    [[nodiscard]] const memory_object& object() const& noexcept { return object_; }
    [[nodiscard]] memory_object object() && noexcept { return std::move(object_); }
    [[nodiscard]] native_handle handle() const noexcept { return object_.handle(); }
    [[nodiscard]] bool is_held() const noexcept { return true; }

private:
    /// At the end of the last page.
    struct trailer {
        static constexpr std::uint64_t finished = 0x64656873'696e6966u; // "finished"

        std::uint64_t size;
        std::uint64_t mark;
    };
    static_assert(sizeof(trailer) == 16 && std::atomic_ref<std::uint64_t>::is_always_lock_free);

    named_memory(owned_handle object, std::size_t bytes, access how)
        : object_(std::move(object), bytes), mapping_(object_, bytes, how), size_(bytes) {}

    [[nodiscard]] static std::string title_of(const std::string& name) { return "shared memory \"" + multiprocessing::detail::escaped(name) + "\""; }

    [[nodiscard]] static std::wstring wide(const std::string& name) {
        if (name.empty() || name.size() > 255 || name == "." || name == ".." ||
            name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos) {
            throw std::invalid_argument("multiprocessing: \"" + multiprocessing::detail::escaped(name) + "\" cannot be the name of shared memory: "
                                        "write 1 to 255 bytes without '/', '\\' and NUL, other than \".\" and \"..\"");
        }
        return session_name(name);
    }

    /// An invalid handle: the name is taken.
    [[nodiscard]] static owned_handle make(const std::string& name, std::uint64_t bytes, const std::string& title) {
        const std::wstring full_name = wide(name);
        for (const deadline until = deadline_after(std::chrono::seconds(1));;) {
            owned_handle object(::CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE | SEC_RESERVE,
                                                     static_cast<DWORD>(bytes >> 32), static_cast<DWORD>(bytes), full_name.c_str()));
            const int code = last_os_error();
            if (!object && (code == ERROR_NOT_ENOUGH_MEMORY || code == ERROR_COMMITMENT_LIMIT || code == ERROR_DISK_FULL ||
                            code == ERROR_INVALID_PARAMETER)) { // the last: larger than any mapping can be
                throw_not_enough_memory("CreateFileMapping", title);
            }
            if (!object) {
                throw_os_error(code, "CreateFileMapping", title);
            }
            if (code != ERROR_ALREADY_EXISTS) {
                return object;
            }
            if (clock::now() >= until || if_finished(std::move(object), access::read_only, name)) {
                return {};
            }
            ::Sleep(1);
        }
    }

    [[nodiscard]] static std::optional<named_memory> if_finished(owned_handle object, access how, const std::string& name) {
        const section_information made = ask_section(object.get(), title_of(name));
        const std::size_t page = mapping::page_size();
        const std::size_t all = (static_cast<std::size_t>(made.size) + page - 1) / page * page;
        named_memory memory(std::move(object), all, how);
        if (made.reserved) {
            const trailer& end = memory.end_of(all);
            // By a call, which fails where an access would fault: its pages may not be committed yet.
            std::uint64_t mark = 0;
            if (::ReadProcessMemory(::GetCurrentProcess(), &end.mark, &mark, sizeof(mark), nullptr) == 0 || mark != trailer::finished) {
                return std::nullopt;
            }
            std::atomic_thread_fence(std::memory_order_acquire);
            memory.size_ = (std::min<std::size_t>)(end.size, all - sizeof(trailer));
        }
        return memory;
    }

    [[nodiscard]] trailer& end_of(std::size_t all) const noexcept {
        return *reinterpret_cast<trailer*>(mapping_.data() + all - sizeof(trailer));
    }

    memory_object object_;
    mapping mapping_;
    std::size_t size_;
};

} // namespace multiprocessing::platform::windows
