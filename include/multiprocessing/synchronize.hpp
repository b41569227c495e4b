#pragma once

/// \file
/// Python's `multiprocessing.synchronize`: locks between processes.

#include <multiprocessing/synchronize/owner_died.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>
#include <multiprocessing/synchronize/rlock.hpp>
