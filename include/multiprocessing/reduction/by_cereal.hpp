#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Where cereal comes in, if it does.

namespace multiprocessing::detail {

/// How a T travels that the codec does not know by itself: not at all. reduction/cereal.hpp specialises this for whatever cereal can serialise, with
///   static void encode(reduction::outgoing& out, const T& value);
///   static T decode(reduction::incoming& in);
template <class T>
struct by_cereal {
    static constexpr bool is_known = false;
};

/// Which types with a function for cereal count as transferable.
enum class cereal_help {
    none,     // those that do without it
    included, // those that cereal can serialise, if reduction/cereal.hpp is included
    promised, // all that cereal may be able to serialise
};

} // namespace multiprocessing::detail

namespace multiprocessing::reduction {

template <class T, detail::cereal_help help>
consteval bool find_transferable(); // codec.hpp

} // namespace multiprocessing::reduction
