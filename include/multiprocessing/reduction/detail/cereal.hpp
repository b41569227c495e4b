#pragma once

#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/reduction/reducer.hpp>

#include <concepts>
#include <cstddef>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#if __has_include(<cereal/archives/binary.hpp>)
#    include <cereal/archives/binary.hpp>
#    include <cereal/cereal.hpp>
#    define MULTIPROCESSING_HAS_CEREAL 1
#else
#    define MULTIPROCESSING_HAS_CEREAL 0
#endif

/// \file
/// Users' own types travel through cereal, if it is installed: whatever has a `serialize`, or `save` and `load`.

namespace multiprocessing::detail {

#if MULTIPROCESSING_HAS_CEREAL

/// The description that this thread's archive is part of. (cereal's own UserDataAdapter is experimental and off by default.)
inline constinit thread_local reduction::outgoing* archived_to = nullptr;
inline constinit thread_local reduction::incoming* archived_from = nullptr;

template <class Description>
class archive_scope {
public:
    archive_scope(Description*& place, Description& description) noexcept
        : place_(place), outer_(std::exchange(place, &description)) {}
    ~archive_scope() { place_ = outer_; }
    archive_scope(const archive_scope&) = delete;
    archive_scope& operator=(const archive_scope&) = delete;

private:
    Description*& place_;
    Description* outer_;
};

/// Python's "should only be shared between processes through inheritance".
template <class Description>
Description& require_description(Description* description) {
    if (description == nullptr) {
        throw std::logic_error("multiprocessing: a shared object can be serialised for a spawned process only, not to a file or another stream");
    }
    return *description;
}

template <class T>
inline constexpr bool known_to_cereal =
    std::default_initializable<T> && cereal::traits::is_output_serializable<T, cereal::BinaryOutputArchive>::value &&
    cereal::traits::is_input_serializable<T, cereal::BinaryInputArchive>::value;

template <class T>
void encode_by_cereal(reduction::outgoing& out, const T& value) {
    std::ostringstream stream;
    std::string before = out.exchange_bytes({});
    {
        const archive_scope scope(archived_to, out);
        cereal::BinaryOutputArchive archive(stream);
        archive(value);
    }
    const std::string shared_members = out.exchange_bytes(std::move(before));
    const std::string bytes = std::move(stream).str();
    out.put_number(bytes.size());
    out.put_bytes(bytes.data(), bytes.size());
    out.put_bytes(shared_members.data(), shared_members.size()); // read by their rebuild, while cereal reads the rest
}

template <class T>
[[nodiscard]] T decode_by_cereal(reduction::incoming& in) {
    const auto size = static_cast<std::size_t>(in.take_number());
    std::istringstream stream{std::string(in.take_bytes(size))};
    const archive_scope scope(archived_from, in);
    cereal::BinaryInputArchive archive(stream);
    T value{};
    archive(value);
    return value;
}

#else

template <class T>
inline constexpr bool known_to_cereal = false;
template <class T>
void encode_by_cereal(reduction::outgoing&, const T&);
template <class T>
[[nodiscard]] T decode_by_cereal(reduction::incoming&);

#endif

} // namespace multiprocessing::detail

#if MULTIPROCESSING_HAS_CEREAL
namespace multiprocessing {

// A shared object as a member of a type that cereal serialises.
template <class Archive, class T>
    requires reduction::reducible<T>
void CEREAL_SAVE_FUNCTION_NAME(Archive&, const T& object) {
    reduction::reducer<T>::reduce(object, detail::require_description(detail::archived_to));
}
template <class Archive, class T>
    requires reduction::reducible<T>
void CEREAL_LOAD_FUNCTION_NAME(Archive&, T& object) {
    object = reduction::reducer<T>::rebuild(detail::require_description(detail::archived_from));
}

} // namespace multiprocessing
#endif
