#pragma once

#include <multiprocessing/platform/segment_keeper.hpp>
#include <multiprocessing/shared_memory/detail/making.hpp>
#include <multiprocessing/shared_memory/detail/prepared_list.hpp>
#include <multiprocessing/shared_memory/shared_memory_manager.hpp>

#include <optional>
#include <stdexcept>
#include <string>

namespace multiprocessing {

MULTIPROCESSING_INLINE SharedMemoryManager::SharedMemoryManager() noexcept = default;
MULTIPROCESSING_INLINE SharedMemoryManager::SharedMemoryManager(SharedMemoryManager&&) noexcept = default;
MULTIPROCESSING_INLINE SharedMemoryManager& SharedMemoryManager::operator=(SharedMemoryManager&&) noexcept = default;
MULTIPROCESSING_INLINE SharedMemoryManager::~SharedMemoryManager() = default;

MULTIPROCESSING_INLINE void SharedMemoryManager::start() {
    if (keeper_ || was_shut_down_) {
        throw std::logic_error("multiprocessing: start of a SharedMemoryManager that was started before: make another one");
    }
    keeper_ = std::make_unique<platform::segment_keeper>();
}

MULTIPROCESSING_INLINE void SharedMemoryManager::shutdown() noexcept {
    if (keeper_ && keeper_->is_of_this_process()) {
        was_shut_down_ = true;
        keeper_->finish();
        keeper_.reset();
    }
}

MULTIPROCESSING_INLINE void SharedMemoryManager::require_started(const char* what) const {
    if (!keeper_ || !keeper_->is_of_this_process()) {
        throw std::logic_error("multiprocessing: " + std::string(what) + " from a SharedMemoryManager that " +
                               (keeper_          ? "another process started: only that one can"
                                : was_shut_down_ ? "was shut down: make another one"
                                                 : "is not started: call start() first"));
    }
}

MULTIPROCESSING_INLINE SharedMemory SharedMemoryManager::make(std::size_t size) const {
    return detail::shared_memory_access::handle(detail::make_by(std::nullopt, size, [&](const std::string& name) {
        return keeper_->create(name, size, detail::owner_only.bits(), [](std::byte*) {});
    }));
}

MULTIPROCESSING_INLINE ShareableList SharedMemoryManager::make(std::span<const ShareableItem> items) const {
    require_started("ShareableList");
    const detail::prepared_list list(items);
    return multiprocessing::ShareableList(detail::shared_memory_access::handle(detail::make_by(
        std::nullopt, list.size(),
        [&](const std::string& name) { return keeper_->create(name, list.size(), detail::owner_only.bits(), list); })));
}

} // namespace multiprocessing
