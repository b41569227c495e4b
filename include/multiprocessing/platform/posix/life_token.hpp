#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/kept_files.hpp>
#include <multiprocessing/platform/posix/list_of_locks.hpp>
#include <multiprocessing/platform/posix/shm_folder.hpp>
#include <multiprocessing/platform/system.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

enum class life { held, gone, unknown };

/// A token is a byte of the home, by its offset (which may lie behind the file's end); to hold it is to hold a lock on that byte.
///
/// On Linux the lock belongs to an *open file description*, which nothing keeps open but a mapping that no child inherits. To take a token:
/// open the home anew, lock the byte, map a page by that description, keep it from children (MADV_DONTFORK), close the descriptor.
/// The description goes with the mapping, and the mapping with the process's memory, which the kernel takes down at exec and at the end, behind the
/// last instruction of the last thread. (What is short of memory and takes *pages* away before that leaves the mapping.)
///
/// Invariant: from the moment at which try_take returns true, the byte is locked for as long as the process can execute an instruction.
/// Interruptions: killed anywhere in try_take, the process loses descriptor and mapping, and with the last of them the lock. A fork between open
/// and close would carry the description away in the child's descriptor: the caller keeps forks out. To ask (F_OFD_GETLK) changes nothing.
///
/// Elsewhere, and where a home cannot be opened anew (no /proc, as in a chroot; its mode, after setuid) or the system refuses locks of open files or
/// MADV_DONTFORK (a seccomp filter), a record lock stands in, of the process
/// and by the home's own descriptor. The same question sees it. Its trap: a process that closes *any* descriptor of the home lets go of it. The
/// library's own descriptors of it are put aside instead (kept_files.hpp); the program's are not the library's to keep.
///
/// The program may close descriptors that it did not open, a daemon all of them. So a token that seems not to be held is
/// asked after again behind a look whether the descriptor is still the home's (the number may be another file's by now, in which nobody holds anything); if
/// not, the home is opened anew by its name if it has one, and else looked for in /proc/locks.
class life_tokens {
public:
#if MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS
    static constexpr std::uint32_t kind = 2;
#else
    static constexpr std::uint32_t kind = 1;
#endif

    life_tokens(native_handle home, std::uint64_t, const std::string& name)
        : given_(home), home_(home), path_(name.empty() ? name : std::string(shm_folder) + "/" + name) {
        struct ::stat about{};
        if (::fstat(home, &about) != 0) {
            throw_os_error(last_os_error(), "fstat", title);
        }
        device_ = about.st_dev;
        file_ = about.st_ino;
    }

    life_tokens(const life_tokens&) = delete;
    life_tokens& operator=(const life_tokens&) = delete;
    ~life_tokens() {
        if (const native_handle home = home_.load(std::memory_order_relaxed); home != given_ && is_home(home)) { // opened anew, by usable_home
            close_native_handle(home);
        }
    }

