#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Python's `multiprocessing.sharedctypes`: values and arrays in shared memory.

#include <multiprocessing/sharedctypes/copy.hpp>
#include <multiprocessing/sharedctypes/length.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/read_only.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/synchronized.hpp>
#include <multiprocessing/sharedctypes/synchronized_span.hpp>
#include <multiprocessing/sharedctypes/typecode.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>
