#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/sharedctypes/detail/elements.hpp>

#include <cstddef>

/// \file
/// A length that is one in braces, too.

namespace multiprocessing {

/// A number of elements: `RawArray<double> cells{mp::length(1000)}` has 1000, where `RawArray<double>{1000}` has one, which is 1000. For every array,
/// wherever a length makes one. Costs nothing.
///
/// \see docs/coming_from_python.md
class length {
public:
    /// Of any integer. Throws `std::invalid_argument` when it is negative, `std::length_error` when no array is so long.
    template <detail::array_length N>
    explicit constexpr length(N elements) : elements_(detail::checked_length<char>(elements)) {}

    /// How many.
    [[nodiscard]] constexpr std::size_t elements() const noexcept { return elements_; }

private:
    std::size_t elements_;
};

} // namespace multiprocessing
