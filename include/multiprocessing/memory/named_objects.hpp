#pragma once

#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/named_segment.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/named_memory.hpp>

#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

/// \file
/// Making, opening and removing what has a name.

namespace multiprocessing {

namespace memory {

/// The object is new. Throws `std::system_error`, file_exists, when the name is taken; no_space_on_device when its memory cannot be reserved.
template <class Fill>
[[nodiscard]] named_segment::opened make_named(create_only_t, const object_name& name, const named_content& content, Fill fill) {
    auto made = named_segment::create(name, content, fill);
    if (!made) {
        throw std::system_error(std::make_error_code(std::errc::file_exists),
                                "multiprocessing: create_only \"" + name.text() + "\": there is a shared object of that name; open_only opens it, "
                                "open_or_create does either");
    }
    return *std::move(made);
}

/// The object was there. Throws `std::system_error`, no_such_file_or_directory, when it is not; LayoutError when it is another.
template <class Fill>
[[nodiscard]] named_segment::opened make_named(open_only_t, const object_name& name, const named_content& expected, Fill) {
    auto found = named_segment::open(name, expected);
    if (!found) {
        throw std::system_error(std::make_error_code(std::errc::no_such_file_or_directory),
                                "multiprocessing: open_only \"" + name.text() + "\": there is no shared object of that name");
    }
    return *std::move(found);
}

/// Either. Of those who make it at once, one does, and the others open that one's.
template <class Fill>
[[nodiscard]] named_segment::opened make_named(open_or_create_t, const object_name& name, const named_content& content, Fill fill) {
    for (;;) {
        if (auto found = named_segment::open(name, content)) {
            return *std::move(found);
        }
        if (auto made = named_segment::create(name, content, fill)) {
            return *std::move(made);
        }
    }
}

/// For open_only, which fills nothing.
inline constexpr auto no_fill = [](std::byte*) {};

} // namespace memory

/// Takes the name away, at once: new openers find nothing, and the name may be given again. Those who have the object open keep it, and its
/// memory goes with the last of them. Returns false when there was no such name. Windows: an object is gone with its last handle and not
/// before, so this does nothing, and says whether it exists. Like Boost's `shared_memory_object::remove`.
///
/// \see docs/named_objects.md, examples/named_counter.cpp
inline bool unlink(const object_name& name) {
    const std::string file = memory::named_segment::file_name(name);
    while (auto memory = platform::named_memory::open(file, platform::access::read_only)) {
        if (!platform::names_stay) {
            return true;
        }
        if (memory->unlink_if_named(file)) {
            return true;
        }
    }
    // What open() finds nothing in, and yet has the name: no object of this library, and in the way of one.
    return platform::named_memory::is_empty(file) && platform::named_memory::unlink(file);
}

/// Removes the named objects of this user that were made with `unlink_on_destroy` and whose maker was killed: nobody who had the maker's
/// handle, by being it, its fork or its spawned child, is left. Never anything else. Returns the names. The system says who is left, so
/// process ids that were given again and other pid namespaces do not matter. Windows: nothing is ever left to collect.
///
/// \see docs/named_objects.md
inline std::vector<std::string> collect() {
    std::vector<std::string> removed;
    for (const std::string& file : platform::named_memory::list(memory::named_segment::prefix)) {
        try {
            const auto memory = platform::named_memory::open(file, platform::access::read_only);
            if (!memory || !memory->is_of_this_user()) {
                continue;
            }
            const std::string name = file.substr(memory::named_segment::prefix.size());
            const auto header = memory::named_segment::read_header(*memory, name);
            if ((header.flags & header.unlinked_on_destroy) != 0 && !memory->is_held() && memory->unlink_if_named(file)) {
                removed.push_back(name);
            }
        } catch (const std::system_error&) {
            // another user's, or gone meanwhile
        } catch (const LayoutError&) {
            // somebody else's file that happens to be called so
        }
    }
    return removed;
}

} // namespace multiprocessing
