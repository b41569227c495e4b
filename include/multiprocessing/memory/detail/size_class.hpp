#pragma once

#include <cstddef>
#include <optional>

/// \file
/// Which block sizes slabs are cut for.

namespace multiprocessing::memory::detail {

/// Blocks of up to 8 KiB come from slabs of 64 KiB; anything larger gets pages of its own.
inline constexpr std::size_t slab_bytes = std::size_t{64} << 10;

/// 16 to 64 bytes in steps of 16, to 1 KiB in steps of a cache line, to 8 KiB in steps of 1 KiB: at most half of a block is
/// wasted, and a block whose size is a multiple of its alignment is aligned, because slabs begin at a page.
struct size_class {
    std::size_t index;
    std::size_t block_bytes;

    static constexpr std::size_t count = 4 + 15 + 7;

    /// Empty for what is too large for a slab. `bytes` must be a multiple of `alignment`, a power of two.
    [[nodiscard]] static constexpr std::optional<size_class> of(std::size_t bytes, std::size_t alignment) noexcept {
        if (bytes <= 64) {
            return step(bytes == 0 ? 1 : bytes, 16, 0, 0);
        }
        if (bytes <= 1024) {
            return step(bytes, 64, 64, 4);
        }
        if (bytes <= 8192 && alignment <= 1024) {
            return step(bytes, 1024, 1024, 19);
        }
        return std::nullopt;
    }

private:
    static constexpr size_class step(std::size_t bytes, std::size_t width, std::size_t above, std::size_t base) noexcept {
        const std::size_t steps = (bytes - above + width - 1) / width;
        return {base + steps - 1, above + steps * width};
    }
};

static_assert(size_class::of(64, 64)->block_bytes == 64 && size_class::of(64, 64)->index == 3);
static_assert(size_class::of(65, 1)->block_bytes == 128 && size_class::of(65, 1)->index == 4);
static_assert(size_class::of(1024, 64)->index == 18 && size_class::of(1025, 1)->index == 19);
static_assert(size_class::of(8192, 64)->index == size_class::count - 1);

} // namespace multiprocessing::memory::detail
