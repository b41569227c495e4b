#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/reduction/by_cereal.hpp>
#include <multiprocessing/reduction/detail/serialises_itself.hpp>
#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/reduction/reducer.hpp>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#if !defined(__cpp_rtti)
#    error "multiprocessing: <multiprocessing/reduction/cereal.hpp> needs run-time type information, as cereal does: compile without -fno-rtti (/GR)"
#elif __has_include(<cereal/cereal.hpp>)
#    include <cereal/cereal.hpp>
#else
#    error "multiprocessing: <multiprocessing/reduction/cereal.hpp> needs cereal: install libcereal-dev (apt), cereal-devel (dnf) or cereal (brew)"
#endif

/// \file
/// Users' own types travel through cereal: whatever has a `serialize`, or a `save` and a `load`. Not part of multiprocessing.hpp: a source file that
/// passes such types to `spawn` includes this header before it does, or its target links to multiprocessing::cereal, under which
/// reduction/codec.hpp includes it. Without it such a type does not travel: that is a message at compile time.
///
/// \see docs/processes.md

namespace multiprocessing::detail {

/// cereal's archive over a description, so that whatever an object is made of is in one place and in one order. What the library
/// describes by itself (shared objects, and containers of them, which cereal would first make empty) does not get as far as cereal.
///
/// A part is never of zero bytes, so that a number of parts can be checked against what is left (incoming::take_count).
class output_archive : public cereal::OutputArchive<output_archive, cereal::AllowEmptyClassElision> {
public:
    explicit output_archive(reduction::outgoing& out) : OutputArchive(this), out_(out) {}

    template <class... T>
    output_archive& operator()(T&&... parts) {
        (put(parts), ...);
        return *this;
    }
    template <class T>
    output_archive& operator&(T&& part) {
        return operator()(part);
    }
    template <class T>
    output_archive& operator<<(T&& part) {
        return operator()(part);
    }

    [[nodiscard]] reduction::outgoing& description() const noexcept { return out_; }

private:
    template <class T>
    void put(T&& part) {
        out_.put_part([&] {
            if constexpr (reduction::find_transferable<std::remove_cvref_t<T>, cereal_help::none>()) {
                encode(out_, part); // reduction::encode
            } else {
                OutputArchive::operator()(part);
            }
        });
    }

    reduction::outgoing& out_;
};

class input_archive : public cereal::InputArchive<input_archive, cereal::AllowEmptyClassElision> {
public:
    explicit input_archive(reduction::incoming& in) : InputArchive(this), in_(in) {}

    template <class... T>
    input_archive& operator()(T&&... parts) {
        (take(parts), ...);
        return *this;
    }
    template <class T>
    input_archive& operator&(T&& part) {
        return operator()(part);
    }
    template <class T>
    input_archive& operator>>(T&& part) {
        return operator()(part);
    }

    [[nodiscard]] reduction::incoming& description() const noexcept { return in_; }

private:
    template <class T>
    void take(T&& part) {
        in_.take_part([&] {
            using value = std::remove_cvref_t<T>;
            if constexpr (reduction::find_transferable<value, cereal_help::none>()) {
                part = decode<value>(in_); // reduction::decode
            } else {
                InputArchive::operator()(part);
            }
        });
    }

    reduction::incoming& in_;
};

// What cereal makes everything else of.
template <class T>
    requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(output_archive& archive, const T& number) {
    archive.description().put_bytes(&number, sizeof(number));
}
template <class T>
    requires std::is_arithmetic_v<T>
void CEREAL_LOAD_FUNCTION_NAME(input_archive& archive, T& number) {
    const std::string_view bytes = archive.description().take_bytes(sizeof(number));
    if constexpr (std::same_as<T, bool>) {
        number = bytes.front() != 0;
    } else {
        std::memcpy(&number, bytes.data(), sizeof(number));
    }
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(output_archive& archive, const cereal::BinaryData<T>& bytes) {
    archive.description().put_bytes(bytes.data, static_cast<std::size_t>(bytes.size));
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(input_archive& archive, cereal::BinaryData<T>& bytes) {
    const auto size = static_cast<std::size_t>(bytes.size);
    if (size != 0) {
        std::memcpy(bytes.data, archive.description().take_bytes(size).data(), size);
    }
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(output_archive& archive, const cereal::SizeTag<T>& count) {
    archive.description().put_number(count.size);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(input_archive& archive, cereal::SizeTag<T>& count) {
    count.size = archive.description().take_count();
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(output_archive& archive, const cereal::NameValuePair<T>& named) {
    archive(named.value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(input_archive& archive, cereal::NameValuePair<T>& named) {
    archive(named.value);
}

template <class T>
concept known_to_cereal = std::default_initializable<T> && cereal::traits::is_output_serializable<T, output_archive>::value &&
                          cereal::traits::is_input_serializable<T, input_archive>::value;

/// cereal sees a member function of a class in which serialises_itself sees none.
template <class T>
concept serialises_in_secret =
    std::is_final_v<T> && !serialises_itself<T> &&
    (cereal::traits::has_member_serialize<T, output_archive>::value || cereal::traits::has_member_versioned_serialize<T, output_archive>::value ||
     cereal::traits::has_member_save<T, output_archive>::value || cereal::traits::has_member_versioned_save<T, output_archive>::value ||
     cereal::traits::has_member_save_minimal<T, output_archive>::value ||
     cereal::traits::has_member_versioned_save_minimal<T, output_archive>::value);

template <class T>
    requires known_to_cereal<T>
struct by_cereal<T> {
    static_assert(!serialises_in_secret<T>,
                  "multiprocessing: this class is final, and its function for cereal is private, so a source file that does not include "
                  "cereal cannot see that there is one. Make the function public, or the class not final.");

    static constexpr bool is_known = true;

    static void encode(reduction::outgoing& out, const T& value) {
        output_archive archive(out);
        archive(value);
    }
    [[nodiscard]] static T decode(reduction::incoming& in) {
        input_archive archive(in);
        T value{};
        archive(value);
        return value;
    }
};

} // namespace multiprocessing::detail

CEREAL_REGISTER_ARCHIVE(multiprocessing::detail::output_archive)
CEREAL_REGISTER_ARCHIVE(multiprocessing::detail::input_archive)
CEREAL_SETUP_ARCHIVE_TRAITS(multiprocessing::detail::input_archive, multiprocessing::detail::output_archive)

namespace multiprocessing {

namespace detail {

/// Python's "should only be shared between processes through inheritance".
[[noreturn]] inline void refuse_other_archive() {
    throw std::logic_error("multiprocessing: a shared object can be serialised for a spawned process only, not to a file or another stream");
}

} // namespace detail

/// \cond for cereal alone
// A shared object in somebody else's archive, as a member of a type that goes to both.
template <class Archive, class T>
    requires reduction::reducible<T>
void CEREAL_SAVE_FUNCTION_NAME(Archive&, const T&) {
    detail::refuse_other_archive();
}
template <class Archive, class T>
    requires reduction::reducible<T>
void CEREAL_LOAD_FUNCTION_NAME(Archive&, T&) {
    detail::refuse_other_archive();
}
/// \endcond

} // namespace multiprocessing
