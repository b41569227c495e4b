#pragma once

#include <multiprocessing/process/detail/child_function.hpp>

#include <string>
#include <type_traits>

/// \file
/// As which types the arguments of a spawned function travel.

namespace multiprocessing::detail {

template <class... P>
struct parameter_list {};

/// The parameters of a function or of a lambda that is not generic; void for anything else.
template <class F>
struct find_parameters {
    using type = void;
};
template <class R, class... P>
struct find_parameters<R (*)(P...)> {
    using type = parameter_list<P...>;
};
template <class R, class... P>
struct find_parameters<R (*)(P...) noexcept> {
    using type = parameter_list<P...>;
};
template <class F>
    requires requires { &F::operator(); }
struct find_parameters<F> {
    template <class R, class... P>
    static parameter_list<P...> look(R (F::*)(P...) const);
    template <class R, class... P>
    static parameter_list<P...> look(R (F::*)(P...) const noexcept);
    using type = decltype(look(&F::operator()));
};

/// What a generic function is given for an argument: a string for the characters of a literal, an object of its type for anything else.
template <class A>
using generic_argument = std::conditional_t<std::is_convertible_v<A, const char*>, std::string, std::remove_cvref_t<A>>;

/// That is an lvalue where a function may write to it, and for one who takes nothing else, which is refused.
template <class F, class... A>
struct choose_generic {
    using type = std::conditional_t<std::is_invocable_v<F, child_argument<A&>...>, parameter_list<child_argument<A&>...>, parameter_list<A&...>>;
};

template <class F, class Parameters, class... Args>
struct choose_parameters : choose_generic<F, generic_argument<Args>...> {};
template <class F, class... P, class... Args>
    requires(sizeof...(P) == sizeof...(Args))
struct choose_parameters<F, parameter_list<P...>, Args...> {
    using type = parameter_list<P...>;
};

/// The types that `F`, called with `Args...`, is to have its arguments as.
template <class F, class... Args>
using spawn_parameters = typename choose_parameters<F, typename find_parameters<F>::type, Args...>::type;

/// What is of the parameter's type already is accepted here also when it cannot be copied: require_transferable says why not, in words.
template <class Arg, class P>
inline constexpr bool converts_to = std::is_convertible_v<Arg, P> || std::is_same_v<std::remove_cvref_t<Arg>, P>;

template <class F, class... Args, class... P>
consteval bool takes(parameter_list<P...>) {
    return std::is_invocable_v<F, P&&...> && (converts_to<Args, std::remove_cvref_t<P>> && ...);
}

/// `F` can be called in another process with what becomes of `Args...` there.
template <class F, class... Args>
concept spawnable_with = takes<F, Args...>(spawn_parameters<F, Args...>());

} // namespace multiprocessing::detail
