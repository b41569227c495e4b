#pragma once

#include <multiprocessing/robust/owner_died.hpp>

namespace multiprocessing {

MULTIPROCESSING_INLINE OwnerDied::OwnerDied()
    : std::system_error(std::make_error_code(std::errc::owner_dead),
                        "multiprocessing: the lock was not taken, for an owner died holding it and what it guards may be half-changed; "
                        "mend that in the lock's repair(), or register an OwnerDiedCallback that does") {}

} // namespace multiprocessing
