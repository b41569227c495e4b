#pragma once

#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/platform/mapped_ranges.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/map_of_lives.hpp>
#include <multiprocessing/robust/thread_ids.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace multiprocessing::robust {

inline constinit const std::atomic<bool> not_looked_yet{true};
MULTIPROCESSING_INLINE constinit std::atomic<const std::atomic<bool>*> has_been_several_users{&not_looked_yet};

struct users_of_process {
    static constexpr const char* name = "users";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    std::atomic<bool> are_several{false};
};

/// From now on this copy of the library knows where to look.
[[nodiscard]] MULTIPROCESSING_INLINE std::atomic<bool>& look_for_several_users() {
    std::atomic<bool>& flag = platform::one_per_process<users_of_process>().are_several;
    has_been_several_users.store(&flag, std::memory_order_release);
    return flag;
}

[[noreturn]] MULTIPROCESSING_INLINE void throw_lives_not_known() {
    throw LayoutError("multiprocessing: a lock was damaged: it is written in the names of a table that does not belong to it");
}

/// The registry that the map has of that lock; null for one that life_registry::of() gives, and where the map has none.
[[nodiscard]] MULTIPROCESSING_INLINE known_lives* find_in_map(const mutex_state& lock, life_scope scope) {
    const bool is_at_hand = scope == life_scope::family ||
                            (scope == life_scope::user && !look_for_several_users().load(std::memory_order_relaxed));
    return is_at_hand ? nullptr : map_of_lives::find(lock);
}

/// Null: this process knows none.
[[nodiscard]] MULTIPROCESSING_INLINE life_registry* find_lives(const mutex_state& lock, life_scope scope) {
    known_lives* const known = find_in_map(lock, scope);
    if (known != nullptr) {
        return known->registry.scope() == scope ? &known->registry : nullptr;
    }
    return scope == life_scope::object ? nullptr : &life_registry::of(scope);
}

MULTIPROCESSING_INLINE life_registry& lives_of(const mutex_state& lock) {
    life_registry* const lives = find_lives(lock, lock.scope());
    if (lives == nullptr) {
        throw_lives_not_known();
    }
    return *lives;
}

/// Null also when there is no table of this user yet, and it cannot be made.
[[nodiscard]] MULTIPROCESSING_INLINE life_registry* find_lives_quietly(const mutex_state& lock, life_scope scope) noexcept {
    try {
        return find_lives(lock, scope);
    } catch (const std::exception&) {
        return nullptr;
    }
}

MULTIPROCESSING_INLINE bool is_alive(const mutex_state& lock, life_id name) noexcept {
    life_registry* const lives = find_lives_quietly(lock, name.scope());
    return lives == nullptr || lives->ask(name) != platform::life::gone;
}

MULTIPROCESSING_INLINE bool is_surely_alive(const mutex_state& lock, life_id name) {
    life_registry* const lives = find_lives(lock, name.scope());
    if (lives == nullptr) {
        throw_lives_not_known();
    }
    return lives->is_surely_alive_here(name);
}

MULTIPROCESSING_INLINE void count_dead_owner(const mutex_state& lock) noexcept {
    if (life_registry* const lives = find_lives_quietly(lock, lock.scope())) {
        lives->count_dead_owner();
    }
}

MULTIPROCESSING_INLINE std::uint64_t count_of_dead_owners(const mutex_state& lock) noexcept {
    const life_registry* const lives = find_lives_quietly(lock, lock.scope());
    return lives != nullptr ? lives->dead_owners() : 0;
}

MULTIPROCESSING_INLINE std::size_t bytes_behind(const mutex_state& lock) noexcept {
    const std::size_t mapped = platform::mapped_ranges::bytes_from(&lock);
    const std::lock_guard guard(life_registry::mutex());
    const auto& known = map_of_lives::get().by_lock;
    const auto found = known.find(&lock);
    return found != known.end() ? (std::min)(mapped, found->second.bytes) : mapped;
}

