#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <memory>
#include <span>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/start_self.hpp>
#else
#    include <multiprocessing/platform/posix/start_self.hpp>
#endif

/// \file
/// Starting the running program once more, as a fresh process that is handed what it needs and nothing else.
///
/// What both backends give: `start_self(handles)`: a child that runs the same executable with the same arguments and environment. It has the
/// standard streams (its standard input is empty, as in Python), `handles`, and no other handle of this process, inheritable or not. What it then
/// finds is in inherited_handles.hpp. No signal is blocked in it, and each has its default action, but for SIGHUP, SIGINT and SIGQUIT where this process was
/// started to ignore them and does so still; `start_self(handles, true)`: what is blocked and ignored in the calling thread is in it, too (POSIX). Throws `std::system_error` when there can be no child, or it would not
/// believe what it is told (trust.hpp); then nothing has happened. POSIX: posix_spawn of
/// /proc/self/exe, which is the running image even if its file was replaced; where the dynamic linker was executed as a command, or an emulator, which has
/// loaded the program: see posix/own_program.hpp. Windows: CreateProcess with PROC_THREAD_ATTRIBUTE_HANDLE_LIST, so
/// that handles which other threads make inheritable meanwhile do not get in.

/// `name_of_started()`: what it executes, for messages.
/// `write_printed_output()`: to be called before, by who holds no lock: what was printed before comes before what the child prints. It waits for whoever
/// reads what this process writes.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::name_of_started;
using windows::start_self;
using windows::write_printed_output;
#else
using posix::name_of_started;
using posix::start_self;
using posix::write_printed_output;
#endif

static_assert(requires(std::span<const native_handle> handles) {
    { start_self(handles) } -> std::same_as<std::unique_ptr<child>>;
    { start_self(handles, true) } -> std::same_as<std::unique_ptr<child>>;
});

} // namespace multiprocessing::platform
