#pragma once

#include <multiprocessing/base/call.hpp>
#include <multiprocessing/robust/copy_bytes.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/redo_log.hpp>
#include <multiprocessing/sharedctypes/detail/update_scope.hpp>
#include <multiprocessing/base/word.hpp>

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

/// \file
/// Where a guarded object is, and how it is read and stored whole.

namespace multiprocessing::detail {

/// Holds a lock for a scope.
class lock_scope {
public:
    explicit lock_scope(robust::mutex& lock) : lock_(lock) { lock_.lock(); }
    ~lock_scope() { lock_.unlock_owned(); }
    lock_scope(const lock_scope&) = delete;
    lock_scope& operator=(const lock_scope&) = delete;

private:
    robust::mutex& lock_;
};

/// The same for a scope that calls a function of the user's, which may fork. Who is forked in it has a copy of the scope, and not the lock: that is
/// its parent's, who is in the scope still, and has nothing to fear from a child that leaves it, by a return or an exception. So who
/// holds the lock is asked at the end. The answer cannot be wrong: a forked child has no name, until it takes a lock of its own, and that name is new.
class call_scope {
public:
    explicit call_scope(robust::mutex& lock) : lock_(lock) { lock_.lock(); }
    ~call_scope() {
        if (lock_.is_owner()) [[likely]] {
            lock_.unlock_owned();
        }
    }
    call_scope(const call_scope&) = delete;
    call_scope& operator=(const call_scope&) = delete;

private:
    robust::mutex& lock_;
};

/// Where a store beside an object is prepared: the redo log of a value (`as_value`), or of an array this is an element of.
struct log_place {
    robust::redo_log log;
    std::size_t offset = 0;
    bool as_value = true;

    [[nodiscard]] std::byte* shadow() const noexcept { return log.shadow() + offset; }

    void commit(std::size_t bytes) const noexcept {
        if (as_value) {
            log.commit_value(bytes);
        } else {
            log.commit_range(offset, static_cast<std::int64_t>(bytes), 1, bytes);
        }
    }
};
struct no_log {}; // for what fits a word: its store is whole by nature

/// A shared value, or an element of a shared array, with the lock that guards it. Does not keep either alive. Every function but
/// `lock` is called with the lock held.
template <class T>
class guarded_place {
public:
    using log_type = std::conditional_t<word<T>, no_log, log_place>;

    guarded_place(robust::mutex& lock, T& object, log_type log) noexcept : lock_(&lock), object_(&object), log_(log) {}

    [[nodiscard]] robust::mutex& lock() const noexcept { return *lock_; }

    /// What is there: a copy of a word, for the next load may see another; the object itself where others write only with the lock, and a copy may be larger than
    /// the stack.
    [[nodiscard]] std::conditional_t<word<T>, T, const T&> load() const noexcept {
        if constexpr (word<T>) {
            return load_word(*object_);
        } else {
            return *object_;
        }
    }

    /// All of `value` or, if this process is killed on the way, nothing of it.
    void store(const T& value) const {
        update_scope::refuse_store_to(object_);
        if constexpr (word<T>) {
            store_word(*object_, value);
        } else {
            // memmove: the value may be the shadow itself, handed out by an update of another object.
            std::memmove(log_.shadow(), &value, sizeof(T));
            log_.commit(sizeof(T));
        }
    }

    /// Calls `change` with a copy, which is stored when it returns and forgotten when it throws; returns what it returns. When this thread does
    /// not hold the lock any more, because it is of a child that was forked in `change`, or because that gave the lock back, nothing is stored: throws
    /// operation_not_permitted.
    template <class Change>
    auto modify(Change&& change) const {
        update_scope::refuse_store_to(object_);
        if constexpr (word<T>) {
            T next = load();
            return call_and_then(std::forward<Change>(change), next, [&] { store_word(*object_, next); });
        } else {
            // The copy is the shadow: a T of any size needs no room on the stack.
            robust::copy_bytes(log_.shadow(), reinterpret_cast<const std::byte*>(object_), sizeof(T));
            T& next = *reinterpret_cast<T*>(log_.shadow());
            return call_and_then(std::forward<Change>(change), next, [&] { log_.commit(sizeof(T)); });
        }
    }

private:
    template <class Change, class Store>
    auto call_and_then(Change&& change, T& next, Store store) const {
        if constexpr (std::is_void_v<std::invoke_result_t<Change, T&>>) {
            call_in_scope(std::forward<Change>(change), next);
            require_owner();
            store();
        } else {
            auto result = call_in_scope(std::forward<Change>(change), next);
            require_owner();
            store();
            return result;
        }
    }

    void require_owner() const {
        if (!lock_->is_owner()) [[unlikely]] {
            update_scope::throw_not_in_it();
        }
    }

    template <class Change>
    decltype(auto) call_in_scope(Change&& change, T& next) const {
        const update_scope scope(object_);
        return detail::call(std::forward<Change>(change), next);
    }

    robust::mutex* lock_;
    T* object_;
    [[no_unique_address]] log_type log_;
};

} // namespace multiprocessing::detail
