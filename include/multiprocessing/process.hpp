#pragma once

/// \file
/// Python's `multiprocessing.process` and the start methods.

#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/process/process_options.hpp>
