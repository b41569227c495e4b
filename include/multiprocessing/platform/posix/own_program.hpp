#pragma once

#include <multiprocessing/platform/native_handle.hpp>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
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

    /// Changes what the arguments of this process say of where the program is, if that has become wrong.
    [[nodiscard]] static own_program find(std::vector<std::string>& arguments) {
        // Emulators answer for /proc/self/exe themselves.
        const std::string executed = target_of("/proc/thread-self/exe");
        const std::string mapped = file_at(headers());
        own_program found;
        if (executed.empty() || mapped.empty() || executed == mapped) {
            return found;
        }
        const std::string_view named = name_at_start();
        if (arguments.size() > 1 && arguments[0] != named) {
            if (const auto program = std::find(arguments.begin() + 1, arguments.end(), named); program != arguments.end()) {
                if (!is_same_file(*program, mapped)) {
                    *program = mapped;
                }
                return found;
            }
        }
        found.path = mapped;
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

    /// The file that is mapped there, by /proc/self/maps (proc(5)); empty when there is none.
    [[nodiscard]] static std::string file_at(std::uintptr_t place) {
        const owned_handle maps(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
        std::string text;
        char part[4096];
        for (::ssize_t length = 0; maps && (length = ::read(maps.get(), part, sizeof(part))) > 0;) {
            text.append(part, static_cast<std::size_t>(length));
            std::size_t end = 0;
            for (std::size_t at = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
                const std::string_view line = std::string_view(text).substr(at, end - at);
                std::uintptr_t first = 0;
                std::uintptr_t last = 0;
                const auto [dash, wrong] = std::from_chars(line.data(), line.data() + line.size(), first, 16);
                if (wrong == std::errc() && dash != line.data() + line.size()) {
                    std::from_chars(dash + 1, line.data() + line.size(), last, 16);
                }
                if (place >= first && place < last) {
                    const std::size_t path = line.find('/');
                    return path == std::string_view::npos ? std::string() : std::string(line.substr(path));
                }
            }
            text.erase(0, text.rfind('\n') + 1); // npos + 1 is 0: the line goes on
        }
        return {};
    }

    [[nodiscard]] static bool is_same_file(const std::string& one, const std::string& other) noexcept {
        struct ::stat first{};
        struct ::stat second{};
        return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
    }
};

} // namespace multiprocessing::platform::posix
