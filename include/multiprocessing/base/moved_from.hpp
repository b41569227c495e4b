#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>

/// \file
/// What the use of a handle that was moved from ends in.

namespace multiprocessing::detail {

/// Throws `std::logic_error`, which says so.
[[noreturn]] void throw_moved_from();

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/base/moved_from.ipp>
#endif
