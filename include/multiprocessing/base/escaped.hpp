#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>

#include <string>
#include <string_view>

/// \file
/// Text of others, as it can be shown to somebody.

namespace multiprocessing::detail {

/// Names of files in /dev/shm, and what lies in shared memory, may be anybody's. A terminal obeys some of it, a log takes it for lines of its own, and who
/// reads it takes it for what it is not. So whatever prints such text prints this of it.
///
/// Characters that are seen, in UTF-8, stay what they are. Each byte of anything else is written `\xHH`: control characters, what steers the direction of
/// text or is not seen at all, what is no UTF-8, and the two characters which would make it ambiguous, `\` and `"`. Never ends a line.
/// Throws `std::bad_alloc` alone.
[[nodiscard]] std::string escaped(std::string_view text);

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/base/escaped.ipp>
#endif
