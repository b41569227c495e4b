#pragma once
#include <multiprocessing/base/language.hpp>

#include <cstddef>
#include <string_view>
#if defined(__cpp_rtti)
#    include <typeinfo>
#elif !defined(__GNUC__)
#    error "multiprocessing needs the type information of this compiler: compile with /GR"
#endif

/// \file
/// Names of types, also where there is no run-time type information (`-fno-rtti`).

namespace multiprocessing::detail {

#if !defined(__cpp_rtti)
template <class T>
constexpr const char* signature_with() {
    return __PRETTY_FUNCTION__; // const char* ...() [with T = Point], or [T = Point]
}
#endif

/// One name for a type, and another for each other type of a file. All programs of one compiler and one such choice have the same: mangled (`5Point`), or,
/// without run-time type information, as the compiler writes it (`Point`; clang++ then tells lambdas by file, line and column alone).
template <class T>
[[nodiscard]] std::string_view type_name() noexcept {
#if defined(__cpp_rtti)
    return typeid(T).name();
#else
    constexpr std::string_view signature = signature_with<T>();
    constexpr std::size_t begin = signature.find("T = ") + 4;
    return signature.substr(begin, signature.size() - 1 - begin);
#endif
}

} // namespace multiprocessing::detail
