#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/function_ref.hpp>
#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/detail/made_name.hpp>
#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/detail/segment_table.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/memory_identity.hpp>
#include <multiprocessing/platform/named_memory.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

/// \file
/// The memory of one named object: made whole, opened with care, and kept as long as a handle in this process refers to it.

namespace multiprocessing::memory {

/// Named memory that begins with a named_header; the object lies behind it. Its blocks are counted: it is unmapped with the last.
///
/// *One for each object.* Whoever makes or opens the object in this process gets blocks of the same mapping, and so the same addresses
/// (detail/segment_table.hpp); those who open it to be read only, of a second one. Only the unlinking that `unlink_on_destroy` asks for is
/// the maker's own (detail/made_name.hpp).
///
/// *Publication.* The object has its name only when it is complete (platform::named_memory::create), so whoever finds the name finds a whole object,
/// and a maker that is killed leaves a whole object or none. *Opening* believes nothing it has not checked: the size of the memory, then the checksum
/// of the header, then each number in it against what the opener expects; only then is the object looked at.
class named_segment final : public detail::listed_segment {
public:
    static constexpr std::string_view prefix = "mp."; ///< Of every name, for the system.
    static constexpr std::size_t object_offset = sizeof(multiprocessing::detail::named_header); ///< The header is in front of it.

    /// A new object, which `fill(std::byte*)` completes in memory that reads as zeros. Empty when the name is taken.
    [[nodiscard]] static std::optional<named_object> create(const object_name& name, const named_content& content,
                                                            multiprocessing::detail::function_ref<void(std::byte*)> fill) {
        using multiprocessing::detail::named_header;
        const std::uint64_t object_end = object_offset + content.bytes_for(static_cast<std::size_t>(content.count.value()));
        const std::uint64_t total_bytes = named_header::bytes_with_table(object_end, content.life_scope);
        const auto bytes = static_cast<std::size_t>(total_bytes);
        const std::uint64_t table = named_header::table_behind(object_end, content.life_scope);
        auto memory = platform::named_memory::create(
            file_name(name), bytes, name.mode(),
            [&](std::byte* begin) {
                write_header(*reinterpret_cast<named_header*>(begin), name, content, bytes, table);
                fill(begin + object_offset);
            },
            name.is_unlinked_on_destroy() ? platform::hold::yes : platform::hold::no);
        if (!memory) {
            return std::nullopt;
        }
        const auto made = std::make_shared<const platform::named_memory>(*std::move(memory));
        const auto identity = made->identity();
        block object = block_of(keep(made, platform::access::read_write, identity));
        block mapping = object;
        if (name.is_unlinked_on_destroy()) {
            object = detail::made_name::keep(std::move(object), made, file_name(name));
        }
        return named_object{std::move(object),    std::move(mapping), *content.count, content.life_scope, content.life_table,
                            content.value_offset, from_object(table), true,           name.mode(),    identity};
    }

    /// Empty when there is nothing of that name. Throws LayoutError when it is something else than expected; `std::system_error`,
    /// permission_denied, when it is another user's.
    [[nodiscard]] static std::optional<named_object> open(const object_name& name, const named_content& expected) {
        return open(name, {&expected, 1}, platform::access::read_write);
    }

    /// The same, where any of several will do.
    [[nodiscard]] static std::optional<named_object> open(const object_name& name, std::span<const named_content> alternatives,
                                                    platform::access how) {
        return open_any(name, how, [&](const multiprocessing::detail::named_header& header) -> const named_content& {
            const auto found = std::find_if(alternatives.begin(), alternatives.end(), [&](const auto& each) { return is_match(header, each); });
            return found != alternatives.end() ? *found : alternatives.back();
        });
    }

