#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/arena.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/platform/life_token.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/random_number.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// \file
/// Where the table of a life_registry lies, and how a process comes by it.

namespace multiprocessing::robust {

/// The front of a table. Behind it are its slots, which begin as zeros.
struct life_table_front {
    static constexpr std::string_view expected_magic = "mp-lives";
    static constexpr std::uint32_t expected_version = 4; // 1 had robust mutexes, 2 did not say its kind of tokens, 3 counted from 0

    char magic[8];
    std::uint32_t version;
    std::uint32_t slot_bytes;
    std::uint64_t number;
    std::atomic<std::uint64_t> processes; // the number that was given last. From `number` on, which is random: platform::life_tokens relies on it
    std::uint32_t token_kind;             // platform::life_tokens::kind
    std::uint32_t count_of_slots;
    std::atomic<std::uint64_t> dead_owners; // so many locks that are written in its names were taken from a dead owner

    [[nodiscard]] static std::uint64_t new_number() { return platform::random_number() | 1; }

    void initialize(std::size_t slot_count, std::uint64_t its_number) noexcept {
        expected_magic.copy(magic, sizeof(magic));
        version = expected_version;
        slot_bytes = 64;
        number = its_number;
        processes.store(its_number, std::memory_order_relaxed);
        token_kind = platform::life_tokens::kind;
        count_of_slots = static_cast<std::uint32_t>(slot_count);
    }

    [[nodiscard]] bool is_as_expected(std::size_t slot_count) const noexcept {
        return std::string_view(magic, sizeof(magic)) == expected_magic && version == expected_version && slot_bytes == 64 && count_of_slots == slot_count;
    }
    /// Whether the programs that use it take and ask for tokens as this one does.
    [[nodiscard]] bool has_our_tokens() const noexcept { return token_kind == platform::life_tokens::kind; }
    static constexpr const char* tokens_differ =
        " is used by programs that were built for another kind of life tokens: build all of them with MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS, "
        "or all without";
};

struct life_table_memory {
    static constexpr std::size_t front_bytes = 64;
    static_assert(sizeof(life_table_front) <= front_bytes);

    std::shared_ptr<void> keeper;
    std::byte* begin = nullptr;
    platform::native_handle handle = platform::invalid_native_handle;
    std::string name; // empty: a family's

    [[nodiscard]] life_table_front& front() const noexcept { return *reinterpret_cast<life_table_front*>(begin); }
    [[nodiscard]] std::byte* first_slot() const noexcept { return begin + front_bytes; }

    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t count_of_slots) noexcept { return front_bytes + count_of_slots * 64; }

    /// The one that was handed over, in a process that was started with one; otherwise a new one.
    [[nodiscard]] static life_table_memory of_family(std::size_t count_of_slots) {
        const auto keep = [](memory::arena table) {
            auto kept = std::make_shared<memory::arena>(std::move(table));
            return life_table_memory{kept, kept->data(), kept->object().handle(), {}};
        };
        if (platform::started_by_self()) {
            auto object = platform::memory_object::adopt(platform::owned_handle(platform::inherited_handle(platform::handed_over::life_registry)));
            const bool fits = object.size() >= bytes_for(count_of_slots); // some systems make it larger
            auto table = keep(memory::arena(std::move(object)));
            if (!fits || !table.front().is_as_expected(count_of_slots) || !table.front().has_our_tokens()) {
                throw LayoutError("multiprocessing: this program was started by one that uses another version of this library");
            }
            return table;
        }
        auto table = keep(memory::arena(bytes_for(count_of_slots)));
        table.front().initialize(count_of_slots, life_table_front::new_number());
        return table;
    }

    /// What the table of the user that this process is now is called. It says whose it is, its version, and its kind of tokens: programs that could not
    /// use each other's each have one, and one that an older version left is in nobody's way.
    [[nodiscard]] static std::string name_for_user() {
        return "mp-lives." + platform::named_memory::user() + '.' + std::to_string(life_table_front::expected_version) + '.' +
               std::to_string(platform::life_tokens::kind);
    }

    /// That user's: found by its name, or published under it. What else has the name may be anybody's: it is an error that says what to do,
    /// whatever it is.
    [[nodiscard]] static life_table_memory of_user(std::size_t count_of_slots) {
        const std::string name = name_for_user();
        constexpr int most_turns = 1000; // each lost to another process, which made the table, or removed it, between two steps of this one
        for (int turn = 0; turn < most_turns; ++turn) {
            auto found = open(name);
            if (found) {
                require_usable(*found, name, count_of_slots);
            } else if (platform::named_memory::is_empty(name)) {
                throw LayoutError("multiprocessing: the table of lives \"" + name + "\" is a file of 0 bytes, which this library never makes: " +
                                  remedy(name));
            } else {
                found = platform::named_memory::create(name, bytes_for(count_of_slots), 0600, [&](std::byte* first) {
                    reinterpret_cast<life_table_front*>(first)->initialize(count_of_slots, life_table_front::new_number());
                });
            }
            if (found) { // otherwise somebody was first: it is to be found now
                auto kept = std::make_shared<platform::named_memory>(std::move(*found));
                return {kept, kept->data(), kept->handle(), name};
            }
        }
        throw std::system_error(std::make_error_code(std::errc::device_or_resource_busy),
                                "multiprocessing: the table of lives \"" + name + "\" comes and goes: somebody makes and removes it all the time");
    }

private:
    [[nodiscard]] static std::string remedy(const std::string& name) {
        return "remove " + platform::named_memory::place_of(name) + ", which its owner and root can";
    }
    [[nodiscard]] static std::string remedy_for_foreign(const std::string& name) {
        return remedy(name) + "; or give this user namespace a /dev/shm of its own, if the owner is the same user's of another one";
    }

    [[nodiscard]] static std::optional<platform::named_memory> open(const std::string& name) {
        try {
            return platform::named_memory::open(name, platform::access::read_write);
        } catch (const std::system_error& error) {
            constexpr std::errc wrong_files[] = {std::errc::permission_denied, std::errc::invalid_argument, std::errc::is_a_directory,
                                                 std::errc::too_many_symbolic_link_levels, std::errc::no_such_device_or_address};
            if (std::ranges::none_of(wrong_files, [&](std::errc each) { return error.code() == each; })) {
                throw;
            }
            throw std::system_error(error.code(), "multiprocessing: the table of lives \"" + name + "\" cannot be used, and was probably put there "
                                                  "by another user: " + remedy_for_foreign(name));
        }
    }

    static void require_usable(const platform::named_memory& table, const std::string& name, std::size_t count_of_slots) {
        if (!table.is_of_this_user()) {
            throw std::system_error(std::make_error_code(std::errc::permission_denied),
                                    "multiprocessing: the table of lives \"" + name + "\" was put there by another user: " + remedy_for_foreign(name));
        }
        if ((table.mode() & 0077) != 0) {
            throw std::system_error(std::make_error_code(std::errc::permission_denied),
                                    "multiprocessing: the table of lives \"" + name + "\" has a mode that lets other users in: " + remedy(name));
        }
        const auto* const front = reinterpret_cast<const life_table_front*>(table.data());
        if (table.size() != bytes_for(count_of_slots) || !front->is_as_expected(count_of_slots) || !front->has_our_tokens()) {
            throw LayoutError("multiprocessing: the table of lives \"" + name + "\" was damaged: when no program uses it, " + remedy(name));
        }
    }
};

} // namespace multiprocessing::robust
