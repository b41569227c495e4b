// See first.cpp.
#include "every_header.hpp"

std::string_view version_seen_by_second();

std::string_view version_seen_by_second() { return multiprocessing::version; }
