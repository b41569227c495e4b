#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

/// \file
/// Python's rules for indices and slices.

namespace multiprocessing::detail {

/// An index as Python takes it: -1 is the last element. Throws `std::out_of_range` naming both.
[[nodiscard]] inline std::size_t checked_index(std::ptrdiff_t index, std::size_t size) {
    const auto length = static_cast<std::ptrdiff_t>(size);
    if (index < -length || index >= length) {
        throw std::out_of_range("multiprocessing: index " + std::to_string(index) + " is out of range of an array of " +
                                std::to_string(size));
    }
    return static_cast<std::size_t>(index < 0 ? index + length : index);
}

/// The elements `start:stop:step` of an array: `count` of them, from `first` on. Bounds outside the array are clamped, negative ones
/// count from the end, missing ones mean the end the step comes from or goes to.
struct slice {
    std::ptrdiff_t first;
    std::ptrdiff_t step;
    std::size_t count;

    /// Throws `std::invalid_argument` for a step of 0.
    [[nodiscard]] static slice of(std::size_t size, std::optional<std::ptrdiff_t> start, std::optional<std::ptrdiff_t> stop,
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

    /// The index of the `i`-th element, less than `count`.
    [[nodiscard]] std::size_t operator[](std::size_t i) const noexcept {
        return static_cast<std::size_t>(first + static_cast<std::ptrdiff_t>(i) * step);
    }

    /// Throws `std::length_error`, naming both lengths, unless `given` values fill the slice exactly.
    void require_length(std::size_t given) const {
        if (given != count) {
            throw std::length_error("multiprocessing: " + std::to_string(given) + " values cannot be assigned to a slice of " +
                                    std::to_string(count) + " elements");
        }
    }
};

} // namespace multiprocessing::detail
