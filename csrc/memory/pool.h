/* The pool of an arena: free mappings, wiped, kept for the next page.
 *
 *   newest <-> ... <-> oldest        given out from the newest end, returned to the system from the oldest
 *
 * Standard mappings are kept up to a cap in bytes. Non-standard ones are kept too when the policy is adaptive
 * (`keeps_nonstandard`), under the same cap and a count of their own, and are found again by their own length; one that
 * nothing has asked for during GP_SPARE_PATIENCE acquisitions goes back to the system, as does anything idle for
 * `idle_ns`. There is no timer: idleness is looked at in every call on the arena.
 *
 * Not locked here: the arena's lock covers it. */
#ifndef GP_MEMORY_POOL_H
#define GP_MEMORY_POOL_H

#include "memory/mapping.h"

enum { GP_SPARE_PATIENCE = 64, GP_SPARES_MAX = 4 };

typedef struct gp_pool_shelf {
    gp_mapping *newest, *oldest;
    size_t count;
} gp_pool_shelf;

typedef struct gp_pool {
    gp_pool_shelf standard, nonstandard;
    size_t bytes, cap_bytes;
    uint64_t idle_ns;
    uint64_t quiet_acquisitions; /* since a non-standard mapping was last asked for */
    bool keeps_nonstandard;
} gp_pool;

void gp_pool_init(gp_pool *pool, size_t cap_bytes, uint64_t idle_ns, bool keeps_nonstandard);
/* The newest standard mapping, or NULL. A non-standard one that has been waiting too long is unmapped. OWNED(gp_pool_put or gp_unmap). */
gp_mapping *gp_pool_take_standard(gp_pool *pool);
/* A non-standard mapping of exactly `length_bytes`, or NULL. OWNED(gp_pool_put or gp_unmap). */
gp_mapping *gp_pool_take_nonstandard(gp_pool *pool, size_t length_bytes);
/* Wipes and keeps it, or unmaps it when it may not be kept. TAKEN. Returns whether it was kept. */
bool gp_pool_put(gp_pool *pool, gp_mapping *mapping);
/* Unmaps from the oldest on until at most `keep_bytes` are left. Returns the bytes unmapped. */
size_t gp_pool_shrink(gp_pool *pool, size_t keep_bytes);
/* Unmaps what has been idle too long, which costs a look at the clock. Returns the bytes unmapped. */
size_t gp_pool_sweep(gp_pool *pool);
/* Counts a claim for each mapping held, for the audit. Returns the bytes claimed. */
size_t gp_pool_claim(gp_pool *pool);
/* NULL, or what is violated. */
const char *gp_pool_check(const gp_pool *pool);

#endif
