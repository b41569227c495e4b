#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>

#include <concepts>

/// \file
/// The customisation point: how a shared object is described to another process, and rebuilt there. CPython's `copyreg` for handles.

namespace multiprocessing::reduction {

/// Specialised for everything that is a handle of shared memory:
///   static void reduce(const T& object, outgoing& out);   // in the process that passes it on
///   static T rebuild(incoming& in);                        // in the process that gets it: the same object, another handle
///
/// \see docs/processes.md, docs/design/processes.md
template <class T>
struct reducer;

/// A T that describes itself: a handle of a shared object.
template <class T>
concept reducible = requires(const T& object, outgoing& out, incoming& in) {
    reducer<T>::reduce(object, out);
    { reducer<T>::rebuild(in) } -> std::same_as<T>;
};

} // namespace multiprocessing::reduction
