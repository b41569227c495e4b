#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Python's `multiprocessing.reduction`: how objects travel to another process.

#include <multiprocessing/reduction/by_cereal.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/reduction/reducer.hpp>
