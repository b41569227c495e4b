#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/platform/life_token.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/robust/life_id.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

/// \file
/// Gives every thread that uses a shared lock a name which no other thread, of any process, was ever given or will be, and
/// answers whether the bearer of a name still lives.

namespace multiprocessing::robust {

/// The protocol. A process that names its first thread takes a number from the table's counter, which never gives one twice, and holds the
/// life token of that number until it ends (platform/life_token.hpp). A slot is two words: the number of the process that has it, 0 for none, and a
/// generation. A thread claims a slot for its process, moves the generation on, and is from then on called (slot, generation).
///   enrol:   find a slot whose process is 0, or one whose process P is gone: then move its generation on, by a compare-exchange from
///            what was read *before* P. Compare-exchange the process, 0 or P -> mine. Add 1 to the generation: that is the name.
///   resign:  add 1 to the generation; then store 0 to the process.
///   ask:     the generation is another one than the name's: dead. Else read the process: it is mine, or its token is held, and the
///            generation is still the name's: alive. Its token is gone: dead (and move the generation on, as in enrol, so that the next one need not ask).
///
/// Invariants: (1) a name is given by the one process that the slot names, and by an addition, so no two are equal. (2) The generation is moved
/// on from a bearer's only by the bearer itself, or by one who read the generation, then the process, and then found the process gone: the
/// process of a generation that was given stands in the slot from before the generation until after it has moved on, so what was found gone is
/// the bearer's process or one that had the slot later, and the bearer is dead. (3) A process whose number stands in a slot took the token first.
/// (4) Who has read a name reads its generation or a later one, never an earlier one, on any processor: a release fence stands behind the naming, an
/// acquire fence before the question. The locks need no order of their own for it.
/// Interruptions: each step is one atomic one, and between any two, and for any time, the old bearer is dead and the new name unknown to all. To
/// be stopped there holds up nobody but oneself: the generation has moved on before the slot is claimed. Killed there, the slot is that of a dead
/// process, and the next one in need of it takes it over. Who asks writes nothing that changes an answer.
///
/// A family's table is inherited. That of a user has a name and is found by it; it is published whole, never removed by this library, and
/// numbered at random: what is written in its names says which number it relies on, so that a table somebody did remove, and another one in its
/// place, are not taken for each other (memory/named_segment.hpp). That of an object which others may write lies behind it in its memory (lives_of.hpp).
///
/// Others may write whatever they like into the table of such an object. So it has numbers alone: a process's is asked after, and nothing else; a name's
/// slot is cut to what this process knows the table to be; and no loop waits for a number to become another one.
class life_registry {
public:
    /// So many threads can be named at once, by a family's table or a user's.
    static constexpr std::uint32_t capacity = 8192;
    /// By that of an object.
    static constexpr std::uint32_t object_capacity = detail::named_header::own_table_slots;

    /// The table's tokens are those of that memory. `number` is what those say that rely on it.
    life_registry(life_scope scope, life_table_memory memory, std::uint32_t count_of_slots, std::uint64_t number)
        : scope_(scope),
          memory_(std::move(memory)),
          count_(count_of_slots),
          number_(number),
          tokens_(memory_.handle, number, memory_.name),
          slots_(reinterpret_cast<slot*>(memory_.first_slot())) {}
    life_registry(const life_registry&) = delete;
    life_registry& operator=(const life_registry&) = delete;
    ~life_registry() = default;

    /// The registry that this process shares with all who descend from it, or it from. Every lock is made by a process that has
    /// called this, so whoever inherits a lock has the lock's registry.
    [[nodiscard]] static life_registry& family() { return of(life_scope::family); }

    /// The family's, or that of the user that this process was when it was first asked for (lives_of_this_user() follows the user). Throws what
    /// `platform::named_memory` throws, and LayoutError when another version of this library uses the table.
    [[nodiscard]] static life_registry& of(life_scope scope) {
        life_registry* const here = scope == life_scope::object ? nullptr : at_hand(scope).load(std::memory_order_acquire);
        return here != nullptr ? *here : make(scope);
    }

    /// Whether the bearer of a name of the family, or the user, lives, for all that is known: true when the system cannot be asked, or the name is
    /// written in a registry that cannot be had. Never blocks.
    [[nodiscard]] static bool is_alive(life_id name) noexcept;

    /// Of a name of this registry.
    [[nodiscard]] platform::life ask(life_id name) noexcept;

