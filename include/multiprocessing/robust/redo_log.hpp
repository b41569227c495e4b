#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/robust/copy_bytes.hpp>
#include <multiprocessing/robust/mutex_state.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// \file
/// Makes a store of many bytes all-or-nothing, whenever the process that makes it is killed.

namespace multiprocessing::robust {

/// Which bytes of an array a store changes, as it lies in shared memory right behind the mutex_state of an array's block:
/// `count` pieces of `piece_bytes`, `stride` bytes apart, the first at `first`. All are offsets in bytes from the array's begin.
struct redo_range {
    std::uint64_t first;
    std::int64_t stride;
    std::uint64_t count;
    std::uint64_t piece_bytes;
    /// How far behind the array its shadow begins.
    std::uint64_t shadow_distance;
};
static_assert(sizeof(redo_range) == 40 && sizeof(mutex_state) + sizeof(redo_range) <= 64);

/// The log of one object. Beside the object lies its *shadow*, room for as many bytes. The protocol, under the object's lock:
///   1. write the new bytes into the shadow;  2. set the mark;  3. copy them onto the object;  4. clear the mark.
///
/// Invariant: while the mark is clear the object is whole; while it is set the shadow is. Interruptions: killed in 1, the object
/// has its old value and the shadow is rubbish nobody reads. Killed in 3, whoever takes the lock over sees the mark and does 3 and 4
/// again before anybody reads: the new value. That may itself be interrupted, and is then repeated by the next; copying the
/// same bytes again changes nothing. No code of the user's ever runs while the mark is set.
///
/// *Order.* Between any two of the steps stands what keeps them so on every processor: in set_mark a release before the mark and a fence behind it, in
/// clear_mark likewise. The last of these is for the *next* store: were its first bytes to reach the shadow before the mark is seen to be clear, a
/// death in between would leave a mark that is set beside a shadow that is no whole value.
///
/// *Trust.* Who can write to the block can write any mark, layout and range to it, at any time. So nobody but an heir goes by them: a thread that commits
/// goes by its own handle, also for what it has just written down. An heir copies the note once, looks at the copy, and goes by that; it
/// does nothing that leads out of the memory that this process has mapped there, or into the object's own table of lives, or that no commit writes. What such
/// a note can do inside of that memory, whoever wrote it could do without it.
///
/// (New bytes aside rather than the old ones: the user's function works on the shadow, so if it throws, or is killed, nothing
/// needs to be put back, and a reader without the lock never sees its intermediate steps.)
class redo_log {
public:
    /// The log of an object that lies in the same block as `header`, `offset` behind it, and has its shadow behind itself.
    [[nodiscard]] static redo_log in_block(mutex_state& header, std::size_t offset, std::size_t object_bytes) noexcept {
        std::byte* const object = reinterpret_cast<std::byte*>(&header) + offset;
        return {header, object, object + object_bytes};
    }

    redo_log(mutex_state& header, std::byte* object, std::byte* shadow) noexcept
        : header_(&header), object_(object), shadow_(shadow) {}

    /// Notes in the block where its object is, so that an heir can complete a store knowing nothing but the lock. `offset` is a
    /// power of two.
    static void set_layout(mutex_state& header, std::size_t offset, bool is_array) noexcept {
        header.layout = static_cast<std::uint8_t>(std::countr_zero(offset)) | (is_array ? array_bit : std::uint8_t{0});
    }

    /// Whether the block is laid out so: `offset` as for set_layout, or 0 for a lock without an object.
    [[nodiscard]] static bool has_layout(const mutex_state& header, std::size_t offset, bool is_array) noexcept;

    /// ... and nothing is to be redone in it.
    [[nodiscard]] static bool is_clear(const mutex_state& header, std::size_t offset, bool is_array) noexcept;

    /// ... or what is to be redone stays inside it. For a block that another program made, while nobody commits in it.
    [[nodiscard]] static bool is_sane(const mutex_state& header, std::size_t offset, bool is_array, std::size_t bytes) noexcept;

