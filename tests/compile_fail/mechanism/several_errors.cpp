// REFUSED_1: what was written
#if defined(REFUSED_1)
static_assert(false, "what was written");
static_assert(false, "what follows from it");
#endif
