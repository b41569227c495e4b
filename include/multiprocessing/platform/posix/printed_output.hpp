#pragma once

#include <cstdio>
#include <fstream>
#include <iostream>
#include <streambuf>

#include <stdio_ext.h>
#include <unistd.h>

#if defined(__GLIBC__)
// The C library's list of its streams. No header declares it since glibc 2.28; weak, so that one that has it no more is no error.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier)
[[gnu::weak]] void _IO_list_lock();
[[gnu::weak]] void _IO_list_unlock();
[[gnu::weak]] ::FILE* _IO_iter_begin();
[[gnu::weak]] ::FILE* _IO_iter_next(::FILE*);
// NOLINTEND(bugprone-reserved-identifier)
}
#endif

namespace multiprocessing::platform::posix {

/// What this process has printed and the system does not have yet: it is in the buffers of the C library's streams, and of std::cout and its like.
///
/// A fork copies these. *What was buffered at the fork is the parent's, which writes it; what is buffered since is of who printed it.* So the child forgets
/// what it inherited, and writes its own at its end.
///
/// Nothing here waits for the lock of a stream: a thread that reads standard input, or a pipe, holds one until somebody writes there, which may be never. (So
/// `fflush(nullptr)`, which waits for the lock of each, may never return.) And of a process that goes on, nothing here touches a stream of C++: these have no
/// locks, and what guards them is the program's own, if anything does.
class printed_output {
public:
    /// By who is about to have a child: what was printed to stdout comes before what the child prints, unless another thread prints just now. Also by
    /// std::cout, unless the program has called sync_with_stdio(false): its buffer is its own then.
    static void write_first() noexcept { write_unless_in_use(stdout); }

    /// By a child that was just forked: it has one thread, and no stream is locked.
    static void forget_inherited() noexcept {
        for_each_stream([](::FILE* stream) {
            if (::__fpending(stream) != 0) { // else it may be input, and stays
                ::__fpurge(stream);
            }
        });
        const std::ios_base::Init streams; // makes them for a static object that forks before whatever includes <iostream> had its turn
        for (std::ostream* const each : {&std::cout, &std::cerr, &std::clog}) {
            forget(each->rdbuf());
        }
        for (std::wostream* const each : {&std::wcout, &std::wcerr, &std::wclog}) {
            forget(each->rdbuf());
        }
    }

    /// By a child at its end.
    static void write_all() noexcept {
        try {
            std::cout.flush();
            std::clog.flush();
            std::wcout.flush();
            std::wclog.flush();
        } catch (...) { // the stream was told to throw: what cannot be written is lost, here as at any exit
        }
        const list_lock lock;
        for_each_stream(write_unless_in_use);
    }

private:
    static void write_unless_in_use(::FILE* stream) noexcept {
        if (::ftrylockfile(stream) == 0) {
            static_cast<void>(std::fflush(stream)); // what cannot be written is lost, as at any exit
            ::funlockfile(stream);
        }
    }

    /// A pointer to a member of the base, which only a derived class may name.
    template <class Char>
    struct put_area : std::basic_streambuf<Char> {
        static void clear(std::basic_streambuf<Char>& buffer) {
            (buffer.*&put_area::setp)((buffer.*&put_area::pbase)(), (buffer.*&put_area::epptr)());
        }
    };

    /// Nothing is written, and no function of the buffer's is called, which may be the program's own and have a mutex. Of other buffers than files it is
    /// not known whether what is in them is still to be written.
    template <class Char>
    static void forget(std::basic_streambuf<Char>* buffer) noexcept {
#if defined(__cpp_rtti)
        if (auto* const file = dynamic_cast<std::basic_filebuf<Char>*>(buffer); file != nullptr) {
            put_area<Char>::clear(*file);
        }
#else
        static_cast<void>(buffer);
#endif
    }

    /// With the C library's list locked, where other threads may open and close streams.
    template <class Function>
    static void for_each_stream(Function function) noexcept {
#if defined(__GLIBC__)
        if (&_IO_iter_begin != nullptr && &_IO_iter_next != nullptr) {
            for (::FILE* each = ::_IO_iter_begin(); each != nullptr; each = ::_IO_iter_next(each)) {
                function(each);
            }
            return;
        }
#endif
        function(stdout);
        function(stderr);
    }

    /// Keeps streams from being opened and closed. The exit of any program waits for the same lock.
    struct list_lock {
#if defined(__GLIBC__)
        list_lock() noexcept {
            if (has_one()) {
                ::_IO_list_lock();
            }
        }
        ~list_lock() {
            if (has_one()) {
                ::_IO_list_unlock();
            }
        }
        [[nodiscard]] static bool has_one() noexcept { return &_IO_list_lock != nullptr && &_IO_list_unlock != nullptr; }
#else
        list_lock() noexcept {}
        ~list_lock() = default;
#endif
        list_lock(const list_lock&) = delete;
        list_lock& operator=(const list_lock&) = delete;
    };
};

} // namespace multiprocessing::platform::posix
