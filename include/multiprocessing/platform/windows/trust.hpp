#pragma once

namespace multiprocessing::platform::windows {

/// A process that is elevated is made by a service, which makes its environment anew and hands over no handles.
[[nodiscard]] inline bool starter_is_trusted() noexcept { return true; }
[[nodiscard]] inline bool next_start_is_trusted() noexcept { return true; }

} // namespace multiprocessing::platform::windows
