#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/shareable.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/sharedctypes/detail/named_content.hpp>
#include <multiprocessing/sharedctypes/detail/plain_access.hpp>
#include <multiprocessing/sharedctypes/detail/print.hpp>
#include <multiprocessing/base/number.hpp>

#include <concepts>
#include <cstddef>
#include <iosfwd>
#include <new>
#include <type_traits>
#include <utility>

/// \file
/// One object in shared memory, without a lock.

namespace multiprocessing {

namespace detail {
struct raw_access;

/// A T can be made of the arguments, by parentheses or, for aggregates, by braces. A number is not made of a fraction it would cut off.
template <class T, class... Args>
concept makeable_from = (std::constructible_from<T, Args...> || requires { T{std::declval<Args>()...}; }) &&
                        (sizeof...(Args) != 1 || (operand_of<std::remove_cvref_t<Args>, T> && ...));

template <class T, class... Args>
T& make_at(std::byte* place, Args&&... args) {
    if constexpr (std::is_arithmetic_v<T> && sizeof...(Args) == 1) {
        return *new (place) T(checked_number<T>(args)...);
    } else if constexpr (std::constructible_from<T, Args...>) {
        return *new (place) T(std::forward<Args>(args)...);
    } else {
        return *new (place) T{std::forward<Args>(args)...};
    }
}
} // namespace detail

/// A `T` in shared memory: Python's `RawValue`. Nothing guards it; for counters use `SharedValue<T>`, or
/// `RawValue<std::atomic<T>>`.
///
/// A RawValue is a handle: a copy refers to the same object, and a const one gives access to it as a `T* const` does. What a
/// parent has made, its forked children have too, and so has a child that was spawned with it as an argument; what has a name, any program may open.
/// The memory goes back when this process's last handle is gone, and is
/// used again when no child that inherited it lives. A handle that was moved from may only be destroyed or moved to; a program that is compiled with
/// `_GLIBCXX_ASSERTIONS` (or the like of another standard library) says so on standard error and aborts.
///
/// *Cost.* `value()` is an ordinary reference. *Kill.* A process killed while it writes leaves what it had written.
///
/// \see docs/tutorial.md, examples/counter.cpp
template <class T>
class RawValue {
    static_assert(detail::diagnose_shareable<T>::is_said);

public:
    using value_type = T; ///< What is shared.

    /// A value-initialised object: zero for numbers. Throws `std::system_error` or `std::bad_alloc` when there is no memory.
    RawValue()
        requires std::default_initializable<T>
        : block_(memory::allocate(sizeof(T), alignment)) {
        new (block_.address()) T();
    }

    /// An object made from constructor arguments, or from the members of an aggregate in their order. Throws `std::invalid_argument` for an
    /// integer that `T` does not have.
    template <class First, class... Rest>
        requires(!std::same_as<std::remove_cvref_t<First>, RawValue> && detail::makeable_from<T, First, Rest...>)
    explicit RawValue(First&& first, Rest&&... rest) : block_(memory::allocate(sizeof(T), alignment)) {
        detail::make_at<T>(block_.address(), std::forward<First>(first), std::forward<Rest>(rest)...);
    }

    /// A copy of `value`.
    explicit RawValue(const T& value)
        requires std::copy_constructible<T>
        : block_(memory::allocate(sizeof(T), alignment)) {
        new (block_.address()) T(value);
    }

    template <detail::fraction_for<T> U>
    explicit RawValue(const U&) = MULTIPROCESSING_DELETE("an integer is not made from a fraction, which would be cut off unseen: convert it first");

    /// A named object, new (`create_only`) or there already (`open_or_create`, which then does not look at the arguments). Throws
    /// `std::system_error`: file_exists, no_space_on_device when its memory cannot be reserved; LayoutError when what is there is another
    /// type.
    template <detail::making_tag Tag, class... Args>
        requires(sizeof...(Args) == 0 ? std::default_initializable<T> : detail::makeable_from<T, Args...>)
    RawValue(Tag tag, const object_name& name, const Args&... args)
        : block_(memory::make_named(tag, name, named_content(), [&](std::byte* place) { detail::make_at<T>(place, args...); }).object) {}

    /// A named object that somebody made. Throws `std::system_error`, no_such_file_or_directory, when nobody did; LayoutError.
    RawValue(open_only_t tag, const object_name& name)
        : block_(memory::make_named(tag, name, named_content(), memory::no_fill).object) {}

    RawValue(const RawValue&) noexcept = default;
    RawValue(RawValue&&) noexcept = default;
    RawValue& operator=(const RawValue&) = MULTIPROCESSING_DELETE("one handle is not assigned to another: to copy the number write a.value() = b.value()");
    RawValue& operator=(RawValue&&) noexcept = default;
    ~RawValue() = default;

    /// The object itself: every access is a plain one.
    /// @{
    [[nodiscard]] T& value() const noexcept {
        detail::expect_object("RawValue", block_.address());
        return *std::launder(reinterpret_cast<T*>(block_.address()));
    }
    [[nodiscard]] T& operator*() const noexcept { return value(); }
    [[nodiscard]] std::add_pointer_t<T> operator->() const noexcept { return &value(); }
    /// @}

    /// Prints the object.
    friend std::ostream& operator<<(std::ostream& out, const RawValue& raw)
        requires detail::printable<T>
    {
        return detail::print(out, raw.value());
    }

private:
    friend detail::raw_access;

    // 16 at least, so that what fits a word is aligned to its size (see detail::word).
    static constexpr std::size_t alignment = alignof(T) > 16 ? alignof(T) : 16;

    [[nodiscard]] static memory::named_content named_content() {
        return detail::content_of<T>(detail::named_kind::raw_value, 1);
    }

    explicit RawValue(memory::block block) noexcept : block_(std::move(block)) {}

    memory::block block_;
};

/// \cond one error, and not those that follow from it
template <detail::hardly_a_type T>
class RawValue<T> : public detail::refused<T> {
public:
    using detail::refused<T>::refused;
};
/// \endcond

namespace detail {

/// How the rest of the library makes raw handles of memory it already has, and reaches that memory.
struct raw_access {
    template <class Raw, class... Args>
    [[nodiscard]] static Raw make(memory::block block, Args... args) {
        return Raw(std::move(block), args...);
    }
    template <class Raw>
    [[nodiscard]] static const memory::block& block(const Raw& raw) noexcept {
        return raw.block_;
    }
};

} // namespace detail

template <class T>
struct reduction::reducer<RawValue<T>> {
    static void reduce(const RawValue<T>& value, outgoing& out) { out.put_block(detail::raw_access::block(value)); }
    [[nodiscard]] static RawValue<T> rebuild(incoming& in) {
        return detail::raw_access::make<RawValue<T>>(in.take_block(sizeof(T), alignof(T)));
    }
};

/// \cond for format.hpp
template <class T>
inline constexpr bool detail::is_printed_by_stream<RawValue<T>> = detail::printable<T>;
/// \endcond

} // namespace multiprocessing
