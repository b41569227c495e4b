#pragma once

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/start_self.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/robust/life_registry.hpp>

#include "support/end_when_overdue.hpp"
#include "support/for_life.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

/// \file
/// The other process of a test, on every system: this test program once more, started by platform::start_self, playing a role. A test
/// file writes its roles as objects at namespace scope,
///
///     const support::role holder("life_token: holder", [](support::props given) { ... });
///
/// and has them played by an `actor`. What both are to know of each other is on a `stage`. No role returns into the test runner, and none
/// outlives its time.

namespace support {

namespace platform = multiprocessing::platform;

/// So long may anything take that should take no time at all.
inline constexpr std::chrono::seconds role_patience{50};

/// What an actor's process ends with when something in it was not so, or when its time was up.
inline constexpr int role_failed = 101;
inline constexpr int role_overdue = 102;

/// The native handles that a test gives to a role.
using props = std::span<const platform::native_handle>;

/// In roles, where the test framework's macros must not be used.
inline void ensure(bool holds, const char* what = "", const char* file = __builtin_FILE(),
                   int line = __builtin_LINE()) {
    if (!holds) {
        throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": not so: " + what);
    }
}

/// What main was given, in this process.
inline std::vector<std::string>& program_arguments() {
    static std::vector<std::string> arguments;
    return arguments;
}

class role {
public:
    using function = void (*)(props);

    role(const char* name, function body) : name_(name), body_(body), next_(first_) { first_ = this; }
    role(const role&) = delete;
    role& operator=(const role&) = delete;

    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    void play(props given) const { body_(given); }

    [[nodiscard]] static const role* find(std::string_view name) noexcept {
        const role* each = first_;
        while (each != nullptr && each->name() != name) {
            each = each->next_;
        }
        return each;
    }

private:
    const char* name_;
    function body_;
    const role* next_;

    static inline constinit const role* first_ = nullptr;
};

/// The message that every process of the library's making is handed, as an actor gets it. Its first page is the library's own, which may
/// note there how far the process has come.
struct role_call {
    static constexpr std::uint64_t expected_magic = 0x656c6f72'2d70656cu;

    std::byte of_the_library[4096];
    std::uint64_t magic;
    char name[120];
};

/// The role this process was started for, if it was started for one.
[[nodiscard]] inline std::optional<std::string> assigned_role() {
    if (!platform::started_by_self()) {
        return std::nullopt;
    }
    // Mapped for life, and not owned: the library may have taken the handle over.
    static const auto* const object = new platform::memory_object(
        platform::memory_object::adopt(platform::owned_handle(platform::inherited_handle(platform::handed_over::message))));
    if (object->size() < sizeof(role_call)) {
        return std::nullopt;
    }
    static const auto* const mapped = new platform::mapping(*object);
    const auto* const call = reinterpret_cast<const role_call*>(mapped->data());
    if (call->magic != role_call::expected_magic) {
        return std::nullopt;
    }
    return call->name;
}

/// What main does in the process of an actor; its exit code.
[[nodiscard]] inline int play(const std::string& name) {
    end_when_overdue(role_patience, "an actor's time was up", role_overdue);
    try {
        const role* const mine = role::find(name);
        ensure(mine != nullptr, name.c_str());
        mine->play(platform::inherited_handles().subspan(static_cast<std::size_t>(platform::handed_over::others)));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "in the role %s: %s\n", name.c_str(), error.what());
    }
    return role_failed;
}

/// A process that plays a role. Killed and waited for, if nobody did, by the destructor.
class actor {
public:
    explicit actor(const role& part, std::vector<platform::native_handle> given = {}) {
        const auto message = platform::memory_object::create(sizeof(role_call));
        const platform::mapping mapped(message);
        auto* const call = reinterpret_cast<role_call*>(mapped.data());
        call->magic = role_call::expected_magic;
        part.name().copy(call->name, sizeof(call->name) - 1);
        given.insert(given.begin(),
                     {message.handle(), multiprocessing::robust::life_registry::family().handle()});
        process_ = platform::start_self(given);
    }
    actor(actor&&) noexcept = default;
    actor& operator=(actor&&) = delete;
    ~actor() {
        if (process_ && !process_->exit_status()) {
            process_->kill();
            static_cast<void>(process_->wait_until(platform::no_deadline));
        }
    }

    [[nodiscard]] platform::child& process() const noexcept { return *process_; }

    /// Its exit status.
    int wait() const {
        if (!process_->wait_until(platform::deadline_after(role_patience))) {
            throw std::runtime_error("an actor does not end");
        }
        return process_->exit_status().value();
    }

    int kill() const {
        process_->kill();
        return wait();
    }

private:
    std::unique_ptr<platform::child> process_;
};

/// A T in memory that processes share: made by the test, found by a role through the handle it was given (on_stage).
template <class T>
class stage {
public:
    stage() : object_(platform::memory_object::create(sizeof(T))), mapping_(object_) { new (mapping_.data()) T(); }
    stage(platform::memory_object object) : object_(std::move(object)), mapping_(object_) {}

    [[nodiscard]] const platform::memory_object& object() const noexcept { return object_; }
    [[nodiscard]] platform::native_handle handle() const noexcept { return object_.handle(); }
    T& operator*() const noexcept { return *reinterpret_cast<T*>(mapping_.data()); }
    T* operator->() const noexcept { return &**this; }

private:
    platform::memory_object object_;
    platform::mapping mapping_;
};

/// In a role: what the test made, for life.
template <class T>
[[nodiscard]] stage<T>& stage_of(platform::native_handle handle) {
    return for_life<stage<T>>(platform::memory_object(platform::owned_handle(handle), sizeof(T)));
}
template <class T>
[[nodiscard]] T& on_stage(platform::native_handle handle) {
    return *stage_of<T>(handle);
}

/// Reached once, and waited for by any number of threads and processes. Of zero bytes: not reached.
class milestone {
public:
    void reach() noexcept {
        word_.store(1);
        platform::wait_word::wake_all(address());
    }
    [[nodiscard]] bool is_reached() const noexcept { return word_.load() != 0; }

    /// Throws when patience runs out.
    void wait() const {
        const auto until = platform::deadline_after(role_patience);
        while (!is_reached()) {
            const auto now = platform::clock::now();
            ensure(now < until, "nobody reached a milestone");
            platform::wait_word::wait(address(), 0, std::min(until, now + std::chrono::milliseconds(20)));
        }
    }

private:
    [[nodiscard]] const std::uint32_t* address() const noexcept { return reinterpret_cast<const std::uint32_t*>(&word_); }

    std::atomic<std::uint32_t> word_{0};
};

/// Lives until it is killed, or its time is up.
[[noreturn]] inline void live_on() {
    for (;;) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

/// Looks again and again until it is so; false when patience ran out.
template <class Condition>
[[nodiscard]] bool comes_true(Condition holds) {
    const auto until = platform::deadline_after(role_patience);
    while (!holds()) {
        if (platform::clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

} // namespace support
