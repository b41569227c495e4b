#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/robust/life_id.hpp>

/// \file
/// The name of the calling thread.

namespace multiprocessing::robust {

/// In the family's registry, where most locks are. 0 until this copy of the library first needs the thread's name (thread_ids.hpp), in a forked child (whose
/// thread is another one, with the memory of its parent's), and after the thread has given it up. Constant-initialised and trivially destructible: a thread_local with a destructor
/// would cost a guard at each access, and this is read at each lock.
extern constinit thread_local life_id this_thread_id;

/// In the user's registry, likewise: of the user that this process was first. Other registries: lives_of.hpp.
extern constinit thread_local life_id this_thread_user_id;

/// The family's, or the user's.
[[nodiscard]] inline life_id& this_thread_id_in(life_scope scope) noexcept {
    return scope == life_scope::family ? this_thread_id : this_thread_user_id;
}

/// The calling thread's name there, given now if it has none. Throws what `life_registry::enrol` throws.
[[nodiscard]] life_id enrol_this_thread(life_scope scope = life_scope::family);

/// Whether this is the thread that a child of a raw `fork` has from its parent, and the parent's had used a lock by then. Such a child returns through the
/// scopes that the parent was in, with guards whose locks it does not hold.
[[nodiscard]] bool thread_may_be_in_parents_scopes();

/// This thread returns through none of them: in a child that calls a function and ends.
void thread_is_in_no_scope_of_parents() noexcept;

} // namespace multiprocessing::robust

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/robust/this_thread_life.ipp>
#endif
