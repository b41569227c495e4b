#pragma once

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/synchronize/detail/guard_header.hpp>
#include <multiprocessing/synchronize/detail/named_guard.hpp>
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

/// A new state, made from `args` in a zeroed block of so many bytes. Throws `std::system_error` when there is no memory.
template <class State, class... Args>
[[nodiscard]] memory::block make_state(std::size_t bytes, Args&&... args) {
    static_assert(std::is_standard_layout_v<State> && std::is_trivially_destructible_v<State> && alignof(State) <= 64);
    memory::block block = memory::allocate(bytes, 64);
    new (block.address()) State(std::forward<Args>(args)...);
    return block;
}

template <class State>
[[nodiscard]] memory::object_bytes state_bytes_for() noexcept {
    if constexpr (requires { State::bytes_for(std::uint32_t{}); }) {
        return {State::bytes_for(0), State::bytes_for(1) - State::bytes_for(0)};
    } else {
        return {sizeof(State)};
    }
}

/// The named state: made from `args`, or there already. `count` is what its size depends on; empty is any, for one who opens.
template <class State, class... Args>
[[nodiscard]] memory::block named_state(naming how, const object_name& name, named_kind kind, const char* format,
                                        std::optional<std::uint64_t> count, const Args&... args) {
    const memory::object_bytes bytes_for = state_bytes_for<State>();
    const memory::named_content content{kind, format, 1, alignof(State), count, 0, bytes_for};
    const auto made = make_named_guarded(how, name, content, [&](std::byte* block) {
        if constexpr (std::constructible_from<State, const Args&...>) {
            auto& header = *reinterpret_cast<guard_header*>(block);
            const life_name nobody = header.word;
            new (block) State(args...);
            header.word = nobody;
        }
    });
    auto& state = *reinterpret_cast<State*>(made.object.address());
    if (state.bytes() != bytes_for(made.count)) {
        throw LayoutError("multiprocessing: the " + std::string(name_of(kind)) + " \"" + name.text() + "\" was damaged");
    }
    return made.object;
}

template <class State>
void reduce_state(const primitive<State>& handle, reduction::outgoing& out) {
    const memory::block& block = primitive_access::block(handle);
    out.put_number(reinterpret_cast<const State*>(block.address())->bytes());
    out.put_block(block);
}

/// Refuses what does not fit the memory that came with it.
template <class State>
[[nodiscard]] memory::block rebuild_state(reduction::incoming& in) {
    const std::uint64_t bytes = in.take_number();
    memory::block block = in.take_block(std::max<std::size_t>(bytes, sizeof(State)), alignof(State));
    if (reinterpret_cast<const State*>(block.address())->bytes() != bytes) {
        throw std::runtime_error("multiprocessing: a description of an object to synchronize with is not of what is there");
    }
    return block;
}

} // namespace multiprocessing::detail