    /// The same for one who learns from the object what it is: `expect(header)` says what it is to be. The header is whole, but somebody else's, so
    /// what `expect` takes from it (a kind, the size of an element) decides only which object this would be; that it is one is then checked as ever.
    template <class Expect>
    [[nodiscard]] static std::optional<named_object> open_any(const object_name& name, platform::access how, Expect&& expect) {
        auto memory = platform::named_memory::open(file_name(name), how);
        if (!memory) {
            if (platform::named_memory::is_empty(file_name(name))) {
                throw LayoutError("multiprocessing: \"" + name.text() + "\" is no object of this library: it has 0 bytes, fewer than a header");
            }
            return std::nullopt;
        }
        if (!memory->is_of_this_user() && !name.is_of_any_user()) {
            throw std::system_error(std::make_error_code(std::errc::permission_denied),
                                    "multiprocessing: \"" + name.text() + "\" belongs to another user, who could change it under its readers (or it "
                                    "has a second name, by which another user can); if that is what you want write object_name(...).of_any_user()");
        }
        const multiprocessing::detail::named_header header = read_header(*memory, name.text());
        const named_content& expected = expect(header);
        if (!is_match(header, expected)) {
            throw LayoutError("multiprocessing: \"" + name.text() + "\" is a " + title_of(header) + ", and was opened as a " +
                              expected.title());
        }
        // The count is not believed before it has been seen to fit, without being multiplied.
        using multiprocessing::detail::named_header;
        const bool may_fit = header.count <= header.total_bytes / expected.element_bytes;
        const std::uint64_t object_end = may_fit ? object_offset + expected.bytes_for(static_cast<std::size_t>(header.count)) : 0;
        if (!may_fit || header.total_bytes != named_header::bytes_with_table(object_end, header.life_scope) ||
            header.life_offset != named_header::table_behind(object_end, header.life_scope)) {
            throw LayoutError("multiprocessing: \"" + name.text() + "\" is a " + title_of(header) + ", which does not take " +
                              std::to_string(header.total_bytes) + " bytes");
        }
        const bool of_this_user = memory->is_of_this_user();
        const std::uint32_t mode = memory->mode();
        const auto identity = memory->identity();
        block object = find_or_keep(*std::move(memory), how, identity, name.text());
        block mapping = object;
        return named_object{std::move(object), std::move(mapping), static_cast<std::size_t>(header.count), header.life_scope,
                            header.life_table, expected.value_offset, from_object(header.life_offset), of_this_user, mode, identity};
    }

    /// The header of what has a name, looked at by one who does not know what it is.
    [[nodiscard]] static multiprocessing::detail::named_header read_header(const platform::named_memory& memory, const std::string& name) {
        const auto refuse = [&](const std::string& why) {
            throw LayoutError("multiprocessing: \"" + multiprocessing::detail::escaped(name) + "\" is no object of this library: " + why);
        };
        multiprocessing::detail::named_header header{};
        if (memory.size() < sizeof(header)) {
            refuse("it has " + std::to_string(memory.size()) + " bytes, fewer than a header");
        }
        if (!memory.read(0, std::as_writable_bytes(std::span(&header, 1)))) {
            refuse("it was made shorter while it was opened");
        }
        if (std::string_view(header.magic, sizeof(header.magic)) != header.expected_magic) {
            refuse("it does not begin with the right bytes");
        }
        if (header.version != header.expected_version) {
            refuse("it is of layout version " + std::to_string(header.version) + ", and this program knows version " +
                   std::to_string(header.expected_version));
        }
        if (header.checksum != header.expected_checksum()) {
            refuse("its header was damaged");
        }
        if (header.total_bytes != memory.size() || header.object_offset != object_offset) {
            refuse("its size is " + std::to_string(memory.size()) + " bytes, and its header says " + std::to_string(header.total_bytes));
        }
        return header;
    }

    /// What the system calls it.
    [[nodiscard]] static std::string file_name(const object_name& name) { return std::string(prefix) + name.text(); }

    /// One more block refers to it.
    void retain(const std::byte*) noexcept override { references_.fetch_add(1, std::memory_order_relaxed); }
    /// The same, for one who found it in the table: false when its last block has gone.
    [[nodiscard]] bool try_retain() noexcept override {
        std::size_t now = references_.load(std::memory_order_relaxed);
        while (now != 0 && !references_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed)) {
        }
        return now != 0;
    }
    /// One less; with the last one it is unmapped.
    void release(const std::byte*) noexcept override {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            if (key_) {
                detail::segment_table::remove(*key_, *this);
            }
            delete this;
        }
    }
    /// The offset is from the begin of the memory.
    [[nodiscard]] location locate(const std::byte* where) noexcept override {
        return {&opened_->object(), static_cast<std::size_t>(where - data_)};
    }

