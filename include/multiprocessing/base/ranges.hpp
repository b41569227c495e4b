#pragma once
#include <multiprocessing/base/language.hpp>

#include <string_view> // says which standard library it is, and brings what bits/ranges_base.h takes for granted

/// \file
/// The concepts of ranges and what they are made of, without views.
///
/// Most of what `<ranges>` costs is views. libstdc++ 10 and later keep the rest in a header of its own, which `<string_view>` and `<span>` include.

#if defined(__GLIBCXX__) && __has_include(<bits/ranges_base.h>)
#    include <bits/ranges_base.h>
#else
#    include <ranges>
#endif
