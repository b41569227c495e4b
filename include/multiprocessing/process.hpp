#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Python's `multiprocessing.process` and the start methods.

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/join_all.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/process/process_options.hpp>
#include <multiprocessing/process/run_if_spawned.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/process/spawn_error.hpp>
#include <multiprocessing/process/wait.hpp>
