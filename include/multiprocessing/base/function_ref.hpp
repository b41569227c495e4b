#pragma once
#include <multiprocessing/base/language.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

/// \file
/// A callable as an argument of a function that is no template.

namespace multiprocessing::detail {

template <class Signature>
class function_ref;

/// Refers to a callable, and calls it: C++26's `std::function_ref`, as far as it is needed here. It neither copies nor keeps the callable, so it is
/// for parameters alone: the callable must outlive the call.
template <class R, class... Args>
class function_ref<R(Args...)> {
public:
    template <class F>
        requires(!std::same_as<std::remove_cvref_t<F>, function_ref> && std::is_invocable_r_v<R, F&, Args...>)
    function_ref(F&& callable) noexcept
        : object_(&const_cast<char&>(reinterpret_cast<const volatile char&>(callable))), // std::addressof, without <memory>
          call_([](void* object, Args... args) -> R {
              return static_cast<R>((*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...));
          }) {}

    R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

private:
    void* object_;
    R (*call_)(void*, Args...);
};

} // namespace multiprocessing::detail
