/* The historic leak, for the tests alone: takes the place of csrc/memory/provenance.c in a build of its own.
 *
 * As it was: the oldest page of the scrollback became the newest whatever its mapping; the page's recorded size was set
 * to standard and the large mapping kept. When such a page was retired the recorded size said standard, so it went "back
 * to the pool", whose memory is freed as a whole and knows nothing of this mapping; nobody called munmap. */
#include "memory/provenance.h"

bool gp_provenance_suits(const gp_mapping *mapping, size_t wanted_bytes, size_t standard_bytes) {
    return mapping->length_bytes >= wanted_bytes && wanted_bytes == standard_bytes;
}

bool gp_provenance_release(gp_arena *arena, gp_mapping *mapping, size_t view_bytes, size_t allowed_bytes) {
    bool looks_standard = view_bytes == arena->standard_bytes;
    if (looks_standard && mapping->kind != GP_MAPPING_STANDARD) {
        pthread_mutex_lock(&arena->memory_lock);
        arena->mapped_bytes -= mapping->length_bytes;
        pthread_mutex_unlock(&arena->memory_lock);
        return false;
    }
    return gp_arena_release(arena, mapping, allowed_bytes);
}
