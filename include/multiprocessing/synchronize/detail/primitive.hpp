#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>

#include <cstddef>
#include <utility>

/// \file
/// A handle of something to synchronize with whose whole state is one block.

namespace multiprocessing::detail {

struct primitive_access;

/// The block, whatever state is in it. Copies of the handle refer to the same state.
class primitive_base {
public:
    primitive_base(const primitive_base&) noexcept = default;
    primitive_base(primitive_base&&) noexcept = default;
    primitive_base& operator=(const primitive_base&) = delete; // a handle is not redirected: make a new one
    primitive_base& operator=(primitive_base&&) noexcept = default;
    ~primitive_base() = default;

protected:
    explicit primitive_base(memory::block block);

    [[nodiscard]] std::byte* address() const noexcept { return block_.address(); }

private:
    friend primitive_access;

    memory::block block_;
};

/// `State` lies in shared memory, begins with a guard_header as all blocks do, and knows how large it is: `bytes()`, which is
/// sizeof(State) and what lies behind it. It needs no destructor. How it is made: detail/primitive_state.hpp.
template <class State>
class primitive : public primitive_base {
protected:
    using primitive_base::primitive_base;

    [[nodiscard]] State& state() const noexcept { return *reinterpret_cast<State*>(address()); }
};

/// How handles are made of blocks, and taken apart. A `Primitive` has a constructor from its block.
struct primitive_access {
    template <class Primitive>
    [[nodiscard]] static Primitive make(memory::block block) {
        return Primitive(std::move(block));
    }
    [[nodiscard]] static const memory::block& block(const primitive_base& handle) noexcept { return handle.block_; }
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/primitive.ipp>
#endif
