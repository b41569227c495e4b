#pragma once

#include <multiprocessing/memory/arena.hpp>
#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/start_self.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/reduction/outgoing.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// \file
/// What a spawning process and its child tell each other.

namespace multiprocessing::detail {

/// How far the child has come. It only goes up; the parent sleeps on it.
enum class spawn_state : std::uint32_t {
    started, // the system has been asked for a process
    loaded,  // its static initialisation has reached this library
    called,  // its main has called run_if_spawned(), which reads what it was passed
    running, // run_if_spawned() has everything and calls the function
    failed,  // it has not, and the error text says why
};

/// The begin of a shared segment that is handed to the child first (platform::handed_over::message). Behind it come the sizes of the memory
/// objects, each a std::size_t, and the description of the function and its arguments.
struct spawn_header {
    static constexpr std::uint64_t expected_magic = 0x326e776170732d70; // "p-spawn2"
    static constexpr std::size_t error_size = 1024;

    std::uint64_t magic;
    std::uint32_t parent_count; // 1: the parent is handed over, to be watched; 0: it has no handle of itself
    std::uint32_t lease_count;
    std::uint32_t object_count;
    std::atomic<std::uint32_t> state;
    std::size_t byte_count;
    char error[error_size]; // up to the first NUL
};
static_assert(std::is_standard_layout_v<spawn_header> && std::atomic<std::uint32_t>::is_always_lock_free);

[[nodiscard]] inline const std::uint32_t* sleeping_word(const spawn_header& header) noexcept {
    return reinterpret_cast<const std::uint32_t*>(&header.state);
}

/// The parent's side: the segment, written.
[[nodiscard]] inline memory::arena write_spawn_message(const reduction::outgoing& description, bool has_parent, std::size_t lease_count) {
    const auto objects = description.objects();
    const std::size_t bytes = sizeof(spawn_header) + sizeof(std::size_t) * objects.size() + description.bytes().size();
    memory::arena segment(bytes);
    auto* const header = new (segment.data()) spawn_header{};
    header->magic = spawn_header::expected_magic;
    header->parent_count = has_parent ? 1 : 0;
    header->lease_count = static_cast<std::uint32_t>(lease_count);
    header->object_count = static_cast<std::uint32_t>(objects.size());
    header->byte_count = description.bytes().size();
    std::byte* place = segment.data() + sizeof(spawn_header);
    for (const platform::memory_object* const each : objects) {
        const std::size_t size = each->size();
        std::memcpy(place, &size, sizeof(size));
        place += sizeof(size);
    }
    std::memcpy(place, description.bytes().data(), description.bytes().size());
    return segment;
}

/// The child's side: the segment it was handed, and all that came with it. Made during static initialisation, which is what tells the parent that
/// the child is as far as that.
class received_spawn {
public:
    /// Null in a process that was not spawned, as a fork of a spawned one; also in one that was started with another message than spawn's,
    /// whose handle is left alone.
    [[nodiscard]] static received_spawn* get() {
        if (!platform::started_by_self()) {
            return nullptr;
        }
        auto& here = platform::one_per_process<of_process>();
        if (here.handed_over == nullptr) {
            here.handed_over = open();
        }
        return here.handed_over->is_from_spawn() ? here.handed_over : nullptr;
    }

    void set_state(spawn_state state) noexcept {
        header_->state.store(static_cast<std::uint32_t>(state), std::memory_order_release);
        platform::wait_word::wake_all(sleeping_word(*header_));
    }

    void fail(std::string_view why) noexcept {
        const std::size_t size = (std::min)(why.size(), spawn_header::error_size - 1);
        std::memcpy(header_->error, why.data(), size);
        header_->error[size] = '\0';
        set_state(spawn_state::failed);
    }

    /// Takes the leases and maps the memory objects, for life. Once. Returns what to watch the parent by; may be empty.
    [[nodiscard]] platform::owned_handle take_over() {
        auto handles = platform::inherited_handles().subspan(static_cast<std::size_t>(platform::handed_over::others));
        platform::owned_handle parent(header_->parent_count != 0 ? handles.front() : platform::invalid_native_handle);
        handles = handles.subspan(header_->parent_count);
        for (std::uint32_t i = 0; i < header_->lease_count; ++i) {
            memory::heap::hold_lease(platform::owned_handle(handles[i]));
        }
        for (std::uint32_t i = 0; i < header_->object_count; ++i) {
            std::size_t size = 0;
            std::memcpy(&size, behind_header() + sizeof(size) * i, sizeof(size));
            segments_.push_back(new memory::attached_segment(
                platform::memory_object(platform::owned_handle(handles[header_->lease_count + i]), size)));
        }
        return parent;
    }

    /// Whether run_if_spawned() has been reached: before that, a spawned process may not spawn.
    [[nodiscard]] bool is_running() const noexcept {
        return header_->state.load(std::memory_order_relaxed) >= static_cast<std::uint32_t>(spawn_state::running);
    }

    [[nodiscard]] std::string_view description() const noexcept {
        return {reinterpret_cast<const char*>(behind_header() + sizeof(std::size_t) * header_->object_count),
                header_->byte_count};
    }
    [[nodiscard]] std::span<memory::attached_segment* const> segments() const noexcept { return segments_; }

private:
    struct of_process {
        static constexpr const char* name = "received spawn";
        static constexpr platform::fork_turn turn = platform::fork_turn::others;

        received_spawn* handed_over = nullptr; // for life: what another message is in must stay open for whom it is meant for
    };

    static received_spawn* open() {
        auto* const one = new received_spawn(platform::memory_object::adopt(
            platform::owned_handle(platform::inherited_handle(platform::handed_over::message))));
        if (one->is_from_spawn()) {
            one->set_state(spawn_state::loaded);
        }
        return one;
    }

    [[nodiscard]] bool is_from_spawn() const noexcept {
        return segment_.size() >= sizeof(spawn_header) && header_->magic == spawn_header::expected_magic;
    }

    explicit received_spawn(platform::memory_object object)
        : segment_(std::move(object)), header_(reinterpret_cast<spawn_header*>(segment_.data())) {}

    [[nodiscard]] const std::byte* behind_header() const noexcept { return segment_.data() + sizeof(spawn_header); }

    memory::arena segment_;
    spawn_header* header_;
    std::vector<memory::attached_segment*> segments_; // never unmapped
};

inline const bool parent_is_told = received_spawn::get() != nullptr;

} // namespace multiprocessing::detail
