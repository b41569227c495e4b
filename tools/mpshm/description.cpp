#include "description.hpp"

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_segment.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/synchronize/barrier.hpp>
#include <multiprocessing/synchronize/bounded_semaphore.hpp>
#include <multiprocessing/synchronize/detail/waiter_table.hpp>
#include <multiprocessing/synchronize/event.hpp>
#include <multiprocessing/synchronize/semaphore.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace mpshm {

namespace mp = multiprocessing;
using mp::robust::mutex_state;
using mp::robust::life_registry;
using mp::robust::life_scope;
using mp::detail::named_header;
using mp::detail::named_kind;
using mp::detail::escaped;
using mp::detail::waiter_table;
using mp::memory::named_segment;
using mp::platform::named_memory;

namespace {

/// More elements than that are not shown.
constexpr std::uint64_t most_elements = 64;

struct looked_at {
    named_memory memory;
    named_header header;
};

looked_at look_at(const std::string& name) {
    auto memory = named_memory::open(named_segment::file_name(name), mp::platform::access::read_only);
    if (!memory) {
        throw std::system_error(std::make_error_code(std::errc::no_such_file_or_directory), "there is no shared object \"" + escaped(name) + "\"");
    }
    const named_header header = named_segment::read_header(*memory, name);
    return {std::move(*memory), header};
}

/// What is read is a copy: an access to memory that its user makes shorter would end this program.
[[noreturn]] void throw_shorter() {
    throw mp::LayoutError("multiprocessing: the object was made shorter while it was looked at");
}

std::vector<std::byte> bytes_of(const looked_at& what, std::uint64_t offset, std::uint64_t size) {
    std::vector<std::byte> copy(static_cast<std::size_t>(size));
    if (!what.memory.read(static_cast<std::size_t>(offset), copy)) {
        throw_shorter();
    }
    return copy;
}

/// As it is, which may be anything.
std::string element_of(const named_header& header) { return std::string(header.format_text()); }

/// By the object's own table, which may be another user's, and can only be read here.
bool lives_in(const looked_at& what, mp::robust::life_id owner) {
    const auto& [memory, header] = what;
    if (header.life_offset % 64 != 0 || header.life_offset > memory.size() || memory.size() - header.life_offset < named_header::own_table_bytes) {
        return true; // damaged: nobody can tell
    }
    struct alignas(64) table_copy {
        std::byte bytes[named_header::own_table_bytes];
    };
    const auto table = std::make_unique<table_copy>();
    if (!memory.read(static_cast<std::size_t>(header.life_offset), table->bytes)) {
        throw_shorter();
    }
    const mp::robust::life_registry registry(life_scope::object, {nullptr, table->bytes, memory.handle(), {}},
                                             life_registry::object_capacity, header.life_table);
    return registry.look(owner) != mp::platform::life::gone;
}

/// A lock is at the front of the object, if there is one.
std::string lock_of(const looked_at& what) {
    const auto& [memory, header] = what;
    const bool has_none = header.kind == named_kind::event || header.kind == named_kind::semaphore || header.kind == named_kind::bounded_semaphore;
    if (has_none || header.life_scope == 0 || header.total_bytes < named_segment::object_offset + sizeof(mutex_state)) {
        return "-";
    }
    alignas(mutex_state) std::byte front[sizeof(mutex_state)];
    if (!memory.read(named_segment::object_offset, front)) {
        throw_shorter();
    }
    if (header.kind == named_kind::condition) { // which may have the lock of another object
        alignas(waiter_table) std::byte table[sizeof(waiter_table)];
        if (!memory.read(named_segment::object_offset, table)) {
            throw_shorter();
        }
        if (reinterpret_cast<const waiter_table*>(table)->lock_of_another != 0) {
            return "of another object";
        }
    }
    const auto& lock = *reinterpret_cast<const mutex_state*>(front);
    const mp::robust::life_id owner = lock.owner();
    const std::string died = lock.has(mutex_state::owner_died) ? ", owner_died" : "";
    if (owner.is_nobody()) {
        return "free" + died;
    }
    const life_scope scope = owner.scope();
    const std::string thread = std::string(scope == life_scope::user ? "user" : "object") + ":" + std::to_string(owner.slot()) + "." +
                               std::to_string(owner.generation());
    if (scope == life_scope::object && header.life_scope == named_header::own_table) {
        return thread + (lives_in(what, owner) ? " lives" : " dead") + died;
    }
    // Another user's table, or one that was removed, says nothing of this owner.
    if (scope != life_scope::user || header.life_scope != 1 || life_registry::of(scope).number() != header.life_table) {
        return thread + " of a table that is not known here";
    }
    return thread + (life_registry::is_alive(owner) ? " lives" : " dead") + died;
}

template <class T>
std::string number_at(const std::byte* place) {
    T number{};
    std::memcpy(&number, place, sizeof(number));
    std::ostringstream text;
    text.precision(17);
    text << +number;
    return text.str();
}

/// Empty for what is not a number.
std::string element_at(const std::byte* place, std::string_view format) {
    using text_of = std::string (*)(const std::byte*);
    struct entry {
        std::string_view format;
        text_of text;
    };
    static constexpr entry known[] = {
        {"i1", number_at<std::int8_t>},    {"i2", number_at<std::int16_t>},   {"i4", number_at<std::int32_t>},  {"i8", number_at<std::int64_t>},
        {"u1", number_at<std::uint8_t>},   {"u2", number_at<std::uint16_t>},  {"u4", number_at<std::uint32_t>}, {"u8", number_at<std::uint64_t>},
        {"U1", number_at<std::uint8_t>},   {"U2", number_at<std::uint16_t>},  {"U4", number_at<std::uint32_t>}, {"f4", number_at<float>},
        {"f8", number_at<double>},         {"b1", number_at<std::uint8_t>},
    };
    const auto found = std::ranges::find(known, format, &entry::format);
    return found == std::end(known) ? std::string() : found->text(place);
}

std::string text_at(const std::byte* place, std::uint64_t size) {
    const std::string copy(reinterpret_cast<const char*>(place), static_cast<std::size_t>(size)); // which nobody changes between look and print
    return '"' + escaped(copy) + '"';
}

/// What a primitive would answer at this moment; nothing for what is none, or may not be opened.
std::optional<std::string> state_of(const std::string& name, named_kind kind) {
    const auto with = [&]<class Primitive>(std::type_identity<Primitive>, auto say) -> std::optional<std::string> {
        try {
            return say(Primitive(mp::open_only, name));
        } catch (const std::exception&) { // gone or damaged, or another user's
            return std::nullopt;
        }
    };
    switch (kind) {
    case named_kind::event:
        return with(std::type_identity<mp::Event>(), [](const mp::Event& one) { return std::string(one.is_set() ? "set" : "not set"); });
    case named_kind::semaphore:
        return with(std::type_identity<mp::Semaphore>(), [](const mp::Semaphore& one) { return std::to_string(one.value()) + " permits"; });
    case named_kind::bounded_semaphore:
        return with(std::type_identity<mp::BoundedSemaphore>(), [](const auto& one) { return std::to_string(one.value()) + " permits"; });
    case named_kind::barrier:
        return with(std::type_identity<mp::Barrier>(), [](const mp::Barrier& one) {
            return one.broken() ? std::string("broken") : std::to_string(one.n_waiting()) + " of " + std::to_string(one.parties()) + " wait";
        });
    default:
        return std::nullopt;
    }
}

/// The elements, which may change while they are read. Nothing where they are no numbers, or not all inside.
std::optional<std::string> value_of(const looked_at& what) {
    const named_header& header = what.header;
    if (header.element_bytes == 0 || header.value_offset > header.total_bytes ||
        header.count > (header.total_bytes - header.value_offset) / header.element_bytes) {
        return std::nullopt;
    }
    const std::uint64_t shown = std::min(header.count, most_elements);
    const std::string rest = shown < header.count ? " ..." : "";
    const std::string format = element_of(header);
    if (format.size() != 2 || std::to_string(header.element_bytes) != format.substr(1)) {
        return std::nullopt;
    }
    const std::vector<std::byte> elements = bytes_of(what, header.value_offset, shown * header.element_bytes);
    const std::byte* const first = elements.data();
    if (format == "S1") {
        return text_at(first, shown) + rest;
    }
    std::string text;
    for (std::uint64_t i = 0; i < shown; ++i) {
        const std::string element = element_at(first + i * header.element_bytes, format);
        if (element.empty()) {
            return std::nullopt;
        }
        text += (i == 0 ? "" : " ") + element;
    }
    return text + rest;
}

} // namespace

