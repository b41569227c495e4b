#pragma once

#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/named_memory.hpp>

#include <utility>

/// \file
/// Named memory, mapped, with a handle for those it is passed to.

namespace multiprocessing::memory::detail {

/// Both refer to one opening, so what that holds (platform::hold) is held while either is there.
struct opened_memory {
    explicit opened_memory(platform::named_memory opened) : memory(std::move(opened)), object(memory.share()) {}

    platform::named_memory memory;
    platform::memory_object object;
};

} // namespace multiprocessing::memory::detail
