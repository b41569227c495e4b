// What there is to see for mpshm: mpshm_scene <the command>.

#include "support/small_shm.hpp"

#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/multiprocessing.hpp>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;

namespace {

struct Point {
    std::int32_t x;
    double y;
};

/// What anybody may call a file, and no object is called: a terminal would obey it.
constexpr const char* hostile = "evil\x1b[31m\n\xc2\x9b" "2J\xff";
constexpr const char* hostile_and_left = "left\x1b[1m";

/// All names of this run. They go, whatever happens.
class names {
public:
    ~names() {
        for (const char* each : {"array", "barrier", "bounded", "counter", "dead", "event", "format", "point", "semaphore", "text"}) {
            mp::unlink(of(each));
        }
        for (const char* each : {"foreign", "link", "pipe", "shrinks", "short", hostile, hostile_and_left}) {
            mp::platform::named_memory::unlink("mp." + of(each));
        }
        ::rmdir(path_of("folder").c_str());
    }
    [[nodiscard]] std::string of(const std::string& what) const { return prefix_ + what; }
    [[nodiscard]] std::string path_of(const std::string& what) const { return "/dev/shm/mp." + of(what); }

private:
    std::string prefix_ = "mpshm-test-" + std::to_string(::getpid()) + ".";
};

/// Calls it in a child that is then killed.
template <class Body>
void and_be_killed(Body body) {
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::alarm(30);
        body();
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    if (::waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) {
        throw std::runtime_error("the child was not killed");
    }
}

void run(const std::string& command, const std::string& arguments) {
    std::cout << "$ mpshm " << arguments << std::endl;
    const int status = std::system(("\"" + command + "\" " + arguments + " 2>&1").c_str());
    std::cout << "exit code " << WEXITSTATUS(status) << std::endl;
}

/// Whoever looks must not be ended by SIGBUS, nor wait, however short the file is at that moment, and whether it is there.
void look_while_it_shrinks(const std::string& command, const names& all) {
    const std::string path = all.path_of("shrinks");
    const ::pid_t parent = ::getpid();
    const ::pid_t child = ::fork();
    if (child == 0) {
        const mp::SharedArray<double> array(mp::create_only, all.of("shrinks"), 5000);
        const int file = ::open(path.c_str(), O_RDWR);
        const ::off_t whole = ::lseek(file, 0, SEEK_END);
        ::alarm(60);
        for (unsigned i = 0; ::getppid() == parent; ++i) {
            char header[256];
            static_cast<void>(::pread(file, header, sizeof header, 0));
            static_cast<void>(::ftruncate(file, 0));
            static_cast<void>(::ftruncate(file, whole));
            static_cast<void>(::pwrite(file, header, sizeof header, 0));
            if (i % 16 == 0) {
                ::rename(path.c_str(), (path + ".away").c_str());
                ::rename((path + ".away").c_str(), path.c_str());
            }
        }
        ::_exit(0);
    }
    int others = 0;
    for (int i = 0; i < 200; ++i) {
        const int status = std::system(("\"" + command + "\" >/dev/null 2>&1").c_str());
        others += WIFEXITED(status) && WEXITSTATUS(status) <= 1 ? 0 : 1;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::unlink((path + ".away").c_str());
    std::cout << "ended otherwise than by 0 or 1: " << others << std::endl;
}

} // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        return 2;
    }
    const std::string mpshm = arguments[1];
    // Where it is permitted, by ourselves: other tests collect, too.
    static_cast<void>(support::mount_small_shm("8m"));
    const names all;
    const mp::SharedValue<int> counter(mp::create_only, all.of("counter"), 42);
    const mp::SharedArray<double> array(mp::create_only, all.of("array"), {1.5, -2.0, 0.25});
    const mp::RawArray<char> text(mp::create_only, all.of("text"), std::string_view("a \"b\"\n"));
    const mp::SharedValue<Point> point(mp::create_only, all.of("point"), Point{1, 2.5});
    const mp::Barrier barrier(mp::create_only, all.of("barrier"), 3);
    const mp::Event event(mp::create_only, all.of("event"));
    const mp::Semaphore semaphore(mp::create_only, all.of("semaphore"), 5);
    const mp::BoundedSemaphore bounded(mp::create_only, all.of("bounded"), 4);
    static_cast<void>(bounded.try_lock());
    event.set();
    const auto foreign = mp::platform::named_memory::create("mp." + all.of("foreign"), 300, 0600);
    const auto evil = mp::platform::named_memory::create("mp." + all.of(hostile), 300, 0600);
    // Whole, but for what it says that its element is.
    const mp::RawValue<int> format(mp::create_only, all.of("format"), 7);
    {
        const auto memory = mp::platform::named_memory::open("mp." + all.of("format"), mp::platform::access::read_write);
        auto& header = *reinterpret_cast<mp::detail::named_header*>(memory->data());
        std::string_view("i4\x1b]0;mine\x07\n").copy(header.format, header.format_size - 1);
        header.checksum = header.expected_checksum();
    }
    and_be_killed([&] {
        static const mp::SharedValue<int> dead(mp::create_only, mp::object_name(all.of("dead")).unlink_on_destroy(), 1);
        dead.lock();
    });
    {
        const auto dead = mp::platform::named_memory::open("mp." + all.of("dead"), mp::platform::access::read_only);
        const auto left = mp::platform::named_memory::create("mp." + all.of(hostile_and_left), dead->size(), 0600,
                                                             [&](std::byte* first) { std::memcpy(first, dead->data(), dead->size()); });
    }
    {
        // What else can have a name of ours.
        const auto memory = mp::platform::named_memory::create("mp." + all.of("short"), 10, 0600);
        if (::mkdir(all.path_of("folder").c_str(), 0700) != 0 || ::mkfifo(all.path_of("pipe").c_str(), 0600) != 0 ||
            ::symlink("mp.nowhere", all.path_of("link").c_str()) != 0) {
            throw std::runtime_error("what is no memory was not made");
        }
    }
    and_be_killed([&] { point.lock(); });
    array.lock();

    run(mpshm, "");
    run(mpshm, "show " + all.of("counter"));
    run(mpshm, "show " + all.of("array"));
    run(mpshm, "show " + all.of("text"));
    run(mpshm, "show " + all.of("point"));
    run(mpshm, "show " + all.of("dead"));
    run(mpshm, "show " + all.of("foreign"));
    run(mpshm, "show " + all.of("format"));
    run(mpshm, "show \"$(printf 'a\\033[2J')\"");
    run(mpshm, "show " + all.of("barrier"));
    run(mpshm, "show " + all.of("bounded"));
    run(mpshm, "show " + all.of("event"));
    run(mpshm, "show " + all.of("semaphore"));
    run(mpshm, "show " + all.of("nothing"));
    run(mpshm, "show a/b");
    run(mpshm, "unlink " + all.of("counter"));
    run(mpshm, "unlink " + all.of("counter"));
    run(mpshm, "collect");
    for (const char* each : {"folder", "link", "pipe"}) {
        run(mpshm, "show " + all.of(each));
    }
    run(mpshm, "unlink " + all.of("pipe"));
    look_while_it_shrinks(mpshm, all);
    run(mpshm, "frobnicate");
    run(mpshm, "--help");
    array.unlock();
    return 0;
}
