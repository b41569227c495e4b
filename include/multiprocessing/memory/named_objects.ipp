#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/named_segment.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/named_memory.hpp>

#include <optional>
#include <system_error>
#include <utility>

namespace multiprocessing {

namespace memory {

/// By one who says the mode himself: what he would have made others cannot write.
MULTIPROCESSING_INLINE void require_no_other_writers(const object_name& name, const named_object& found) {
    if (!name.is_of_any_user() && (found.mode & platform::others_write & ~name.mode()) != 0) {
        throw std::system_error(std::make_error_code(std::errc::permission_denied),
                                "multiprocessing: open_or_create \"" + name.text() + "\": there is an object that others may write, and none was asked "
                                "for; if that is what you want write object_name(...).mode(0660), or 0666, as its maker did");
    }
}

MULTIPROCESSING_INLINE named_object make_named(multiprocessing::detail::naming how, const object_name& name, const named_content& content,
                                               multiprocessing::detail::function_ref<void(std::byte*)> fill) {
    for (;;) {
        if (how.opens()) {
            if (auto found = named_segment::open(name, content)) {
                if (how.creates()) {
                    require_no_other_writers(name, *found);
                }
                return *std::move(found);
            }
            if (!how.creates()) {
                throw std::system_error(std::make_error_code(std::errc::no_such_file_or_directory),
                                        "multiprocessing: open_only \"" + name.text() + "\": there is no shared object of that name");
            }
        }
        if (auto made = named_segment::create(name, content, fill)) {
            return *std::move(made);
        }
        if (!how.opens()) {
            throw std::system_error(std::make_error_code(std::errc::file_exists),
                                    "multiprocessing: create_only \"" + name.text() + "\": there is a shared object of that name; open_only opens "
                                    "it, open_or_create does either");
        }
    }
}

MULTIPROCESSING_INLINE named_object open_to_read(const object_name& name, std::span<const named_content> alternatives) {
    auto found = named_segment::open(name, alternatives, platform::access::read_only);
    if (!found) {
        throw std::system_error(std::make_error_code(std::errc::no_such_file_or_directory),
                                "multiprocessing: \"" + name.text() + "\": there is no shared object of that name");
    }
    found->object = found->object.at(found->value_offset);
    return *std::move(found);
}

} // namespace memory

MULTIPROCESSING_INLINE bool unlink(const object_name& name) {
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

MULTIPROCESSING_INLINE std::vector<std::string> collect() {
    constexpr std::chrono::seconds patience{5};
    const platform::deadline until = platform::deadline_after(patience); // of all together
    std::vector<std::string> removed;
    for (const std::string& file : platform::named_memory::list(memory::named_segment::prefix)) {
        try {
            const auto memory = platform::named_memory::open(file, platform::access::read_only);
            if (!memory || !memory->is_of_this_user()) {
                continue;
            }
            const std::string name = file.substr(memory::named_segment::prefix.size());
            const auto header = memory::named_segment::read_header(*memory, name);
            if ((header.flags & header.unlinked_on_destroy) != 0 && !memory->is_held() && memory->unlink_if_named(file, until)) {
                removed.push_back(name);
            }
        } catch (const std::system_error&) {
            // another user's, or gone meanwhile, or another process is in the way: the next collect() tries again
        } catch (const LayoutError&) {
            // somebody else's file that happens to be called so
        }
    }
    return removed;
}

} // namespace multiprocessing
