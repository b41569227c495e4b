#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_identity.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/named_memory.hpp>
#else
#    include <multiprocessing/platform/posix/named_memory.hpp>
#endif

/// \file
/// Memory that any process finds by a name, mapped. The names are those of `shm_open` and of CPython's `SharedMemory`: POSIX: a file in
/// /dev/shm; Windows: a file mapping in `Local\`, the names of the session.
///
/// What both backends give:
/// * `named_memory::create(name, bytes, mode)`: zero-filled memory of exactly that size, mapped. Empty when somebody else has the name. Its pages are
///   reserved: what the system cannot give is `std::errc::no_space_on_device` (POSIX) or `not_enough_memory`, here, and never
///   a SIGBUS later. `mode` is what `chmod` takes, and no umask changes it; Windows: without effect, the session's own rules hold.
/// * `named_memory::create(name, bytes, mode, fill)`: calls `fill(std::byte*)` before anybody can find the memory, and gives it its name in
///   one step. **Nobody ever opens what is not filled**, and a maker that is killed at any instruction leaves nothing, or
///   the finished memory. If `fill` throws, nothing was made.
/// * ... with a last argument `hold::yes`: the memory is *held* from before it has its name until nobody has the maker's handle any more: not the
///   maker, nor those it was passed to by fork or spawn. The system keeps this, and lets go whoever is killed.
/// * `is_held()`: whether somebody holds it; asked by one who opened it. Windows: what can be opened is held by somebody: true.
/// * `unlink_if_named(name)`: takes the name away if it still is this memory's, and not that of another which was given it since: of those who
///   remove names by this, one at a time looks and removes. Whether it did. Windows: false.
/// * ... with a last argument `until`: when its turn has not come by then, `std::errc::timed_out`, which says who is in the way; without it,
///   after five seconds. Root waits for no other user: see posix/unlink_aside.hpp.
/// * `named_memory::user()`: who this process's user is, as part of a name. Windows: of the session, as all names are.
/// * `object()`: the memory itself, to be handed to another process; out of one that is moved from, it is taken. Windows: its size is in whole pages.
/// * `named_memory::open(name, access)`: mapped. Empty when there is nothing of that name, or nothing finished. What is not memory (a
///   folder, a link, a pipe) is refused by `std::system_error`.
/// * `named_memory::unlink(name)`: takes the name away; false when there is none. Those who have the memory keep it. Windows: memory and name
///   are gone with the last handle and not before, so this only says whether it exists.
///   `names_stay` is which of the two.
/// * `named_memory::is_empty(name)`: whether what has the name is memory without any bytes, which `open` does not find and `create` never makes.
///   Windows: false, for there is none.
/// * `named_memory::place_of(name)`: where a person finds it: POSIX: the path of the file.
/// * `named_memory::exists(name)`, `named_memory::list(prefix)`: the names that begin so, sorted. `named_memory::list_others(prefix)`: those of what is no
///   memory (a folder, a link, a pipe), which looks into none of it. Windows: none.
/// * `read(offset, bytes)`: copies what is there now. False when the memory ends before, because somebody has made it shorter, where an access to
///   the mapping would end this process (SIGBUS).
/// * `data()`, `size()`: the mapping. `size()` of what was opened: POSIX: as it was made. Windows: likewise, but what other
///   libraries made is in whole pages.
/// * `identity()`: which memory it is (memory_identity.hpp); empty where that cannot be told.
/// * `mode()`, `is_of_this_user()`: of what was opened, asked of the open memory itself and not of the name. Windows: 0600 and true.
/// * `handle()`: the native handle, for as long as the object lives; movable, not copyable.
/// * A name is 1 to 255 bytes, not `.` or `..`, without NUL and `/` (Windows: and `\`): `std::invalid_argument` before any system call.

namespace multiprocessing::platform {

/// In a `mode`: that other users may write.
inline constexpr std::uint32_t others_write = 0022;

#if MULTIPROCESSING_WINDOWS
using windows::hold;
using windows::named_memory;
using windows::names_stay;
#else
using posix::hold;
using posix::named_memory;
using posix::names_stay;
#endif

template <class T>
concept is_named_memory =
    std::movable<T> && requires(const T memory, const std::string& name, std::size_t bytes, std::uint32_t mode, access how) {
        { T::create(name, bytes, mode) } -> std::same_as<std::optional<T>>;
        { T::create(name, bytes, mode, [](std::byte*) {}) } -> std::same_as<std::optional<T>>;
        { T::create(name, bytes, mode, [](std::byte*) {}, hold::yes) } -> std::same_as<std::optional<T>>;
        { T::open(name, how) } -> std::same_as<std::optional<T>>;
        { T::unlink(name) } -> std::same_as<bool>;
        { T::exists(name) } -> std::same_as<bool>;
        { T::is_empty(name) } -> std::same_as<bool>;
        { T::user() } -> std::same_as<std::string>;
        { T::place_of(name) } -> std::same_as<std::string>;
        { T::list(std::string_view()) } -> std::same_as<std::vector<std::string>>;
        { T::list_others(std::string_view()) } -> std::same_as<std::vector<std::string>>;
        { memory.read(bytes, std::span<std::byte>()) } -> std::same_as<bool>;
        { memory.data() } noexcept -> std::same_as<std::byte*>;
        { memory.size() } noexcept -> std::same_as<std::size_t>;
        { memory.mode() } noexcept -> std::same_as<std::uint32_t>;
        { memory.is_of_this_user() } noexcept -> std::same_as<bool>;
        { memory.identity() } -> std::convertible_to<std::optional<memory_identity>>;
        { memory.is_held() } noexcept -> std::same_as<bool>;
        { memory.unlink_if_named(name) } -> std::same_as<bool>;
        { memory.unlink_if_named(name, deadline()) } -> std::same_as<bool>;
        { memory.object() } noexcept -> std::same_as<const memory_object&>;
        { memory.handle() } noexcept -> std::same_as<native_handle>;
    };
static_assert(is_named_memory<named_memory>);

} // namespace multiprocessing::platform
