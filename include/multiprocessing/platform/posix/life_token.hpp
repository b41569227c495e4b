#pragma once

#include <multiprocessing/platform/system.hpp>

#if MULTIPROCESSING_BYTE_LOCK_LIFE_TOKENS
#    include <multiprocessing/platform/posix/byte_lock_life_token.hpp>
#else
#    include <multiprocessing/platform/posix/robust_mutex_life_token.hpp>
#endif

namespace multiprocessing::platform::posix {

#if MULTIPROCESSING_BYTE_LOCK_LIFE_TOKENS
using life_token = byte_lock_life_token;
#else
using life_token = robust_mutex_life_token;
#endif

} // namespace multiprocessing::platform::posix
