#pragma once

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

} // namespace detail

} // namespace multiprocessing
