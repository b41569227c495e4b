#pragma once

#include <sstream>
#include <string>

namespace support {

/// What `<<` writes of it.
template <class T>
std::string printed(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

} // namespace support