    /// The same, and writes nothing: for one who may only read the table.
    [[nodiscard]] platform::life look(life_id name) const noexcept;

    /// Whether the bearer lives; says when the system cannot be asked: `std::system_error`, bad_file_descriptor.
    [[nodiscard]] bool is_surely_alive_here(life_id name);

    /// Names the calling thread. Throws `std::system_error`, resource_unavailable_try_again, when all slots are taken by
    /// living threads.
    [[nodiscard]] life_id enrol();

    /// The bearer, which is the calling thread, gives its name up.
    void resign(life_id name) noexcept;

    /// This process has no number any more. Nobody in it uses the registry.
    void let_go() noexcept { tokens_.let_go(); }

    /// In a child that was just forked: it takes a number of its own. What the system refuses now, it is asked for again when a thread needs a name.
    void renew() noexcept;

    /// What a process that is to belong to the family must be handed. Throws `std::system_error`, bad_file_descriptor, when this program has closed it.
    [[nodiscard]] platform::native_handle handle() const { return tokens_.home(); }

    /// Which table it is. Never 0.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

    /// By an heir: one more lock that is written in these names was taken from a dead owner.
    void count_dead_owner() noexcept { memory_.front().dead_owners.fetch_add(1, std::memory_order_relaxed); }
    /// How many there were. Whoever has a lock, or reads its mutex_state::deaths(), sees all that its heirs had counted by then.
    [[nodiscard]] std::uint64_t dead_owners() const noexcept { return memory_.front().dead_owners.load(std::memory_order_acquire); }

    [[nodiscard]] life_scope scope() const noexcept { return scope_; }
    [[nodiscard]] const std::string& name() const noexcept { return memory_.name; } // of its file; empty if it has none
    [[nodiscard]] auto identity() const noexcept { return tokens_.identity(); }     // as platform::life_tokens

    /// One thread at a time takes a number for its process, or looks for a registry (lives_of.hpp); and no fork comes between: a child has no number,
    /// and none of the descriptors that taking a token needs.
    [[nodiscard]] static std::mutex& mutex();

private:
    struct alignas(64) slot {
        std::atomic<std::uint64_t> process;
        std::atomic<std::uint64_t> generation;
        std::atomic<std::uint64_t> thread; // this_thread_of(process): for people
    };
    static_assert(sizeof(slot) == 64 && std::atomic<std::uint64_t>::is_always_lock_free);
    static_assert(capacity == 1u << life_id::slot_bits && object_capacity <= capacity && (object_capacity & (object_capacity - 1)) == 0);
    static_assert(detail::named_header::own_table_bytes == life_table_memory::bytes_for(object_capacity));

    static life_registry& make(life_scope scope);

    /// The number of this process, given now if it has none.
    [[nodiscard]] std::uint64_t this_process();

    /// The calling thread, of the process of that number: the system's number of the thread in the lower half, the process's in the upper one. So what a
    /// dead bearer left in a slot is no thread of the process that has the slot now, and nobody needs to clear it beforehand; by then the slot could
    /// be somebody else's.
    [[nodiscard]] static std::uint64_t this_thread_of(std::uint64_t process) noexcept;

    /// Takes the slot if it is free, or its process is gone, for which `is_gone(number)` is asked. The name's generation, or 0.
    template <class IsGone>
    [[nodiscard]] std::uint64_t claim(slot& one, IsGone is_gone);

    static void give_back(slot& one) noexcept;

    /// For messages.
    [[nodiscard]] std::string of_name() const { return memory_.name.empty() ? std::string() : " \"" + memory_.name + '"'; }

    [[nodiscard]] slot& slot_of(life_id id) const noexcept { return slots_[id.slot() & (count_ - 1)]; }
    /// As an id has it.
    static std::uint64_t without_high_bits(std::uint64_t generation) noexcept { return life_id(life_scope::family, 0, generation).generation(); }

    life_scope scope_;
    life_table_memory memory_;
    std::uint32_t count_; // of slots: a power of two
    std::uint64_t number_;
    platform::life_tokens tokens_;
    slot* slots_;
    std::atomic<std::uint32_t> last_found_{0};
    std::atomic<std::uint64_t> process_{0}; // 0: this one has no number yet

    [[nodiscard]] static std::atomic<life_registry*>& at_hand(life_scope scope);
    static const bool taken_over_;
    struct all;
};

} // namespace multiprocessing::robust

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/robust/life_registry.ipp>
#endif