MULTIPROCESSING_INLINE life_id this_thread_id_by_lock(const mutex_state& lock) noexcept {
    if (!platform::try_one_per_process<users_of_process>()) {
        return {}; // a copy of the library that is refused: to give it a name throws
    }
    if (find_in_map(lock, lock.scope()) != nullptr) {
        return map_of_lives::remembered.name;
    }
    return lock.scope() == life_scope::user ? this_thread_user_id : life_id();
}

MULTIPROCESSING_INLINE life_id enrol_this_thread_for(const mutex_state& lock) {
    const life_scope scope = lock.scope();
    known_lives* const known = find_in_map(lock, scope);
    if (known == nullptr) {
        if (scope == life_scope::object) {
            throw_lives_not_known();
        }
        return enrol_this_thread(scope);
    }
    if (!map_of_lives::remembered.name) {
        thread_ids::get().resign_others = map_of_lives::resign_this_thread;
        const life_id fresh = known->registry.enrol();
        map_of_lives::id_of_this_thread(lock, *known, fresh);
    }
    return map_of_lives::remembered.name;
}

MULTIPROCESSING_INLINE life_registry& lives_of_this_user() {
    life_registry& first = life_registry::of(life_scope::user);
    const std::string name = life_table_memory::name_for_user();
    if (first.name() == name) {
        return first;
    }
    const std::lock_guard guard(life_registry::mutex());
    map_of_lives& map = map_of_lives::get();
    const auto is_it = [&](const life_registry& each) { return each.scope() == life_scope::user && each.name() == name; };
    if (known_lives* const known = map.find_if(is_it)) {
        return known->registry;
    }
    auto memory = life_table_memory::of_user(life_registry::capacity);
    const std::uint64_t number = memory.front().number;
    known_lives& fresh = map.add(std::make_unique<known_lives>(life_scope::user, std::move(memory), life_registry::capacity, number));
    look_for_several_users().store(true, std::memory_order_relaxed);
    return fresh.registry;
}

inline constexpr std::size_t all_bytes = (std::numeric_limits<std::size_t>::max)(); // of an object without a table: as far as the memory goes

/// The own table of an object that lies `offset` behind its begin; with the mutex held. `mapping` keeps the memory, and nothing else: the registry may be
/// there for longer than the handles of who made the object, whose name goes with them.
[[nodiscard]] MULTIPROCESSING_INLINE known_lives& lives_in_memory(map_of_lives& map, const memory::block& mapping, std::size_t offset,
                                                                  std::uint64_t number, const std::string& name, const std::string& file) {
    auto keeper = std::make_shared<memory::block>(mapping);
    std::byte* const table = mapping.address() + offset;
    const platform::native_handle home = mapping.locate().object->handle();
    life_table_memory memory{std::move(keeper), table, home, file};
    const auto refuse = [&](const std::string& why) { throw LayoutError("multiprocessing: the table of lives of " + name + why); };
    if (!memory.front().is_as_expected(life_registry::object_capacity) || memory.front().number != number) {
        refuse(" was damaged");
    }
    if (!memory.front().has_our_tokens()) {
        refuse(life_table_front::tokens_differ);
    }
    auto fresh = std::make_unique<known_lives>(life_scope::object, std::move(memory), life_registry::object_capacity, number);
    const auto identity = fresh->registry.identity();
    known_lives* const known = map.find_if([&](const life_registry& each) {
        return each.scope() == life_scope::object && each.identity() == identity;
    });
    return known != nullptr ? *known : map.add(std::move(fresh));
}

