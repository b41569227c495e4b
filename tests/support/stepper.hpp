#pragma once

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include <support/run.hpp>
#include <support/soak.hpp>

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/// \file
/// Kills a child after a given number of machine instructions: the proof of "at any instruction" is to try them all.
///
/// What is tried is the boundary before each instruction that the processor executes in user mode; a system call is one instruction.

extern "C" {
extern const char __executable_start; // by the linker: where the program's code begins, and where it ends
extern const char etext;
}

namespace stepper {

/// The instructions that one victim executed, in their order: the way that others of the same kind will take, too.
class path {
public:
    static constexpr std::uintptr_t unknown = 0; // on a processor that this file does not know well

    void add(std::uintptr_t address) {
        const bool goes_on = !addresses_.empty() && addresses_.back() == address;
        seen& before = seen_[address];
        addresses_.push_back(address);
        repeats_.push_back(address != unknown ? before.times++ : 0);
        // A string instruction (rep movsb) can be interrupted, and killed, after each element. How often a breakpoint would stop it
        // depends on the processor's other interrupts, so it is no mark.
        if (goes_on) {
            stops_.back() = no_mark;
        }
        stops_.push_back(address == unknown || goes_on ? no_mark : ++before.stops);
    }

    [[nodiscard]] long length() const noexcept { return static_cast<long>(addresses_.size()); }
    [[nodiscard]] std::uintptr_t address(long n) const noexcept { return addresses_[static_cast<std::size_t>(n)]; }

    /// How often instruction n, or the element of a string instruction, had been executed before: 0 for the first time.
    [[nodiscard]] long repeats(long n) const noexcept { return repeats_[static_cast<std::size_t>(n)]; }

    /// How often a breakpoint at instruction m stops who runs to m from the begin.
    [[nodiscard]] long stops_at(long m) const noexcept { return stops_[static_cast<std::size_t>(m)]; }

    /// The place on the way to n from which, when it is run to at full speed and stepped from, the fewest stops are needed; 0 to step all
    /// the way.
    [[nodiscard]] long mark_before(long n) const noexcept {
        long best = 0;
        long fewest = n;
        for (long m = n; m > 0 && n - m < fewest; --m) {
            const long stops = stops_at(m) + n - m;
            // A breakpoint where the victim stands already may stop it there once more, or not.
            if (stops < fewest && address(m) != address(0)) {
                best = m;
                fewest = stops;
            }
        }
        return best;
    }

private:
    std::vector<std::uintptr_t> addresses_;
    std::vector<long> repeats_;
    std::vector<long> stops_;

    struct seen {
        long times = 0;
        long stops = 0;
    };
    std::unordered_map<std::uintptr_t, seen> seen_;

    static constexpr long no_mark = std::numeric_limits<long>::max() / 2;
};

/// A forked child that is traced, and stands still just before `operation`. Killed by the destructor if it still lives.
///
/// The child stops itself before the operation and after it, so what is stepped through is the operation, and a few instructions of
/// the C library on either side. One that blocks for ever in a system call is ended by its alarm, which fails the test.
class victim {
public:
    template <class Operation>
    explicit victim(Operation operation) : victim([] {}, operation) {}

    /// `prepare` is run at full speed, `operation` step by step.
    template <class Prepare, class Operation>
    victim(Prepare prepare, Operation operation) : pid_((support::flush_output(), ::fork())) {
        if (pid_ < 0) {
            throw std::runtime_error("fork failed");
        }
        if (pid_ == 0) {
            ::alarm(120); // a hundred thousand steps, on a machine that has other things to do
            try {
                const long self = ::getpid();
                prepare();
                ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
                ::syscall(SYS_kill, self, SIGSTOP);
                operation();
                ::syscall(SYS_kill, self, SIGSTOP);
            } catch (...) { // shows as an end where a stop is awaited
            }
            ::_exit(0);
        }
        if (next_stop() != SIGSTOP) {
            throw std::runtime_error("the child did not stop before the operation");
        }
        ::ptrace(PTRACE_SETOPTIONS, pid_, nullptr,
                 PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE);
    }
    victim(const victim&) = delete;
    victim& operator=(const victim&) = delete;
    ~victim() { kill(); }

