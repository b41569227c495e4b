#pragma once

#include <type_traits>

/// \file
/// Whether a class says in a function how it is serialised.
///
/// The answer must not depend on whether cereal was included: otherwise one source file of a program could copy an object's bytes, and another
/// read them by cereal. So this header asks for names and forms alone.

namespace multiprocessing::detail {

/// A stand-in for an archive, used only to test the form of a function. It must not be a type of cereal's: argument-dependent lookup would then
/// find cereal's own functions as well.
struct any_archive {
    template <class... T>
    any_archive& operator()(T&&...);
};

struct has_serialisers {
    int serialize, save, load, save_minimal, load_minimal;
};

/// With a base that is sure to have the names: each that T has too is ambiguous, whether or not it is private. (Users make these functions
/// private, and cereal::access a friend.)
template <class T>
struct with_serialisers : T, has_serialisers {};

// A public data member of such a name is no function.
template <class T>
concept serializes_in_member =
    !requires { &with_serialisers<T>::serialize; } && !requires { requires std::is_member_object_pointer_v<decltype(&T::serialize)>; };
template <class T>
concept saves_in_member =
    (!requires { &with_serialisers<T>::save; } && !requires { &with_serialisers<T>::load; } &&
     !requires { requires std::is_member_object_pointer_v<decltype(&T::save)>; }) ||
    (!requires { &with_serialisers<T>::save_minimal; } && !requires { &with_serialisers<T>::load_minimal; });

/// Nothing can be derived from a final class, so only its public functions are seen. (reduction/cereal.hpp refuses one with private functions.)
template <class T>
concept final_and_serialises_in_member =
    requires(any_archive& archive, T& object) { object.serialize(archive); } ||
    requires(any_archive& archive, T& object) { object.serialize(archive, 0U); } ||
    requires(any_archive& archive, const T& object) { object.save(archive); } ||
    requires(any_archive& archive, const T& object) { object.save(archive, 0U); } ||
    requires(any_archive& archive, const T& object) { object.save_minimal(archive); } ||
    requires(any_archive& archive, const T& object) { object.save_minimal(archive, 0U); };

/// The user has said in a function found by its name how a T is serialised. (That of `std` types, cereal/types/, is not meant: it may be included
/// in one source file of a program and not in another.)
template <class T>
concept serialised_by_free_function =
    requires(any_archive& archive, T& object) { serialize(archive, object); } ||
    (requires(any_archive& archive, const T& object) { save(archive, object); } && requires(any_archive& archive, T& object) { load(archive, object); });

template <class T>
consteval bool find_serialiser() {
    if constexpr (!std::is_class_v<T>) {
        return false;
    } else if constexpr (std::is_final_v<T>) {
        return final_and_serialises_in_member<T> || serialised_by_free_function<T>;
    } else {
        return serializes_in_member<T> || saves_in_member<T> || serialised_by_free_function<T>;
    }
}

/// The user has said how a T is serialised: so the library must not copy its bytes.
template <class T>
concept serialises_itself = find_serialiser<T>();

} // namespace multiprocessing::detail
