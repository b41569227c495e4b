#pragma once

#include <multiprocessing/synchronize/detail/guard_header.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE primitive_base::primitive_base(state_block made) : block_(std::move(made.block)), count_(made.count) {
    // As for a lock: the registry of names is there before anybody can inherit what names are written in.
    static_cast<void>(life_registry::of(reinterpret_cast<const guard_header*>(address())->scope()));
}

} // namespace multiprocessing::detail
