#pragma once

#include <multiprocessing/synchronize/rlock.hpp>

#include <support/kill_report.hpp>
#include <support/run.hpp>
#include <support/stepper.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <sched.h>

/// \file
/// A victim, the object with a lock that it works on, and those who want the object when it is dead.

namespace stepper {

template <class Object>
[[nodiscard]] const multiprocessing::RLock& lock_of(const Object& object) {
    if constexpr (requires { object.get_lock(); }) {
        return object.get_lock();
    } else {
        return object;
    }
}

template <class Object>
[[nodiscard]] std::uint64_t word_of(const Object& object) {
    return multiprocessing::detail::lock_access::header(lock_of(object)).word.load();
}

/// The id of the thread that owns its lock; nobody's when it is free.
template <class Object>
[[nodiscard]] multiprocessing::robust::life_id owner_of(const Object& object) {
    return multiprocessing::robust::mutex::owner_in(word_of(object));
}

template <class Object>
void await_a_waiter(const Object& object) {
    while ((word_of(object) & multiprocessing::robust::mutex::somebody_waits) == 0) {
        ::sched_yield();
    }
}

/// Another process, which sleeps on the object's lock until it has it, and gives it back.
template <class Object>
class waiter {
public:
    explicit waiter(const Object& object)
        : process_([&] {
              const bool had = lock_of(object).try_lock_for(2 * longest_wait); // at its end a free lock is found free, woken or not
              had_at_->store(std::chrono::steady_clock::now().time_since_epoch().count());
              if (had) {
                  saw_death_->store(lock_of(object).owner_died());
                  lock_of(object).unlock();
              }
              return had ? 0 : 1;
          }) {}

    [[nodiscard]] ::pid_t pid() const noexcept { return process_.pid(); }
    /// Waits for its end; whether it had the lock.
    bool had_it() { return process_.wait() == 0; }
    [[nodiscard]] bool saw_death() const { return saw_death_->load(); }
    [[nodiscard]] std::chrono::steady_clock::time_point had_at() const {
        return std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(had_at_->load()));
    }

private:
    support::shared<std::atomic<std::chrono::steady_clock::rep>> had_at_{0};
    support::shared<std::atomic<bool>> saw_death_{false};
    support::child_process process_;
};

template <class Object>
class scene {
public:
    explicit scene(Object shared) : object(std::move(shared)) {}

    Object object;
    std::optional<stepper::victim> actor;
    std::optional<stepper::waiter<Object>> next;

    [[nodiscard]] stepper::victim& victim() { return *actor; }
    void kill() {
        owner_at_death_ = owner_of(object);
        died_at_ = std::chrono::steady_clock::now();
        actor->kill();
    }

    [[nodiscard]] multiprocessing::robust::life_id owner_at_death() const noexcept { return owner_at_death_; }
    [[nodiscard]] std::chrono::steady_clock::time_point died_at() const noexcept { return died_at_; }

private:
    multiprocessing::robust::life_id owner_at_death_;
    std::chrono::steady_clock::time_point died_at_;
};

/// How scenes of one object are made anew: `object([] { return mp::SharedValue<int>(0); })`.
template <class MakeObject>
[[nodiscard]] auto object(MakeObject make) {
    return [make] { return std::make_unique<scene<decltype(make())>>(make()); };
}

struct kill_options {
    /// The victim has a name before it is stepped. Without, its first lock gives it one, and what that takes depends on the victim before.
    bool named = true;
    /// The operation holds the lock once: no outcome comes again.
    bool in_order = named;
    selection which{};
};

/// Kills `operation(object)` at every instruction; nobody else wants the object meanwhile. Then somebody takes the lock, is told of a death exactly
/// when the victim held it, and `look(object, completed)`, with the lock held, says what it finds: "old", "new".
template <class Make, class Operation, class Look>
tries kill_alone(const std::string& name, Make make, Operation operation, Look look, kill_options options = {}) {
    kill_report report(name, options.in_order);
    const auto tried = kill_at_every_instruction(
        [&] {
            auto stage = make();
            stage->actor.emplace(
                [&] {
                    if (options.named) {
                        static_cast<void>(multiprocessing::robust::enrol_this_thread());
                    }
                },
                [&] { operation(stage->object); });
            return stage;
        },
        [&](auto& stage, bool completed) {
            const auto& lock = lock_of(stage.object);
            support::expect(lock.try_lock_for(longest_wait), "the lock is to be had");
            report.note_wait(std::chrono::steady_clock::now() - stage.died_at());
            const bool held = !stage.owner_at_death().is_nobody();
            support::expect(!(held && completed), "who has done holds nothing");
            support::expect(lock.owner_died() == held, "owner_died() says whether the victim held it");
            report.note(look(stage.object, completed) + std::string(held ? " and recovered" : ""), completed);
            lock.unlock();
        },
        options.which);
    report.print(tried);
    return tried;
}

/// The victim takes the lock; another process goes to sleep on it; then the victim does `operation(object)`, which gives the lock back.
template <class Make, class Operation, class Look>
tries kill_with_waiter(const std::string& name, Make make, Operation operation, Look look, kill_options options = {}) {
    kill_report report(name);
    multiprocessing::robust::life_id victims;
    const auto tried = kill_at_every_instruction(
        [&] {
            auto stage = make();
            stage->actor.emplace([&] { lock_of(stage->object).lock(); }, [&] { operation(stage->object); });
            victims = owner_of(stage->object);
            stage->next.emplace(stage->object);
            await_a_waiter(stage->object);
            return stage;
        },
        [&](auto& stage, bool completed) {
            support::expect(stage.next->had_it(), "the waiter has the lock");
            report.note_wait(std::max(stage.next->had_at() - stage.died_at(), std::chrono::steady_clock::duration{}));
            const bool held = stage.owner_at_death() == victims;
            support::expect(!(held && completed), "who has done holds nothing");
            support::expect(stage.next->saw_death() == held, "owner_died() says whether the victim held it");
            const auto& lock = lock_of(stage.object);
            support::expect(lock.try_lock(), "the waiter gave it back");
            report.note(look(stage.object, completed) + std::string(held ? " and recovered" : ""), completed);
            lock.unlock();
        },
        options.which);
    report.print(tried);
    return tried;
}

} // namespace stepper
