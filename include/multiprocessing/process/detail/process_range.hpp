#pragma once

#include <multiprocessing/base/ranges.hpp>
#include <multiprocessing/process/process.hpp>

#include <concepts>
#include <type_traits>

/// \file
/// Several processes as an argument.

namespace multiprocessing::detail {

/// A range of such processes: `std::vector<Process>`.
template <class R, class P>
concept range_of = std::ranges::forward_range<R> && std::same_as<std::remove_cvref_t<std::ranges::range_reference_t<R>>, P>;

/// A range of processes, of references to them, or of their addresses.
template <class R>
concept process_range = range_of<R, Process> || range_of<R, ProcessRef> || range_of<R, Process*> || range_of<R, ProcessRef*>;

[[nodiscard]] inline const ProcessRef* address_of_process(const ProcessRef& one) noexcept { return &one; }
[[nodiscard]] inline const ProcessRef* address_of_process(const ProcessRef* one) noexcept { return one; }

} // namespace multiprocessing::detail
