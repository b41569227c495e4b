#pragma once

#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/start_self.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/process/detail/spawn_message.hpp>
#include <multiprocessing/process/spawn_error.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// \file
/// The parent's part of a spawn.

namespace multiprocessing::detail {

/// Whether run_if_spawned() was called in this process or, before the fork, in the one it is a copy of.
inline constinit std::atomic<bool> run_if_spawned_was_called{false};

inline void require_may_spawn() {
    if (received_spawn* const spawned = received_spawn::get(); spawned != nullptr && !spawned->is_running()) {
        throw SpawnError("multiprocessing: spawn was called in a spawned process before run_if_spawned() had run its function: during static "
                         "initialisation, or in main above that call. Make run_if_spawned() the first line of main");
    }
    if (!run_if_spawned_was_called.load(std::memory_order_relaxed)) {
        throw SpawnError("multiprocessing: spawn was called before run_if_spawned(), so the child would not run its function but "
                         "this program's main. Make multiprocessing::run_if_spawned() the first line of main");
    }
}

/// Sleeps until the child runs its function. Throws `SpawnError` when it will not: it says so, it has ended, or a second after its static
/// initialisation its main has not called run_if_spawned().
inline void await_running(platform::child& child, const spawn_header& header) {
    constexpr std::chrono::seconds patience{1};
    constexpr std::chrono::milliseconds slice{10}; // how soon the end of a child that never spoke is noticed
    platform::deadline give_up = platform::no_deadline;
    for (;;) {
        const std::uint32_t word = header.state.load(std::memory_order_acquire);
        switch (static_cast<spawn_state>(word)) {
        case spawn_state::running:
            return;
        case spawn_state::failed:
            throw SpawnError("multiprocessing: a spawned process could not run its function: " + std::string(header.error));
        case spawn_state::loaded:
            if (give_up == platform::no_deadline) {
                give_up = platform::deadline_after(patience);
            }
            break;
        case spawn_state::called:
            give_up = platform::no_deadline; // to read a gigabyte of arguments may take longer
            break;
        case spawn_state::started:
            break;
        }
        const platform::deadline now = platform::clock::now();
        if (const auto status = child.exit_status()) {
            if (header.state.load(std::memory_order_acquire) == word) {
                throw SpawnError("multiprocessing: a spawned process ended with exit code " + std::to_string(*status) +
                                 " before it ran its function. Make multiprocessing::run_if_spawned() the first line of main");
            }
            continue; // it came further just before it ended
        }
        if (now >= give_up) {
            throw SpawnError("multiprocessing: a spawned process has not called run_if_spawned() for a second. Make "
                             "multiprocessing::run_if_spawned() the first line of main; static objects must be made in less time");
        }
        platform::wait_word::wait(sleeping_word(header), word, now + slice);
    }
}

/// A child that runs what is described. When this returns, the child has all that it was passed; the parent may end at once.
[[nodiscard]] inline std::unique_ptr<platform::child> spawn_child(const reduction::outgoing& description) {
    const platform::native_handle registry = life_registry::family().handle();
    std::optional<memory::arena> message;
    auto child = memory::heap::current().lend([&](std::span<const platform::native_handle> leases) {
        message.emplace(write_spawn_message(description, leases.size()));
        std::vector<platform::native_handle> handles{message->object().handle(), registry};
        handles.insert(handles.end(), leases.begin(), leases.end());
        for (const platform::memory_object* const each : description.objects()) {
            handles.push_back(each->handle());
        }
        return platform::start_self(handles);
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
