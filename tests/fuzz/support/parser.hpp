#pragma once

#include <string>
#include <string_view>
#include <vector>

/// \file
/// What a file of tests/fuzz/ gives: one parser of bytes that come from another process. libFuzzer's side is in driver.cpp.

namespace fuzz {

/// Parses the bytes and uses what came out of them. It may refuse them by an exception of the standard's; anything else that goes wrong
/// (a sanitizer's finding, another exception, no end) is a failure, and so is `std::abort`, for what the parser is to promise beyond that.
void parse(std::string_view bytes);

/// Bytes that are in order, from which the fuzzer makes others.
std::vector<std::string> seeds();

} // namespace fuzz
