#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/text_of.hpp>
#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>

#include <string>
#include <type_traits>

#if __has_include(<fmt/ranges.h>)
#    include <fmt/format.h>
#    include <fmt/ranges.h>
#else
#    error "multiprocessing: <multiprocessing/fmt.hpp> needs {fmt}: install libfmt-dev (apt), fmt-devel (dnf) or fmt (brew)"
#endif

/// \file
/// `fmt::format("{}", counter)`: by {fmt}, what multiprocessing/format.hpp does for `std::format`. Not part of multiprocessing.hpp: whoever uses it has
/// {fmt}.
///
/// \see docs/tools.md

/// \cond specialisations, for {fmt} alone
/// As a text of that content.
template <multiprocessing::detail::printed_by_stream T>
struct fmt::formatter<T, char> : fmt::formatter<std::string, char> {
    template <class Context>
    auto format(const T& object, Context& context) const {
        return fmt::formatter<std::string, char>::format(multiprocessing::detail::text_of(object), context);
    }
};

/// Not one of the ranges that {fmt} formats by itself.
template <multiprocessing::detail::printed_by_stream T>
struct fmt::is_range<T, char> : std::false_type {};
/// \endcond
