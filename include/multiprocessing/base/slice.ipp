#pragma once

#include <multiprocessing/base/slice.hpp>

#include <stdexcept>
#include <string>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void throw_out_of_range(std::ptrdiff_t index, std::size_t size) {
    throw std::out_of_range("multiprocessing: index " + std::to_string(index) + " is out of range of an array of " + std::to_string(size));
}

MULTIPROCESSING_INLINE slice slice::of(std::size_t size, std::optional<std::ptrdiff_t> start, std::optional<std::ptrdiff_t> stop,
                                       std::ptrdiff_t step) {
    if (step == 0) {
        throw std::invalid_argument("multiprocessing: the step of a slice cannot be 0");
    }
    const auto length = static_cast<std::ptrdiff_t>(size);
    // Where a walk in this direction can begin at the earliest and end at the latest.
    const std::ptrdiff_t lowest = step > 0 ? 0 : -1;
    const std::ptrdiff_t highest = step > 0 ? length : length - 1;
    const auto bound = [&](std::optional<std::ptrdiff_t> given, std::ptrdiff_t missing) {
        if (!given) {
            return missing;
        }
        const std::ptrdiff_t from_front = *given < 0 ? (*given < -length ? lowest : *given + length) : *given;
        return from_front < lowest ? lowest : from_front > highest ? highest : from_front;
    };
    const std::ptrdiff_t first = bound(start, step > 0 ? lowest : highest);
    const std::ptrdiff_t end = bound(stop, step > 0 ? highest : lowest);
    const std::ptrdiff_t distance = step > 0 ? end - first : first - end;
    if (distance <= 0) {
        return {first, step, 0};
    }
    // Unsigned, so that the smallest number there is can be negated.
    const std::size_t stride = step > 0 ? static_cast<std::size_t>(step) : std::size_t{0} - static_cast<std::size_t>(step);
    return {first, step, (static_cast<std::size_t>(distance) - 1) / stride + 1};
}

MULTIPROCESSING_INLINE void slice::require_length(std::size_t given) const {
    if (given != count) {
        throw std::length_error("multiprocessing: " + std::to_string(given) + " values cannot be assigned to a slice of " +
                                std::to_string(count) + " elements");
    }
}

} // namespace multiprocessing::detail
