#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/windows/native_calls.hpp>
#include <multiprocessing/platform/windows/named_memory.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace multiprocessing::platform::windows {

/// A handle of every mapping: until the keeper is finished they are there, whoever else lets go of them; the system closes those of a killed
/// process.
class segment_keeper {
public:
    template <class Fill>
    [[nodiscard]] std::optional<named_memory> create(const std::string& name, std::size_t bytes, std::uint32_t mode, Fill&& fill) {
        auto memory = named_memory::create(name, bytes, mode, std::forward<Fill>(fill));
        if (memory) {
            HANDLE copy = nullptr;
            const HANDLE self = ::GetCurrentProcess();
            if (::DuplicateHandle(self, memory->handle(), self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS) == 0) {
                throw_os_error(last_os_error(), "DuplicateHandle", "shared memory \"" + multiprocessing::detail::escaped(name) + "\"");
            }
            owned_handle kept(copy);
            const std::lock_guard guard(mutex_);
            kept_.push_back(std::move(kept));
        }
        return memory;
    }

    void finish() noexcept {
        const std::lock_guard guard(mutex_);
        kept_.clear();
    }

    [[nodiscard]] static bool is_of_this_process() noexcept { return true; }

private:
    std::mutex mutex_;
    std::vector<owned_handle> kept_;
};

} // namespace multiprocessing::platform::windows
