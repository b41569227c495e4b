#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// What memory is mapped for.

namespace multiprocessing::platform {

/// What a mapping is for. A store through one that is `read_only` ends the process (SIGSEGV, an access violation).
enum class access { read_write, read_only };

} // namespace multiprocessing::platform
