#pragma once

#include <thread>

namespace multiprocessing::platform::windows {

inline void start_background_thread(void (*work)()) { std::thread(work).detach(); }

} // namespace multiprocessing::platform::windows
