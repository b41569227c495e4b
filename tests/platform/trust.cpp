// Taken out once, and what failed: AT_SECURE (starter_is_trusted): "capabilities"; of next_start_is_trusted, the ids: "while the ids differ", the
// file's bits: "given up its rights", its capabilities: "capabilities"; told_in_vain (start_self): "told something in vain".
#include "support/catch.hpp"
#include "support/program.hpp"
#include "support/run.hpp"
#include "support/small_shm.hpp"

#include <multiprocessing/platform/trust.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;

namespace {

constexpr ::uid_t nobody = 65'534;

/// A copy of the child program where every user may execute it, and where the bits of a file count. Nothing where that is not permitted.
class copied_program {
public:
    copied_program() {
        char folder[] = "/tmp/multiprocessing-XXXXXX";
        struct ::statvfs where {};
        if (::mkdtemp(folder) == nullptr) {
            return;
        }
        folder_ = folder;
        permitted_ = ::geteuid() == 0 && ::chmod(folder, 0755) == 0 && ::statvfs(folder, &where) == 0 && (where.f_flag & (ST_NOSUID | ST_NOEXEC)) == 0 &&
                     ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
        std::filesystem::copy_file(MULTIPROCESSING_TEST_CHILDREN "/says_what_it_was_handed", path());
        permitted_ = permitted_ && ::chmod(path().c_str(), 0755) == 0;
    }
    copied_program(const copied_program&) = delete;
    copied_program& operator=(const copied_program&) = delete;
    ~copied_program() { std::filesystem::remove_all(folder_); }

    [[nodiscard]] bool permitted() const noexcept { return permitted_; }
    [[nodiscard]] std::string path() const { return folder_ / "program"; }

    /// What it says when a user starts it: `run`, or `attack`, which is as spawn would.
    [[nodiscard]] std::string started_by(::uid_t user, const std::string& how, const std::string& word = "plain") const {
        support::program starter("says_what_it_was_handed", {how, path(), std::to_string(user), word});
        const std::string out = starter.read_all();
        return "exit code " + std::to_string(starter.wait()) + "\n" + out;
    }

private:
    std::filesystem::path folder_;
    bool permitted_ = false;
};

const std::string refused = "/program), which is given more rights than who starts it has (by a set-user-ID or "
                            "set-group-ID bit, or capabilities of its file), so that it would believe nothing it is told: use fork, or spawn in a "
                            "program without these: Operation not permitted";

} // namespace

TEST_CASE("starter_is_trusted") {
    REQUIRE(platform::starter_is_trusted());
    SECTION("not while the ids differ") {
        const int code = support::run_child([] {
            if (::seteuid(nobody) != 0) {
                return support::not_permitted;
            }
            support::expect(!platform::starter_is_trusted() && !platform::next_start_is_trusted());
            support::expect(::seteuid(0) == 0);
            support::expect(platform::starter_is_trusted() && platform::next_start_is_trusted());
            support::expect(::setegid(nobody) == 0);
            support::expect(!platform::starter_is_trusted() && !platform::next_start_is_trusted());
            return 0;
        });
        if (code == support::not_permitted) {
            WARN("not tested: ids that differ, because changing them is not permitted here");
        } else {
            REQUIRE(code == 0);
        }
    }
}

TEST_CASE("next_start_is_trusted") { REQUIRE(platform::next_start_is_trusted()); }

