#pragma once

#include <multiprocessing/shared_memory/detail/item_codec.hpp>
#include <multiprocessing/shared_memory/detail/list_layout.hpp>
#include <multiprocessing/shared_memory/shareable_item.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

/// \file
/// How items get into a ShareableList.

namespace multiprocessing::detail {

/// At a multiple of 8: in one step.
inline void store_word(std::byte* place, std::uint64_t word) noexcept {
    std::atomic_ref(*reinterpret_cast<std::uint64_t*>(place)).store(word, std::memory_order_release);
}

/// The content first: whoever reads before the rest is written, finds it with the old type.
inline void write_item(std::byte* first, const list_layout& layout, std::size_t i, const coded_item& item) noexcept {
    std::byte* const slot = first + layout.slot(i);
    if (item.content) {
        std::memcpy(slot, item.content->data(), item.content->size());
        std::memset(slot + item.content->size(), 0, layout.slot_size(i) - item.content->size());
    } else {
        store_word(slot, item.word);
    }
    store_word(first + layout.format(i), std::bit_cast<std::uint64_t>(item.format));
    first[layout.code(i)] = static_cast<std::byte>(item.code);
}

/// A new list. Everything is checked and encoded before there is any memory. Points to the items' content.
class prepared_list {
public:
    explicit prepared_list(std::span<const ShareableItem> items) : layout_(list_layout::of(items)) {
        items_.reserve(items.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            items_.push_back(encode_item(items[i], layout_.slot_size(i)));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return layout_.end(); } ///< Of its memory, in bytes.

    /// Fills memory that reads as zeros.
    void operator()(std::byte* first) const noexcept {
        layout_.write(first);
        for (std::size_t i = 0; i < items_.size(); ++i) {
            write_item(first, layout_, i, items_[i]);
        }
    }

private:
    list_layout layout_;
    std::vector<coded_item> items_;
};

} // namespace multiprocessing::detail
