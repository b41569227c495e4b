#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Python's type codes, for those who come with them.

namespace multiprocessing {

namespace detail {

/// One row of Python's table (sharedctypes.typecode_to_type).
template <char Code, class T>
struct typecode_row {
    static constexpr char code = Code;
    using type = T;
};

// A class that inherits every row finds a type by its code, and a code by its type, through overload resolution.
template <char Code, class T>
typecode_row<Code, T> row_of_code(const typecode_row<Code, T>*);
template <class T, char Code>
typecode_row<Code, T> row_of_type(const typecode_row<Code, T>*);

struct typecodes : typecode_row<'c', char>,
                   typecode_row<'u', wchar_t>,
                   typecode_row<'b', signed char>,
                   typecode_row<'B', unsigned char>,
                   typecode_row<'h', short>,
                   typecode_row<'H', unsigned short>,
                   typecode_row<'i', int>,
                   typecode_row<'I', unsigned int>,
                   typecode_row<'l', long>,
                   typecode_row<'L', unsigned long>,
                   typecode_row<'q', long long>,
                   typecode_row<'Q', unsigned long long>,
                   typecode_row<'f', float>,
                   typecode_row<'d', double> {};

template <char Code>
concept known_typecode = requires(const typecodes* table) { detail::row_of_code<Code>(table); };
template <class T>
concept has_typecode = requires(const typecodes* table) { detail::row_of_type<T>(table); };

template <char Code>
struct type_of_typecode {
    static_assert(known_typecode<Code>, "multiprocessing: Python has no such type code. There are c u b B h H i I l L q Q f d; "
                                        "any other type is written as itself, SharedValue<T>.");
    using type = int; // so that this is the only error
};
template <char Code>
    requires known_typecode<Code>
struct type_of_typecode<Code> {
    using type = typename decltype(detail::row_of_code<Code>(static_cast<const typecodes*>(nullptr)))::type;
};

} // namespace detail

/// The code Python has for a type: `typecode<double> == 'd'`. Only for the 14 types that have one.
template <detail::has_typecode T>
inline constexpr char typecode = decltype(detail::row_of_type<T>(static_cast<const detail::typecodes*>(nullptr)))::code;

/// The type Python has for a code: `Value('d', 2.5)` is `SharedValue<typecode_type<'d'>>(2.5)`. Sizes are those of the system's C compiler, as
/// in Python: 'l' has 8 bytes on 64-bit POSIX and 4 on Windows.
template <char Code>
using typecode_type = typename detail::type_of_typecode<Code>::type;

} // namespace multiprocessing
