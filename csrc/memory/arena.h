/* An arena: a pool, a policy for non-standard pages, and one budget in bytes for all terminals in it.
 *
 * Locks, always taken in this order and never two of one kind except by the audit:
 *     arenas (process) -> members of an arena -> a member (a terminal) -> an arena's memory -> the ledger */
#ifndef GP_MEMORY_ARENA_H
#define GP_MEMORY_ARENA_H

#include <pthread.h>

#include "memory/pool.h"

typedef struct gp_member gp_member;
typedef struct gp_share gp_share;

/* What owns mappings of an arena: embedded in a terminal. */
struct gp_member {
    gp_member *next, *previous;
    pthread_mutex_t lock;
    /* Counts a claim on each mapping owned; returns their bytes. Called with the lock held. */
    size_t (*claim)(gp_member *member);
    /* NULL, or what is violated in its structures. Called with the lock held. */
    const char *(*check)(gp_member *member);
    size_t mapped_bytes; /* as the member's account has it */
    bool snapshot;       /* of another member, rather than a terminal */
};

struct gp_arena {
    gp_arena *next, *previous; /* the process's list */
    size_t standard_bytes;
    gp_policy policy;
    bool closed;
    uint32_t references; /* the handle and each member */

    pthread_mutex_t members_lock;
    gp_member *members;
    size_t terminals, snapshots; /* among the members */

    pthread_mutex_t memory_lock;
    gp_pool pool;
    gp_share *shares;     /* pages that are read by several members */
    size_t adopted_bytes; /* of those that only snapshots read any more, and the arena owns */
    size_t mapped_bytes;  /* owned by members, adopted and pooled */
    size_t peak_bytes;
    size_t limit_bytes; /* SIZE_MAX: none */
};

/* The size of the mapping that holds a page of `need_bytes`: the standard size where that suffices, else the next
 * quarter step between powers of two, so that sizes recur and at most a fifth is lost. */
size_t gp_arena_page_bytes(const gp_arena *arena, size_t need_bytes);

/* A wiped mapping of exactly gp_arena_page_bytes(need_bytes). `allowed_bytes` bounds what the pool may hold after a new
 * mapping is made (a terminal with a hard limit counts the pool as its own). GP_ERR_LIMIT: over the arena's budget even
 * with the pool emptied. *mapping OWNED(gp_arena_release); *fresh: whether the kernel was asked. */
gp_status gp_arena_acquire(gp_arena *arena, size_t need_bytes, size_t allowed_bytes, gp_mapping **mapping, bool *fresh);
/* TAKEN, to the pool or the system by policy. Returns whether it went to the system. */
bool gp_arena_release(gp_arena *arena, gp_mapping *mapping, size_t allowed_bytes);

/* Gives what the pool holds beyond `keep_bytes` back to the system; returns the bytes. */
size_t gp_arena_keep(gp_arena *arena, size_t keep_bytes);

/* The member's lock is initialised here and lives until gp_arena_leave. GP_ERR_CLOSED after gp_arena_free. */
gp_status gp_arena_join(gp_arena *arena, gp_member *member);
void gp_arena_leave(gp_arena *arena, gp_member *member);

#endif
