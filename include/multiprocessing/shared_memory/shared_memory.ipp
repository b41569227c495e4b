#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/shared_memory/detail/making.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <ostream>
#include <stdexcept>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE std::shared_ptr<shared_memory_state> make_shared_memory(std::size_t size, permissions mode) {
    return make_by(std::nullopt, size, [&](const std::string& name) { return platform::named_memory::create(name, size, mode.bits()); });
}

MULTIPROCESSING_INLINE std::shared_ptr<shared_memory_state> make_shared_memory(std::string_view name, std::size_t size, permissions mode) {
    return make_by(name, size, [&](const std::string& text) { return platform::named_memory::create(text, size, mode.bits()); });
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
