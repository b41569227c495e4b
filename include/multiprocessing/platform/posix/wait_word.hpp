#pragma once

#include <multiprocessing/platform/system.hpp>

#if MULTIPROCESSING_POLLING_WAIT_WORD
#    include <multiprocessing/platform/posix/polling_wait_word.hpp>
#else
#    include <multiprocessing/platform/posix/futex_wait_word.hpp>
#endif

namespace multiprocessing::platform::posix {

#if MULTIPROCESSING_POLLING_WAIT_WORD
using wait_word = polling_wait_word;
#else
using wait_word = futex_wait_word;
#endif

} // namespace multiprocessing::platform::posix
