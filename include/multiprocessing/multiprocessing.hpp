#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Everything.

#include <multiprocessing/process.hpp>
#include <multiprocessing/reduction.hpp>
#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>
#include <multiprocessing/version.hpp>