std::vector<std::string> names() {
    std::vector<std::string> all = named_memory::list(named_segment::prefix);
    const std::vector<std::string> others = named_memory::list_others(named_segment::prefix);
    all.insert(all.end(), others.begin(), others.end());
    std::ranges::sort(all);
    for (std::string& each : all) {
        each.erase(0, named_segment::prefix.size());
    }
    return all;
}

row row_of(const std::string& name) {
    const auto refused = [&](std::string why) { return row{false, {escaped(name), std::move(why), "-", "-", "-", "-"}}; };
    try {
        // A pipe, a folder, a device: not to be opened, for that does something to whoever uses it.
        if (const std::string file = named_segment::file_name(name); !named_memory::exists(file)) {
            const std::vector<std::string> others = named_memory::list_others(file);
            return refused(std::ranges::find(others, file) != others.end() ? "no memory" : "gone meanwhile");
        }
        const looked_at what = look_at(name);
        return {true,
                {escaped(name), std::string(mp::detail::name_of(what.header.kind)), escaped(element_of(what.header)),
                 std::to_string(what.header.count), std::to_string(what.header.total_bytes), lock_of(what)}};
    } catch (const mp::LayoutError&) {
        return refused("no object");
    } catch (const std::invalid_argument&) { // a file with a name that no object can have
        return refused("no object");
    } catch (const std::system_error& error) {
        return refused(error.code().message());
    } catch (const std::exception& error) {
        return refused(escaped(error.what()));
    }
}

std::vector<std::pair<std::string, std::string>> details_of(const std::string& name) {
    const looked_at what = look_at(name);
    const named_header& header = what.header;
    std::ostringstream mode;
    mode << std::oct << what.memory.mode();
    std::vector<std::pair<std::string, std::string>> details{
        {"name", escaped(name)},
        {"kind", std::string(mp::detail::name_of(header.kind))},
        {"element", escaped(element_of(header))},
        {"count", std::to_string(header.count)},
        {"bytes", std::to_string(header.total_bytes)},
        {"mode", mode.str()},
        {"owner", what.memory.is_of_this_user() ? "this user" : "another user"},
        {"on destroy", (header.flags & named_header::unlinked_on_destroy) == 0 ? "stays"
                       : what.memory.is_held()                                 ? "goes; its maker, or who has it from there, lives"
                                                                               : "goes; collect removes it"},
        {"lock", lock_of(what)},
    };
    if (const auto value = value_of(what)) {
        details.emplace_back("value", *value);
    } else if (const auto state = state_of(name, header.kind)) {
        details.emplace_back("state", *state);
    }
    return details;
}

} // namespace mpshm
