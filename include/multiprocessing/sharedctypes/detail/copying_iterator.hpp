#pragma once

#include <multiprocessing/sharedctypes/detail/read_copy.hpp>

#include <cstddef>
#include <iterator>

/// \file
/// How a SharedArray is iterated over.

namespace multiprocessing::detail {

/// Reads the elements one after the other, each under the lock and so each whole, as iteration does in Python. Others may
/// change the array between two of them. They are copies that do not assign: a change of one would be lost.
template <class Array>
class copying_iterator {
public:
    using value_type = typename Array::value_type;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    copying_iterator() = default;
    copying_iterator(const Array& array, std::ptrdiff_t index) noexcept : array_(&array), index_(index) {}

    [[nodiscard]] read_copy<value_type> operator*() const { return read_copy<value_type>((*array_)[index_].value()); }
    copying_iterator& operator++() noexcept {
        ++index_;
        return *this;
    }
    copying_iterator operator++(int) noexcept {
        const copying_iterator before = *this;
        ++index_;
        return before;
    }
    friend bool operator==(const copying_iterator& a, const copying_iterator& b) noexcept { return a.index_ == b.index_; }

private:
    const Array* array_ = nullptr;
    std::ptrdiff_t index_ = 0;
};

} // namespace multiprocessing::detail
