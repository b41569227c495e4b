#pragma once

#include <thread>

namespace multiprocessing::platform::windows {

inline void start_background_thread(void (*work)()) { std::thread(work).detach(); }
inline void start_background_thread(void* (*run)(void*), void* argument) { std::thread(run, argument).detach(); }

} // namespace multiprocessing::platform::windows
