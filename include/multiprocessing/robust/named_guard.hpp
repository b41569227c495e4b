#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/function_ref.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/memory/object_name.hpp>

#include <cstddef>

/// \file
/// Named objects that begin with a lock.

namespace multiprocessing::robust {

/// What begins with a lock, and was opened: from now on the registry of its names is known here. Throws LayoutError unless its names can be read here,
/// and an heir would stay inside it; `std::system_error`, permission_denied, when it is for the programs of another user alone.
void require_usable(const object_name& name, const memory::named_content& content, memory::named_object& object);

/// As memory::make_named. The words of its locks are written in the names of the user's threads; when others may write it, in its own (lives_of.hpp). Whatever
/// was there is looked at before it is used, also by those who would have made it.
[[nodiscard]] memory::named_object make_named_guarded(detail::naming how, const object_name& name, memory::named_content content,
                                                      detail::function_ref<void(std::byte*)> fill);

} // namespace multiprocessing::robust

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/robust/named_guard.ipp>
#endif
