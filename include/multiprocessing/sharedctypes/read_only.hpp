#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/memory/shareable.hpp>
#include <multiprocessing/sharedctypes/detail/named_content.hpp>
#include <multiprocessing/sharedctypes/detail/plain_access.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>

/// \file
/// Named values and arrays, to be looked at only.

namespace multiprocessing {

namespace detail {

/// Where the elements of a named object are, mapped to be read: of a raw one, or of one with a lock, if there can be one.
template <class T>
[[nodiscard]] memory::named_object open_to_read(const object_name& name, named_kind raw, named_kind shared, std::optional<std::uint64_t> count) {
    const memory::named_content contents[]{content_of<T>(raw, count), content_of<T>(guardable<T> ? shared : raw, count)};
    return memory::open_to_read(name, contents);
}

} // namespace detail

/// The named RawValue or SharedValue of that name, for one who only looks: writes do not compile, and the memory is mapped so that even a stray
/// pointer cannot change it. No lock is taken, for taking one is a write: a value of at most 8 bytes (a power of two) is read whole, of a larger one
/// the parts may be of different times. Works without the right to write (object_name::mode).
///
/// Throws `std::system_error`, no_such_file_or_directory; LayoutError when what has the name is of another type. Copies refer to the same
/// object; `fork` inherits it. Its maker's end, or unlink(), leaves it as it is.
///
/// \see docs/named_objects.md
template <class T>
class ReadOnlyValue {
    static_assert(detail::diagnose_shareable<T>::is_said);

public:
    /// Opens what somebody made.
    explicit ReadOnlyValue(const object_name& name)
        : block_(detail::open_to_read<T>(name, detail::named_kind::raw_value, detail::named_kind::shared_value, 1).object) {}

    /// The object itself.
    /// @{
    [[nodiscard]] const T& value() const noexcept { return *std::launder(reinterpret_cast<const T*>(block_.address())); }
    [[nodiscard]] const T& operator*() const noexcept { return value(); }
    [[nodiscard]] const T* operator->() const noexcept { return &value(); }
    /// @}

private:
    memory::block block_;
};

/// The named RawArray or SharedArray of that name, likewise: a contiguous sized range of `const T`, and so a `std::span<const T>`.
template <class T>
class ReadOnlyArray {
    static_assert(detail::diagnose_shareable<T>::is_said);

public:
    using value_type = T; ///< An element.

    /// Opens what somebody made, as long as it is.
    explicit ReadOnlyArray(const object_name& name)
        : ReadOnlyArray(detail::open_to_read<T>(name, detail::named_kind::raw_array, detail::named_kind::shared_array, std::nullopt)) {}

    /// As of any contiguous range.
    /// @{
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const T* data() const noexcept { return std::launder(reinterpret_cast<const T*>(block_.address())); }
    [[nodiscard]] const T* begin() const noexcept { return data(); }
    [[nodiscard]] const T* end() const noexcept { return data() + size_; }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
        detail::expect_index("ReadOnlyArray", index, size_);
        return data()[index];
    }
    /// @}

private:
    explicit ReadOnlyArray(memory::named_object named)
        : block_(std::move(named.object)), size_(named.count) {}

    memory::block block_;
    std::size_t size_;
};

/// \cond one error, and not those that follow from it
template <detail::hardly_a_type T>
class ReadOnlyValue<T> : public detail::refused<T> {
public:
    using detail::refused<T>::refused;
};
template <detail::hardly_a_type T>
class ReadOnlyArray<T> : public detail::refused<T> {
public:
    using detail::refused<T>::refused;
};
/// \endcond

} // namespace multiprocessing
