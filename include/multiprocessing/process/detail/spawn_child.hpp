#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/start_self.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/process/detail/spawn_message.hpp>
#include <multiprocessing/process/detail/spawn_patience.hpp>
#include <multiprocessing/process/spawn_error.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/robust/life_registry.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// \file
/// The parent's part of a spawn.

namespace multiprocessing::detail {

inline void require_may_spawn() {
    if (received_spawn* const spawned = received_spawn::get(); spawned != nullptr && !spawned->is_running()) {
        throw SpawnError("multiprocessing: spawn was called in a spawned process before run_if_spawned() had run its function: during static "
                         "initialisation, or in main above that call. Make run_if_spawned() the first line of main");
    }
    if (!own_start::was_called()) {
        throw SpawnError("multiprocessing: spawn was called before run_if_spawned(), so the child would not run its function but "
                         "this program's main. Make multiprocessing::run_if_spawned() the first line of main");
    }
}

[[noreturn]] inline void give_up_on_child(spawn_state state, platform::clock::duration waited) {
    const std::string seconds = std::to_string(std::chrono::floor<std::chrono::seconds>(waited).count()) + " s";
    if (state == spawn_state::started) {
        throw SpawnError("multiprocessing: in a spawned process static initialisation has not reached this library after " + seconds +
                         ". The making of a static object waits for something, or the loading of a library does");
    }
    throw SpawnError("multiprocessing: a spawned process has not called run_if_spawned() for " + seconds +
                     ". Make multiprocessing::run_if_spawned() the first line of main");
}

/// Sleeps until the child runs its function. Throws `SpawnError` when it will not: it says so, it has ended, or patience with it is over
/// (see own_start). There is no end of patience with one that reads its arguments: a gigabyte takes long.
inline void await_running(platform::child& child, const spawn_header& header) {
    constexpr std::chrono::milliseconds slice{10}; // how soon the end of a child that never spoke is noticed
    std::uint32_t last = static_cast<std::uint32_t>(spawn_state::started);
    time_given given;
    for (;;) {
        const std::uint32_t word = header.state.load(std::memory_order_acquire);
        const auto state = static_cast<spawn_state>(word);
        if (state == spawn_state::running) {
            return;
        }
        if (state == spawn_state::failed) {
            throw SpawnError("multiprocessing: a spawned process could not run its function: " +
                             std::string(header.error, std::find(header.error, header.error + spawn_header::error_size, '\0')));
        }
        if (std::exchange(last, word) != word) {
            given = {};
        }
        if (const auto status = child.exit_status()) {
            if (header.state.load(std::memory_order_acquire) == word) {
                throw SpawnError("multiprocessing: a spawned process ended with exit code " + std::to_string(*status) +
                                 " before it ran its function. Make multiprocessing::run_if_spawned() the first line of main. (If it is that, a static object "
                                 "has ended the process, or what was started is not this program but " +
                                 platform::name_of_started() + ".)");
            }
            continue; // it came further just before it ended
        }
        if (given.counted() >= own_start::shortest_patience && state != spawn_state::called &&
            given.reaches(state == spawn_state::started ? own_start::patience_until_loaded() : own_start::patience_until_called(), child)) {
            give_up_on_child(state, given.counted());
        }
        platform::wait_word::wait(sleeping_word(header), word, platform::clock::now() + slice);
        given.look(slice);
    }
}

/// A child that runs what is described, and watches this process by `self`, its watchable_self(), if that is one. When this returns, the child has all
/// that it was passed; the parent may end at once. `inherit_signals`: start_self's.
[[nodiscard]] inline std::unique_ptr<platform::child> spawn_child(const reduction::outgoing& description, platform::native_handle self,
                                                                  bool inherit_signals) {
    const platform::native_handle registry = robust::life_registry::family().handle();
    std::optional<memory::arena> message;
    platform::write_printed_output(); // not under the heap's mutex
    auto child = memory::heap::current().lend([&](std::span<const platform::native_handle> leases) {
        const bool has_self = self != platform::invalid_native_handle;
        message.emplace(write_spawn_message(description, has_self, leases.size()));
        std::vector<platform::native_handle> handles{message->object().whole_handle(), registry};
        if (has_self) {
            handles.push_back(self);
        }
        handles.insert(handles.end(), leases.begin(), leases.end());
        for (const platform::memory_object* const each : description.objects()) {
            handles.push_back(each->whole_handle());
        }
        return platform::start_self(handles, inherit_signals);
    });
    try {
        await_running(*child, *reinterpret_cast<const spawn_header*>(message->data()));
    } catch (...) {
        child->kill();
        static_cast<void>(child->wait_until(platform::no_deadline));
        throw;
    }
    return child;
}

} // namespace multiprocessing::detail
