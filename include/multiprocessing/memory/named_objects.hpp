#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/function_ref.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/memory/object_name.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

/// \file
/// Making, opening and removing what has a name.

namespace multiprocessing {

namespace memory {

/// The object of that name: new, which `fill(place)` completes in memory that reads as zeros; there already; or either, and of those who make it at
/// once one does, and the others open that one's. Throws `std::system_error`: file_exists when it must be new and the name is taken;
/// no_such_file_or_directory when it must be there and is not; no_space_on_device when its memory cannot be reserved. LayoutError when it is another.
[[nodiscard]] named_object make_named(multiprocessing::detail::naming how, const object_name& name, const named_content& content,
                                      multiprocessing::detail::function_ref<void(std::byte*)> fill);

/// For open_only, which fills nothing.
inline constexpr auto no_fill = [](std::byte*) {};

/// Of the object of that name, any of several, the elements, mapped for reading alone. Throws as make_named(open_only, ...).
[[nodiscard]] named_object open_to_read(const object_name& name, std::span<const named_content> alternatives);

} // namespace memory

/// Takes the name away, at once: new openers find nothing, and the name may be given again. Those who have the object open keep it, and its
/// memory goes with the last of them. Waits while another process of the object's user removes one; but root for no other user. Windows: an
/// object is gone with its last handle and not before, so this does nothing, and says whether it exists. Like Boost's
/// `shared_memory_object::remove`. Returns false when there was no such name. Throws `std::system_error`: timed_out, with what is in the way, when its
/// turn has not come after five seconds; operation_not_permitted for another user's object. Killed at any moment, it has removed the name or not, and
/// is in nobody's way; nor is a child that was forked meanwhile.
///
/// \see docs/named_objects.md, examples/named_counter.cpp
bool unlink(const object_name& name);

/// Removes the named objects of this user that were made with `unlink_on_destroy` and whose maker was killed: nobody who had the maker's
/// handle, by being it, its fork or its spawned child, is left. Never anything else. Returns the names. The system says who is left, so
/// process ids that were given again and other pid namespaces do not matter. Waits for others as `unlink` does, but five seconds at most for all
/// objects together; what it did not get to is left to the next call. Windows: nothing is ever left to collect.
///
/// \see docs/named_objects.md
std::vector<std::string> collect();

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/memory/named_objects.ipp>
#endif
