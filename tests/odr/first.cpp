// Every header in two files of one program: what is not inline would be there twice. The other one is second.cpp.
#include "every_header.hpp"

std::string_view version_seen_by_second();

int main() { return version_seen_by_second() == multiprocessing::version ? 0 : 1; }
