#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// \file
/// What a named object is called, and what its maker asks for.

namespace multiprocessing {

/// The name of an object that unrelated programs share, and how it is made or opened. Mostly written as the name alone,
/// `SharedValue<int> hits(create_only, "hits", 0)`; with wishes as
/// `SharedValue<int> hits(create_only, object_name("hits").mode(0660), 0)`.
///
/// 1 to 200 characters of `A-Z a-z 0-9 . _ -`. POSIX: the object is the file `/dev/shm/mp.NAME`. Windows: the mapping `Local\mp.NAME`.
///
/// \see docs/named_objects.md, examples/named_counter.cpp
class object_name {
public:
    /// Throws `std::invalid_argument` for anything but such a name, before any system call.
    object_name(std::string_view name);
    /// The same.
    object_name(const char* name) : object_name(std::string_view(name)) {}
    /// The same.
    object_name(const std::string& name) : object_name(std::string_view(name)) {}

    /// Who may open what is made: as `chmod`, and no umask changes it. `std::filesystem::perms`, or the number, 0640. Without it, 0600: the
    /// user alone. Windows: without effect. (A template, so that those who ask for nothing need not compile that header.)
    template <class Perms>
        requires std::is_enum_v<Perms> || std::integral<Perms>
    [[nodiscard]] object_name mode(Perms mode) && {
        mode_ = static_cast<std::uint32_t>(mode);
        return std::move(*this);
    }
    /// Opens the object of another user too. Without it, that is refused: whoever can write to an object can make its readers read anything, and wait
    /// for as long as they wait. What is outside of the object is safe from them (docs/named_objects.md).
    [[nodiscard]] object_name of_any_user() && {
        of_any_user_ = true;
        return std::move(*this);
    }
    /// The name goes when the last copy of its maker's handle does, in the process that makes it; and, should that be killed before, at the next
    /// `collect()`. Those who have the object open keep it. Windows: everything goes with the last handle of all processes, asked for or not.
    [[nodiscard]] object_name unlink_on_destroy() && {
        unlink_on_destroy_ = true;
        return std::move(*this);
    }

    [[nodiscard]] const std::string& text() const noexcept { return text_; }                   ///< The name.
    [[nodiscard]] std::uint32_t mode() const noexcept { return mode_; }                        ///< See `mode(perms)`.
    [[nodiscard]] bool is_of_any_user() const noexcept { return of_any_user_; }                ///< See `of_any_user()`.
    [[nodiscard]] bool is_unlinked_on_destroy() const noexcept { return unlink_on_destroy_; }  ///< See `unlink_on_destroy()`.

private:
    std::string text_;
    std::uint32_t mode_ = 0600;
    bool of_any_user_ = false;
    bool unlink_on_destroy_ = false;
};

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/memory/object_name.ipp>
#endif
