#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/number.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/base/word.hpp>
#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/shareable.hpp>
#include <multiprocessing/robust/named_guard.hpp>
#include <multiprocessing/sharedctypes/detail/external_log.hpp>
#include <multiprocessing/sharedctypes/detail/guarded_object.hpp>
#include <multiprocessing/sharedctypes/detail/locked_operations.hpp>
#include <multiprocessing/sharedctypes/detail/named_content.hpp>
#include <multiprocessing/sharedctypes/detail/object_layout.hpp>
#include <multiprocessing/sharedctypes/detail/print.hpp>
#include <multiprocessing/sharedctypes/detail/shared_access.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <concepts>
#include <cstddef>
#include <iosfwd>
#include <new>
#include <type_traits>
#include <utility>

/// \file
/// One object in shared memory, guarded by a lock.

namespace multiprocessing {

/// A `T` in shared memory that any number of processes may change: Python's `Value`, right by default. Every operation takes the
/// object's lock (`get_lock()`), so `counter += 1` never loses an update; `update` does the same for any change; and the object itself
/// is Lockable, to hold the lock over several operations.
///
/// A SharedValue is a handle: a copy refers to the same object, and so does the handle that a forked child inherits. Handles are not
/// assigned to each other; `counter = 7` stores a number. The use of a handle that was moved from throws `std::logic_error`, until another one is moved to it.
///
/// *Kill.* A store is all-or-nothing: a process killed in the middle of one leaves the old value or the new, and the next to lock has
/// the lock (see RLock). Only what is written through `get_obj()` is the writer's own care; `get_lock().owner_died()` tells of it.
///
/// *Cost.* One block of 64 bytes up to 24 bytes of value. An operation costs its lock. More than a word (8 bytes) is copied twice by a
/// store. *Memory* is as with RawValue.
///
/// \see docs/tutorial.md, docs/robustness.md, examples/counter.cpp
template <class T>
class SharedValue : public detail::locked_operations<SharedValue<T>, T>, public detail::guarded_object {
    static_assert(detail::diagnose_shareable<T, detail::shared_use::copied>::is_said);

public:
    /// A value-initialised object with a lock of its own. Throws `std::system_error` or `std::bad_alloc` when there is no memory.
    SharedValue()
        requires std::default_initializable<T>
        : SharedValue(in_place) {
        new (place_of_object()) T();
    }

    /// An object made from constructor arguments, or from the members of an aggregate in their order. Throws `std::invalid_argument` for an
    /// integer that `T` does not have.
    template <class First, class... Rest>
        requires(!std::same_as<std::remove_cvref_t<First>, SharedValue> &&
                 !std::same_as<std::remove_cvref_t<First>, with_lock> && detail::makeable_from<T, First, Rest...>)
    explicit SharedValue(First&& first, Rest&&... rest) : SharedValue(in_place) {
        detail::make_at<T>(place_of_object(), std::forward<First>(first), std::forward<Rest>(rest)...);
    }

    /// A copy of `value`.
    explicit SharedValue(const T& value) : SharedValue(in_place) { new (place_of_object()) T(value); }

    /// A named object, new (`create_only`) or there already (`open_or_create`, which then does not look at the arguments). Any program of
    /// the user may open it. Throws `std::system_error`: file_exists, no_space_on_device when its memory cannot be reserved; LayoutError
    /// when what is there is another type.
    template <detail::making_tag Tag, class... Args>
        requires(sizeof...(Args) == 0 ? std::default_initializable<T> : detail::makeable_from<T, Args...>)
    SharedValue(Tag tag, const object_name& name, const Args&... args)
        : SharedValue(existing, robust::make_named_guarded(tag, name, named_content(), [&](std::byte* block) {
                          detail::make_at<T>(block + offset, args...);
                      }).object) {}

    /// A named object that somebody made. Throws `std::system_error`, no_such_file_or_directory, when nobody did; LayoutError.
    SharedValue(open_only_t tag, const object_name& name)
        : SharedValue(existing, robust::make_named_guarded(tag, name, named_content(), memory::no_fill).object) {}

    /// An object that another one's lock guards.
    template <class... Args>
        requires(sizeof...(Args) == 0 ? std::default_initializable<T> : detail::makeable_from<T, Args...>)
    explicit SharedValue(const with_lock& shared, Args&&... args)
        : SharedValue(shared.lock(), RawValue<T>(std::forward<Args>(args)...)) {}

    template <detail::fraction_for<T> U>
    explicit SharedValue(const U&) = MULTIPROCESSING_DELETE("an integer is not made from a fraction, which would be cut off unseen: convert it first");

    SharedValue(const SharedValue&) noexcept = default;
    SharedValue(SharedValue&&) noexcept = default;
    SharedValue& operator=(const SharedValue&) = MULTIPROCESSING_DELETE("one handle is not assigned to another: to copy the number write a.set(b.value())");
    SharedValue& operator=(SharedValue&&) noexcept = default;
    ~SharedValue() = default;

    /// A locked store, as `set`.
    const SharedValue& operator=(const T& value) const {
        this->set(value);
        return *this;
    }