    [[nodiscard]] ::pid_t pid() const noexcept { return pid_; }

    /// Executes up to `count` instructions; false when the operation was complete before that.
    bool step(long count) {
        for (long i = 0; i < count; ++i) {
            if (!resume(PTRACE_SINGLESTEP)) {
                return false;
            }
        }
        return true;
    }

    /// Executes up to `count` halves of system calls: from the beginning of one to its end, to the beginning of the next. False when the operation
    /// was complete before that.
    bool step_calls(long count) {
        for (long i = 0; i < count; ++i) {
            if (!resume(PTRACE_SYSCALL)) {
                return false;
            }
        }
        return true;
    }

    /// Steps to the end of the operation, and tells the way.
    path walk() {
        path way;
        do {
            way.add(instruction_pointer());
        } while (step(1));
        return way;
    }

    /// Executes the first `n` instructions of the way, from its begin: at full speed to a place close before, by a breakpoint, and then step by
    /// step. False when the operation was complete before that.
    bool advance(const path& way, long n) {
        const long mark = can_run_to_a_mark ? way.mark_before(n) : 0;
        if (mark != 0 && is_breakable(way.address(mark))) {
            return run_to(way.address(mark), way.stops_at(mark)) && step(n - mark);
        }
        return step(n);
    }

    void kill() noexcept {
        if (!dead_) {
            ::kill(pid_, SIGKILL);
            int status = 0;
            while (::waitpid(pid_, &status, 0) == pid_ && !WIFSIGNALED(status) && !WIFEXITED(status)) {
            }
            dead_ = true;
        }
    }

private:
    /// Goes on until it stops; false when the operation is complete.
    template <class Request>
    bool resume(Request how) {
        for (;;) {
            if (::ptrace(how, pid_, nullptr, nullptr) != 0) {
                throw std::runtime_error("resuming the child failed: errno " + std::to_string(errno));
            }
            switch (const int signal = next_stop()) {
            case SIGTRAP:
                if (event_ != 0) {
                    look_after_children();
                    break;
                }
                return true;
            case SIGSTOP:
                return false;
            case SIGCHLD: // of a child of its own: stopped before the instruction, which is still to come
                break;
            default:
                throw std::runtime_error("the child was stopped by signal " + std::to_string(signal));
            }
        }
    }

    int next_stop() {
        int status = 0;
        if (::waitpid(pid_, &status, 0) != pid_ || !WIFSTOPPED(status)) {
            dead_ = WIFEXITED(status) || WIFSIGNALED(status);
            throw std::runtime_error("the child ended by itself");
        }
        event_ = status >> 16;
        return WSTOPSIG(status);
    }

    /// It has made a child, which goes on untraced and without the breakpoint; or one with which it shared its memory is gone.
    void look_after_children() {
        if (event_ == PTRACE_EVENT_VFORK_DONE) {
            insert_breakpoint();
            return;
        }
        unsigned long message = 0;
        ::ptrace(PTRACE_GETEVENTMSG, pid_, nullptr, &message);
        const auto child = static_cast<::pid_t>(message);
        int status = 0;
        if (::waitpid(child, &status, __WALL) == child) {
            remove_breakpoint(child);
            ::ptrace(PTRACE_DETACH, child, nullptr, nullptr);
        }
    }

#if defined(__x86_64__)
    static constexpr bool can_run_to_a_mark = true;

    [[nodiscard]] std::uintptr_t instruction_pointer() const { return peek(offsetof(::user, regs) + offsetof(::user_regs_struct, rip)); }

    /// Goes on until it is about to execute the instruction at that address, so many times. False when the operation was complete before that.
    bool run_to(std::uintptr_t address, long times) { return processor_breaks() ? run_by_processor(address, times) : run_by_code(address, times); }

