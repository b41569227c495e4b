// Taken out once, and what failed: the seals ("not sealed"); the comparison of the files ("another file").
#include "support/catch.hpp"
#include "support/descriptors.hpp"

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/posix/handed_over_list.hpp>

#include <cstddef>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;
using platform::owned_handle;
using platform::posix::handed_over_list;

namespace {

owned_handle memory() { return owned_handle(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)); }

std::string content_of(int file) {
    std::string text(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
    REQUIRE(::pread(file, text.data(), text.size(), 0) == static_cast<::ssize_t>(text.size()));
    return text;
}

owned_handle list_with(const std::string& content, int seals) {
    owned_handle file = memory();
    REQUIRE(::pwrite(file.get(), content.data(), content.size(), 0) == static_cast<::ssize_t>(content.size()));
    REQUIRE(::fcntl(file.get(), F_ADD_SEALS, seals) == 0);
    return file;
}

} // namespace

TEST_CASE("handed_over_list") {
    const auto before = support::open_descriptors();
    constexpr int first = 200;
    constexpr int sealed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        const owned_handle in(::fcntl(ends[0], F_DUPFD_CLOEXEC, first)); // numbers in a row, as a child has them
        const owned_handle out(::fcntl(ends[1], F_DUPFD_CLOEXEC, first + 1));
        ::close(ends[0]);
        ::close(ends[1]);
        REQUIRE((in.get() == first && out.get() == first + 1));
        const std::vector<platform::native_handle> both{in.get(), out.get()};
        const owned_handle list = handed_over_list::write(both);

        SECTION("is of what it was written of, and of nothing else") {
            REQUIRE(handed_over_list::is_of(list.get(), first, 2));
            REQUIRE_FALSE(handed_over_list::is_of(list.get(), first, 1));
            REQUIRE_FALSE(handed_over_list::is_of(list.get(), first, 0));
            REQUIRE_FALSE(handed_over_list::is_of(list.get(), first, 3));
            REQUIRE_FALSE(handed_over_list::is_of(list.get(), first, 2'000'000'000));
            REQUIRE_FALSE(handed_over_list::is_of(list.get(), first + 2, 2));
            REQUIRE(handed_over_list::is_of(handed_over_list::write({}).get(), first, 0));
        }
        SECTION("is not of what is closed, or of another file under the number") {
            ::dup2(in.get(), out.get()); // the other end of the same pipe
            REQUIRE_FALSE(handed_over_list::is_of(list.get(), first, 2));
            ::dup2(STDERR_FILENO, out.get());
            REQUIRE_FALSE(handed_over_list::is_of(list.get(), first, 2));
            ::close(out.get()); // not its owner's any more
        }
        SECTION("is no descriptor that is not open, or of something else") {
            for (const int each : {-1, 9999, in.get(), STDERR_FILENO}) {
                REQUIRE_FALSE(handed_over_list::is_of(each, first, 2));
            }
        }
        SECTION("is not what is not sealed, though it has the same bytes") {
            const std::string content = content_of(list.get());
            REQUIRE(handed_over_list::is_of(list_with(content, sealed).get(), first, 2));
            for (const int missing : {F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_SEAL}) {
                REQUIRE_FALSE(handed_over_list::is_of(list_with(content, sealed & ~missing).get(), first, 2));
            }
        }
        SECTION("is not what differs in any bit, or in length") {
            const std::string content = content_of(list.get());
            for (std::size_t i = 0; i < 8 * content.size(); ++i) {
                if (i / 8 >= 24 && i / 8 < 48) {
                    continue; // who wrote it
                }
                std::string other = content;
                other[i / 8] = static_cast<char>(other[i / 8] ^ (1 << i % 8));
                REQUIRE_FALSE(handed_over_list::is_of(list_with(other, sealed).get(), first, 2));
            }
            REQUIRE_FALSE(handed_over_list::is_of(list_with(content + '\0', sealed).get(), first, 2));
            REQUIRE_FALSE(handed_over_list::is_of(list_with(content.substr(1), sealed).get(), first, 2));
            REQUIRE_FALSE(handed_over_list::is_of(list_with({}, sealed).get(), first, 2));
        }
        SECTION("cannot be written any more") {
            REQUIRE(::pwrite(list.get(), "x", 1, 0) == -1);
            REQUIRE(::ftruncate(list.get(), 0) == -1);
        }
        SECTION("of what is no descriptor is refused") {
            const std::vector<platform::native_handle> none{in.get(), -1};
            REQUIRE_THROWS_AS(static_cast<void>(handed_over_list::write(none)), std::system_error);
        }
    }
    REQUIRE(support::open_descriptors() == before);
}
