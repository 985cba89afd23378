/* An arena: a pool, a policy for non-standard pages, and one budget in bytes for all terminals in it.
 *
 *     limit_bytes  >=  owned by members, adopted by the arena, granted to members, pooled
 *
 * The pool takes what room there is and gives way to everything else. What makes room when that is not enough is in
 * reclaim.h.
 *
 * Locks, always taken in this order and never two of one kind except by the audit:
 *     arenas (process) -> members of an arena -> a member (a terminal) -> an arena's memory -> mappings withheld ->
 *     the observer (observer.h) -> the ledger */
#ifndef GP_MEMORY_ARENA_H
#define GP_MEMORY_ARENA_H

#include <pthread.h>

#include "memory/pool.h"
#include "memory/ranking.h"

typedef struct gp_share gp_share;

/* What owns mappings of an arena: embedded in a terminal. */
struct gp_member {
    gp_member *next, *previous;
    pthread_mutex_t lock;
    /* Counts a claim on each mapping owned; returns their bytes. Called with the lock held. */
    size_t (*claim)(gp_member *member);
    /* NULL, or what is violated in its structures. Called with the lock held. */
    const char *(*check)(gp_member *member);
    /* Of a terminal, called with the lock held. Gives up history, the oldest first, until at least `need_bytes` came free
     * of it, as long as `floor_bytes` stay mapped; returns the bytes, 0 if nothing is to be had. */
    size_t (*give)(gp_member *member, size_t need_bytes, size_t floor_bytes);
    /* Turns a grid into text if nothing was written since the last such call; returns the bytes that came free. */
    size_t (*settle)(gp_member *member);
    /* Gives memory back that its pages do not use. */
    void (*discard)(gp_member *member);
    /* What it owns can be walked, and it can be asked to give; until then, and from then on, it owns nothing whenever no lock
     * is held. Changed with its own lock held, or for a snapshot that nobody knows of yet, its terminal's. */
    bool open;
    bool snapshot;   /* of another member, rather than a terminal */
    uint64_t serial; /* counts the members of the process from 1 on */
    uint32_t pins; /* who waits for its lock; under the members' lock */

    /* Under the arena's memory lock; the first is also only changed with the member's lock held. */
    size_t mapped_bytes;  /* of the pages it owns */
    size_t shared_bytes;  /* of these, what snapshots read too: giving them up frees nothing */
    size_t refused_bytes; /* the page that it was refused last */
    size_t granted_bytes; /* of the budget, held free for it until it has tried again */
    size_t lent_bytes;    /* of the pool's cap, for pages of its own that hold nothing */
    size_t rank;
    bool spent; /* it had nothing to give up when it was asked last */
};

struct gp_arena {
    gp_arena *next, *previous; /* the process's list */
    size_t standard_bytes;
    gp_policy policy;
    bool undumped;
    bool closed;
    uint32_t references; /* the handle and each member */

    pthread_mutex_t members_lock;
    pthread_cond_t unpinned;
    gp_member *members;
    size_t terminals, snapshots; /* among the members */

    pthread_mutex_t memory_lock;
    gp_pool pool;
    gp_share *shares;     /* pages that are read by several members */
    size_t adopted_bytes; /* of those that only snapshots read any more, and the arena owns */
    size_t mapped_bytes;  /* owned by members, adopted and pooled */
    size_t granted_bytes; /* to members */
    size_t peak_bytes;
    size_t limit_bytes; /* SIZE_MAX: none. Written with atomics, and read with them without the lock */
    size_t floor_bytes; /* a terminal that has no more than that gives nothing up for others */
    gp_ranking ranking; /* of the terminals */
    uint64_t settled_ns; /* when terminals were last asked whether they lie idle */
    uint64_t pages_reclaimed, grids_settled, refusals;
};

/* Whether it has a limit, which asks for more than a look at one terminal when a page is born. */
static inline bool gp_arena_has_budget(const gp_arena *arena) {
    return __atomic_load_n(&arena->limit_bytes, __ATOMIC_RELAXED) != SIZE_MAX;
}

/* The size of the mapping that holds a page of `need_bytes`: OS pages, in quarter steps between powers of two of them, so
 * that sizes recur and at most a fifth is lost; where it is beyond the standard size, between powers of two of that. */
size_t gp_arena_page_bytes(const gp_arena *arena, size_t need_bytes);

/* Whether the pool has a mapping of this length, as things stand. */
bool gp_arena_offers(gp_arena *arena, size_t length_bytes);

/* A wiped mapping of exactly gp_arena_page_bytes(need_bytes), which is the member's from now on. `allowed_bytes` bounds
 * what the pool may hold after a new mapping is made (a terminal with a hard limit counts the pool as its own).
 * GP_ERR_LIMIT: over the arena's budget even with the pool emptied, which is noted as refused.
 * *mapping OWNED(gp_arena_release); *fresh: whether the kernel was asked. */
gp_status gp_arena_acquire(gp_arena *arena, gp_member *member, size_t need_bytes, size_t allowed_bytes,
                           gp_mapping **mapping, bool *fresh);
/* TAKEN, to the pool or the system by policy. Returns whether it went to the system. */
bool gp_arena_release(gp_arena *arena, gp_mapping *mapping, size_t allowed_bytes);

/* Pages were born without a call on the arena: recycled. What the pool keeps for too long goes. */
void gp_arena_note_births(gp_arena *arena, uint64_t births);

/* Gives what the pool holds beyond `keep_bytes` back to the system; returns the bytes. */
size_t gp_arena_keep(gp_arena *arena, size_t keep_bytes);

/* The member may keep so many bytes of pages that hold nothing: up to half of the pool's cap is lent for that, all members
 * together, and none under a budget. False, and as before, where that is too much. 0 gives back what was lent. */
bool gp_arena_lend(gp_arena *arena, gp_member *member, size_t bytes);

/* What the pool keeps gives its memory back at once: nobody is expected to want it soon. */
void gp_arena_discard(gp_arena *arena);

/* What is left of the budget for a member, the pool not counted. With the memory lock held, as the next ones. */
size_t gp_arena_room(const gp_arena *arena, const gp_member *member);
/* The pool gives way as far as the budget asks. */
void gp_arena_fit_pool(gp_arena *arena);
/* Bytes that the member owns have come or gone; some of them are read by snapshots too, or no longer. */
void gp_arena_note(gp_arena *arena, gp_member *member, size_t mapped_bytes, size_t shared_bytes);

/* The member's lock is initialised here and lives until gp_arena_leave, which waits until the member is not pinned.
 * GP_ERR_CLOSED after gp_arena_free, GP_ERR_NOMEM. */
gp_status gp_arena_join(gp_arena *arena, gp_member *member);
void gp_arena_leave(gp_arena *arena, gp_member *member);

#endif
