/* The pool of an arena: free mappings, wiped, kept for the next page of their size.
 *
 *   newest <-> ... <-> oldest        given out from the newest end, returned to the system from the oldest
 *
 * All kinds share a cap in bytes. A mapping that is not standard is found again by its own length, among the newest; one that
 * lay here while GP_POOL_PATIENCE pages were born in the arena, out of it or without it, is not in demand any more and goes
 * back to the system. So does anything idle for `idle_ns`. There is no timer: both are looked at in every call on the arena.
 *
 * Not locked here: the arena's lock covers it. */
#ifndef GP_MEMORY_POOL_H
#define GP_MEMORY_POOL_H

#include "memory/mapping.h"

enum { GP_POOL_PATIENCE = 256, GP_POOL_LOOKED_AT = 64 };

typedef struct gp_pool_shelf {
    gp_mapping *newest, *oldest;
    size_t count;
} gp_pool_shelf;

typedef struct gp_pool {
    gp_pool_shelf standard, nonstandard, small;
    size_t bytes, cap_bytes;
    size_t lent_bytes; /* of the cap, to terminals that keep pages of their own for the next; the pool does without them */
    uint64_t idle_ns;
    uint64_t births; /* of pages in the arena */
} gp_pool;

void gp_pool_init(gp_pool *pool, size_t cap_bytes, uint64_t idle_ns);
/* The newest mapping of this kind and exactly `length_bytes`, or NULL. BORROWED(pool, until the next call on it). */
gp_mapping *gp_pool_find(gp_pool *pool, gp_mapping_kind kind, size_t length_bytes);
/* The same, out of the pool. OWNED(gp_pool_put or gp_unmap). */
gp_mapping *gp_pool_take(gp_pool *pool, gp_mapping_kind kind, size_t length_bytes);
/* Wipes and keeps it, or unmaps it when it may not be kept; unmaps what has been idle too long. TAKEN. Returns whether it
 * was kept. */
bool gp_pool_put(gp_pool *pool, gp_mapping *mapping);
/* Unmaps from the oldest on until at most `keep_bytes` are left. Returns the bytes unmapped. */
size_t gp_pool_shrink(gp_pool *pool, size_t keep_bytes);
/* So much of the cap is lent from now on. Returns the bytes unmapped. */
size_t gp_pool_lend(gp_pool *pool, size_t lent_bytes);
/* Notes that `births` more pages were born, and unmaps what is not in demand any more or has been idle too long, which
 * costs a look at the clock. Returns the bytes unmapped. */
size_t gp_pool_sweep(gp_pool *pool, uint64_t births);
/* What it holds keeps its addresses and gives its memory back. */
void gp_pool_discard(gp_pool *pool);
/* Counts a claim for each mapping held, for the audit. Returns the bytes claimed. */
size_t gp_pool_claim(gp_pool *pool);
/* NULL, or what is violated. */
const char *gp_pool_check(const gp_pool *pool);

#endif
