#pragma once

#include <cstdio>
#include <fstream>
#include <iostream>
#include <streambuf>

#include <stdio_ext.h>
#include <time.h>

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
/// Nothing here waits for ever for the lock of a stream: a thread that reads standard input, or a pipe, holds one until somebody writes there, which may be
/// never. (So `fflush(nullptr)`, which waits for the lock of each, may never return.) And of a process that goes on, nothing here touches a stream of C++: these
/// have no locks, and what guards them is the program's own, if anything does. Nor is a stream flushed that has nothing to write: of one that was read from, that
/// would give back what was read ahead, and move the place in the file that parent and child share.
///
/// A child has one of these, from its begin to its end.
class printed_output {
public:
    /// By who is about to have a child: what was printed to stdout comes before what the child prints, unless another thread prints just now. Also by
    /// std::cout, unless the program has called sync_with_stdio(false): its buffer is its own then.
    static void write_first() noexcept { write_unless_in_use(stdout); }

    /// By a child that was just forked, which has one thread, and no stream that is locked: forgets what it inherited.
    printed_output() noexcept {
        for_each_stream([](::FILE* stream) {
            if (::__fpending(stream) != 0 && ::fileno(stream) >= 0) { // else it may be input, and stays; what is written to memory is the child's as well
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
        forget_read_ahead(std::cin.rdbuf());
        out_ = place_in(std::cout);
        log_ = place_in(std::clog);
        wide_out_ = place_in(std::wcout);
        wide_log_ = place_in(std::wclog);
    }
    printed_output(const printed_output&) = delete;
    printed_output& operator=(const printed_output&) = delete;

    /// By a child at its end.
    void write_all() const noexcept {
        try {
            write_if_moved(std::cout, out_);
            write_if_moved(std::clog, log_);
            write_if_moved(std::wcout, wide_out_);
            write_if_moved(std::wclog, wide_log_);
        } catch (...) { // the stream was told to throw: what cannot be written is lost, here as at any exit
        }
        const list_lock lock;
        for_each_stream(write_in_the_end);
    }

private:
    static void write_unless_in_use(::FILE* stream) noexcept {
        if (::ftrylockfile(stream) == 0) {
            static_cast<void>(std::fflush(stream)); // what cannot be written is lost, as at any exit
            ::funlockfile(stream);
        }
    }

    /// What is still to be written, though another thread of this child, which ends now, may be printing: it has some time to come to an end of that. Then
    /// its lock is not asked for, as it is not at the exit of any program.
    static void write_in_the_end(::FILE* stream) noexcept {
        if (::__fpending(stream) == 0) {
            return;
        }
        constexpr int most_tries = 100;
        constexpr ::timespec a_millisecond{0, 1'000'000};
        for (int tries = 0; tries < most_tries; ++tries) {
            if (::ftrylockfile(stream) == 0) {
                static_cast<void>(std::fflush(stream));
                ::funlockfile(stream);
                return;
            }
            ::nanosleep(&a_millisecond, nullptr);
        }
        static_cast<void>(::fflush_unlocked(stream));
    }

    /// Pointers to members of the base, which only a derived class may name.
    template <class Char>
    struct areas : std::basic_streambuf<Char> {
        using buffer = std::basic_streambuf<Char>;
        static void clear_put(buffer& one) { (one.*&areas::setp)((one.*&areas::pbase)(), (one.*&areas::epptr)()); }
        static void clear_get(buffer& one) { (one.*&areas::setg)((one.*&areas::eback)(), (one.*&areas::egptr)(), (one.*&areas::egptr)()); }
        [[nodiscard]] static const Char* place(const buffer& one) { return (one.*&areas::pptr)(); }
        [[nodiscard]] static const Char* begin(const buffer& one) { return (one.*&areas::pbase)(); }
    };

    template <class Char>
    [[nodiscard]] static const Char* place_in(const std::basic_ostream<Char>& stream) noexcept {
        return stream.rdbuf() != nullptr ? areas<Char>::place(*stream.rdbuf()) : nullptr;
    }

    /// Unless nothing has been put into its buffer since the child began: then the buffer, which may be the program's own and have a mutex, is left alone. The
    /// buffers of the C library's streams have no place.
    template <class Char>
    static void write_if_moved(std::basic_ostream<Char>& stream, const Char* before) {
        if (const Char* const now = place_in(stream); now != before && now != areas<Char>::begin(*stream.rdbuf())) {
            stream.flush();
        }
    }

    /// Nothing is written, and no function of the buffer's is called, which may be the program's own and have a mutex. Of other buffers than files it is
    /// not known whether what is in them is still to be written.
    template <class Char>
    static void forget(std::basic_streambuf<Char>* buffer) noexcept {
#if defined(__cpp_rtti)
        if (auto* const file = dynamic_cast<std::basic_filebuf<Char>*>(buffer); file != nullptr) {
            areas<Char>::clear_put(*file);
        }
#else
        static_cast<void>(buffer);
#endif
    }
    /// Of standard input, likewise.
    static void forget_read_ahead(std::streambuf* buffer) noexcept {
#if defined(__cpp_rtti)
        if (auto* const file = dynamic_cast<std::filebuf*>(buffer); file != nullptr) {
            areas<char>::clear_get(*file);
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

    const char* out_;
    const char* log_;
    const wchar_t* wide_out_;
    const wchar_t* wide_log_;
};

} // namespace multiprocessing::platform::posix
