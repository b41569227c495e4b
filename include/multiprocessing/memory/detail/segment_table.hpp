#pragma once

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/memory_identity.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/state_with_mutex.hpp>

#include <cstddef>
#include <mutex>
#include <unordered_map>

/// \file
/// Which memory with a name this process has mapped already, and where.

namespace multiprocessing::memory::detail {

/// What one mapping is found by. A mapping to be read only is another one: it has no lock that could be taken.
struct segment_key {
    platform::memory_identity identity;
    platform::access how;

    friend bool operator==(const segment_key&, const segment_key&) = default;

    struct hash {
        [[nodiscard]] std::size_t operator()(const segment_key& key) const noexcept {
            return key.identity.hash() + (key.how == platform::access::read_only ? 1 : 0);
        }
    };
};

/// Memory that is mapped, and can be in the table.
class listed_segment : public block_owner {
public:
    /// One more reference, unless the last one is gone: then it is about to be unmapped, and false.
    [[nodiscard]] virtual bool try_retain() noexcept = 0;

    [[nodiscard]] std::byte* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; } ///< In bytes.

protected:
    listed_segment() noexcept = default;
    ~listed_segment() = default;

    std::byte* data_ = nullptr; // set before it is in the table, and not changed
    std::size_t size_ = 0;
};

/// The mappings of this process. What it knows of a lock, and of an object, it knows by an address: which objects a lock guards elsewhere, which
/// callbacks it has, what a thread is updating. So an object must have one address, whoever opens it how often.
///
/// The table keeps nothing mapped. *Invariant:* of one key, at most one mapping has references, and that one is in the table. A mapping is born with
/// a reference, gets further ones while it has any, and never gets one again after the last.
/// * find, find_or_add: with the mutex held, a mapping in the table is retained *unless its last reference is gone*, by one step (try_retain).
///   What is in the table is not destroyed: its owner takes it out first, which takes the mutex. One that has no references counts as none, and
///   is replaced; the memory is then mapped anew, though the old mapping may still be there for a moment, which nobody has an address in.
/// * A mapping that has lost its last reference takes itself out, unless it was replaced, and is unmapped after that, without the mutex.
/// * An identity is good for as long as the memory is open, and what is in the table keeps it open. Memory whose identity was given
///   again is never taken for the old one: that has left the table before it was closed.
///
/// *Fork.* The mutex is held around it, so a child has the table whole, with the references that its copies of the handles stand for. A mapping that
/// another thread was about to take out stays in the child's table, without references: it is replaced when the memory is opened again, and its pages
/// stay mapped until the child ends. Nothing takes another of the library's mutexes while it holds this one, so no order among its fork_turn is wrong.
/// *Kill.* All of it is private memory.
class segment_table {
public:
    /// The mapping, with one more reference; null when there is none.
    [[nodiscard]] static listed_segment* find(const segment_key& key) noexcept {
        const std::lock_guard guard(here().mutex);
        const auto found = here().segments.find(key);
        return found != here().segments.end() && found->second->try_retain() ? found->second : nullptr;
    }

    /// The mapping, with one more reference; or, when there is none, `fresh`, which is in the table from now on. Throws `std::bad_alloc`.
    [[nodiscard]] static listed_segment& find_or_add(const segment_key& key, listed_segment& fresh) {
        const std::lock_guard guard(here().mutex);
        const auto [place, added] = here().segments.try_emplace(key, &fresh);
        if (!added && !place->second->try_retain()) {
            place->second = &fresh;
        }
        return *place->second;
    }

    /// That mapping is not to be found any more.
    static void remove(const segment_key& key, const listed_segment& gone) noexcept {
        const std::lock_guard guard(here().mutex);
        const auto found = here().segments.find(key);
        if (found != here().segments.end() && found->second == &gone) {
            here().segments.erase(found);
        }
    }

private:
    struct state : platform::state_with_mutex {
        static constexpr const char* name = "segment table";
        static constexpr platform::fork_turn turn = platform::fork_turn::others;

        std::unordered_map<segment_key, listed_segment*, segment_key::hash> segments;
    };

    [[nodiscard]] static state& here() { return platform::one_per_process<state>(); }
};

} // namespace multiprocessing::memory::detail
