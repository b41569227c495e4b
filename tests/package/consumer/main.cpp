// The program of a user's project, where there is no example to take.
#include <iostream>
#include <multiprocessing/version.hpp>

int main() { std::cout << "multiprocessing " << multiprocessing::version << '\n'; }
