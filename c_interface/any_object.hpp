#pragma once

#include "element_layout.hpp"

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/named_segment.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/named_guard.hpp>
#include <multiprocessing/robust/redo_log.hpp>
#include <multiprocessing/sharedctypes/detail/guarded_place.hpp>
#include <multiprocessing/sharedctypes/detail/object_layout.hpp>
#include <multiprocessing/base/word.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

/// \file
/// A named object whose type is known when the program runs, and not before.

namespace c_interface {

namespace mp = multiprocessing;
using mp::detail::named_kind;

/// What the typed handles do, by the same parts: named_segment, object_layout, mutex, redo_log.
class any_object {
public:
    /// Elements `step` apart, from `first` on; the step is not 0 where there are several.
    struct range {
        std::uint64_t first;
        std::int64_t step;
        std::uint64_t count;
    };

    template <class Tag>
    [[nodiscard]] static any_object create(Tag tag, const mp::object_name& name, named_kind kind, std::string format, std::uint64_t count,
                                           const void* initial) {
        if (is_lock(kind)) {
            mp::memory::named_content content = mp::detail::lock_access::content(kind == named_kind::rlock);
            auto made = mp::robust::make_named_guarded(tag, name, content, [&](std::byte* block) {
                if (kind == named_kind::lock) {
                    reinterpret_cast<mp::robust::mutex*>(block)->flags = mp::robust::mutex::not_recursive;
                }
            });
            return any_object(std::move(content), std::move(made));
        }
        mp::memory::named_content content = content_of(kind, std::move(format), count);
        const auto put_elements = [&](std::byte* block) {
            if (initial != nullptr && count != 0) {
                std::memcpy(block + content.value_offset, initial, static_cast<std::size_t>(count) * content.element_bytes);
            }
        };
        if (!is_guarded(kind)) {
            auto made = mp::memory::make_named(tag, name, content, put_elements);
            return any_object(std::move(content), std::move(made));
        }
        auto made = mp::robust::make_named_guarded(tag, name, content, put_elements);
        return any_object(std::move(content), std::move(made));
    }

    /// Empty when there is nothing of that name. To be read only: the memory cannot be written, and so its lock not be taken.
    [[nodiscard]] static std::optional<any_object> open(const mp::object_name& name, mp::platform::access how) {
        mp::memory::named_content content{};
        auto found = mp::memory::named_segment::open_any(name, how, [&](const mp::detail::named_header& header) {
            return content = content_of(name, header);
        });
        if (!found) {
            return std::nullopt;
        }
        if (how == mp::platform::access::read_write && (is_guarded(content.kind) || is_lock(content.kind))) {
            mp::robust::require_usable(name, content, *found);
        }
        return any_object(std::move(content), *std::move(found), how);
    }

    [[nodiscard]] named_kind kind() const noexcept { return content_.kind; }
    [[nodiscard]] const std::string& format() const noexcept { return content_.format; }
    [[nodiscard]] std::uint64_t count() const noexcept { return is_lock(kind()) ? 0 : *content_.count; }
    [[nodiscard]] std::size_t element_bytes() const noexcept { return is_lock(kind()) ? 0 : content_.element_bytes; }
    [[nodiscard]] std::size_t element_alignment() const noexcept { return is_lock(kind()) ? 0 : content_.element_alignment; }
    [[nodiscard]] std::byte* elements() const noexcept { return is_lock(kind()) ? nullptr : block_.address() + content_.value_offset; }

    /// What only handles of the same memory have.
    [[nodiscard]] const std::string& identity() const noexcept { return identity_; }

    [[nodiscard]] bool has_lock() const noexcept { return lock_.has_value(); }
    /// Throws `std::invalid_argument` when there is none; `std::system_error`, permission_denied, when it cannot be taken.
    [[nodiscard]] const mp::RLock& lock() const {
        require_writable();
        if (!lock_) {
            throw std::invalid_argument("multiprocessing: a " + std::string(name_of(kind())) +
                                        " has no lock; a SharedValue, a SharedArray, an RLock or a Lock has");
        }
        return *lock_;
    }
    [[nodiscard]] mp::robust::mutex& header() const { return mp::detail::lock_access::header(lock()); }

