// Who has closed all descriptors asks the list of the system's locks whether an owner lives. It gets its answer also while others take locks and give
// them back.
//
// Taken out once, to see it fail: the second look, when a lock was taken between the two reads of the first (a storm of kills found it).
#include <multiprocessing/platform/posix/list_of_locks.hpp>

#include <array>
#include <atomic>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <support/catch.hpp>

namespace posix = multiprocessing::platform::posix;

namespace {

bool lock_byte(int file, ::off_t byte) {
    struct ::flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;
    return ::fcntl(file, F_OFD_SETLK, &lock) == 0;
}

int some_file() { return ::memfd_create("locked", MFD_CLOEXEC); }

} // namespace

TEST_CASE("the list of locks answers while others take locks and give them back") {
    const multiprocessing::platform::owned_handle file(some_file());
    REQUIRE(lock_byte(file.get(), 5));
    struct ::stat about{};
    REQUIRE(::fstat(file.get(), &about) == 0);
    if (!posix::is_in_list_of_locks(about.st_dev, about.st_ino, 5)) {
        WARN("this system's list of locks is not there, or longer than a page");
        return;
    }

    std::atomic<bool> is_over{false};
    std::thread other([&] {
        while (!is_over) {
            const multiprocessing::platform::owned_handle one(some_file());
            static_cast<void>(lock_byte(one.get(), 5));
        }
    });
    std::array<int, 3> answers{}; // unknown, no, yes
    for (int i = 0; i < 2000; ++i) {
        const std::optional<bool> answer = posix::is_in_list_of_locks(about.st_dev, about.st_ino, 5);
        ++answers[!answer ? 0 : *answer ? 2 : 1];
    }
    const std::optional<bool> another = posix::is_in_list_of_locks(about.st_dev, about.st_ino, 6);
    is_over = true;
    other.join();
    CHECK(answers[0] == 0);
    CHECK(answers[1] == 0);
    CHECK(answers[2] == 2000);
    CHECK(another == false);
}