    template <detail::fraction_for<T> U>
    const SharedValue& operator=(const U&) const = MULTIPROCESSING_DELETE("an integer takes no fraction, which would be cut off unseen: convert it first");

    /// The object without its lock: take the lock first.
    [[nodiscard]] const RawValue<T>& get_obj() const noexcept { return object_; }

    /// A handle is no number, and the number may change between two looks: `value()` says at which moment it is read.
    /// @{
    template <class U>
    friend bool operator==(const SharedValue&, const U&) = MULTIPROCESSING_DELETE("compare a copy of what it holds: write counter.value() == other");
    template <class U>
    friend int operator<=>(const SharedValue&, const U&) = MULTIPROCESSING_DELETE("compare a copy of what it holds: write counter.value() < other");
    explicit operator bool() const = MULTIPROCESSING_DELETE("look at a copy of what it holds: write if (flag.value())");
    /// @}

    /// Prints a locked copy.
    friend std::ostream& operator<<(std::ostream& out, const SharedValue& shared)
        requires detail::printable<T>
    {
        return detail::print(out, shared.value());
    }

private:
    friend detail::locked_operations<SharedValue, T>;
    friend detail::shared_access;

    struct in_place_t {};
    static constexpr in_place_t in_place{};

    // Lock, object and, for more than a word, the shadow of its redo log, in one block.
    static constexpr detail::object_layout layout = detail::object_layout::of(detail::named_kind::shared_value, sizeof(T), alignof(T));
    static constexpr std::size_t offset = layout.offset;
    static_assert(sizeof(T) < std::size_t{1} << 32, "multiprocessing: a value of 4 GiB or more: write SharedArray.");

    explicit SharedValue(in_place_t)
        : SharedValue(in_place, memory::allocate(layout(1), alignof(T) > 64 ? alignof(T) : 64)) {}
    SharedValue(in_place_t, memory::block block)
        : SharedValue(existing, std::move(block)) {
        robust::redo_log::set_layout(lock_header(), offset, false);
    }

    struct existing_t {};
    static constexpr existing_t existing{};
    SharedValue(existing_t, memory::block block)
        : guarded_object(detail::lock_access::make<RLock>(block)), object_(detail::raw_access::make<RawValue<T>>(block.at(offset))) {}

    [[nodiscard]] static memory::named_content named_content() {
        return detail::content_of<T>(detail::named_kind::shared_value, 1);
    }

    // An object that is there already, and its redo log: a new one, or the one another process made.
    SharedValue(const RLock& lock, const RawValue<T>& object) : SharedValue(lock, object, make_log(lock, object)) {}
    SharedValue(RLock lock, RawValue<T> object, detail::external_log_ptr log) // NOLINT(performance-unnecessary-value-param): moved, if T has one
        : guarded_object(std::move(lock)), object_(std::move(object)) {
        if constexpr (!detail::word<T>) {
            log_ = std::move(log);
        }
    }

    static detail::external_log_ptr make_log(const RLock& lock, const RawValue<T>& object) {
        if constexpr (detail::word<T>) {
            return nullptr;
        } else {
            return detail::make_external_log(lock, bytes_of(object), sizeof(T), alignof(T), false);
        }
    }
    static std::byte* bytes_of(const RawValue<T>& object) noexcept { return reinterpret_cast<std::byte*>(&object.value()); }

    [[nodiscard]] detail::external_log_ptr external_log() const noexcept {
        if constexpr (detail::word<T>) {
            return nullptr;
        } else {
            return log_;
        }
    }

    [[nodiscard]] std::byte* place_of_object() const { return reinterpret_cast<std::byte*>(&lock_header()) + offset; }

    [[nodiscard]] detail::guarded_place<T> place() const {
        if constexpr (detail::word<T>) {
            return {lock_header(), object_.value(), {}};
        } else {
            return {lock_header(), object_.value(),
                    {log_ ? log_->log() : robust::redo_log::in_block(lock_header(), offset, sizeof(T))}};
        }
    }

    RawValue<T> object_;
    [[no_unique_address]] std::conditional_t<detail::word<T>, detail::no_log, detail::external_log_ptr> log_;
};

/// \cond one error, and not those that follow from it
template <detail::hardly_a_type T>
class SharedValue<T> : public detail::refused<T> {
public:
    using detail::refused<T>::refused;
};
/// \endcond

/// `SharedValue counter(0)` is a `SharedValue<int>`.
template <class T>
    requires(!std::same_as<std::remove_cvref_t<T>, with_lock>)
SharedValue(T) -> SharedValue<T>;

template <class T>
struct reduction::reducer<SharedValue<T>> {
    static void reduce(const SharedValue<T>& value, outgoing& out) { detail::shared_access::reduce(value, out); }
    [[nodiscard]] static SharedValue<T> rebuild(incoming& in) { return detail::shared_access::rebuild<SharedValue<T>>(in); }
};

/// \cond for format.hpp
template <class T>
inline constexpr bool detail::is_printed_by_stream<SharedValue<T>> = detail::printable<T>;
/// \endcond

} // namespace multiprocessing
