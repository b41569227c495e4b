#pragma once
#include <multiprocessing/base/language.hpp>

#include <type_traits>
#include <utility>

/// \file
/// std::invoke for one argument, without `<functional>`.

namespace multiprocessing::detail {

/// `callable(argument)`; a pointer to a member is called on the argument, or names a part of it.
template <class Callable, class Argument>
constexpr decltype(auto) call(Callable&& callable, Argument& argument) {
    using bare = std::remove_cvref_t<Callable>;
    if constexpr (std::is_member_function_pointer_v<bare>) {
        return (argument.*callable)();
    } else if constexpr (std::is_member_object_pointer_v<bare>) {
        return (argument.*callable);
    } else {
        return std::forward<Callable>(callable)(argument);
    }
}

} // namespace multiprocessing::detail
