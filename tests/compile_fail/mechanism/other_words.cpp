// REFUSED_1: what was written, the rule, why, and what to write instead
#if defined(REFUSED_1)
static_assert(false, "invalid type");
#endif
