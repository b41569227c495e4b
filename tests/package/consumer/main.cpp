#include <iostream>
#include <multiprocessing/version.hpp>

int main() { std::cout << "multiprocessing " << multiprocessing::version << '\n'; }