MULTIPROCESSING_INLINE void learn_lives(memory::named_object& object, const std::string& name, const std::string& file) {
    if (static_cast<life_scope>(object.life_scope) == life_scope::user) {
        life_registry& mine = lives_of_this_user();
        if (object.life_table != mine.number() && !object.is_of_this_user) {
            throw std::system_error(std::make_error_code(std::errc::permission_denied),
                                    "multiprocessing: the lock of " + name + " is for the programs of its user alone, whose table of lives it is written "
                                    "in. ReadOnlyValue and ReadOnlyArray read it; for one that others may lock, its maker writes a mode that lets them "
                                    "write: object_name(...).mode(0660)");
        }
        if (object.life_table != mine.number()) {
            throw LayoutError("multiprocessing: the lock of " + name + " is written in a table of lives that is not this program's: that one was removed "
                              "while it was in use, or its programs have another version of this library, or another kind of life tokens. When none of "
                              "them uses it, unlink(" + name + "), and make it anew");
        }
        if (&mine != &life_registry::of(life_scope::user)) {
            segment_with_lives& segment = segment_with_lives::keep(object.object);
            const std::lock_guard guard(life_registry::mutex());
            map_of_lives& map = map_of_lives::get();
            segment.enter(map, *map.find_if([&](const life_registry& each) { return &each == &mine; }), all_bytes);
        }
        return;
    }
    segment_with_lives& segment = segment_with_lives::keep(object.object);
    const std::lock_guard guard(life_registry::mutex());
    map_of_lives& map = map_of_lives::get();
    segment.enter(map, lives_in_memory(map, object.mapping, object.life_offset, object.life_table, name, file), object.life_offset);
}

MULTIPROCESSING_INLINE void learn_lives_of_handed_over(const memory::block& block) {
    const auto& lock = *reinterpret_cast<const mutex_state*>(block.address());
    const life_scope scope = lock.scope();
    if (scope == life_scope::family) {
        return;
    }
    // The whole memory of a named object. Of what there is by now, less may be mapped.
    const memory::location place = block.locate();
    detail::named_header header{};
    const bool is_named = place.offset == sizeof(header);
    if (is_named) {
        std::memcpy(&header, block.address() - sizeof(header), sizeof(header));
    }
    const std::string name = "an object that was handed over";
    if (scope == life_scope::user) {
        const auto is_it = [&](const life_registry& lives) { return !is_named || lives.number() == header.life_table; };
        const life_registry& first = life_registry::of(scope);
        if (is_it(first)) {
            return;
        }
        const life_registry& mine = lives_of_this_user();
        if (!is_it(mine)) {
            throw LayoutError("multiprocessing: the lock of " + name + " is written in the table of lives of another user, or one that was removed");
        }
        const std::lock_guard guard(life_registry::mutex());
        map_of_lives& map = map_of_lives::get();
        map.put(lock, *map.find_if([&](const life_registry& each) { return &each == &mine; }), all_bytes);
        return;
    }
    if (!is_named || header.checksum != header.expected_checksum() || static_cast<life_scope>(header.life_scope) != scope ||
        header.total_bytes > (std::min)(place.object->size(), platform::mapped_ranges::bytes_from(block.address() - sizeof(header))) ||
        header.life_offset % 64 != 0 || header.life_offset < sizeof(header) || header.life_offset > header.total_bytes ||
        header.total_bytes - header.life_offset != detail::named_header::own_table_bytes) {
        throw LayoutError("multiprocessing: the header of " + name + " was damaged");
    }
    const std::uint64_t offset_in_memory = header.life_offset;
    const std::size_t offset = static_cast<std::size_t>(offset_in_memory) - sizeof(header);
    const std::lock_guard guard(life_registry::mutex());
    map_of_lives& map = map_of_lives::get();
    map.put(lock, lives_in_memory(map, block, offset, header.life_table, name, {}), offset);
}

MULTIPROCESSING_INLINE void learn_lives(const memory::block& block) {
    if (reinterpret_cast<const mutex_state*>(block.address())->scope() == life_scope::family) {
        static_cast<void>(life_registry::family());
    }
}

} // namespace multiprocessing::robust
