#pragma once

#include <deque>
#include <memory>
#include <utility>

/// \file
/// Objects that are meant to live as long as the process, and are kept where a leak checker sees that they are.

namespace support {

template <class T, class... Args>
T& for_life(Args&&... args) {
    static auto& kept = *new std::deque<std::shared_ptr<void>>;
    auto object = std::make_shared<T>(std::forward<Args>(args)...);
    T& reference = *object;
    kept.push_back(std::move(object));
    return reference;
}

} // namespace support
