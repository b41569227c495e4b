#pragma once

#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE primitive_base::primitive_base(state_block made) : block_(std::move(made.block)), count_(made.count) {
    robust::learn_lives(block_);
}

} // namespace multiprocessing::detail
