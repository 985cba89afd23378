/* The two decisions that the historic leak got wrong, in a unit of their own, so that a test build can put the mistake
 * in its place: whether a left page's mapping may become the next page, and what is given back of a retired one. */
#ifndef GP_MEMORY_PROVENANCE_H
#define GP_MEMORY_PROVENANCE_H

#include "memory/arena.h"

bool gp_provenance_suits(const gp_mapping *mapping, size_t wanted_bytes, size_t standard_bytes);
/* TAKEN. Returns whether it went to the system. */
bool gp_provenance_release(gp_arena *arena, gp_mapping *mapping, size_t view_bytes, size_t allowed_bytes);

#endif
