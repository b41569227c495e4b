#pragma once

/// \file
/// Python's `multiprocessing.synchronize`: locks between processes.

#include <multiprocessing/synchronize/rlock.hpp>
