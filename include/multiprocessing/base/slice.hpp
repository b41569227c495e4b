#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>

#include <cstddef>
#include <optional>

/// \file
/// Python's rules for indices and slices.

namespace multiprocessing::detail {

[[noreturn]] void throw_out_of_range(std::ptrdiff_t index, std::size_t size);

/// An index as Python takes it: -1 is the last element. Throws `std::out_of_range` naming both.
[[nodiscard]] inline std::size_t checked_index(std::ptrdiff_t index, std::size_t size) {
    const auto length = static_cast<std::ptrdiff_t>(size);
    if (index < -length || index >= length) [[unlikely]] {
        throw_out_of_range(index, size);
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
                                  std::ptrdiff_t step);

    /// The index of the `i`-th element, less than `count`.
    [[nodiscard]] std::size_t operator[](std::size_t i) const noexcept {
        return static_cast<std::size_t>(first + static_cast<std::ptrdiff_t>(i) * step);
    }

    /// Throws `std::length_error`, naming both lengths, unless `given` values fill the slice exactly.
    void require_length(std::size_t given) const;
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/base/slice.ipp>
#endif
