#pragma once
#include <multiprocessing/base/language.hpp>

#include <boost/interprocess/creation_tags.hpp>

#include <concepts>

/// \file
/// Whether a name must be new, must be there, or may be either. The types are those of Boost.Interprocess, so its tags will do as well.

namespace multiprocessing {

using boost::interprocess::create_only_t;
using boost::interprocess::open_only_t;
using boost::interprocess::open_or_create_t;

/// Make it; it is an error when it is there already.
inline constexpr create_only_t create_only{};
/// Open what somebody made; it is an error when it is not there.
inline constexpr open_only_t open_only{};
/// Open it, or make it when it is not there.
inline constexpr open_or_create_t open_or_create{};

namespace detail {

/// A tag with which something may be made.
template <class Tag>
concept making_tag = std::same_as<Tag, create_only_t> || std::same_as<Tag, open_or_create_t>;

/// Any of the three.
template <class Tag>
concept naming_tag = making_tag<Tag> || std::same_as<Tag, open_only_t>;

/// The three as one type, for functions that are no templates.
class naming {
public:
    constexpr naming(create_only_t) noexcept : creates_(true), opens_(false) {}
    constexpr naming(open_only_t) noexcept : creates_(false), opens_(true) {}
    constexpr naming(open_or_create_t) noexcept : creates_(true), opens_(true) {}

    [[nodiscard]] constexpr bool creates() const noexcept { return creates_; } ///< Whether it makes what is not there.
    [[nodiscard]] constexpr bool opens() const noexcept { return opens_; }     ///< Whether it opens what is there.

private:
    bool creates_;
    bool opens_;
};

} // namespace detail

} // namespace multiprocessing
