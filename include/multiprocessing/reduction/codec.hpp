#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/shareable.hpp>
#include <multiprocessing/reduction/by_cereal.hpp>
#include <multiprocessing/reduction/detail/containers.hpp>
#include <multiprocessing/reduction/detail/serialises_itself.hpp>
#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/reduction/reducer.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

/// \file
/// How arguments travel to another process.

namespace multiprocessing::reduction {

/// A T that can be passed to another process: a shared object; a type that may itself live in shared memory (numbers, plain structs);
/// `std::string`; containers, tuples, pairs, optionals and variants of such; and whatever cereal can serialise, where reduction/cereal.hpp is
/// included.
///
/// \see docs/processes.md
template <class T>
concept transferable = find_transferable<T, detail::cereal_help::included>();

/// Whether each of the parts is.
template <detail::cereal_help help, class... Parts>
consteval bool all_transferable(detail::parts<Parts...>) {
    return (find_transferable<Parts, help>() && ...);
}

/// Whether a T is transferable, with such help of cereal.
template <class T, detail::cereal_help help>
consteval bool find_transferable() {
    if constexpr (reducible<T> || detail::text<T>) {
        return true;
    } else if constexpr (detail::is_pointer_like<T>) {
        return false;
    } else if constexpr (detail::composed<T>) {
        return all_transferable<help>(detail::parts_of<T>()); // before what follows, which cannot see the pointer in a variant
    } else if constexpr (detail::serialises_itself<T>) {
        if constexpr (help == detail::cereal_help::promised) { // before what follows, which cannot see a private pointer
            return std::default_initializable<T>;
        } else {
            return help == detail::cereal_help::included && detail::by_cereal<T>::is_known;
        }
    } else if constexpr (guardable<T>) {
        if constexpr (std::is_final_v<T>) {
            static_cast<void>(detail::by_cereal<T>::is_known); // cereal.hpp refuses one whose function for cereal is hidden
        }
        return std::copy_constructible<T>;
    } else if constexpr (detail::container<T>) {
        return find_transferable<detail::element_of<T>, help>();
    } else {
        return help != detail::cereal_help::none && detail::by_cereal<T>::is_known;
    }
}

template <class T>
consteval bool travels_as_bytes();

/// Whether that is so of each of the parts.
template <class... Parts>
consteval bool all_travel_as_bytes(detail::parts<Parts...>) {
    return (travels_as_bytes<Parts>() && ...);
}

/// Whether the bytes of a T are all there is to say of it.
template <class T>
consteval bool travels_as_bytes() {
    if constexpr (!guardable<T>) {
        return false;
    } else if constexpr (detail::composed<T>) {
        return all_travel_as_bytes(detail::parts_of<T>());
    } else {
        return !detail::serialises_itself<T>;
    }
}

/// Puts the value into the description. Throws what a type's own function throws, and `std::invalid_argument` for what cannot be passed on.
template <transferable T>
void encode(outgoing& out, const T& value);

/// Takes it out again: a copy, or another handle of the same object. Throws `std::runtime_error` when the description does not fit.
template <transferable T>
[[nodiscard]] T decode(incoming& in);

template <transferable T>
void encode(outgoing& out, const T& value) {
    if constexpr (reducible<T>) {
        reducer<T>::reduce(value, out);
    } else if constexpr (detail::text<T>) {
        out.put_number(value.size());
        out.put_bytes(value.data(), value.size() * sizeof(typename T::value_type));
    } else if constexpr (detail::optional_like<T>) {
        out.put_number(value.has_value());
        if (value) {
            encode(out, *value);
        }
    } else if constexpr (detail::variant_like<T>) {
        out.put_number(value.index()); // a valueless one has an index beyond the last, and throws here
        std::visit([&out](const auto& each) { encode(out, each); }, value);
    } else if constexpr (travels_as_bytes<T>()) {
        out.put_bytes(&value, sizeof(T));
    } else if constexpr (detail::composed<T>) {
        std::apply([&out](const auto&... each) { (encode(out, each), ...); }, value);
    } else if constexpr (detail::container<T> && !detail::serialises_itself<T>) {
        out.put_number(value.size());
        for (const auto& each : value) {
            out.put_part([&] { encode(out, static_cast<const detail::element_of<T>&>(each)); });
        }
    } else {
        detail::by_cereal<T>::encode(out, value);
    }
}

template <transferable T>
T decode(incoming& in) {
    if constexpr (reducible<T>) {
        return reducer<T>::rebuild(in);
    } else if constexpr (detail::text<T>) {
        using character = typename T::value_type;
        const std::uint64_t size = in.take_number();
        if (size > in.bytes_left() / sizeof(character)) {
            detail::throw_text_too_long();
        }
        T text(size, character{});
        std::memcpy(text.data(), in.take_bytes(size * sizeof(character)).data(), size * sizeof(character));
        return text;
    } else if constexpr (detail::optional_like<T>) {
        return in.take_number() != 0 ? T(decode<typename T::value_type>(in)) : T();
    } else if constexpr (detail::variant_like<T>) {
        return detail::decode_alternative<T>(in, [&in]<class Part>(detail::parts<Part>) { return decode<Part>(in); });
    } else if constexpr (std::same_as<T, bool>) {
        return in.take_bytes(sizeof(T)).front() != 0;
    } else if constexpr (travels_as_bytes<T>()) {
        return detail::copy_of_bytes<T>(in.take_bytes(sizeof(T)));
    } else if constexpr (detail::composed<T>) {
        return [&in]<class... Parts>(detail::parts<Parts...>) {
            return T{decode<Parts>(in)...}; // braces: in order
        }(detail::parts_of<T>());
    } else if constexpr (detail::container<T> && !detail::serialises_itself<T>) {
        T values;
        for (std::size_t left = in.take_count(); left > 0; --left) {
            in.take_part([&] { values.insert(values.end(), decode<detail::element_of<T>>(in)); });
        }
        return values;
    } else {
        return detail::by_cereal<T>::decode(in);
    }
}

} // namespace multiprocessing::reduction

// By the target multiprocessing::cereal, for all source files of a program alike.
#if defined(MULTIPROCESSING_CEREAL) && MULTIPROCESSING_CEREAL
#    include <multiprocessing/reduction/cereal.hpp>
#endif