    /// Code that cannot be written to, as the kernel's own in each process, has no breakpoint but the processor's.
    [[nodiscard]] bool is_breakable(std::uintptr_t address) const {
        errno = 0;
        const long code = ::ptrace(PTRACE_PEEKTEXT, pid_, address, nullptr);
        return processor_breaks() || (errno == 0 && ::ptrace(PTRACE_POKETEXT, pid_, address, code) == 0);
    }

    /// By a breakpoint of the processor, which leaves the code as it is.
    bool run_by_processor(std::uintptr_t address, long times) {
        poke(offsetof(::user, u_debugreg), address);
        poke(offsetof(::user, u_debugreg) + 7 * sizeof(long), 1); // execution of the address in register 0
        for (; times > 0; --times) {
            if (!resume(PTRACE_CONT)) {
                return false;
            }
        }
        poke(offsetof(::user, u_debugreg) + 7 * sizeof(long), 0);
        return true;
    }

    /// By an instruction in the code, where a virtual machine does not give its guests the processor's.
    bool run_by_code(std::uintptr_t address, long times) {
        constexpr std::uintptr_t pointer = offsetof(::user, regs) + offsetof(::user_regs_struct, rip);
        for (; times > 0; --times) {
            breakpoint_ = address;
            code_ = ::ptrace(PTRACE_PEEKTEXT, pid_, address, nullptr);
            insert_breakpoint();
            const bool reached = resume(PTRACE_CONT);
            if (reached) {
                remove_breakpoint(pid_);
                poke(pointer, address);
            }
            breakpoint_ = 0;
            if (!reached || (times > 1 && !resume(PTRACE_SINGLESTEP))) {
                return false;
            }
        }
        return true;
    }
    void insert_breakpoint() const {
        if (breakpoint_ != 0) {
            constexpr long first_byte = 0xff;
            constexpr long int3 = 0xcc;
            ::ptrace(PTRACE_POKETEXT, pid_, breakpoint_, (code_ & ~first_byte) | int3);
        }
    }
    void remove_breakpoint(::pid_t from) const {
        if (breakpoint_ != 0) {
            ::ptrace(PTRACE_POKETEXT, from, breakpoint_, code_);
        }
    }

    /// Whether the processor's breakpoints stop anybody: tried once.
    [[nodiscard]] static bool processor_breaks() {
        static const bool they_do = [] {
            victim one([] { breakpoint_probe(); });
            return one.run_by_processor(reinterpret_cast<std::uintptr_t>(&breakpoint_probe), 1);
        }();
        return they_do;
    }
    [[gnu::noinline]] static void breakpoint_probe() { asm volatile(""); }

    [[nodiscard]] std::uintptr_t peek(std::size_t place) const {
        return static_cast<std::uintptr_t>(::ptrace(PTRACE_PEEKUSER, pid_, place, nullptr));
    }
    void poke(std::size_t place, std::uintptr_t value) const {
        if (::ptrace(PTRACE_POKEUSER, pid_, place, value) != 0) {
            throw std::runtime_error("setting a breakpoint failed: errno " + std::to_string(errno));
        }
    }
#else // each point is stepped to from the begin
    static constexpr bool can_run_to_a_mark = false;

    [[nodiscard]] std::uintptr_t instruction_pointer() const { return path::unknown; }
    bool run_to(std::uintptr_t, long) { return false; }
    [[nodiscard]] bool is_breakable(std::uintptr_t) const { return false; }
    void insert_breakpoint() const {}
    void remove_breakpoint(::pid_t) const {}
#endif

