// Programs that close descriptors which they did not open, as a daemon does, and are then given their numbers for files of their own; and programs of
// which each makes its successor and ends, for ever.
//
// Taken out once, and what failed: handle_mark (it always says yes): the first three cases; let_go_of_the_dead: the last two; the end of an inherited heap:
// the last but one.
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/run.hpp"
#include "support/start.hpp"

#include <multiprocessing/process.hpp>
#include <multiprocessing/sharedctypes.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace mp = multiprocessing;
using support::expect;

namespace {

void overwrite(const mp::RawArray<int>& array) {
    for (int& each : array) {
        each = -1;
    }
}

void close_all() {
    for (int each = 3; each < 1024; ++each) {
        ::close(each);
    }
}

/// A file of the user's, and what is in it.
class precious {
public:
    precious() : path_(std::filesystem::temp_directory_path() / ("precious-" + std::to_string(::getpid()))) { std::ofstream(path_) << text; }
    precious(const precious&) = delete;
    precious& operator=(const precious&) = delete;
    ~precious() { std::filesystem::remove(path_); }

    /// As often as there are numbers that the library had.
    [[nodiscard]] std::vector<int> open_often() const {
        std::vector<int> all;
        for (int i = 0; i < 20; ++i) {
            all.push_back(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
            expect(all.back() >= 0);
        }
        return all;
    }
    [[nodiscard]] bool is_untouched() const {
        std::ifstream file(path_);
        std::string found;
        std::getline(file, found);
        return found == text;
    }

private:
    static inline const std::string text = std::string(8192, 'p');
    std::filesystem::path path_;
};

bool are_open(const std::vector<int>& files) {
    for (const int each : files) {
        if (::fcntl(each, F_GETFD) == -1) {
            return false;
        }
    }
    return true;
}

/// Each makes something, and the next one, and ends; the last one says so, and how many descriptors it has more than the first.
void go_on(const mp::RawArray<int>& array, const mp::SharedValue<int>& done, int generations) {
    const std::size_t before = support::open_descriptors();
    for (int i = 0; i < generations; ++i) {
        {
            const mp::RawArray<int> own(10);
            array[0] += 1;
        }
        if (::fork() != 0) {
            ::_exit(0);
        }
    }
    array[1] = static_cast<int>(support::open_descriptors() - before);
    done = 1;
}

void spawn_on(mp::RawArray<int> array, mp::SharedValue<int> done, int generations) {
    ::rlimit few{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &few);
    array[0] += 1;
    if (generations == 0) {
        done = 1;
        return;
    }
    const mp::RawArray<int> own(10);
    auto next = mp::spawn<spawn_on>(array, done, generations - 1);
    ::_exit(0);
}

} // namespace

TEST_CASE("spawn refuses an object whose descriptor the program has closed, and touches no file that has its number") {
    REQUIRE(support::run_child([] {
                const precious database;
                const mp::RawArray<int> array(1000);
                close_all();
                const auto files = database.open_often();
                try {
                    mp::spawn<overwrite>(array).join();
                    expect(false, "spawn refuses it");
                } catch (const std::system_error& error) {
                    const std::string what = error.what();
                    expect(error.code() == std::errc::bad_file_descriptor, what.c_str());
                    expect(what.find("this program has closed") != std::string::npos, what.c_str());
                }
                expect(database.is_untouched(), "the database is whole");
                expect(are_open(files), "and open");
                array[0] = 1; // the memory is there as before
            }) == 0);
}

TEST_CASE("what the library closes is its own: not a file that has the number of an object's") {
    REQUIRE(support::run_child([] {
                const precious database;
                std::vector<int> files;
                {
                    const support::unused_object name;
                    const mp::SharedValue<int> with_name(mp::create_only, mp::object_name(name.text()).mode(0660), 1);
                    const mp::RawArray<int> large(std::size_t{1} << 22);
                    auto child = mp::fork([] {});
                    close_all();
                    files = database.open_often();
                    child.join();
                    static_cast<void>(mp::unlink(name.text()));
                }
                expect(are_open(files), "its files are open");
                expect(database.is_untouched(), "and whole");
            }) == 0);
}

TEST_CASE("a child is protected by a new lease when the program has closed the last one") {
    REQUIRE(support::run_child([] {
                const support::shared<std::array<support::flag, 2>> flags;
                auto inherited = std::make_unique<mp::RawArray<int>>(100);
                (*inherited)[0] = 7;
                mp::fork([] {}).join(); // has the first lease
                close_all();
                for (int i = 0; i < 20; ++i) { // what has its numbers now looks like a lease that nobody holds
                    int ends[2];
                    expect(::pipe2(ends, O_CLOEXEC) == 0);
                    ::close(ends[1]);
                }
                auto child = mp::fork([&] {
                    (*flags)[0].raise();
                    (*flags)[1].wait();
                    expect((*inherited)[0] == 7, "nobody else was given its memory");
                });
                (*flags)[0].wait();
                inherited.reset();
                std::vector<mp::RawArray<int>> others;
                for (int i = 0; i < 50; ++i) {
                    others.emplace_back(100);
                    others.back()[0] = 8;
                }
                (*flags)[1].raise();
                child.join();
                expect(child.exitcode() == 0);
            }) == 0);
}

TEST_CASE("each generation that forks the next one, and ends, has as many descriptors as the one before") {
    const mp::RawArray<int> array(2);
    const mp::SharedValue<int> done(0);
    support::child_process first([&] { go_on(array, done, 300); });
    REQUIRE(support::eventually([&] { return done.value() == 1; }));
    REQUIRE(array[0] == 300);
    REQUIRE(array[1] < 10); // some ancestors may have been about to end
}

TEST_CASE("and each that spawns it") {
    const mp::RawArray<int> array(1);
    const mp::SharedValue<int> done(0);
    auto first = mp::spawn<spawn_on>(array, done, 100);
    REQUIRE(support::eventually([&] { return done.value() == 1; }));
    REQUIRE(array[0] == 101);
}
