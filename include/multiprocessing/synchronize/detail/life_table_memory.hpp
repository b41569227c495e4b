#pragma once

#include <multiprocessing/memory/arena.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/platform/life_token.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/random_number.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// \file
/// Where the table of a life_registry lies, and how a process comes by it.

namespace multiprocessing::detail {

/// The front of a table that has a name.
struct named_life_table {
    static constexpr std::string_view expected_magic = "mp-lives";
    static constexpr std::uint32_t expected_version = 1;

    char magic[8];
    std::uint32_t version;
    std::uint32_t token_bytes; // of one kind of token; different kinds do not see each other
    std::uint64_t number;
    char reserved[40];
};
static_assert(sizeof(named_life_table) == 64);

struct life_table_memory {
    std::shared_ptr<void> keeper;
    std::byte* slots = nullptr;
    platform::native_handle handle = platform::invalid_native_handle;
    std::uint64_t number = 0;

    /// The one that was handed over, in a process that was started with one; otherwise a new one. `initialize(slots, offset of these in the memory)`.
    template <class Initialize>
    [[nodiscard]] static life_table_memory of_family(std::size_t bytes, Initialize initialize) {
        const auto keep = [](memory::arena table) {
            auto kept = std::make_shared<memory::arena>(std::move(table));
            return life_table_memory{kept, kept->data(), kept->object().handle(), 0};
        };
        if (platform::started_by_self()) {
            return keep(memory::arena(platform::memory_object(
                platform::owned_handle(platform::inherited_handle(platform::handed_over::life_registry)), bytes)));
        }
        memory::arena fresh(bytes);
        initialize(fresh.data(), std::size_t{0});
        return keep(std::move(fresh));
    }

    /// The user's, or everybody's: found by its name, or published under it.
    template <class Initialize>
    [[nodiscard]] static life_table_memory named(bool of_user, std::size_t bytes, Initialize initialize) {
        const std::string name = "mp-lives." + (of_user ? platform::named_memory::user() : "of-everybody") + platform::life_token::kind;
        const std::size_t all = sizeof(named_life_table) + bytes;
        for (;;) {
            auto found = platform::named_memory::open(name, platform::access::read_write);
            if (found) {
                require_usable(*found, name, all, of_user);
            } else {
                found = platform::named_memory::create(name, all, of_user ? 0600 : 0666, [&](std::byte* begin) {
                    auto& front = *reinterpret_cast<named_life_table*>(begin);
                    named_life_table::expected_magic.copy(front.magic, sizeof(front.magic));
                    front.version = named_life_table::expected_version;
                    front.token_bytes = sizeof(platform::life_token);
                    front.number = platform::random_number() | 1;
                    initialize(begin + sizeof(named_life_table), sizeof(named_life_table));
                });
            }
            if (found) { // otherwise somebody was first: it is to be found now
                auto kept = std::make_shared<platform::named_memory>(std::move(*found));
                const auto& front = *reinterpret_cast<const named_life_table*>(kept->data());
                return {kept, kept->data() + sizeof(named_life_table), kept->handle(), front.number};
            }
        }
    }

private:
    static void require_usable(const platform::named_memory& table, const std::string& name, std::size_t bytes, bool of_user) {
        if (of_user && !table.is_of_this_user()) {
            throw std::system_error(std::make_error_code(std::errc::permission_denied),
                                    "multiprocessing: the table of lives \"" + name + "\" was put there by another user");
        }
        const auto& front = *reinterpret_cast<const named_life_table*>(table.data());
        if (table.size() != bytes || std::string_view(front.magic, sizeof(front.magic)) != named_life_table::expected_magic ||
            front.version != named_life_table::expected_version || front.token_bytes != sizeof(platform::life_token)) {
            throw LayoutError("multiprocessing: the table of lives \"" + name + "\" is of another version of this library, or damaged. When no "
                              "program uses it, remove it");
        }
    }
};

} // namespace multiprocessing::detail
