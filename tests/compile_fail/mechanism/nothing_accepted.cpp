// REFUSED_1: an accepted form that does not compile proves nothing
static_assert(false, "an accepted form that does not compile proves nothing");
