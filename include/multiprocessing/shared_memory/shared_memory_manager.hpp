#pragma once

#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/segment_keeper.hpp>
#include <multiprocessing/shared_memory/shareable_list.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>

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
    SharedMemoryManager() = default;
    SharedMemoryManager(SharedMemoryManager&&) noexcept = default;
    SharedMemoryManager& operator=(SharedMemoryManager&&) noexcept = default;
    ~SharedMemoryManager() = default;

    /// From here on memory can be made. Throws `std::logic_error` when it was started before, also when it was shut down since;
    /// `std::system_error` when there can be no process.
    void start() {
        if (keeper_ || was_shut_down_) {
            throw std::logic_error("multiprocessing: start of a SharedMemoryManager that was started before: make another one");
        }
        keeper_ = std::make_unique<platform::segment_keeper>();
    }

    /// A block of `size` zero bytes under a new name. Throws what `SharedMemory` throws, `std::logic_error` when the manager is not
    /// started, shut down, or another process's, and `std::system_error` with `broken_pipe` when its server was killed.
    template <std::integral N>
    [[nodiscard]] multiprocessing::SharedMemory SharedMemory(N size) {
        return detail::shared_memory_access::make(size, maker("SharedMemory"));
    }

    /// A list of these items under a new name. Throws what `ShareableList` throws, and as above.
    [[nodiscard]] multiprocessing::ShareableList ShareableList(std::initializer_list<ShareableItem> items) { return list_of(items); }
    /// The same of any range of items.
    template <std::ranges::input_range R>
        requires std::constructible_from<ShareableItem, std::ranges::range_reference_t<R>>
    [[nodiscard]] multiprocessing::ShareableList ShareableList(R&& items) {
        return list_of(multiprocessing::ShareableList::collect(items));
    }

    /// Removes everything that the manager has made. Again, before `start`, or in a child that was forked: nothing.
    void shutdown() noexcept {
        if (keeper_ && keeper_->is_of_this_process()) {
            was_shut_down_ = true;
            keeper_->finish();
            keeper_.reset();
        }
    }

private:
    struct create_kept {
        platform::segment_keeper* keeper;

        template <class Fill>
        [[nodiscard]] std::optional<platform::named_memory> operator()(const std::string& name, std::size_t size, std::uint32_t mode,
                                                                       const Fill& fill) const {
            return keeper->create(name, size, mode, fill);
        }
    };

    [[nodiscard]] create_kept maker(const char* what) const {
        if (!keeper_ || !keeper_->is_of_this_process()) {
            throw std::logic_error("multiprocessing: " + std::string(what) + " from a SharedMemoryManager that " +
                                   (keeper_          ? "another process started: only that one can"
                                    : was_shut_down_ ? "was shut down: make another one"
                                                     : "is not started: call start() first"));
        }
        return {keeper_.get()};
    }

    [[nodiscard]] multiprocessing::ShareableList list_of(std::span<const ShareableItem> items) {
        return multiprocessing::ShareableList(multiprocessing::ShareableList::make(std::nullopt, items, maker("ShareableList")));
    }

    std::unique_ptr<platform::segment_keeper> keeper_;
    bool was_shut_down_ = false;
};

} // namespace multiprocessing
