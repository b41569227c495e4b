#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/text_of.hpp>
#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>

#include <string>
#include <version>

#if defined(__cpp_lib_format)
#    include <format>
#endif

/// \file
/// `std::format("{}", counter)`: values, arrays, locks and all else of the library that can be written to a stream, where the standard library
/// has `<format>`. For `fmt::format` include multiprocessing/fmt.hpp, or link to the target multiprocessing::fmt, under which this header includes it.
///
/// What comes out is what `<<` writes, and there is no other form: `{}`. Between the braces may stand what is said of a text, its width,
/// fill and alignment: `{:>10}`. For a number's own form write `std::format("{:.2f}", ratio.value())`. Blocks, throws, and is interrupted,
/// as `<<` of the type is: for a SharedValue or SharedArray that is its lock. Not part of multiprocessing.hpp, because these headers cost
/// compile time.

#if defined(__cpp_lib_format)
/// As a text of that content.
template <multiprocessing::detail::printed_by_stream T>
struct std::formatter<T, char> : std::formatter<std::string, char> {
    template <class Context>
    auto format(const T& object, Context& context) const {
        return std::formatter<std::string, char>::format(multiprocessing::detail::text_of(object), context);
    }
};
#endif

// By the target multiprocessing::fmt, for all source files of a program alike.
#if defined(MULTIPROCESSING_FMT) && MULTIPROCESSING_FMT
#    include <multiprocessing/fmt.hpp>
#endif
