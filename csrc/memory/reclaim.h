/* Reclaiming: what makes room in an arena whose budget leaves none. A ladder, tried in this order:
 *
 *     pooled pages go back to the system (gp_arena_acquire)
 *     grids of terminals that lie idle become text
 *     the largest terminal gives up its oldest page of history, again and again, none beyond the arena's floor
 *     GP_ERR_LIMIT
 *
 * Whoever needs a page holds its own lock and must not wait for another's. So a call that is refused one goes back, having
 * changed nothing, to where no lock is held; there room is made, with one member locked at a time, and granted to the
 * asker, so that nobody else gets it; then the call is made again. */
#ifndef GP_MEMORY_RECLAIM_H
#define GP_MEMORY_RECLAIM_H

#include "memory/arena.h"

/* The tries of one call. All zero at first. */
typedef struct gp_retry {
    size_t wanted_bytes; /* what it was refused in all of them */
    int tries;
    bool granted;
} gp_retry;

/* Between calls with no lock held: whether the call with this outcome is to be made again, as there is room now for what it
 * was refused. On false it is over, and what is left of a grant is given back. */
bool gp_reclaim_retry(gp_arena *arena, gp_member *member, gp_status status, gp_retry *retry);
/* The call got something done: what it was refused before is no measure of what it wants any more. */
static inline void gp_reclaim_progress(gp_retry *retry) {
    retry->wanted_bytes = 0;
    retry->tries = 0;
}

/* With the member's lock held: whether it is this member's own history that a page of `length_bytes` for it would cost, so
 * that it can be given up, or be recycled, as it stands. */
bool gp_reclaim_falls_to(gp_arena *arena, gp_member *member, size_t length_bytes);

#endif
