#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/library_copy.hpp>

#include <atomic>
#include <cstddef>
#include <new>

/// \file
/// What there is once in a process, however many copies of this library are in it.
///
/// A program and a plugin that it loads may each have been compiled with the headers. Whether the dynamic linker then makes one of their variables depends on
/// compilers, visibility, link lines and flags of dlopen. A process has one first thread, all the same, and one list of its locks: so such variables are
/// members of a State, which every copy finds (\see docs/design/copies.md).

namespace multiprocessing::platform {

/// The turns of states around a fork. Those of a higher one come first before it, and last behind it. So who has the mutex of one may use what comes behind
/// it, and is not in its way.
enum class fork_turn {
    files,  ///< Of descriptors: used wherever one is closed.
    ranges, ///< Of addresses: used wherever memory is mapped.
    others,
    heap, ///< Opens and maps.
};

/// \cond
/// What the copies know of a State. Its functions are those of the copy that made it, which stays loaded. The last three are null where the State has none.
struct state_kind {
    const char* name;
    fork_turn turn;
    std::size_t bytes;
    void (*make)(void*);
    void (*before_fork)(void*);
    void (*after_fork_in_parent)(void*);
    void (*after_fork_in_child)(void*);
};
/// \endcond

/// The object, made by who asks first. Throws `std::runtime_error` where another copy of the library was there first that this one cannot work with;
/// `std::bad_alloc`.
#if !defined(MULTIPROCESSING_COMPILED) // where the copy is the library's, which may be a shared one
MULTIPROCESSING_OF_THIS_COPY
#endif
[[nodiscard]] void* find_or_make_state(const state_kind& kind);

/// The process's one State. It is made by the first call; its constructor takes no mutex of the library's. It is never destroyed: objects with static storage
/// may be the first to ask, and the last.
///
/// `State::name` is its name, `State::turn` its fork_turn. `before_fork()`, `after_fork_in_parent()` and `after_fork_in_child()`, where it has them, are called
/// around every fork, also of a State that another thread makes meanwhile; so they may be called more than once before it, each time given back.
/// Throws as `find_or_make_state`.
template <class State>
MULTIPROCESSING_OF_THIS_COPY [[nodiscard]] State& one_per_process() {
    static constinit std::atomic<State*> found{nullptr};
    State* here = found.load(std::memory_order_acquire);
    if (here == nullptr) [[unlikely]] {
        static_assert(alignof(State) <= alignof(std::max_align_t));
        constexpr auto is_hooked = requires(State& state) { state.after_fork_in_child(); };
        state_kind kind{State::name,
                        State::turn,
                        sizeof(State),
                        [](void* place) { new (place) State; },
                        nullptr,
                        nullptr,
                        nullptr};
        if constexpr (is_hooked) {
            if constexpr (requires(State& state) { state.before_fork(); }) {
                kind.before_fork = [](void* state) { static_cast<State*>(state)->before_fork(); };
                kind.after_fork_in_parent = [](void* state) { static_cast<State*>(state)->after_fork_in_parent(); };
            }
            kind.after_fork_in_child = [](void* state) { static_cast<State*>(state)->after_fork_in_child(); };
        }
        here = static_cast<State*>(find_or_make_state(kind));
        found.store(here, std::memory_order_release);
    }
    return *here;
}

/// Whether this copy may have the State, which is made if there is none. For what happens before main, where nothing may throw.
template <class State>
MULTIPROCESSING_OF_THIS_COPY [[nodiscard]] bool try_one_per_process() noexcept {
    try {
        static_cast<void>(one_per_process<State>());
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace multiprocessing::platform

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/platform/one_per_process.ipp>
#endif
