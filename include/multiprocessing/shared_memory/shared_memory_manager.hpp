#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/forward.hpp>
#include <multiprocessing/shared_memory/shareable_list.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>

/// \file
/// Shared memory that ends with a scope: Python's `managers.SharedMemoryManager`.

namespace multiprocessing {

/// Makes `SharedMemory` and `ShareableList` objects and removes all of them: when it is destroyed, when `shutdown()` is called, and when its process
/// ends, by whatever end, SIGKILL too.
///
///     mp::SharedMemoryManager manager;
///     manager.start();
///     mp::SharedMemory block = manager.SharedMemory(4096);
///
/// Those who have the memory keep it; it is the names that are gone. POSIX: `start` makes a child process, the server, that sees the end of
/// this process and removes what is left. Ctrl-C does not end it. It is a copy of this process at that time, so start early in a program
/// that will use much memory. If both are killed at once, names stay. Windows: there is no server: the manager holds handles, and name and
/// memory are gone when it and everybody else have let go.
///
/// It belongs to the process that started it. A child that was forked may use what the manager made, not the manager. Its functions may be called
/// by several threads at once, but for `start`.
///
/// \see docs/python_interop.md, examples/python_interop.cpp
class SharedMemoryManager {
public:
    /// Not started yet.
    SharedMemoryManager() noexcept;
    /// Takes over what the other one made; that one is as if it had not been started.
    SharedMemoryManager(SharedMemoryManager&&) noexcept;
    /// The same, and shuts down its own first.
    SharedMemoryManager& operator=(SharedMemoryManager&&) noexcept;
    ~SharedMemoryManager();

    /// From here on memory can be made. Throws `std::logic_error` when it was started before, also when it was shut down since;
    /// `std::system_error` when there can be no process.
    void start();

    /// A block of `size` zero bytes under a new name. Throws what `SharedMemory` throws, `std::logic_error` when the manager is not
    /// started, shut down, or another process's, and `std::system_error` with `broken_pipe` when its server was killed.
    template <std::integral N>
    [[nodiscard]] multiprocessing::SharedMemory SharedMemory(N size) {
        require_started("SharedMemory");
        return make(detail::checked_size(size));
    }

    /// A list of these items under a new name. Throws what `ShareableList` throws, and as above.
    [[nodiscard]] multiprocessing::ShareableList ShareableList(std::initializer_list<ShareableItem> items) { return make(items); }
    /// The same of any range of items.
    template <detail::item_range R>
    [[nodiscard]] multiprocessing::ShareableList ShareableList(R&& items) {
        return make(multiprocessing::ShareableList::collect(items));
    }
    template <detail::range_of_characters R>
    multiprocessing::ShareableList ShareableList(R&& text) = MULTIPROCESSING_DELETE("a text is one item, not a range of them: write ShareableList({text}); for Python's list of its characters, a vector of one-character std::string");

    /// Removes everything that the manager has made. Again, before `start`, or in a child that was forked: nothing.
    void shutdown() noexcept;

private:
    void require_started(const char* what) const;
    [[nodiscard]] multiprocessing::SharedMemory make(std::size_t size) const;
    [[nodiscard]] multiprocessing::ShareableList make(std::span<const ShareableItem> items) const;

    std::unique_ptr<platform::segment_keeper> keeper_;
    bool was_shut_down_ = false;
};

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/shared_memory/shared_memory_manager.ipp>
#endif
