#pragma once

#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/sharedctypes/detail/deleted.hpp>
#include <multiprocessing/shared_memory/detail/random_name.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

/// \file
/// Plain bytes that any process finds by their name: Python's `shared_memory.SharedMemory`.

namespace multiprocessing {

namespace detail {

struct shared_memory_access;

/// Who may do what with memory that was made, as for a file.
inline constexpr std::filesystem::perms owner_only = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;

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
    /// no access fails later. `mode` is who may open it; the umask does not change it, and it has no effect on Windows.
    /// Throws `std::invalid_argument` when `size` is 0 or negative, `std::system_error` with `no_space_on_device` (/dev/shm is full) or
    /// `not_enough_memory`; then there is nothing new.
    template <std::integral N>
        requires writable
    explicit BasicSharedMemory(create_only_t, N size, std::filesystem::perms mode = detail::owner_only)
        : BasicSharedMemory(make(std::nullopt, checked_size(size), mode, nothing, by_itself)) {}

    /// The same under a name of one's own: 1 to 255 bytes, no `/` and no NUL. Throws `std::invalid_argument` for another, and
    /// `std::system_error` with `file_exists` when it is taken.
    template <std::integral N>
        requires writable
    BasicSharedMemory(create_only_t, std::string_view name, N size, std::filesystem::perms mode = detail::owner_only)
        : BasicSharedMemory(make(std::string(name), checked_size(size), mode, nothing, by_itself)) {}

    template <class... Arguments>
        requires(!writable)
    explicit BasicSharedMemory(create_only_t, Arguments&&...) = MULTIPROCESSING_DELETE("memory that is made is there to be written: make a SharedMemory, and let readers open it as ReadOnlySharedMemory(open_only, name)");

    /// Opens what another process, or this one, has made. Throws `std::system_error` with `no_such_file_or_directory` when there is nothing of
    /// that name (or CPython is about to make it, and it has no size yet), `permission_denied` when it is not for this user.
    BasicSharedMemory(open_only_t, std::string_view name) : BasicSharedMemory(open(std::string(name))) {}

    /// The bytes: Python's `buf`. Valid until `close()`, and until the last copy of this handle is gone. Throws `std::logic_error` when it is closed.
    [[nodiscard]] std::span<byte_type> buf() const {
        if (!state_->memory) {
            throw std::logic_error("multiprocessing: buf of shared memory \"" + name() + "\", which is closed");
        }
        return {state_->memory->data(), state_->size};
    }

    /// In bytes, as it was made. Windows: of a block made by CPython, rounded up to whole pages. Also when it is closed.
    [[nodiscard]] std::size_t size() const noexcept { return state_->size; }

    /// What others open it by. Also when it is closed.
    [[nodiscard]] const std::string& name() const noexcept { return state_->name; }

    /// Lets go of the bytes, in this process: views of them must not be used any more. The block itself stays. Again: nothing.
    void close() const noexcept { state_->memory.reset(); }

    /// Takes the name away, so that nobody can open the block any more. Those who have it keep it; the memory is freed when the last one has let go.
    /// Throws `std::system_error` with `no_such_file_or_directory` when the name is gone already. Windows: does nothing, as in Python.
    void unlink() const {
        if constexpr (platform::names_stay) {
            if (!platform::named_memory::unlink(name())) {
                refuse(std::errc::no_such_file_or_directory, "unlink", name());
            }
        }
    }

    /// `SharedMemory('psm_0123abcd', size=4096)`
    friend std::ostream& operator<<(std::ostream& out, const BasicSharedMemory& memory) {
        return out << "SharedMemory('" << memory.name() << "', size=" << memory.size() << ')';
    }

private:
    friend detail::shared_memory_access;

    struct state {
        std::string name;
        std::size_t size;
        std::optional<platform::named_memory> memory; // empty: closed
    };

    static constexpr auto nothing = [](std::byte*) {};
    static constexpr auto by_itself = [](const std::string& name, std::size_t size, std::uint32_t mode, const auto& fill) {
        return platform::named_memory::create(name, size, mode, fill);
    };

    explicit BasicSharedMemory(std::shared_ptr<state> one) noexcept : state_(std::move(one)) {}

    [[noreturn]] static void refuse(std::errc why, const char* call, const std::string& name) {
        throw std::system_error(std::make_error_code(why), std::string(call) + ", shared memory \"" + name + "\"");
    }

    template <std::integral N>
    [[nodiscard]] static std::size_t checked_size(N size) {
        if (std::cmp_less_equal(size, 0)) {
            throw std::invalid_argument("multiprocessing: the size of shared memory must be greater than 0, but is " + std::to_string(size));
        }
        return static_cast<std::size_t>(size);
    }

    /// `create` is what makes it: `by_itself`, or with a keeper.
    template <class Fill, class Create>
    [[nodiscard]] static std::shared_ptr<state> make(const std::optional<std::string>& wanted, std::size_t size, std::filesystem::perms mode,
                                                     const Fill& fill, const Create& create) {
        for (;;) {
            const std::string name = wanted ? *wanted : detail::random_name();
            if (auto memory = create(name, size, static_cast<std::uint32_t>(mode), fill)) {
                return std::make_shared<state>(state{name, size, std::move(memory)});
            }
            if (wanted) {
                refuse(std::errc::file_exists, "create", name);
            }
        }
    }

    [[nodiscard]] static std::shared_ptr<state> open(const std::string& name) {
        auto memory = platform::named_memory::open(name, A);
        if (!memory) {
            refuse(std::errc::no_such_file_or_directory, "open", name);
        }
        const std::size_t size = memory->size();
        return std::make_shared<state>(state{name, size, std::move(memory)});
    }

    std::shared_ptr<state> state_;
};

/// Bytes to read and to write.
using SharedMemory = BasicSharedMemory<platform::access::read_write>;

/// Bytes to read: `buf()` is a `std::span<const std::byte>`, and the pages themselves cannot be written to.
using ReadOnlySharedMemory = BasicSharedMemory<platform::access::read_only>;

namespace detail {

/// How other headers make memory: filled before anybody finds it, and by a keeper.
struct shared_memory_access {
    template <class Fill, class Create>
    [[nodiscard]] static SharedMemory make(const std::optional<std::string>& name, std::size_t size, const Fill& fill, const Create& create) {
        return SharedMemory(SharedMemory::make(name, size, owner_only, fill, create));
    }
    template <class Create, std::integral N>
    [[nodiscard]] static SharedMemory make(N size, const Create& create) {
        return make(std::nullopt, SharedMemory::checked_size(size), SharedMemory::nothing, create);
    }
    static constexpr auto by_itself = SharedMemory::by_itself;
};

} // namespace detail

template <platform::access A>
struct reduction::reducer<BasicSharedMemory<A>> {
    static void reduce(const BasicSharedMemory<A>& memory, outgoing& out) { encode(out, memory.name()); }
    [[nodiscard]] static BasicSharedMemory<A> rebuild(incoming& in) {
        return BasicSharedMemory<A>(open_only, decode<std::string>(in));
    }
};

} // namespace multiprocessing