TEST_CASE("a program with more rights than who starts it believes nothing that it is handed") {
    const copied_program copy;
    if (!copy.permitted()) {
        WARN("not tested: programs with a set-user-ID bit, because they cannot be made here: not root, mounted nosuid, or no_new_privs");
        return;
    }
    SECTION("without such a bit, what another user hands over is believed: it is that user's program") {
        const std::string out = copy.started_by(nobody, "attack");
        CAPTURE(out);
        REQUIRE_THAT(out, Catch::StartsWith("exit code 0\nhanded 2, variable gone, trusts 1 and 1, as 65534 of 65534\n") &&
                              Catch::Contains("works as 65534") && !Catch::Contains("in main"));
    }
    SECTION("set-user-ID") {
        REQUIRE(::chmod(copy.path().c_str(), 04755) == 0);
        const std::string out = copy.started_by(nobody, "attack");
        CAPTURE(out);
        REQUIRE_THAT(out, Catch::StartsWith("exit code 0\nhanded 0, variable gone, trusts 0 and 0, as 0 of 65534\n") && Catch::Contains("in main") &&
                              Catch::Contains(refused) && Catch::Contains("forked") && !Catch::Contains("works"));
        for (const char* each : {"\n3 is ", "\n4 is ", "\n5 is "}) { // open, and not the program's: as they were
            REQUIRE_THAT(out, Catch::Contains(each));
        }
        REQUIRE(support::count_of(", flags 0", out) == 3);
        REQUIRE(support::count_of("in main", out) == 1);
    }
    SECTION("set-user-ID, and nothing handed over: it cannot spawn, for its child would not listen") {
        REQUIRE(::chmod(copy.path().c_str(), 04755) == 0);
        const std::string out = copy.started_by(nobody, "run");
        CAPTURE(out);
        REQUIRE_THAT(out, Catch::StartsWith("exit code 0\nhanded 0, variable gone, trusts 0 and 0, as 0 of 65534\n") && Catch::Contains(refused) &&
                              Catch::Contains("forked") && !Catch::Contains("works"));
        REQUIRE(support::count_of("in main", out) == 1);
    }
    SECTION("set-user-ID, and since then its user's altogether: it spawns, unless it was told something in vain") {
        REQUIRE(::chmod(copy.path().c_str(), 04755) == 0);
        const std::string out = copy.started_by(nobody, "run", "whole");
        CAPTURE(out);
        REQUIRE_THAT(out, Catch::StartsWith("exit code 0\n") && Catch::Contains("works as 0"));
        const std::string told = copy.started_by(nobody, "attack", "whole");
        CAPTURE(told);
        REQUIRE_THAT(told, Catch::StartsWith("exit code 0\n") && Catch::Contains(refused) && !Catch::Contains("works"));
    }
    SECTION("set-group-ID") {
        REQUIRE(::chmod(copy.path().c_str(), 02755) == 0);
        const std::string out = copy.started_by(nobody, "attack");
        CAPTURE(out);
        REQUIRE_THAT(out, Catch::StartsWith("exit code 0\nhanded 0, variable gone, trusts 0 and 0, as 65534 of 65534\n") && Catch::Contains("in main") &&
                              Catch::Contains(refused) && !Catch::Contains("works"));
    }
    SECTION("capabilities of its file") {
        // Version 2 of capability(7)'s attribute, effective: CAP_CHOWN.
        const std::array<std::uint32_t, 5> chown{0x02000001, 1, 0, 0, 0};
        if (::setxattr(copy.path().c_str(), "security.capability", chown.data(), sizeof(chown), 0) != 0) {
            WARN("not tested: capabilities of files, which cannot be given here");
            return;
        }
        const std::string out = copy.started_by(nobody, "attack");
        CAPTURE(out);
        REQUIRE_THAT(out, Catch::StartsWith("exit code 0\nhanded 0, variable gone, trusts 0 and 0, as 65534 of 65534\n") && Catch::Contains("in main") &&
                              Catch::Contains(refused) && !Catch::Contains("works"));
    }
    SECTION("set-user-ID, started by its own user, whom that gives nothing: it spawns; but not when it has given up its rights") {
        REQUIRE(::chmod(copy.path().c_str(), 04755) == 0);
        const std::string out = copy.started_by(0, "run");
        CAPTURE(out);
        REQUIRE_THAT(out, Catch::StartsWith("exit code 0\nhanded 0, variable gone, trusts 1 and 1, as 0 of 0\n") && Catch::Contains("works as 0"));
        const std::string dropped = copy.started_by(0, "run", "drops");
        CAPTURE(dropped);
        REQUIRE_THAT(dropped, Catch::StartsWith("exit code 0\n") && Catch::Contains(refused) && !Catch::Contains("works"));
        REQUIRE(support::count_of("in main", dropped) == 1); // no child began
    }
}
