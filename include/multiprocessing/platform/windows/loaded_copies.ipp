#pragma once

#include <multiprocessing/platform/library_copy.hpp>
#include <multiprocessing/platform/windows/loaded_copies.hpp>

namespace multiprocessing::platform::windows {

#if defined(_MSC_VER)
#    pragma section(".mpcopy", read, write)
__declspec(allocate(".mpcopy")) MULTIPROCESSING_INLINE constinit library_copy copy_of_this_module{layout_of_states, {nullptr}};
#else
[[gnu::used, gnu::section(".mpcopy")]] MULTIPROCESSING_INLINE constinit library_copy copy_of_this_module{layout_of_states, {nullptr}};
#endif

} // namespace multiprocessing::platform::windows
