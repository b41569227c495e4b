#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

/// \file
/// What can be said of a named object by one who does not know its type. All of it can be shown on a terminal: what others wrote is escaped.

namespace mpshm {

/// Of all objects, sorted: as they are, also those that no object can have.
std::vector<std::string> names();

/// Name, kind, element, count, bytes, lock. Of what is no object, or may not be looked at: why, in the place of the kind.
std::array<std::string, 6> row_of(const std::string& name);

/// What there is to say, with what it is called. Throws `std::system_error` and LayoutError.
std::vector<std::pair<std::string, std::string>> details_of(const std::string& name);

} // namespace mpshm
