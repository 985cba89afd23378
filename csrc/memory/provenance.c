#include "memory/provenance.h"

/* A mapping serves a new page only if the kernel granted it at that page's size. */
bool gp_provenance_suits(const gp_mapping *mapping, size_t wanted_bytes, size_t standard_bytes) {
    (void)standard_bytes;
    return mapping->length_bytes == wanted_bytes;
}

/* The view's size says nothing about what lies beneath it; the mapping does. */
bool gp_provenance_release(gp_arena *arena, gp_mapping *mapping, size_t view_bytes, size_t allowed_bytes) {
    (void)view_bytes;
    return gp_arena_release(arena, mapping, allowed_bytes);
}
