// See first.cpp.
#include <multiprocessing/memory/object_name.hpp>

std::string name_seen_by_second();

std::string name_seen_by_second() { return multiprocessing::object_name("forms").text(); }
