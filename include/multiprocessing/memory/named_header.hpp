#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/named_kind.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

/// \file
/// The first 256 bytes of every named object, as they lie in shared memory (docs/named_objects.md is the same for other languages).

namespace multiprocessing::detail {

[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325u) noexcept {
    for (const char each : bytes) {
        hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3u;
    }
    return hash;
}

/// Written once, before the object has its name. Its checksum covers all of it.
struct named_header {
    static constexpr std::string_view expected_magic = "mp-named";
    static constexpr std::uint32_t expected_version = 2; // 1 knew a table of everybody's
    static constexpr std::uint32_t unlinked_on_destroy = 1;
    static constexpr std::size_t format_size = 152;

    /// A life_scope: the locks are written in the object's own table of lives, which lies behind it in the same memory.
    static constexpr std::uint32_t own_table = 2;
    static constexpr std::size_t own_table_slots = 1024;
    static constexpr std::size_t own_table_bytes = 64 + own_table_slots * 64;

    /// Where the own table of an object that ends there begins; 0 if it has none.
    [[nodiscard]] static constexpr std::uint64_t table_behind(std::uint64_t object_end, std::uint32_t scope) noexcept {
        return scope == own_table ? (object_end + 63) / 64 * 64 : 0;
    }
    /// What the memory takes, with the table.
    [[nodiscard]] static constexpr std::uint64_t bytes_with_table(std::uint64_t object_end, std::uint32_t scope) noexcept {
        return scope == own_table ? table_behind(object_end, scope) + own_table_bytes : object_end;
    }

    char magic[8];
    std::uint32_t version;
    named_kind kind;
    std::uint64_t total_bytes;       // of the memory: this header, the object, its table if it has one
    std::uint64_t object_offset;     // from the begin of the memory; what is in front of it is this header
    std::uint64_t value_offset;      // of the (first) element, likewise
    std::uint64_t element_bytes;
    std::uint64_t element_alignment;
    std::uint64_t count;             // of elements; 1 for a value
    std::uint64_t fingerprint;       // fnv1a of the whole format
    std::uint64_t life_table;        // the number of the table of lives that the object's locks are written in; 0: it has no locks
    std::uint32_t life_scope;        // whose table that is: 1 the user's, 2 the object's own
    std::uint32_t flags;             // 1: unlinked_on_destroy
    char format[format_size];        // what an element is, cut off if need be, with a NUL
    std::uint64_t life_offset;       // of the object's own table of lives, from the begin of the memory; 0: it has none
    std::uint64_t checksum;          // fnv1a of the bytes in front of it

    [[nodiscard]] std::uint64_t expected_checksum() const noexcept {
        return fnv1a({reinterpret_cast<const char*>(this), offsetof(named_header, checksum)});
    }
    [[nodiscard]] std::string_view format_text() const noexcept {
        return {format, static_cast<std::size_t>(std::find(format, format + format_size, '\0') - format)};
    }
};
static_assert(sizeof(named_header) == 256 && std::is_trivially_copyable_v<named_header> && std::is_standard_layout_v<named_header>);
static_assert(offsetof(named_header, format) == 88 && offsetof(named_header, life_offset) == 240 && offsetof(named_header, checksum) == 248);

} // namespace multiprocessing::detail
