// Promise 2: whoever is killed at any instruction of starting a child leaves a child that does all of its work, or none; and no memory, lock or
// descriptor that anybody waits for.
//
// Its mechanisms are those of the other files in this folder; no one of them was taken out for this test alone.
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <cerrno>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/for_life.hpp>
#include <support/kill_report.hpp>
#include <support/kill_scene.hpp>
#include <support/run.hpp>
#include <support/sanitized.hpp>
#include <support/stepper.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;

namespace {

/// While it lives, what becomes an orphan becomes a child of this process.
struct adopter {
    adopter() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
    ~adopter() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
};

/// Waits for all orphans; how they ended.
std::vector<int> ends_of_orphans() {
    std::vector<int> ends;
    for (;;) {
        int status = 0;
        if (::waitpid(-1, &status, 0) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return ends;
        }
        ends.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    }
}

/// `start(counter)` starts a child that adds 1 to it.
template <class Start>
stepper::tries kill_starting(const std::string& name, Start start, const stepper::selection& which) {
    const adopter adopts;
    stepper::kill_report report(name);
    const auto tried = stepper::kill_at_every_instruction(
        [&] {
            auto stage = stepper::object([] { return mp::SharedValue<int>(0); })();
            stage->actor.emplace([&] { start(stage->object); });
            return stage;
        },
        [&](auto& stage, bool completed) {
            const auto ends = ends_of_orphans();
            support::expect(ends.size() <= 1, "a child, or none");
            support::expect(ends.size() == 1 || !completed, "who has started one has a child");
            support::expect(ends.empty() || ends[0] == 0, "the child ends well");
            support::expect(stage.object.try_lock(), "nobody has the lock");
            support::expect(!stage.object.get_lock().owner_died(), "nobody died with it");
            support::expect(stage.object.get_obj().value() == static_cast<int>(ends.size()), "the child has done its work");
            stage.object.unlock();
            report.note(ends.empty() ? "no child" : "a child that does its work", completed);
        },
        which);
    report.print(tried);
    return tried;
}

} // namespace

TEST_CASE("killed at every instruction of fork", "[slow]") {
    if (sanitized) {
        return;
    }
    const auto tried = kill_starting("fork", [](const mp::SharedValue<int>& counter) {
        support::for_life<mp::Process>(mp::fork([&] { counter += 1; })); // its destructor would wait for the child
    }, {.repeats = 4, .own_only = true});
    REQUIRE(tried.victims > 100);
}

TEST_CASE("killed at every instruction of spawn", "[slow]") {
    if (sanitized) {
        return;
    }
    const auto tried = kill_starting("spawn", [](const mp::SharedValue<int>& counter) {
        support::for_life<mp::Process>(mp::spawn<[](const mp::SharedValue<int>& theirs) { theirs += 1; }>(counter));
    }, {.repeats = 1, .own_only = true});
    REQUIRE(tried.victims > 100);
}
