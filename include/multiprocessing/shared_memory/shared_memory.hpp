#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/moved_from.hpp>

#include <multiprocessing/base/any_integer.hpp>
#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/shared_memory/detail/shared_memory_state.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// \file
/// Plain bytes that any process finds by their name: Python's `shared_memory.SharedMemory`.

namespace multiprocessing {

namespace detail {

struct shared_memory_access;

/// Who may do what with memory that was made, as for a file. A `std::filesystem::perms` becomes one, and no other type: it is known by its
/// enumerators, so that only those who write one compile its header.
class permissions {
public:
    explicit constexpr permissions(std::uint32_t bits) noexcept : bits_(bits) {}
    template <class Perms>
        requires std::is_enum_v<Perms> && requires { Perms::owner_read, Perms::others_exec, Perms::sticky_bit; }
    constexpr permissions(Perms perms) noexcept : bits_(static_cast<std::uint32_t>(perms)) {}

    [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; } ///< As `chmod` takes them.

private:
    std::uint32_t bits_;
};

inline constexpr permissions owner_only(0600);

/// What BasicSharedMemory does, for both of its kinds.
/// @{
[[nodiscard]] std::shared_ptr<shared_memory_state> make_shared_memory(std::size_t size, permissions mode);
[[nodiscard]] std::shared_ptr<shared_memory_state> make_shared_memory(std::string_view name, std::size_t size, permissions mode);
[[nodiscard]] std::shared_ptr<shared_memory_state> open_or_make_shared_memory(std::string_view name, std::size_t size, permissions mode);
[[nodiscard]] std::shared_ptr<shared_memory_state> open_shared_memory(std::string_view name, platform::access how);
void unlink_shared_memory(const std::string& name);
std::ostream& print_shared_memory(std::ostream& out, const shared_memory_state& memory);
[[noreturn]] void refuse_buf_of_closed(const std::string& name);
[[noreturn]] void refuse_size(any_integer size);
/// @}

template <std::integral N>
[[nodiscard]] std::size_t checked_size(N size) {
    if (std::cmp_less_equal(size, 0)) {
        refuse_size(size);
    }
    return static_cast<std::size_t>(size);
}

/// A name as it travels to another process.
/// @{
void put_name(reduction::outgoing& out, const std::string& name);
[[nodiscard]] std::string take_name(reduction::incoming& in);
/// @}

} // namespace detail

/// A block of bytes with a name: `SharedMemory`, and `ReadOnlySharedMemory` for those who only look. A CPython program on the other side may
/// have made it, or open it.
///
/// A handle behaves as a Python name does: a copy refers to the same object of this process, and is closed with it. **The name stays until
/// somebody calls `unlink`**, whatever becomes of those who made or opened it: no destructor, exit or kill removes it (POSIX). On Windows
/// memory and name are gone with the last handle of any process. A `SharedMemoryManager` is for memory that is to end with a scope.
///
/// Nothing guards the bytes. A child that was forked has the block, at the same address; to `spawn` it travels by its name, as Python
/// pickles it, and is opened again. No function blocks.
///
/// \see docs/python_interop.md, examples/python_interop.cpp
template <platform::access A>
class BasicSharedMemory {
    static constexpr bool writable = A == platform::access::read_write;

public:
    using byte_type = std::conditional_t<writable, std::byte, const std::byte>; ///< const for those who only look.

    /// Makes a block of `size` zero bytes under a new name, `psm_` and eight hexadecimal digits. Its pages are taken from the system now, so
    /// no access fails later. `mode`, a `std::filesystem::perms`, is who may open it: the user alone when it is left out. The umask does not
    /// change it, and it has no effect on Windows.
    /// Throws `std::invalid_argument` when `size` is 0 or negative, `std::system_error` with `no_space_on_device` (/dev/shm is full) or
    /// `not_enough_memory`; then there is nothing new.
    template <std::integral N>
        requires writable
    explicit BasicSharedMemory(create_only_t, N size, detail::permissions mode = detail::owner_only)
        : BasicSharedMemory(detail::make_shared_memory(detail::checked_size(size), mode)) {}

    /// The same under a name of one's own: 1 to 255 bytes, no `/` and no NUL. Throws `std::invalid_argument` for another, and
    /// `std::system_error` with `file_exists` when it is taken.
    template <std::integral N>
        requires writable
    BasicSharedMemory(create_only_t, std::string_view name, N size, detail::permissions mode = detail::owner_only)
        : BasicSharedMemory(detail::make_shared_memory(name, detail::checked_size(size), mode)) {}

