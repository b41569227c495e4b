// One of two files of a program; which form each is compiled for, and whether they link, is check.cmake's to say. The other one is second.cpp.
#include <multiprocessing/memory/object_name.hpp>

std::string name_seen_by_second();

int main() { return multiprocessing::object_name("forms").text() == name_seen_by_second() ? 0 : 1; }
