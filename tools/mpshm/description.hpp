#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

/// \file
/// What can be said of a named object by one who does not know its type. All of it can be shown on a terminal: what others wrote is escaped.

namespace mpshm {

/// Of all objects, sorted: as they are, also those that no object can have, and of what is no memory.
std::vector<std::string> names();

/// What the list has of one name.
struct row {
    bool is_object; ///< And could be looked at.
    std::array<std::string, 6> columns; ///< Name, kind, element, count, bytes, lock. Else: why not, in the place of the kind.
};

/// Whatever has the name, and whatever is done to it meanwhile: one row. Blocks on nothing.
row row_of(const std::string& name);

/// What there is to say, with what it is called. Throws `std::system_error` and LayoutError.
std::vector<std::pair<std::string, std::string>> details_of(const std::string& name);

} // namespace mpshm
