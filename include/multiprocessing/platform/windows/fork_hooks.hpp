#pragma once

namespace multiprocessing::platform::windows {

/// There is no fork to hook. Returns true, so that a namespace-scope variable can be initialised with the registration.
inline bool on_fork(void (*)(), void (*)(), void (*)()) noexcept { return true; }

} // namespace multiprocessing::platform::windows
