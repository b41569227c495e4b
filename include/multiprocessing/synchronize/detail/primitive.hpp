#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

/// \file
/// A handle of something to synchronize with whose whole state is one block.

namespace multiprocessing::detail {

struct primitive_access;

/// What a handle knows of a state, in private memory.
struct state_block {
    memory::block block;
    /// Of the places behind the state, each of them for one permit, party or waiter. It was seen to fit the memory when the handle was made. Nobody goes by the number
    /// that lies in the state, which others may write at any time.
    std::uint32_t count = 0;
};

/// The block, whatever state is in it. Copies of the handle refer to the same state; the use of one that was moved from throws `std::logic_error`.
class primitive_base {
public:
    primitive_base(const primitive_base&) noexcept = default;
    primitive_base(primitive_base&&) noexcept = default;
    primitive_base& operator=(const primitive_base&) = delete; // a handle is not redirected: make a new one
    primitive_base& operator=(primitive_base&&) noexcept = default;
    ~primitive_base() = default;

protected:
    explicit primitive_base(state_block made);

    [[nodiscard]] std::byte* address() const { return block_.address_in_use(); }
    [[nodiscard]] std::uint32_t count() const noexcept { return count_; } ///< Of places.

private:
    friend primitive_access;

    memory::block block_;
    std::uint32_t count_;
};

/// `State` lies in shared memory and begins with a mutex, as all blocks do. It needs no destructor. Where places lie behind it, it has a type
/// `place`, from how few to how many there may be (`fewest`, `most`), and tells those who open it how many there are (`count()`).
/// How it is made: detail/primitive_state.hpp.
template <class State>
class primitive : public primitive_base {
    friend primitive_access;

protected:
    using primitive_base::primitive_base;

    [[nodiscard]] State& state() const { return *reinterpret_cast<State*>(address()); }

    /// What lies behind the state.
    [[nodiscard]] auto places() const {
        using place = typename State::place;
        return std::span<place>(reinterpret_cast<place*>(&state() + 1), count());
    }
};

/// How handles are made of blocks, and taken apart. A `Primitive` has a constructor from its block.
struct primitive_access {
    template <class Primitive>
    [[nodiscard]] static Primitive make(state_block made) {
        return Primitive(std::move(made));
    }
    [[nodiscard]] static const memory::block& block(const primitive_base& handle) noexcept { return handle.block_; }
    [[nodiscard]] static std::uint32_t count(const primitive_base& handle) noexcept { return handle.count_; }
    template <class State>
    [[nodiscard]] static auto places(const primitive<State>& handle) {
        return handle.places();
    }
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/primitive.ipp>
#endif
