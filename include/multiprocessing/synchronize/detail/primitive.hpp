#pragma once

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/synchronize/detail/guard_header.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>
#include <multiprocessing/synchronize/detail/named_guard.hpp>

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
/// A handle of something to synchronize with whose whole state is one block.

namespace multiprocessing::detail {

struct primitive_access;

/// `State` lies in shared memory, begins with a guard_header as all blocks do, and knows how large it is: `bytes()`, which is
/// sizeof(State) and what lies behind it. It needs no destructor. Copies of the handle refer to the same state.
template <class State>
class primitive {
public:
    primitive(const primitive&) noexcept = default;
    primitive(primitive&&) noexcept = default;
    primitive& operator=(const primitive&) = delete; // a handle is not redirected: make a new one
    primitive& operator=(primitive&&) noexcept = default;
    ~primitive() = default;

protected:
    static_assert(std::is_standard_layout_v<State> && std::is_trivially_destructible_v<State> && alignof(State) <= 64);

    explicit primitive(memory::block block) : block_(std::move(block)) {
        // As for a lock: the registry of names is there before anybody can inherit what names are written in.
        static_cast<void>(life_registry::of(state().header.scope()));
    }

    /// A new state, made from `args` in a zeroed block of so many bytes. Throws `std::system_error` when there is no memory.
    template <class... Args>
    [[nodiscard]] static memory::block make_state(std::size_t bytes, Args&&... args) {
        memory::block block = memory::allocate(bytes, 64);
        new (block.address()) State(std::forward<Args>(args)...);
        return block;
    }

    /// The named state: made from `args`, or there already. `count` is what its size depends on; empty is any, for one who opens.
    template <class Tag, class... Args>
    [[nodiscard]] static memory::block named_state(Tag tag, const object_name& name, named_kind kind, const char* format,
                                                   std::optional<std::uint64_t> count, const Args&... args) {
        const memory::named_content content{kind, format, 1, alignof(State), count, 0, bytes_for()};
        const auto made = make_named_guarded(tag, name, content, [&](std::byte* block) {
            if constexpr (std::constructible_from<State, const Args&...>) {
                auto& header = *reinterpret_cast<guard_header*>(block);
                const life_name nobody = header.word;
                new (block) State(args...);
                header.word = nobody;
            }
        });
        auto& state = *reinterpret_cast<State*>(made.object.address());
        if (state.bytes() != bytes_for()(static_cast<std::size_t>(made.count))) {
            throw LayoutError("multiprocessing: the " + std::string(name_of(kind)) + " \"" + name.text() + "\" was damaged");
        }
        return made.object;
    }

    [[nodiscard]] State& state() const noexcept { return *reinterpret_cast<State*>(block_.address()); }

private:
    friend primitive_access;

    [[nodiscard]] static memory::object_bytes bytes_for() noexcept {
        if constexpr (requires { State::bytes_for(std::uint32_t{}); }) {
            return {State::bytes_for(0), State::bytes_for(1) - State::bytes_for(0)};
        } else {
            return {sizeof(State)};
        }
    }

    memory::block block_;
};

/// How handles are made of blocks, and taken apart. A `Primitive` has a constructor from its block.
struct primitive_access {
    template <class Primitive>
    [[nodiscard]] static Primitive make(memory::block block) {
        return Primitive(std::move(block));
    }
    template <class State>
    [[nodiscard]] static const memory::block& block(const primitive<State>& handle) noexcept {
        return handle.block_;
    }
    template <class State>
    static void reduce(const primitive<State>& handle, reduction::outgoing& out) {
        out.put_number(handle.state().bytes());
        out.put_block(handle.block_);
    }
    /// Refuses what does not fit the memory that came with it.
    template <class State>
    [[nodiscard]] static memory::block rebuild(reduction::incoming& in) {
        const std::uint64_t bytes = in.take_number();
        memory::block block = in.take_block(std::max<std::size_t>(bytes, sizeof(State)), alignof(State));
        if (reinterpret_cast<const State*>(block.address())->bytes() != bytes) {
            throw std::runtime_error("multiprocessing: a description of an object to synchronize with is not of what is there");
        }
        return block;
    }
};

/// For a Primitive that is its block and nothing else.
template <class Primitive, class State>
struct primitive_reducer {
    static void reduce(const Primitive& handle, reduction::outgoing& out) { primitive_access::reduce<State>(handle, out); }
    [[nodiscard]] static Primitive rebuild(reduction::incoming& in) {
        return primitive_access::make<Primitive>(primitive_access::rebuild<State>(in));
    }
};

} // namespace multiprocessing::detail
