#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace multiprocessing::detail {

/// A block that this process has open: what all copies of a handle share.
struct shared_memory_state {
    std::string name;
    std::size_t size;
    std::byte* first;              ///< Null: closed.
    std::shared_ptr<void> mapping; ///< Keeps the bytes.

    void close() noexcept {
        first = nullptr;
        mapping.reset();
    }
};

} // namespace multiprocessing::detail
