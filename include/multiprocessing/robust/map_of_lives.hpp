#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/robust/life_id.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>
#include <multiprocessing/robust/mutex_state.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

/// \file
/// The registries that are found by a lock: a private map of this process. For definitions; what it is for says lives_of.hpp.

namespace multiprocessing::robust {

/// A registry beside the family's and the first user's.
struct known_lives {
    life_registry registry;
    std::size_t locks = 0;                              // that are written in it, in the map
    std::unordered_map<std::uint64_t, life_id> names; // of this process's threads, by the system's number of each

    known_lives(life_scope scope, life_table_memory memory, std::uint32_t count_of_slots, std::uint64_t number)
        : registry(scope, std::move(memory), count_of_slots, number) {}
    known_lives(const known_lives&) = delete;
    known_lives& operator=(const known_lives&) = delete;
    ~known_lives() {
        for (const auto& each : names) {
            registry.resign(each.second);
        }
        registry.let_go();
    }
};

/// What this thread looked up last. Good as long as the map's age is the same, for then nothing has left the map, and no thread has got a name or given one up:
/// another copy of the library may have done that for this thread.
struct remembered_lives {
    const mutex_state* lock;
    std::uint64_t age;
    known_lives* lives;
    life_id name;
};

/// A lock that is written in one of them. It has one address in this process, by however many handles (memory/detail/segment_table.hpp).
struct known_lock {
    known_lives* lives;
    std::size_t bytes;       // from the lock to the object's own table; of a user's: as far as the memory goes
    std::size_t keepers = 0; // openings of the object that handles refer to, and what was handed over, which stays
};

struct map_of_lives {
    static constexpr const char* name = "map of lives";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    std::unordered_map<const mutex_state*, known_lock> by_lock;
    std::vector<std::unique_ptr<known_lives>> all;
    std::atomic<std::uint64_t> age{1};

    static inline constinit thread_local remembered_lives remembered{};

    /// Behind the mutex, which is free again when renew() is called.
    [[nodiscard]] static map_of_lives& get() {
        static_cast<void>(life_registry::mutex());
        return platform::one_per_process<map_of_lives>();
    }

    [[nodiscard]] static std::uint64_t this_thread() noexcept { return static_cast<std::uint64_t>(platform::current_thread_number()); }

    /// Null for a lock that is not in the map.
    [[nodiscard]] static known_lives* find(const mutex_state& lock) {
        map_of_lives& map = get();
        const std::uint64_t now = map.age.load(std::memory_order_acquire);
        if (remembered.lock == &lock && remembered.age == now) {
            return remembered.lives;
        }
        const std::lock_guard guard(life_registry::mutex());
        const auto found = map.by_lock.find(&lock);
        if (found == map.by_lock.end()) {
            return nullptr;
        }
        known_lives* const lives = found->second.lives;
        const auto known_name = lives->names.find(this_thread());
        remembered = {&lock, now, lives, known_name != lives->names.end() ? known_name->second : life_id()};
        return lives;
    }

    /// This thread is called `fresh` there, where it has no name yet.
    static void id_of_this_thread(const mutex_state& lock, known_lives& lives, life_id fresh) {
        map_of_lives& map = get();
        const std::lock_guard guard(life_registry::mutex());
        const auto [place, added] = lives.names.try_emplace(this_thread(), fresh);
        if (!added) { // by another copy
            lives.registry.resign(fresh);
        }
        remembered = {&lock, map.age.fetch_add(1, std::memory_order_acq_rel) + 1, &lives, place->second};
    }

    /// With the mutex held, as all that follows. Null: there is none of that table.
    template <class IsIt>
    [[nodiscard]] known_lives* find_if(IsIt is_it) const noexcept {
        const auto found = std::ranges::find_if(all, [&](const auto& each) { return is_it(each->registry); });
        return found != all.end() ? found->get() : nullptr;
    }

    known_lives& add(std::unique_ptr<known_lives> fresh) {
        all.push_back(std::move(fresh));
        return *all.back();
    }

    /// One more keeper. A lock that is in the map already is written in the same registry, which was found by the same file.
    void put(const mutex_state& lock, known_lives& lives, std::size_t bytes) {
        const auto [place, added] = by_lock.try_emplace(&lock, known_lock{&lives, bytes});
        ++place->second.keepers;
        lives.locks += added ? 1 : 0;
    }

    /// One less; with the last one the lock's memory may go. What is returned is to be destroyed without the mutex: it lets go of memory.
    [[nodiscard]] std::unique_ptr<known_lives> remove(const mutex_state& lock) noexcept {
        const auto found = by_lock.find(&lock);
        if (--found->second.keepers != 0) {
            return nullptr;
        }
        known_lives* const lives = found->second.lives;
        by_lock.erase(found);
        age.fetch_add(1, std::memory_order_acq_rel);
        --lives->locks;
        if (lives->locks != 0 || lives->registry.scope() != life_scope::object) { // a user's is kept
            return nullptr;
        }
        const auto place = std::ranges::find_if(all, [&](const auto& each) { return each.get() == lives; });
        std::unique_ptr<known_lives> last = std::move(*place);
        all.erase(place);
        return last;
    }

    /// At its end.
    static void resign_this_thread() noexcept {
        const std::lock_guard guard(life_registry::mutex());
        for (const auto& each : get().all) {
            if (const auto found = each->names.find(this_thread()); found != each->names.end()) {
                each->registry.resign(found->second);
                each->names.erase(found);
            }
        }
        get().age.fetch_add(1, std::memory_order_acq_rel);
    }

    /// A child that was just forked has one thread, without any names.
    void after_fork_in_child() noexcept {
        for (const auto& each : all) {
            each->names.clear();
            each->registry.renew();
        }
        age.fetch_add(1, std::memory_order_acq_rel);
    }
};

/// Stands between the blocks of one opening of a named object, or its making, and the memory: keeps that, and a keeper of the lock in the map.
class segment_with_lives final : public memory::block_owner {
public:
    /// What keeps `object`; as yet without a place in the map.
    [[nodiscard]] static segment_with_lives& keep(memory::block& object) {
        auto* const segment = new segment_with_lives(object);
        object = {*segment, object.address()}; // takes over the first reference
        return *segment;
    }

    /// With the mutex held. Once.
    void enter(map_of_lives& map, known_lives& lives, std::size_t bytes) {
        map.put(lock(), lives, bytes);
        is_in_map_ = true;
    }

    void retain(const std::byte*) noexcept override { references_.fetch_add(1, std::memory_order_relaxed); }
    void release(const std::byte*) noexcept override {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete this;
        }
    }
    [[nodiscard]] memory::location locate(const std::byte* where) noexcept override {
        const memory::location object = object_.locate();
        return {object.object, object.offset + static_cast<std::size_t>(where - object_.address())};
    }

private:
    explicit segment_with_lives(const memory::block& object) noexcept : object_(object) {}
    ~segment_with_lives() {
        std::unique_ptr<known_lives> last;
        if (is_in_map_) {
            const std::lock_guard guard(life_registry::mutex());
            last = map_of_lives::get().remove(lock());
        }
    }

    [[nodiscard]] const mutex_state& lock() const noexcept { return *reinterpret_cast<const mutex_state*>(object_.address()); }

    memory::block object_;
    std::atomic<std::size_t> references_{1};
    bool is_in_map_ = false;
};

} // namespace multiprocessing::robust