private:
    named_segment(std::shared_ptr<const platform::named_memory> opened, const std::optional<detail::segment_key>& key)
        : opened_(std::move(opened)), key_(key) {
        data_ = opened_->data();
        size_ = opened_->size();
    }
    ~named_segment() = default;
    friend std::default_delete<named_segment>;

    using known_identity = std::optional<platform::memory_identity>;

    [[nodiscard]] static std::optional<detail::segment_key> key_of(const known_identity& identity, platform::access how) {
        return identity ? std::optional(detail::segment_key{*identity, how}) : std::nullopt;
    }

    /// The mapping that this process has of that memory, or from now on this one, with a reference for the caller.
    [[nodiscard]] static detail::listed_segment& keep(std::shared_ptr<const platform::named_memory> opened, platform::access how,
                                                      const known_identity& identity) {
        const auto key = key_of(identity, how);
        std::unique_ptr<named_segment> fresh(new named_segment(std::move(opened), key));
        if (key) {
            if (auto& kept = detail::segment_table::find_or_add(*key, *fresh); &kept != fresh.get()) {
                return kept;
            }
        }
        return *fresh.release();
    }

    /// The same, for what was opened and checked; without a descriptor and a mapping more where there is one.
    [[nodiscard]] static block find_or_keep(platform::named_memory memory, platform::access how, const known_identity& identity,
                                            const std::string& name) {
        const std::size_t bytes = memory.size();
        const auto key = key_of(identity, how);
        detail::listed_segment* kept = key ? detail::segment_table::find(*key) : nullptr;
        if (kept == nullptr) {
            kept = &keep(std::make_shared<const platform::named_memory>(std::move(memory)), how, identity);
        }
        block object = block_of(*kept);
        // What was checked is the memory as it is now. The mapping may be of a time when the file was shorter.
        if (kept->size() < bytes) {
            throw LayoutError("multiprocessing: \"" + name + "\" has " + std::to_string(bytes) + " bytes, and had " +
                              std::to_string(kept->size()) + " when this process opened it first: objects never grow, so something else has "
                              "written to it; unlink(\"" + name + "\"), and make it anew");
        }
        return object;
    }

    /// Takes over a reference that is counted already.
    [[nodiscard]] static block block_of(detail::listed_segment& segment) noexcept { return {segment, segment.data() + object_offset}; }

    [[nodiscard]] static std::size_t from_object(const std::uint64_t offset) noexcept {
        return offset != 0 ? static_cast<std::size_t>(offset) - object_offset : 0;
    }

    static void write_header(multiprocessing::detail::named_header& header, const object_name& name, const named_content& content, std::size_t bytes,
                             std::uint64_t table) {
        multiprocessing::detail::named_header::expected_magic.copy(header.magic, sizeof(header.magic));
        header.version = header.expected_version;
        header.kind = content.kind;
        header.total_bytes = bytes;
        header.object_offset = object_offset;
        header.value_offset = object_offset + content.value_offset;
        header.element_bytes = content.element_bytes;
        header.element_alignment = content.element_alignment;
        header.count = *content.count;
        header.fingerprint = multiprocessing::detail::fnv1a(content.format);
        header.life_scope = content.life_scope;
        header.life_table = content.life_table;
        header.life_offset = table;
        header.flags = name.is_unlinked_on_destroy() ? header.unlinked_on_destroy : 0;
        content.format.copy(header.format, sizeof(header.format) - 1);
        header.checksum = header.expected_checksum();
    }

    [[nodiscard]] static bool is_match(const multiprocessing::detail::named_header& header, const named_content& expected) {
        return header.kind == expected.kind && header.fingerprint == multiprocessing::detail::fnv1a(expected.format) &&
               header.element_bytes == expected.element_bytes && header.element_alignment == expected.element_alignment &&
               header.value_offset == object_offset + expected.value_offset && (!expected.count || header.count == *expected.count);
    }

    [[nodiscard]] static std::string title_of(const multiprocessing::detail::named_header& header) {
        return named_content{header.kind, std::string(header.format_text()), 0, 0, header.count, 0, {}}.title();
    }

    std::shared_ptr<const platform::named_memory> opened_;
    std::optional<detail::segment_key> key_;
    std::atomic<std::size_t> references_{1};
};

} // namespace multiprocessing::memory
