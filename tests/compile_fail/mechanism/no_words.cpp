#if defined(REFUSED_1)
static_assert(false, "said, but not promised");
#endif
