#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Python's `multiprocessing.shared_memory`: bytes and lists that any process finds by a name.

#include <multiprocessing/shared_memory/shareable_item.hpp>
#include <multiprocessing/shared_memory/shareable_list.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>
#include <multiprocessing/shared_memory/shared_memory_manager.hpp>
