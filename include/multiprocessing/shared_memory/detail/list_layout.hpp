#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/shared_memory/detail/item_codec.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// \file
/// Where everything is in CPython's ShareableList of N items:
///
///   offset         bytes        what
///   0              8            N
///   8              8 (N + 1)    where each slot begins in the data, and where the last one ends (K); multiples of 8
///   D = 8 (N + 2)  K            the data: the slots
///   D + K          8 N          the formats
///   D + K + 8 N    N            the codes
///
/// All of it little-endian (CPython: native). There is no magic, no version and no lock.

namespace multiprocessing::detail {

/// Read once and checked once: N and the offsets never change while a list lives, so a process keeps its own copy of them, and
/// nothing that is written to the memory later can lead it outside.
class list_layout {
public:
    /// For a new list of these items.
    [[nodiscard]] static list_layout of(std::span<const ShareableItem> items) {
        std::vector<std::int64_t> offsets{0};
        offsets.reserve(items.size() + 1);
        for (const ShareableItem& each : items) {
            offsets.push_back(offsets.back() + static_cast<std::int64_t>(slot_for(each)));
        }
        return list_layout(std::move(offsets));
    }

    /// Of a list that is there. Throws `LayoutError` when it is none.
    [[nodiscard]] static list_layout read(std::span<const std::byte> memory, const std::string& name) {
        const auto refuse = [&](const std::string& why) {
            throw LayoutError("multiprocessing: shared memory \"" + escaped(name) + "\" of " + std::to_string(memory.size()) +
                              " bytes was opened as a ShareableList, but " + why);
        };
        if (memory.size() < 2 * word_size) {
            refuse("the smallest list has 16 bytes");
        }
        const std::int64_t items = number_at(memory, 0);
        if (items < 0 || static_cast<std::uint64_t>(items) > (memory.size() - 2 * word_size) / (2 * word_size + 1)) {
            refuse("a list of " + std::to_string(items) + " items, as it says, cannot be in it");
        }
        std::vector<std::int64_t> offsets(static_cast<std::size_t>(items) + 1);
        const auto most = static_cast<std::int64_t>(memory.size() - 2 * word_size) - items * static_cast<std::int64_t>(2 * word_size + 1);
        for (std::size_t i = 0; i < offsets.size(); ++i) {
            offsets[i] = number_at(memory, word_size * (i + 1));
            if (offsets[i] < (i == 0 ? 0 : offsets[i - 1]) || offsets[i] > (i == 0 ? 0 : most) || offsets[i] % std::int64_t{word_size} != 0) {
                refuse("the offset of item " + std::to_string(i) + " is " + std::to_string(offsets[i]));
            }
        }
        return list_layout(std::move(offsets));
    }

    [[nodiscard]] std::size_t items() const noexcept { return offsets_.size() - 1; }
    [[nodiscard]] std::size_t slot_size(std::size_t i) const noexcept { return static_cast<std::size_t>(offsets_[i + 1] - offsets_[i]); }

    // Distances from the begin of the memory.
    [[nodiscard]] std::size_t slot(std::size_t i) const noexcept { return word_size * (items() + 2) + static_cast<std::size_t>(offsets_[i]); }
    [[nodiscard]] std::size_t format(std::size_t i) const noexcept { return slot(items()) + word_size * i; }
    [[nodiscard]] std::size_t code(std::size_t i) const noexcept { return format(items()) + i; }
    [[nodiscard]] std::size_t end() const noexcept { return code(items()); }

    /// Into memory that nobody else has yet.
    void write(std::byte* first) const noexcept {
        const auto count = static_cast<std::int64_t>(items());
        std::memcpy(first, &count, sizeof(count));
        std::memcpy(first + word_size, offsets_.data(), offsets_.size() * word_size);
    }

private:
    explicit list_layout(std::vector<std::int64_t> offsets) noexcept : offsets_(std::move(offsets)) {}

    [[nodiscard]] static std::int64_t number_at(std::span<const std::byte> memory, std::size_t offset) noexcept {
        std::int64_t number = 0;
        std::memcpy(&number, memory.data() + offset, sizeof(number));
        return number;
    }

    std::vector<std::int64_t> offsets_;
};

} // namespace multiprocessing::detail
