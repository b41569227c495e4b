#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/shared_memory/detail/making.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <cstdint>
#include <ostream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE std::shared_ptr<shared_memory_state> make_shared_memory(std::size_t size, permissions mode) {
    return make_by(std::nullopt, size, [&](const std::string& name) { return platform::named_memory::create(name, size, mode.bits()); });
}

MULTIPROCESSING_INLINE std::shared_ptr<shared_memory_state> make_shared_memory(std::string_view name, std::size_t size, permissions mode) {
    return make_by(name, size, [&](const std::string& text) { return platform::named_memory::create(text, size, mode.bits()); });
}

MULTIPROCESSING_INLINE std::shared_ptr<shared_memory_state> open_or_make_shared_memory(std::string_view name, std::size_t size, permissions mode) {
    const std::string text(name);
    constexpr int most_turns = 1000; // each lost to another process, which made or removed it between two steps
    int empty_turns = 100;           // each lost to CPython, which has made it and is about to give it its size
    for (int turn = 0; turn < most_turns; ++turn) {
        if (auto there = platform::named_memory::open(text, platform::access::read_write)) {
            if (!there->is_of_this_user() || (there->mode() & platform::others_write & ~mode.bits()) != 0) {
                throw std::system_error(std::make_error_code(std::errc::permission_denied),
                                        "multiprocessing: shared memory \"" + escaped(text) + "\" is there already, and can be written by users whom you would not let: "
                                        "open it by open_only if that is what you want, or unlink it");
            }
            if (there->size() < size) {
                throw LayoutError("multiprocessing: shared memory \"" + escaped(text) + "\" has " + std::to_string(there->size()) + " bytes, and was to have " +
                                  std::to_string(size));
            }
            const std::size_t bytes = there->size();
            return opened(text, bytes, *std::move(there));
        }
        if (platform::named_memory::is_empty(text)) {
            if (empty_turns-- == 0) {
                throw LayoutError("multiprocessing: shared memory \"" + escaped(text) + "\" has 0 bytes: its maker has never given it its size; unlink it");
            }
            const std::uint32_t nobody_wakes = 0;
            platform::wait_word::wait(&nobody_wakes, 0, platform::clock::now() + std::chrono::milliseconds(1));
        } else if (auto made = platform::named_memory::create(text, size, mode.bits())) {
            return opened(text, size, *std::move(made));
        }
    }
    refuse_shared_memory(std::errc::device_or_resource_busy, "open or create", text);
}

MULTIPROCESSING_INLINE std::shared_ptr<shared_memory_state> open_shared_memory(std::string_view name, platform::access how) {
    const std::string text(name);
    auto memory = platform::named_memory::open(text, how);
    if (!memory) {
        refuse_shared_memory(std::errc::no_such_file_or_directory, "open", text);
    }
    const std::size_t size = memory->size();
    return opened(text, size, *std::move(memory));
}

MULTIPROCESSING_INLINE void unlink_shared_memory(const std::string& name) {
    if constexpr (platform::names_stay) {
        if (!platform::named_memory::unlink(name)) {
            refuse_shared_memory(std::errc::no_such_file_or_directory, "unlink", name);
        }
    }
}

MULTIPROCESSING_INLINE std::ostream& print_shared_memory(std::ostream& out, const shared_memory_state& memory) {
    return out << "SharedMemory('" << memory.name << "', size=" << memory.size << ')';
}

MULTIPROCESSING_INLINE void refuse_buf_of_closed(const std::string& name) {
    throw std::logic_error("multiprocessing: buf of shared memory \"" + detail::escaped(name) + "\", which is closed");
}

MULTIPROCESSING_INLINE void refuse_size(any_integer size) {
    throw std::invalid_argument("multiprocessing: the size of shared memory must be greater than 0, but is " + size.text());
}

MULTIPROCESSING_INLINE void put_name(reduction::outgoing& out, const std::string& name) { reduction::encode(out, name); }

MULTIPROCESSING_INLINE std::string take_name(reduction::incoming& in) { return reduction::decode<std::string>(in); }

} // namespace multiprocessing::detail
