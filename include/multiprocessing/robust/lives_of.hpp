#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/robust/life_id.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>

#include <atomic>
#include <cstddef>
#include <string>

/// \file
/// In which registry the names are that a lock is written in, and what this thread is called there.

namespace multiprocessing::memory {
struct named_object;
}

namespace multiprocessing::robust {

class life_registry;

/// Whoever may write an object can at most spoil that object. So there are three homes of names:
/// * the family's table, for objects without a name: nobody else has its memory;
/// * a user's table, for the objects that this user alone may write, whoever may read them. It is a file of mode 0600;
/// * the object's own, for an object that others may write (group or others have `w`). It lies behind the object in the object's own memory: its mode,
///   its owner, and how long it lives are the object's. The bytes of the object's file are the life tokens of its table.
///
/// A process finds the registry of a lock by the lock's address, in a private map: nothing that lies in shared memory says where a table is. A named object has
/// one address in a process (memory/detail/segment_table.hpp), so one entry, which counts the openings of the object: it is there as long as a handle of any
/// of them is. Registries are kept by the identity of the file all the same, so that a thread never has two names in one table, also where the object is
/// mapped once more. With the last handle the names of this process's threads are given back, and the process's token is let go of: what it still held is a
/// dead owner's.
///
/// The map is guarded by life_registry::mutex(), which is held around a fork. Interruptions: it is private memory and ends with its process; what is shared
/// is the table, and keeps the protocol of life_registry.

/// Some registry is in the map that is a user's: this process has been more than one user. All copies of the library look at one flag; one that does not know
/// yet where that is has the other, and looks for it.
extern constinit std::atomic<const std::atomic<bool>*> has_been_several_users;

/// The registry. Throws LayoutError when this process knows none: the lock was damaged.
[[nodiscard]] life_registry& lives_of(const mutex_state& lock);

/// Whether the bearer of a name that was read beside this lock lives, for all that is known: true when nobody can be asked. Never blocks.
[[nodiscard]] bool is_alive(const mutex_state& lock, life_id name) noexcept;

/// The same, but says when nobody can be asked: `std::system_error`, bad_file_descriptor; LayoutError as lives_of.
[[nodiscard]] bool is_surely_alive(const mutex_state& lock, life_id name);

/// life_registry::count_dead_owner() of the lock's registry. An heir, which has just asked it, knows it.
void count_dead_owner(const mutex_state& lock) noexcept;

/// life_registry::dead_owners() of the lock's registry; 0 when this process knows none.
[[nodiscard]] std::uint64_t count_of_dead_owners(const mutex_state& lock) noexcept;

/// How many bytes from the lock on may be its object's, by what this process knows by itself: as far as the memory is mapped, but not into the object's own
/// table. For who goes by numbers that others may have written.
[[nodiscard]] std::size_t bytes_behind(const mutex_state& lock) noexcept;

/// What this thread is called where that is not one of the two names that are kept at hand; 0: nothing yet.
[[nodiscard]] life_id this_thread_id_by_lock(const mutex_state& lock) noexcept;

/// What this thread is called in the names of that lock; 0: nothing yet.
[[nodiscard]] inline life_id this_thread_id_for(const mutex_state& lock) noexcept {
    const life_scope scope = lock.scope();
    if (scope == life_scope::family) {
        return this_thread_id;
    }
    if (scope == life_scope::user && !has_been_several_users.load(std::memory_order_acquire)->load(std::memory_order_relaxed)) [[likely]] {
        return this_thread_user_id;
    }
    return this_thread_id_by_lock(lock);
}

/// The same, given now if there is none. Throws what `lives_of` and `life_registry::enrol` throw.
[[nodiscard]] life_id enrol_this_thread_for(const mutex_state& lock);

/// The table of the user that this process is now: asked for anew when the user has changed. Throws as life_registry::of.
[[nodiscard]] life_registry& lives_of_this_user();

/// Of an object that was made or opened by its name, which begins with a lock: the registry is known from now on, until the object's last handle goes. `file`
/// is what the system calls it. Throws LayoutError when it is not what the object relies on; `std::system_error`, permission_denied, when it is another
/// user's.
void learn_lives(memory::named_object& object, const std::string& name, const std::string& file);

/// Of a block that begins with a lock and was handed over by a parent, where it stays mapped as long as this process lives: so long its registry is known.
/// Throws LayoutError when the header of a named object was damaged, or its table is not one of this user's.
void learn_lives_of_handed_over(const memory::block& block);

/// Of a block that begins with a lock, wherever it comes from: the family's registry is there before anybody can inherit a lock of the family. (Two processes
/// that each made a family for themselves would not know each other's names.) Where a lock has another registry, it is known since it was opened or
/// handed over.
void learn_lives(const memory::block& block);

} // namespace multiprocessing::robust

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/robust/lives_of.ipp>
#endif
