#pragma once

#include <multiprocessing/reduction/outgoing.hpp>

#include <algorithm>

namespace multiprocessing::reduction {

MULTIPROCESSING_INLINE void outgoing::put_block(const memory::block& block) {
    const memory::location where = block.locate();
    const auto known = std::find(objects_.begin(), objects_.end(), where.object);
    put_number(static_cast<std::uint64_t>(known - objects_.begin()));
    put_number(where.offset);
    if (known == objects_.end()) {
        objects_.push_back(where.object);
    }
    kept_.push_back(block);
}

} // namespace multiprocessing::reduction
