#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <variant>

/// \file
/// What a `ShareableList` can hold, and what of it is equal.

namespace multiprocessing {

class bytes;

namespace detail {

std::ostream& print_none(std::ostream& out);
std::ostream& print_bytes(std::ostream& out, const bytes& one);

} // namespace detail

/// Python's `None`. Its only value is `none`.
struct none_t {
    friend bool operator==(none_t, none_t) = default;
    /// `None`
    friend std::ostream& operator<<(std::ostream& out, none_t) { return detail::print_none(out); }
};
/// An item that is nothing.
inline constexpr none_t none{};

/// Python's `bytes`: any bytes, where a `std::string` is text in UTF-8.
class bytes {
public:
    bytes() = default;
    /// A copy of these.
    /// @{
    explicit bytes(std::string_view content) : content_(content) {}
    explicit bytes(std::span<const std::byte> content)
        : content_(reinterpret_cast<const char*>(content.data()), content.size()) {}
    /// @}

    [[nodiscard]] std::string_view view() const noexcept { return content_; }     ///< All of them.
    [[nodiscard]] std::size_t size() const noexcept { return content_.size(); } ///< How many.

    friend bool operator==(const bytes&, const bytes&) = default;
    /// `b'HoWdY'`
    friend std::ostream& operator<<(std::ostream& out, const bytes& one) { return detail::print_bytes(out, one); }

private:
    std::string content_;
};

/// An item of a `ShareableList`. Made from `none`, a `bool`, any integer that fits 64 bits with a sign, a number with a fraction, a text (a
/// `std::string` or a literal, in UTF-8) or `bytes`; other types do not compile. Looked at with `std::get`, `std::visit` and their kin.
///
/// \see docs/python_interop.md
using ShareableItem = std::variant<none_t, bool, std::int64_t, double, std::string, bytes>;

/// What Python calls equal: `1`, `1.0` and `True` are, a text and bytes never. (`==` of two items is that of `std::variant`: also of the same type.)
[[nodiscard]] bool is_equal_in_python(const ShareableItem& one, const ShareableItem& other);

namespace detail {

/// As Python writes it.
std::ostream& print_item(std::ostream& out, const ShareableItem& item);

} // namespace detail

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/shared_memory/shareable_item.ipp>
#endif