    [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> identity() const noexcept { return {device_, file_}; }

    [[nodiscard]] native_handle home() const {
        const native_handle home = usable_home();
        if (home == invalid_native_handle) {
            throw_closed();
        }
        return home;
    }

    void let_go() const noexcept {
        if (void* const keeper = keeper_.exchange(nullptr, std::memory_order_relaxed); keeper != nullptr) {
            ::munmap(keeper, one_page);
        }
        const std::uint64_t token = recorded_.exchange(0, std::memory_order_relaxed);
        if (token == 0) {
            return;
        }
        if (const native_handle home = usable_home(); home != invalid_native_handle) {
            struct ::flock lock = lock_of(token, F_UNLCK);
            ::fcntl(home, F_SETLK, &lock);
        }
        kept_files::remove(device_, file_);
    }

    void forget() const noexcept { // the mapping is not there; what is there now is another one's
        keeper_.store(nullptr, std::memory_order_relaxed);
        if (recorded_.exchange(0, std::memory_order_relaxed) != 0) {
            kept_files::remove(device_, file_);
        }
    }

    [[nodiscard]] bool try_take(std::uint64_t token) const {
        const native_handle home = this->home();
#if MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS
        return try_record(home, token);
#else
        const owned_handle anew(open_by([&] { return ::open(link_to(home).text, O_RDWR | O_CLOEXEC); }));
        if (!anew && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) { // this passes: no reason for a token that is lost with a descriptor
            throw_os_error(last_os_error(), "open", title);
        }
        if (!anew || !is_home(anew.get())) {
            return try_record(home, token);
        }
        if (const locked found = try_lock(anew.get(), token, F_OFD_SETLK); found != locked::yes) {
            return found == locked::refused && try_record(home, token);
        }
        void* const keeper = ::mmap(nullptr, one_page, PROT_NONE, MAP_SHARED, anew.get(), 0);
        if (keeper == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
            throw_os_error(last_os_error(), "mmap", title);
        }
        if (::madvise(keeper, one_page, MADV_DONTFORK) != 0) {
            const int code = last_os_error();
            ::munmap(keeper, one_page);
            if (!is_refusal(code)) {
                throw_os_error(code, "madvise(MADV_DONTFORK)", title);
            }
            struct ::flock lock = lock_of(token, F_UNLCK);
            ::fcntl(anew.get(), F_OFD_SETLK, &lock);
            return try_record(home, token);
        }
        keeper_.store(keeper, std::memory_order_relaxed);
        return true;
#endif
    }

    [[nodiscard]] life ask(std::uint64_t token) const noexcept {
        if (is_held_in(home_.load(std::memory_order_relaxed), token)) [[likely]] { // by one system call
            return life::held;
        }
        const native_handle home = usable_home();
        if (home == invalid_native_handle) {
            const auto listed = is_in_list_of_locks(device_, file_, byte_of(token));
            return !listed ? life::unknown : *listed ? life::held : life::gone;
        }
        struct ::flock lock = lock_of(token, F_RDLCK); // a lock for writing is in its way, and not what somebody may take who can only read
        if (::fcntl(home, question, &lock) != 0 && (!is_refusal(last_os_error()) || ::fcntl(home, F_GETLK, &lock) != 0)) {
            return life::unknown;
        }
        if (lock.l_type != F_UNLCK) {
            return life::held;
        }
        return is_home(home) ? life::gone : life::unknown; // closed meanwhile: the answer may be another file's
    }

private:
    static constexpr const char* title = "the table of lives";
    static constexpr std::size_t one_page = 1; // which the system rounds up

    [[noreturn]] static void throw_closed() { throw_os_error(EBADF, "open", std::string(title) + ", whose descriptor this program has closed"); }

    /// Without memory of the heap, for a child that has just been forked.
    struct link_name {
        char text[40];
    };
    [[nodiscard]] static link_name link_to(native_handle file) noexcept {
        link_name link{"/proc/self/fd/"};
        char digits[12];
        int count = 0;
        for (unsigned rest = static_cast<unsigned>(file); count == 0 || rest != 0; rest /= 10) {
            digits[count++] = static_cast<char>('0' + rest % 10);
        }
        for (char* end = link.text + sizeof("/proc/self/fd/") - 1; count > 0;) {
            *end++ = digits[--count];
        }
        return link;
    }

    [[nodiscard]] static std::uint64_t byte_of(std::uint64_t token) noexcept { return token & (~std::uint64_t{0} >> 2); }

    [[nodiscard]] static struct ::flock lock_of(std::uint64_t token, short type) noexcept {
        struct ::flock lock{};
        lock.l_type = type;
        lock.l_whence = SEEK_SET;
        lock.l_start = static_cast<::off_t>(byte_of(token));
        lock.l_len = 1;
        return lock;
    }

    /// What a system says that does not know a call, or that is told by a filter not to let it through. (A lock that another one has is EAGAIN on Linux.)
    [[nodiscard]] static bool is_refusal(int code) noexcept { return code == EINVAL || code == ENOSYS || code == EPERM || code == EACCES; }

#if MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS
    static constexpr int question = F_GETLK;
#else
    static constexpr int question = F_OFD_GETLK;
#endif

    /// Whether the token is held, whatever file that is by now: no other has a lock of just that byte, for the table counts its tokens from a random number on.
    /// False says nothing.
    [[nodiscard]] static bool is_held_in(native_handle home, std::uint64_t token) noexcept {
        struct ::flock lock = lock_of(token, F_RDLCK);
        return ::fcntl(home, question, &lock) == 0 && lock.l_type == F_WRLCK && lock.l_whence == SEEK_SET && lock.l_len == 1 &&
               lock.l_start == static_cast<::off_t>(byte_of(token));
    }

    enum class locked { yes, no, refused };

    [[nodiscard]] static locked try_lock(native_handle file, std::uint64_t token, int how) {
        struct ::flock lock = lock_of(token, F_WRLCK);
        if (::fcntl(file, how, &lock) == 0) {
            return locked::yes;
        }
        const int code = last_os_error();
        if (code == EAGAIN || (code == EACCES && how == F_SETLK)) {
            return locked::no;
        }
        if (is_refusal(code) && how != F_SETLK) {
            return locked::refused;
        }
        throw_os_error(code, how == F_SETLK ? "fcntl(F_SETLK)" : "fcntl(F_OFD_SETLK)", title);
    }

    [[nodiscard]] bool try_record(native_handle home, std::uint64_t token) const {
        const bool taken = kept_files::lock(device_, file_, [&] { return try_lock(home, token, F_SETLK) == locked::yes; });
        if (taken && recorded_.exchange(token, std::memory_order_relaxed) != 0) {
            kept_files::remove(device_, file_); // it is in the list once
        }
        if (taken && !is_home(home)) { // closed by the program meanwhile: what was locked is another file
            struct ::flock lock = lock_of(token, F_UNLCK);
            ::fcntl(home, F_SETLK, &lock);
            let_go();
            throw_closed();
        }
        return taken;
    }

    [[nodiscard]] bool is_home(native_handle file) const noexcept {
        struct ::stat about{};
        return ::fstat(file, &about) == 0 && about.st_dev == device_ && about.st_ino == file_;
    }

    /// A descriptor of the home, or none.
    [[nodiscard]] native_handle usable_home() const noexcept {
        native_handle home = home_.load(std::memory_order_relaxed);
        if (is_home(home)) {
            return home;
        }
        owned_handle anew(open_by([this] { return ::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
        if (!anew || !is_home(anew.get())) {
            return invalid_native_handle;
        }
        if (!home_.compare_exchange_strong(home, anew.get(), std::memory_order_relaxed)) {
            return is_home(home) ? home : invalid_native_handle; // another thread was faster
        }
        return anew.release();
    }

    native_handle given_; // whoever made this closes it
    mutable std::atomic<native_handle> home_;
    mutable std::atomic<void*> keeper_{nullptr};       // of what was taken last
    mutable std::atomic<std::uint64_t> recorded_{0};   // what was taken last, by a record lock
    ::dev_t device_;
    ::ino_t file_;
    std::string path_;
};

} // namespace multiprocessing::platform::posix
