#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/named_kind.hpp>
#include <multiprocessing/platform/memory_identity.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// \file
/// What a named object is, for its maker and for those who open it.

namespace multiprocessing::memory {

/// How many bytes an object takes, by the number of its elements.
struct object_bytes {
    std::size_t front = 0; ///< In front of the elements.
    std::size_t each = 0;  ///< For each element.
    std::size_t least = 0; ///< For all of them together, even if they are fewer.

    /// For so many elements.
    [[nodiscard]] constexpr std::size_t operator()(std::size_t count) const noexcept {
        return front + (each * count > least ? each * count : least);
    }
};

/// What somebody makes, or expects to find.
struct named_content {
    multiprocessing::detail::named_kind kind; ///< Which class.
    std::string format;            ///< Of an element: memory/element_format.hpp.
    std::size_t element_bytes;     ///< Size of an element.
    std::size_t element_alignment; ///< Its alignment.
    std::optional<std::uint64_t> count; ///< Of elements. Opening: empty is any number, and 0 is none.
    std::size_t value_offset;      ///< Of the first element, in the object.
    object_bytes bytes_for;        ///< Of the whole object.
    std::uint32_t life_scope = 0;  ///< What the words of its locks are written in; 0: no locks.
    std::uint64_t life_table = 0;  ///< The number of that table.

    /// For messages: `SharedArray of 3 x f8`.
    [[nodiscard]] std::string title() const;
};

/// One that is there, and what its header says.
struct named_object {
    block object;             ///< Keeps its memory, and its name if that is to go with it.
    block mapping;            ///< The same, but for the name.
    std::size_t count;        ///< Of elements.
    std::uint32_t life_scope; ///< As in named_content.
    std::uint64_t life_table; ///< As in named_content.
    std::size_t value_offset; ///< As in named_content.
    std::size_t life_offset;  ///< Of its own table of lives, from the object on; 0: it has none. The whole table is in the memory.
    bool is_of_this_user;     ///< Whose memory it is.
    std::uint32_t mode;       ///< Who may open it, as `chmod` has it.
    std::optional<platform::memory_identity> identity; ///< Which memory that is, whatever has its name later; empty: not known.
};

} // namespace multiprocessing::memory

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/memory/named_content.ipp>
#endif
