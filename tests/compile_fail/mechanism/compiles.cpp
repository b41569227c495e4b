// REFUSED_1: nothing refuses this
#if defined(REFUSED_1)
static_assert(true);
#endif
