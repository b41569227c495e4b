#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

/// \file
/// What was told by another process about objects.

namespace multiprocessing::memory {
class attached_segment;
}

namespace multiprocessing::reduction {

/// Reads what an `outgoing` wrote, in the same order. Everything is checked against the bounds of what was handed over; what does not fit throws
/// `std::runtime_error`.
class incoming {
public:
    /// The segments are the mapped memory objects of the outgoing side, in its order.
    incoming(std::string_view bytes, std::span<memory::attached_segment* const> segments) noexcept
        : bytes_(bytes), segments_(segments) {}

    /// What `put_bytes` put.
    [[nodiscard]] std::string_view take_bytes(std::size_t count) {
        if (count > bytes_.size()) {
            throw_ends_too_early();
        }
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }

    /// What `put_number` put.
    [[nodiscard]] std::uint64_t take_number() {
        std::uint64_t number = 0;
        std::memcpy(&number, take_bytes(sizeof(number)).data(), sizeof(number));
        return number;
    }

    /// How many things follow, each put by outgoing::put_part.
    [[nodiscard]] std::size_t take_count() {
        const std::uint64_t count = take_number();
        if (count > bytes_.size()) {
            throw_too_many(count);
        }
        return static_cast<std::size_t>(count);
    }

    /// One of them: what `take()` takes, and a byte if that is nothing.
    template <class Take>
    void take_part(Take&& take) {
        const std::size_t before = bytes_.size();
        std::forward<Take>(take)();
        if (bytes_.size() == before) {
            static_cast<void>(take_bytes(1));
        }
    }

    /// A block of which at least `bytes` bytes, aligned to `alignment` (a power of two), are there.
    [[nodiscard]] memory::block take_block(std::size_t bytes = 1, std::size_t alignment = 1);

    /// How many bytes of the description have not been taken.
    [[nodiscard]] std::size_t bytes_left() const noexcept { return bytes_.size(); }

private:
    [[noreturn]] static void throw_ends_too_early();
    [[noreturn]] void throw_too_many(std::uint64_t count) const;

    std::string_view bytes_;
    std::span<memory::attached_segment* const> segments_;
};

} // namespace multiprocessing::reduction

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/reduction/incoming.ipp>
#endif
