#include "memory/reclaim.h"

enum { TRIES_MAX = 16 }; /* of a call that needs that many pages at once, or is raced for them */

static bool idle_is_due(const gp_arena *arena) {
    return arena->pool.idle_ns != UINT64_MAX && gp_now_ns() - arena->settled_ns >= arena->pool.idle_ns;
}

/* The largest terminal above the floor. With the memory lock held. */
static gp_member *victim(const gp_arena *arena) {
    gp_member *largest = gp_ranking_largest(&arena->ranking);
    return largest && gp_ranking_weight(largest) > arena->floor_bytes ? largest : NULL;
}

/* One that is locked is being used, and not waited for. */
static void discard_members(gp_arena *arena) {
    pthread_mutex_lock(&arena->members_lock);
    for (gp_member *member = arena->members; member; member = member->next) {
        if (member->snapshot || pthread_mutex_trylock(&member->lock) != 0) continue;
        if (member->open) member->discard(member);
        pthread_mutex_unlock(&member->lock);
    }
    pthread_mutex_unlock(&arena->members_lock);
}

size_t gp_arena_trim(gp_arena *arena) {
    discard_members(arena);
    return gp_arena_keep(arena, 0);
}

/* Grids of terminals that nothing was written to since they were asked last, at least an idle time ago, become text. One
 * that is locked is not idle. */
static void settle_idle(gp_arena *arena) {
    pthread_mutex_lock(&arena->members_lock);
    uint64_t settled = 0;
    for (gp_member *member = arena->members; member; member = member->next) {
        if (member->snapshot || pthread_mutex_trylock(&member->lock) != 0) continue;
        settled += member->open && member->settle(member) != 0;
        pthread_mutex_unlock(&member->lock);
    }
    pthread_mutex_lock(&arena->memory_lock);
    arena->grids_settled += settled;
    pthread_mutex_unlock(&arena->memory_lock);
    pthread_mutex_unlock(&arena->members_lock);
}

/* One page or more of the largest terminal; false if nobody has any to give. It is pinned while its lock is waited for, so
 * that no other lock need be held. */
static bool take_from_largest(gp_arena *arena) {
    pthread_mutex_lock(&arena->members_lock);
    pthread_mutex_lock(&arena->memory_lock);
    gp_member *largest = victim(arena);
    pthread_mutex_unlock(&arena->memory_lock);
    if (largest) largest->pins++;
    pthread_mutex_unlock(&arena->members_lock);
    if (!largest) return false;

    pthread_mutex_lock(&largest->lock);
    size_t freed_bytes = largest->open ? largest->give(largest, 1, arena->floor_bytes) : 0;
    pthread_mutex_lock(&arena->memory_lock);
    arena->pages_reclaimed += freed_bytes != 0;
    if (!freed_bytes) {
        largest->spent = true;
        gp_ranking_update(&arena->ranking, largest);
    }
    pthread_mutex_unlock(&arena->memory_lock);
    pthread_mutex_unlock(&largest->lock);

    pthread_mutex_lock(&arena->members_lock);
    if (!--largest->pins) pthread_cond_broadcast(&arena->unpinned);
    pthread_mutex_unlock(&arena->members_lock);
    return true;
}

/* The steps of the ladder, each once; false when there is none left. */
typedef struct ladder {
    bool settled, revived;
} ladder;

static bool climb(gp_arena *arena, ladder *steps) {
    pthread_mutex_lock(&arena->memory_lock);
    bool settles = !steps->settled && idle_is_due(arena);
    if (settles) arena->settled_ns = gp_now_ns();
    pthread_mutex_unlock(&arena->memory_lock);
    steps->settled = true;
    if (settles) {
        settle_idle(arena);
        return true;
    }
    if (take_from_largest(arena)) return true;
    if (steps->revived) return false;
    steps->revived = true; /* what had nothing to give may have by now */
    pthread_mutex_lock(&arena->memory_lock);
    gp_ranking_revive(&arena->ranking);
    pthread_mutex_unlock(&arena->memory_lock);
    return true;
}

/* Holds free what the member wants; false if there is not as much. */
static bool grant(gp_arena *arena, gp_member *member, size_t wanted_bytes) {
    pthread_mutex_lock(&arena->memory_lock);
    bool fits = wanted_bytes <= gp_arena_room(arena, member);
    if (fits) {
        arena->granted_bytes += wanted_bytes - member->granted_bytes;
        member->granted_bytes = wanted_bytes;
    }
    pthread_mutex_unlock(&arena->memory_lock);
    return fits;
}

static bool make_room(gp_arena *arena, gp_member *member, gp_retry *retry) {
    pthread_mutex_lock(&arena->memory_lock);
    retry->wanted_bytes += member->refused_bytes;
    bool possible = retry->wanted_bytes <= arena->limit_bytes && ++retry->tries <= TRIES_MAX;
    if (!possible) arena->refusals++;
    pthread_mutex_unlock(&arena->memory_lock);
    if (!possible) return false;
    ladder steps = {0};
    while (!grant(arena, member, retry->wanted_bytes)) {
        if (climb(arena, &steps)) continue;
        pthread_mutex_lock(&arena->memory_lock);
        arena->refusals++;
        pthread_mutex_unlock(&arena->memory_lock);
        return false;
    }
    retry->granted = true;
    return true;
}

bool gp_reclaim_retry(gp_arena *arena, gp_member *member, gp_status status, gp_retry *retry) {
    if (status == GP_ERR_LIMIT && make_room(arena, member, retry)) return true;
    if (retry->granted) grant(arena, member, 0);
    return false;
}

bool gp_reclaim_falls_to(gp_arena *arena, gp_member *member, size_t length_bytes) {
    pthread_mutex_lock(&arena->memory_lock);
    bool falls = false;
    if (length_bytes > gp_arena_room(arena, member) && !idle_is_due(arena)) {
        const gp_member *largest = gp_ranking_largest(&arena->ranking);
        falls = !member->spent && gp_ranking_weight(member) + length_bytes > gp_ranking_weight(largest);
    }
    pthread_mutex_unlock(&arena->memory_lock);
    return falls;
}

gp_status gp_arena_set_limit(gp_arena *arena, size_t limit_bytes) {
    ladder steps = {0};
    pthread_mutex_lock(&arena->memory_lock);
    __atomic_store_n(&arena->limit_bytes, limit_bytes, __ATOMIC_RELAXED);
    bool lends = arena->pool.lent_bytes;
    pthread_mutex_unlock(&arena->memory_lock);
    if (lends && limit_bytes != SIZE_MAX) discard_members(arena); /* nobody keeps for itself what another may need */
    pthread_mutex_lock(&arena->memory_lock);
    gp_arena_fit_pool(arena);
    bool over = arena->mapped_bytes > arena->limit_bytes;
    pthread_mutex_unlock(&arena->memory_lock);
    while (over && climb(arena, &steps)) {
        pthread_mutex_lock(&arena->memory_lock);
        over = arena->mapped_bytes > arena->limit_bytes;
        pthread_mutex_unlock(&arena->memory_lock);
    }
    return GP_OK;
}