    [[nodiscard]] std::byte* shadow() const noexcept { return shadow_; }
    [[nodiscard]] mutex_state& header() const noexcept { return *header_; }

    /// Steps 2 to 4 for a whole object of `bytes`, less than 4 GiB, whose new value is in the shadow.
    void commit_value(std::size_t bytes) const noexcept {
        set_mark(static_cast<std::uint32_t>(bytes));
        copy_bytes(object_, shadow_, bytes);
        clear_mark();
    }

    /// Steps 2 to 4 for pieces of an array, each of which lies in the shadow where it lies in the array.
    void commit_range(std::uint64_t first, std::int64_t stride, std::uint64_t count, std::uint64_t piece_bytes) const noexcept {
        // The lock was taken before: whoever reads this note without the lock sees then that the lock has another owner (mutex::is_sane).
        std::atomic_thread_fence(std::memory_order_release);
        const redo_range what{first, stride, count, piece_bytes, static_cast<std::uint64_t>(shadow_ - object_)};
        *reinterpret_cast<redo_range*>(header_ + 1) = what;
        set_mark(1);
        copy_range(what); // not what lies there now
        clear_mark();
    }

    /// What an heir does for an object in the lock's own block, of which `mapped` bytes at most, from the header on, are there in this process. False when the
    /// note is not one that a commit wrote for an object within these: then nothing is copied, and the note is gone.
    [[nodiscard]] static bool complete_in_block(mutex_state& header, std::size_t mapped) noexcept;

    /// What an heir does for an object elsewhere, of `bytes` by its handle in this process. False as above.
    [[nodiscard]] bool complete(bool is_array, std::size_t bytes) const noexcept {
        return header_->redo.load(std::memory_order_acquire) == 0 || complete_marked(is_array, bytes);
    }

private:
    static constexpr std::uint8_t array_bit = 0x80;

    /// What a block says is to be redone, in private memory.
    struct note {
        std::uint32_t mark;
        std::uint8_t layout;
        redo_range range; // of an array
    };

    /// Reads each number once, and none again behind its end. `has_range`: whether there is memory for one.
    [[nodiscard]] static note read_note(const mutex_state& header, bool has_range) noexcept;

    /// Whether all pieces are within an object of `bytes`.
    [[nodiscard]] static bool is_inside(const redo_range& what, std::size_t bytes) noexcept;

    [[nodiscard]] static bool fits(const note& what, bool is_array, std::size_t bytes) noexcept;

    // Out of line: hardly ever is there a mark.
    [[nodiscard, gnu::cold]] bool complete_marked(bool is_array, std::size_t bytes) const noexcept;
    /// With a note that fits.
    void complete(const note& what, bool is_array) const noexcept;

    void set_mark(std::uint32_t mark) const noexcept {
        header_->redo.store(mark, std::memory_order_release); // after the shadow
        std::atomic_thread_fence(std::memory_order_release);  // before the object
    }
    void clear_mark() const noexcept { clear_mark(*header_); }
    static void clear_mark(mutex_state& header) noexcept {
        header.redo.store(0, std::memory_order_release);     // after the object
        std::atomic_thread_fence(std::memory_order_release); // before the shadow's next value
    }

    void copy_range(const redo_range& what) const noexcept {
        if (what.stride == static_cast<std::int64_t>(what.piece_bytes)) {
            copy_bytes(object_ + what.first, shadow_ + what.first, what.count * what.piece_bytes);
            return;
        }
        auto at = static_cast<std::int64_t>(what.first);
        for (std::uint64_t i = 0; i < what.count; ++i, at += what.stride) {
            std::memcpy(object_ + at, shadow_ + at, what.piece_bytes);
        }
    }

    mutex_state* header_;
    std::byte* object_;
    std::byte* shadow_;
};

} // namespace multiprocessing::robust

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/robust/redo_log.ipp>
#endif
