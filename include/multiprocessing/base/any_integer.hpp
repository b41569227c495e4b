#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>

/// \file
/// An integer of any type, as an argument of a function that is no template.

namespace multiprocessing::detail {

/// Keeps the number and whether its type has a sign. For messages that name a number which a user gave.
class any_integer {
public:
    template <std::integral N>
    constexpr any_integer(N number) noexcept : bits_(static_cast<std::uint64_t>(number)), is_signed_(std::is_signed_v<N>) {}

    /// As `std::to_string` writes it.
    [[nodiscard]] std::string text() const;

private:
    std::uint64_t bits_;
    bool is_signed_;
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/base/any_integer.ipp>
#endif