    /// The block of that name, made if there is none. One that is there keeps its bytes. Throws LayoutError when it is smaller than `size`, `std::system_error` with
    /// `permission_denied` when it is another user's, or one that more users may write than `mode` says; otherwise as the others.
    template <std::integral N>
        requires writable
    BasicSharedMemory(open_or_create_t, std::string_view name, N size, detail::permissions mode = detail::owner_only)
        : BasicSharedMemory(detail::open_or_make_shared_memory(name, detail::checked_size(size), mode)) {}

    template <class... Arguments>
        requires(!writable)
    explicit BasicSharedMemory(create_only_t, Arguments&&...) = MULTIPROCESSING_DELETE("memory that is made is there to be written: make a SharedMemory, and let readers open it as ReadOnlySharedMemory(open_only, name)");

    /// Opens what another process, or this one, has made. Throws `std::system_error` with `no_such_file_or_directory` when there is nothing of
    /// that name (or CPython is about to make it, and it has no size yet), `permission_denied` when it is not for this user.
    BasicSharedMemory(open_only_t, std::string_view name) : BasicSharedMemory(detail::open_shared_memory(name, A)) {}

    /// The bytes: Python's `buf`. Valid until `close()`, and until the last copy of this handle is gone. Throws `std::logic_error` when it is closed.
    [[nodiscard]] std::span<byte_type> buf() const {
        const detail::shared_memory_state& its = state();
        if (its.first == nullptr) {
            detail::refuse_buf_of_closed(its.name);
        }
        return {its.first, its.size};
    }

    /// In bytes, as it was made. Windows: of a block made by CPython, rounded up to whole pages. Also when it is closed.
    [[nodiscard]] std::size_t size() const { return state().size; }

    /// What others open it by. Also when it is closed.
    [[nodiscard]] const std::string& name() const { return state().name; }

    /// Lets go of the bytes, in this process: views of them must not be used any more. The block itself stays. Again: nothing.
    void close() const { state().close(); }

    /// Takes the name away, so that nobody can open the block any more. Those who have it keep it; the memory is freed when the last one has let go.
    /// Throws `std::system_error` with `no_such_file_or_directory` when the name is gone already, as in Python: whoever has the block knows that it had the name.
    /// (`mp::unlink(name)`, for whom an object may be there or not, returns false.) Windows: does nothing, as in Python.
    void unlink() const { detail::unlink_shared_memory(name()); }

    /// `SharedMemory('psm_0123abcd', size=4096)`
    friend std::ostream& operator<<(std::ostream& out, const BasicSharedMemory& memory) {
        return detail::print_shared_memory(out, memory.state());
    }

private:
    friend detail::shared_memory_access;

    explicit BasicSharedMemory(std::shared_ptr<detail::shared_memory_state> one) noexcept : state_(std::move(one)) {}

    [[nodiscard]] detail::shared_memory_state& state() const {
        if (!state_) [[unlikely]] {
            detail::throw_moved_from();
        }
        return *state_;
    }

    std::shared_ptr<detail::shared_memory_state> state_;
};

/// Bytes to read and to write.
using SharedMemory = BasicSharedMemory<platform::access::read_write>;

/// Bytes to read: `buf()` is a `std::span<const std::byte>`, and the pages themselves cannot be written to.
using ReadOnlySharedMemory = BasicSharedMemory<platform::access::read_only>;

namespace detail {

/// How ShareableList and SharedMemoryManager make the handle of memory that they have made.
struct shared_memory_access {
    [[nodiscard]] static SharedMemory handle(std::shared_ptr<shared_memory_state> made) noexcept { return SharedMemory(std::move(made)); }
};

} // namespace detail

template <platform::access A>
struct reduction::reducer<BasicSharedMemory<A>> {
    static void reduce(const BasicSharedMemory<A>& memory, outgoing& out) { detail::put_name(out, memory.name()); }
    [[nodiscard]] static BasicSharedMemory<A> rebuild(incoming& in) {
        return BasicSharedMemory<A>(open_only, detail::take_name(in));
    }
};

/// \cond for format.hpp
template <platform::access A>
inline constexpr bool detail::is_printed_by_stream<BasicSharedMemory<A>> = true;
/// \endcond

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/shared_memory/shared_memory.ipp>
#endif
