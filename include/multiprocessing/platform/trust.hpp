#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#include <concepts>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/trust.hpp>
#else
#    include <multiprocessing/platform/posix/trust.hpp>
#endif

/// \file
/// Whether what a process was started with, its environment and its descriptors, is from somebody who may do all that it may do.
///
/// What both backends give:
/// * `starter_is_trusted()`: false in a program that was given more rights than the process that started it: by a set-user-ID or set-group-ID bit,
///   by capabilities of its file, by rules of a security module. Such a program believes nothing that it finds in its environment, or open. The system
///   answers that when the process begins, and the ids do later. Windows: true, for nothing there gives a new process more rights than its
///   environment's author has.
/// * `next_start_is_trusted()`: whether `starter_is_trusted()` will hold in this program when this process starts it once more, as far as ids and the
///   program's file tell. Where it is false, a child would not listen to what its environment tells it. Windows: true.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::next_start_is_trusted;
using windows::starter_is_trusted;
#else
using posix::next_start_is_trusted;
using posix::starter_is_trusted;
#endif

static_assert(requires {
    { starter_is_trusted() } noexcept -> std::same_as<bool>;
    { next_start_is_trusted() } noexcept -> std::same_as<bool>;
});

} // namespace multiprocessing::platform