    ::pid_t pid_;
    bool dead_ = false;
    int event_ = 0;                // of ptrace, with the last stop
    std::uintptr_t breakpoint_ = 0; // in the code; 0: none
    long code_ = 0;                // what is there otherwise
};

/// No limit to how often the same instruction is tried.
inline constexpr long every_time = std::numeric_limits<long>::max();

/// Which instructions of a way are tried; all of them, if nothing else is said.
struct selection {
    /// Of an instruction that is executed again and again, in a loop or for the elements of a string, the first so many times, and some of the
    /// others.
    long repeats = every_time;
    /// The instructions of this program, which the library's are among, and not those of the C and C++ libraries and the dynamic linker that it
    /// calls, other than by the first instruction after they return.
    bool own_only = false;

    [[nodiscard]] bool has(const path& way, long n) const noexcept {
        constexpr long now_and_then = 512;
        return (way.repeats(n) < repeats || way.repeats(n) % now_and_then == 0) && (!own_only || is_own(way.address(n)));
    }

private:
    static bool is_own(std::uintptr_t address) noexcept {
        return address == path::unknown || (address >= reinterpret_cast<std::uintptr_t>(&__executable_start) &&
                                            address < reinterpret_cast<std::uintptr_t>(&::etext));
    }
};

/// For operations that share nothing but what the library's own instructions write. (A store of many bytes is memcpy's.) What others see is the same
/// before and after each instruction of the C and C++ libraries, so only scripts/soak tries those, too.
inline bool own_only_unless_soaking() { return !support::soaks(); }

struct tries {
    long victims = 0;
    /// Of these, those that did not take the way of the first, and so completed the operation before they came to their place on it.
    long strayed = 0;
};

/// Keeps this thread, and the children that it forks, on the processor it runs on. A victim and who steps it run in turn: on two
/// processors each step would wake the other one, which takes twice as long.
class on_one_processor {
public:
    on_one_processor() {
        ::cpu_set_t here;
        CPU_ZERO(&here);
        CPU_SET(static_cast<unsigned>(::sched_getcpu()), &here);
        was_set_ = ::sched_getaffinity(0, sizeof before_, &before_) == 0 && ::sched_setaffinity(0, sizeof here, &here) == 0;
    }
    on_one_processor(const on_one_processor&) = delete;
    on_one_processor& operator=(const on_one_processor&) = delete;
    ~on_one_processor() {
        if (was_set_) {
            ::sched_setaffinity(0, sizeof before_, &before_);
        }
    }

private:
    ::cpu_set_t before_{};
    bool was_set_ = false;
};

/// Kills one victim after another, each a little later in the same operation: before its first instruction, before its second, and so on;
/// the last ones have completed it. `make()` sets the scene, which has a `victim()` and a `kill()`; `check(scene, completed)` looks at it
/// once the victim is dead.
template <class Make, class Check>
tries kill_at_every_instruction(Make make, Check check, const selection& which = {}) {
    // The first victim goes another way than those that come: this process does something for the first time, and they inherit that. The
    // second shows the way. All are made by the same line: how bytes are copied depends on the addresses on the stack.
    constexpr long walks = 2;
    const on_one_processor while_it_steps;
    tries tried;
    path way;
    for (long n = -walks; n < way.length(); ++n) {
        if (n >= 0 && !which.has(way, n)) {
            continue;
        }
        auto scene = make();
        bool completed = true;
        if (n < 0) {
            way = scene->victim().walk();
        } else {
            completed = !scene->victim().advance(way, n);
            tried.strayed += completed ? 1 : 0;
        }
        scene->kill();
        check(*scene, completed);
        ++tried.victims;
    }
    return tried;
}

/// The same with system calls: of all instructions those that change what other processes can see, when the operation writes to memory of
/// its own only. `make()` returns a pointer to a victim. Returns the number of halves of calls tried.
template <class Make, class Check>
long kill_at_every_system_call(Make make, Check check) {
    const on_one_processor while_it_steps;
    for (long n = 0;; ++n) {
        auto prey = make();
        const bool completed = !prey->step_calls(n);
        prey->kill();
        check(*prey, completed);
        if (completed) {
            return n;
        }
    }
}

} // namespace stepper