    void load(const range& what, std::byte* bytes, std::size_t size) const {
        require_inside(what, size);
        const auto held = lock_for_now();
        auto* const begin = elements();
        each_of(what, [&](std::size_t offset, std::size_t at) {
            if (!lock_ && mp::detail::fits_a_word(element_bytes())) {
                load_word(bytes + at, begin + offset);
            } else {
                std::memcpy(bytes + at, begin + offset, element_bytes());
            }
        });
    }

    void store(const range& what, const std::byte* bytes, std::size_t size) const {
        require_writable();
        require_inside(what, size);
        if (what.count == 0) {
            return;
        }
        const auto held = lock_for_now();
        if (what.count == 1 && mp::detail::fits_a_word(element_bytes())) {
            store_word(elements() + what.first * element_bytes(), bytes);
            return;
        }
        if (!is_guarded(kind())) {
            each_of(what, [&](std::size_t offset, std::size_t at) { std::memcpy(elements() + offset, bytes + at, element_bytes()); });
            return;
        }
        const auto log = mp::robust::redo_log::in_block(header(), content_.value_offset, static_cast<std::size_t>(count()) * element_bytes());
        each_of(what, [&](std::size_t offset, std::size_t at) { std::memcpy(log.shadow() + offset, bytes + at, element_bytes()); });
        if (is_array(kind())) {
            // One element has no other one that it is a step away from, but the log wants a stride.
            const std::int64_t step = what.count == 1 ? 1 : what.step;
            log.commit_range(what.first * element_bytes(), step * static_cast<std::int64_t>(element_bytes()), what.count, element_bytes());
        } else {
            log.commit_value(element_bytes());
        }
    }

private:
    any_object(mp::memory::named_content content, mp::memory::named_object named,
               mp::platform::access how = mp::platform::access::read_write)
        : content_(std::move(content)), block_(std::move(named.object)), how_(how),
          identity_(named.identity ? named.identity->text() : std::string()) {
        content_.count = named.count;
        if (how_ == mp::platform::access::read_write && (is_guarded(kind()) || is_lock(kind()))) {
            lock_.emplace(mp::detail::lock_access::make<mp::RLock>(block_));
        }
    }

    [[nodiscard]] static bool is_lock(named_kind kind) noexcept { return kind == named_kind::rlock || kind == named_kind::lock; }
    [[nodiscard]] static bool is_array(named_kind kind) noexcept { return kind == named_kind::raw_array || kind == named_kind::shared_array; }
    [[nodiscard]] static bool is_value(named_kind kind) noexcept { return kind == named_kind::raw_value || kind == named_kind::shared_value; }
    [[nodiscard]] static bool is_guarded(named_kind kind) noexcept {
        return kind == named_kind::shared_value || kind == named_kind::shared_array;
    }

    /// Of an object that is to be made.
    [[nodiscard]] static mp::memory::named_content content_of(named_kind kind, std::string format, std::uint64_t count) {
        if (!is_value(kind) && !is_array(kind)) {
            throw std::invalid_argument("multiprocessing: kind " + std::to_string(static_cast<std::uint32_t>(kind)) +
                                        " cannot be made here; values, arrays and locks can");
        }
        if (is_value(kind) && count != 1) {
            throw std::invalid_argument("multiprocessing: a value is 1 element, not " + std::to_string(count));
        }
        const element_layout element = element_parser::parse(format);
        if (count > std::numeric_limits<std::size_t>::max() / 8 / element.bytes || (is_value(kind) && element.bytes >> 32 != 0)) {
            throw std::length_error("multiprocessing: " + std::to_string(count) + " x " + mp::detail::escaped(format) + " cannot be addressed");
        }
        return content_with(kind, std::move(format), element, count);
    }

    /// Of an object that is there, as its header has it. What is taken from the header is looked at before it is computed with.
    [[nodiscard]] static mp::memory::named_content content_of(const mp::object_name& name, const mp::detail::named_header& header) {
        const auto refuse = [&](const std::string& why) {
            throw mp::LayoutError("multiprocessing: \"" + name.text() + "\" is a " + std::string(name_of(header.kind)) + " of " +
                                  mp::detail::escaped(header.format_text()) + ", " + why);
        };
        if (is_lock(header.kind)) {
            return mp::detail::lock_access::content(header.kind == named_kind::rlock);
        }
        if (!is_value(header.kind) && !is_array(header.kind)) {
            refuse("which the C interface does not open: it knows values, arrays, RLock and Lock");
        }
        if (header.format_text().size() == header.format_size - 1) {
            refuse("and so on: the header has no room for the rest of the format, which is needed here");
        }
        const element_layout element{static_cast<std::size_t>(header.element_bytes), static_cast<std::size_t>(header.element_alignment)};
        if (element.bytes == 0 || !std::has_single_bit(element.alignment) || element.bytes > header.total_bytes ||
            element.alignment > element.bytes || (is_value(header.kind) && header.count != 1)) {
            refuse("whose header was damaged");
        }
        return content_with(header.kind, std::string(header.format_text()), element, std::nullopt);
    }

