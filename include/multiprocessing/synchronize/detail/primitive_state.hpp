#pragma once

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/named_guard.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

/// \file
/// How the states of primitives are made, described and found again. For definitions.

namespace multiprocessing::detail {

/// Whether there are places behind it.
template <class State>
concept has_places = requires { typename State::place; };

template <class State>
[[nodiscard]] constexpr memory::object_bytes state_bytes_for() noexcept {
    if constexpr (has_places<State>) {
        return {sizeof(State), sizeof(typename State::place)};
    } else {
        return {sizeof(State)};
    }
}

/// How many places a state says that it has.
template <class State>
[[nodiscard]] std::uint32_t count_in(const memory::block& block) noexcept {
    if constexpr (has_places<State>) {
        return reinterpret_cast<const State*>(block.address())->count();
    } else {
        return 0;
    }
}

/// A new state, made from `args` in a zeroed block with room for so many places. Throws `std::system_error` when there is no memory.
template <class State, class... Args>
[[nodiscard]] state_block make_state(std::uint32_t count, Args&&... args) {
    static_assert(std::is_standard_layout_v<State> && std::is_trivially_destructible_v<State> && alignof(State) <= 64);
    memory::block block = memory::allocate(state_bytes_for<State>()(count), 64);
    new (block.address()) State(std::forward<Args>(args)...);
    return {std::move(block), count};
}

/// The named state: made from `args`, or there already. `count` is what its size depends on; empty is any that there may be, for one who opens.
template <class State, class... Args>
[[nodiscard]] state_block named_state(naming how, const object_name& name, named_kind kind, const char* format,
                                      std::optional<std::uint64_t> count, const Args&... args) {
    const memory::named_content content{kind, format, 1, alignof(State), count, 0, state_bytes_for<State>()};
    auto made = robust::make_named_guarded(how, name, content, [&](std::byte* block) {
        if constexpr (std::constructible_from<State, const Args&...>) {
            auto& header = *reinterpret_cast<robust::mutex_state*>(block);
            const std::uint64_t nobody = header.word;
            new (block) State(args...);
            header.word = nobody;
        }
    });
    if constexpr (has_places<State>) {
        if (made.count < State::fewest || made.count > State::most || count_in<State>(made.object) != made.count) {
            throw LayoutError("multiprocessing: the " + std::string(name_of(kind)) + " \"" + name.text() + "\" was damaged: it is for " +
                              std::to_string(count_in<State>(made.object)) + ", and its header says " + std::to_string(made.count) + ", from " +
                              std::to_string(State::fewest) + " to " + std::to_string(State::most));
        }
        return {std::move(made.object), static_cast<std::uint32_t>(made.count)};
    }
    return {std::move(made.object)};
}

template <class State>
void reduce_state(const primitive<State>& handle, reduction::outgoing& out) {
    out.put_number(primitive_access::count(handle));
    out.put_block(primitive_access::block(handle));
}

/// Refuses what does not fit the memory that came with it.
template <class State>
[[nodiscard]] state_block rebuild_state(reduction::incoming& in) {
    const std::uint64_t count = in.take_number();
    constexpr std::uint64_t most = [] {
        if constexpr (has_places<State>) {
            return State::most;
        } else {
            return 0u;
        }
    }();
    const auto checked = static_cast<std::uint32_t>((std::min)(count, most));
    memory::block block = in.take_block(state_bytes_for<State>()(checked), alignof(State));
    if (count > most || count_in<State>(block) != count) {
        throw std::runtime_error("multiprocessing: a description of an object to synchronize with is not of what is there");
    }
    robust::learn_lives_of_handed_over(block);
    return {std::move(block), checked};
}

} // namespace multiprocessing::detail
