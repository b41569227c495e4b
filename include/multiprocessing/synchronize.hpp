#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Python's `multiprocessing.synchronize`: locks between processes, and what else they wait for.

#include <multiprocessing/synchronize/atomic_wait.hpp>
#include <multiprocessing/synchronize/barrier.hpp>
#include <multiprocessing/synchronize/bounded_semaphore.hpp>
#include <multiprocessing/synchronize/condition.hpp>
#include <multiprocessing/synchronize/event.hpp>
#include <multiprocessing/synchronize/lock.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>
#include <multiprocessing/synchronize/rlock.hpp>
#include <multiprocessing/synchronize/semaphore.hpp>
