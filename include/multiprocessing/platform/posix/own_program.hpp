#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#if __has_include(<sys/auxv.h>)
#    include <sys/auxv.h>
#endif

namespace multiprocessing::platform::posix {

/// What is to be executed to start this program once more.
///
/// It is /proc/self/exe, which is the running image even if its file was replaced, unless something else was executed that has loaded the program:
/// * the dynamic linker, as a command (`ld.so program`). It is executed again, and told where the program is: the program may be in another folder now.
/// * an emulator (valgrind, qemu). Then it is the file that the program's headers are mapped from.
struct own_program {
    static constexpr const char* self = "/proc/self/exe";

    std::string path = self;

    /// Changes what the arguments of this process say of where the program is, if it is the dynamic linker that is told. Throws where that was told of a file
    /// that is not the program's any more: another user's could have its name by now.
    [[nodiscard]] static own_program find(std::vector<std::string>& arguments) {
        const mapped_file mapped = file_at(headers());
        struct ::stat executed{}; // emulators answer for /proc/self/exe themselves
        own_program found;
        if (mapped.path.empty() || ::stat("/proc/thread-self/exe", &executed) != 0 || executed.st_ino == mapped.file ||
            target_of("/proc/thread-self/exe") == mapped.path) {
            return found;
        }
        struct ::stat there{};
        const bool is_there = ::stat(mapped.path.c_str(), &there) == 0 && there.st_ino == mapped.file;
        const std::size_t operand = operand_of_linker(arguments);
        if (operand < arguments.size() && arguments[operand] == name_at_start()) {
            if (!is_there) {
                throw_os_error(ENOENT, "posix_spawn",
                               "this program, " + mapped.path + ", which the dynamic linker was told to load, and which has been removed or replaced since: start it "
                               "by its own name");
            }
            arguments[operand] = mapped.path;
        } else if (is_there) {
            found.path = mapped.path;
        }
        return found;
    }

    /// For messages.
    [[nodiscard]] std::string title() const { return path == self ? std::string(self) + " (" + target_of(self) + ")" : path; }

private:
    [[nodiscard]] static std::string target_of(const char* link) {
        char text[PATH_MAX];
        const ::ssize_t length = ::readlink(link, text, sizeof(text));
        return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
    }

    /// What the program was called by who started it: the dynamic linker sets that, too.
    [[nodiscard]] static std::string_view name_at_start() noexcept {
#if defined(AT_EXECFN)
        if (const auto* const name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN)); name != nullptr) { // NOLINT(performance-no-int-to-ptr)
            return name;
        }
#endif
        return {};
    }

    /// The program is the first that the dynamic linker tells of.
    [[nodiscard]] static std::uintptr_t headers() noexcept {
        std::uintptr_t found = 0;
        static_cast<void>(::dl_iterate_phdr(
            [](::dl_phdr_info* program, std::size_t, void* answer) noexcept -> int {
                *static_cast<std::uintptr_t*>(answer) = reinterpret_cast<std::uintptr_t>(program->dlpi_phdr);
                return 1;
            },
            &found));
        return found;
    }

    /// Where the dynamic linker has the program among its arguments (ld.so(8)): the first that is no option, nor an option's own.
    [[nodiscard]] static std::size_t operand_of_linker(const std::vector<std::string>& arguments) {
        constexpr std::string_view with_an_argument[] = {"--library-path", "--inhibit-rpath", "--audit", "--preload", "--argv0", "--glibc-hwcaps-prepend",
                                                         "--glibc-hwcaps-mask"};
        std::size_t place = 1;
        while (place < arguments.size() && arguments[place].starts_with("--")) {
            const bool has_argument = std::find(std::begin(with_an_argument), std::end(with_an_argument), arguments[place]) != std::end(with_an_argument);
            place += has_argument ? std::size_t{2} : std::size_t{1};
        }
        return place;
    }

    struct mapped_file {
        std::string path; // as it was called then; empty: none
        std::uint64_t file = 0;
    };

    /// The file that is mapped there, by /proc/self/maps (proc(5)).
    [[nodiscard]] static mapped_file file_at(std::uintptr_t place) {
        const owned_handle maps(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
        std::string text;
        char part[4096];
        for (::ssize_t length = 0; maps && (length = ::read(maps.get(), part, sizeof(part))) > 0;) {
            text.append(part, static_cast<std::size_t>(length));
            std::size_t end = 0;
            for (std::size_t at = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
                const std::string line = text.substr(at, end - at);
                std::uintptr_t first = 0;
                std::uintptr_t last = 0;
                std::uint64_t file = 0;
                int path = 0; // first-last rwxp offset device file path
                if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %*s %*x %*x:%*x %" SCNu64 " %n", &first, &last, &file, &path) == 3 && place >= first &&
                    place < last) {
                    return {line.substr(static_cast<std::size_t>(path)), file};
                }
            }
            text.erase(0, text.rfind('\n') + 1); // npos + 1 is 0: the line goes on
        }
        return {};
    }
};

} // namespace multiprocessing::platform::posix
