#pragma once

/// \file
/// The one header that includes <windows.h>: as little of it as there is, and without the macros that take everyday words away from C++.

#ifndef _WINDOWS_ // whoever included <windows.h> before us has it as they wanted it
#    pragma push_macro("WIN32_LEAN_AND_MEAN")
#    pragma push_macro("NOMINMAX")
#    undef WIN32_LEAN_AND_MEAN
#    undef NOMINMAX
#    define WIN32_LEAN_AND_MEAN
#    define NOMINMAX
#    include <windows.h>
#    pragma pop_macro("NOMINMAX")
#    pragma pop_macro("WIN32_LEAN_AND_MEAN")
// From 16-bit times: empty, and still used by other headers of the system in their capital forms.
#    undef near
#    undef far
#    undef NEAR
#    undef FAR
#    define NEAR
#    define FAR
#endif
