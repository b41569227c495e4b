#include "every_header.hpp"

std::string_view version_seen_by_second();

int main() { return version_seen_by_second() == multiprocessing::version ? 0 : 1; }