    [[nodiscard]] static mp::memory::named_content content_with(named_kind kind, std::string format, const element_layout& element,
                                                                std::optional<std::uint64_t> count) {
        const auto layout = mp::detail::object_layout::of(kind, element.bytes, element.alignment);
        return {kind, std::move(format), element.bytes, element.alignment, count, layout.offset, layout.bytes()};
    }

    void require_writable() const {
        if (how_ == mp::platform::access::read_only) {
            throw std::system_error(std::make_error_code(std::errc::permission_denied),
                                    "multiprocessing: this " + std::string(name_of(kind())) +
                                        " was opened with MP_READ_ONLY, and so can be neither changed nor locked");
        }
    }

    /// Without any sum or product that could overflow.
    void require_inside(const range& what, std::size_t size) const {
        if (is_lock(kind())) {
            throw std::invalid_argument("multiprocessing: a lock has no elements");
        }
        if (what.count > count() || size != what.count * element_bytes()) {
            throw std::invalid_argument("multiprocessing: " + std::to_string(what.count) + " elements of " + std::to_string(element_bytes()) +
                                        " bytes are not " + std::to_string(size) + " bytes, or more than the " + std::to_string(count()) +
                                        " that there are");
        }
        if (what.count == 0) {
            return;
        }
        const std::uint64_t room = what.step < 0 ? what.first : count() - 1 - what.first;
        const std::uint64_t step = what.step < 0 ? 0 - static_cast<std::uint64_t>(what.step) : static_cast<std::uint64_t>(what.step);
        if (what.first >= count() || (what.count > 1 && (step == 0 || what.count - 1 > room / step))) {
            throw std::out_of_range("multiprocessing: " + std::to_string(what.count) + " elements from " + std::to_string(what.first) +
                                    " on, " + std::to_string(what.step) + " apart, are not among " + std::to_string(count()));
        }
    }

    /// Calls `use(offset in the object, offset in the caller's bytes)`.
    template <class Use>
    void each_of(const range& what, Use use) const {
        const auto bytes = static_cast<std::int64_t>(element_bytes());
        auto offset = static_cast<std::int64_t>(what.first) * bytes;
        for (std::size_t at = 0; at < what.count * element_bytes(); at += element_bytes(), offset += what.step * bytes) {
            use(static_cast<std::size_t>(offset), at);
        }
    }

    /// In one step, so that whoever looks without the lock sees it whole, as with the typed handles.
    void store_word(std::byte* place, const std::byte* bytes) const noexcept {
        with_word([&]<class Word>(Word value) {
            std::memcpy(&value, bytes, sizeof(Word));
            mp::detail::store_word(*reinterpret_cast<Word*>(place), value);
        });
    }
    void load_word(std::byte* bytes, std::byte* place) const noexcept {
        with_word([&]<class Word>(Word value) {
            value = mp::detail::load_word(*reinterpret_cast<Word*>(place));
            std::memcpy(bytes, &value, sizeof(Word));
        });
    }

    /// Calls it with an integer of the size of an element.
    template <class Use>
    void with_word(Use use) const noexcept {
        switch (element_bytes()) {
        case 1:
            return use(std::uint8_t{});
        case 2:
            return use(std::uint16_t{});
        case 4:
            return use(std::uint32_t{});
        default:
            return use(std::uint64_t{});
        }
    }

    /// (Not a std::unique_lock: the program would end when its destructor finds another owner, whom somebody wrote into the lock.)
    [[nodiscard]] std::optional<mp::detail::lock_scope> lock_for_now() const {
        return lock_ ? std::optional<mp::detail::lock_scope>(std::in_place, header()) : std::optional<mp::detail::lock_scope>();
    }

    mp::memory::named_content content_;
    mp::memory::block block_;
    mp::platform::access how_;
    std::string identity_;
    std::optional<mp::RLock> lock_;
};

} // namespace c_interface
