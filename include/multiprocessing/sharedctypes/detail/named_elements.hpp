#pragma once

#include <multiprocessing/sharedctypes/detail/elements.hpp>
#include <multiprocessing/sharedctypes/length.hpp>

#include <cstddef>
#include <cstring>
#include <optional>

/// \file
/// What a named array is made of, before its memory is there.

namespace multiprocessing {

template <class T>
class RawArray;

namespace detail {

/// A length, or elements in private memory.
template <class T>
class named_elements {
public:
    template <array_length N>
    explicit named_elements(N length) : count_(checked_length<T>(length)) {}
    explicit named_elements(length elements) : named_elements(elements.elements()) {}

    /// Elements of whatever an array is made of.
    template <class Source>
        requires(!array_length<Source>)
    explicit named_elements(const Source& source) : given_(std::in_place, source), count_(given_->size()) {}

    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Into memory that reads as zeros.
    void put(T* place) const {
        if (given_) {
            std::memcpy(static_cast<void*>(place), given_->data(), count_ * sizeof(T)); // what may be shared may be copied so
        } else {
            make_default(place, count_);
        }
    }

private:
    std::optional<const RawArray<T>> given_;
    std::size_t count_;
};

} // namespace detail
} // namespace multiprocessing
