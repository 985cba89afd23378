#include "memory/arena.h"

#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "memory/ledger.h"
#include "memory/observer.h"
#include "memory/share.h"

static pthread_mutex_t arenas_lock = PTHREAD_MUTEX_INITIALIZER;
static gp_arena *arenas;

static void watch_forks(void);

gp_status gp_arena_new(const gp_arena_options *options, gp_arena **arena) {
    size_t os_page_bytes = gp_os_page_bytes();
    if (options->standard_page_bytes < os_page_bytes || options->standard_page_bytes > GP_STANDARD_PAGE_MAX_BYTES)
        return GP_ERR_ARGUMENT;
    if (options->policy != GP_POLICY_REPLACE && options->policy != GP_POLICY_ADAPTIVE) return GP_ERR_ARGUMENT;
    if (options->undumped && !gp_can_be_undumped()) return GP_ERR_ARGUMENT;
    static pthread_once_t forks_watched = PTHREAD_ONCE_INIT;
    pthread_once(&forks_watched, watch_forks);
    gp_arena *made = gp_alloc_zeroed(sizeof *made);
    if (!made) return GP_ERR_NOMEM;
    made->undumped = options->undumped;
    made->standard_bytes = (options->standard_page_bytes + os_page_bytes - 1) / os_page_bytes * os_page_bytes;
    made->policy = options->policy;
    made->limit_bytes = options->limit_bytes;
    made->floor_bytes = options->floor_bytes;
    made->references = 1;
    pthread_mutex_init(&made->members_lock, NULL);
    pthread_cond_init(&made->unpinned, NULL);
    pthread_mutex_init(&made->memory_lock, NULL);
    gp_pool_init(&made->pool, options->pool_cap_bytes, options->pool_idle_ns);

    pthread_mutex_lock(&arenas_lock);
    made->next = arenas;
    if (arenas) arenas->previous = made;
    arenas = made;
    pthread_mutex_unlock(&arenas_lock);
    *arena = made;
    return GP_OK;
}

/* With the arenas' lock held. */
static void drop_reference(gp_arena *arena) {
    if (--arena->references) return;
    gp_pool_shrink(&arena->pool, 0);
    if (arena->previous)
        arena->previous->next = arena->next;
    else
        arenas = arena->next;
    if (arena->next) arena->next->previous = arena->previous;
    gp_ranking_deinit(&arena->ranking);
    pthread_mutex_destroy(&arena->members_lock);
    pthread_cond_destroy(&arena->unpinned);
    pthread_mutex_destroy(&arena->memory_lock);
    gp_free(arena);
}

void gp_arena_free(gp_arena *arena) {
    if (!arena) return;
    pthread_mutex_lock(&arenas_lock);
    pthread_mutex_lock(&arena->memory_lock);
    arena->closed = true;
    arena->mapped_bytes -= gp_pool_shrink(&arena->pool, 0);
    arena->pool.cap_bytes = 0;
    pthread_mutex_unlock(&arena->memory_lock);
    drop_reference(arena);
    pthread_mutex_unlock(&arenas_lock);
}

gp_status gp_arena_join(gp_arena *arena, gp_member *member) {
    static uint64_t serials; /* under the arenas' lock */
    pthread_mutex_lock(&arenas_lock);
    gp_status status = arena->closed ? GP_ERR_CLOSED : GP_OK;
    if (status == GP_OK && !member->snapshot) {
        pthread_mutex_lock(&arena->memory_lock);
        if (!gp_ranking_add(&arena->ranking, member)) status = GP_ERR_NOMEM;
        pthread_mutex_unlock(&arena->memory_lock);
    }
    if (status != GP_OK) {
        pthread_mutex_unlock(&arenas_lock);
        return status;
    }
    arena->references++;
    member->serial = ++serials;
    pthread_mutex_init(&member->lock, NULL);
    pthread_mutex_lock(&arena->members_lock);
    member->previous = NULL;
    member->next = arena->members;
    if (arena->members) arena->members->previous = member;
    arena->members = member;
    *(member->snapshot ? &arena->snapshots : &arena->terminals) += 1;
    pthread_mutex_unlock(&arena->members_lock);
    pthread_mutex_unlock(&arenas_lock);
    return GP_OK;
}

void gp_arena_leave(gp_arena *arena, gp_member *member) {
    pthread_mutex_lock(&arenas_lock);
    pthread_mutex_lock(&arena->members_lock);
    if (member->previous)
        member->previous->next = member->next;
    else
        arena->members = member->next;
    if (member->next) member->next->previous = member->previous;
    *(member->snapshot ? &arena->snapshots : &arena->terminals) -= 1;
    while (member->pins) pthread_cond_wait(&arena->unpinned, &arena->members_lock);
    pthread_mutex_lock(&arena->memory_lock);
    if (!member->snapshot) gp_ranking_remove(&arena->ranking, member);
    arena->granted_bytes -= member->granted_bytes;
    pthread_mutex_unlock(&arena->memory_lock);
    pthread_mutex_unlock(&arena->members_lock);
    pthread_mutex_destroy(&member->lock);
    drop_reference(arena);
    pthread_mutex_unlock(&arenas_lock);
}

size_t gp_arena_page_bytes(const gp_arena *arena, size_t need_bytes) {
    size_t os_page_bytes = gp_os_page_bytes(), standard_bytes = arena->standard_bytes;
    if (need_bytes <= os_page_bytes) return os_page_bytes;
    size_t power = need_bytes <= standard_bytes ? os_page_bytes : standard_bytes;
    while (power <= need_bytes / 2) power *= 2;
    size_t step = power / 4, rounded = step > os_page_bytes ? (need_bytes + step - 1) / step * step : need_bytes;
    rounded = (rounded + os_page_bytes - 1) & ~(os_page_bytes - 1);
    return need_bytes <= standard_bytes && rounded > standard_bytes ? standard_bytes : rounded;
}

static gp_mapping_kind kind_of(const gp_arena *arena, size_t length_bytes) {
    if (length_bytes == arena->standard_bytes) return GP_MAPPING_STANDARD;
    return length_bytes < arena->standard_bytes ? GP_MAPPING_SMALL : GP_MAPPING_NONSTANDARD;
}

size_t gp_arena_room(const gp_arena *arena, const gp_member *member) {
    size_t held_bytes = arena->mapped_bytes - arena->pool.bytes + arena->granted_bytes - member->granted_bytes;
    return held_bytes < arena->limit_bytes ? arena->limit_bytes - held_bytes : 0;
}

void gp_arena_fit_pool(gp_arena *arena) {
    size_t held_bytes = arena->mapped_bytes - arena->pool.bytes;
    size_t keep_bytes = held_bytes < arena->limit_bytes ? arena->limit_bytes - held_bytes : 0;
    arena->mapped_bytes -= gp_pool_shrink(&arena->pool, keep_bytes);
}

void gp_arena_note(gp_arena *arena, gp_member *member, size_t mapped_bytes, size_t shared_bytes) {
    if (mapped_bytes) member->mapped_bytes += mapped_bytes; /* else it may be another's, who reads it without this lock */
    member->shared_bytes += shared_bytes;
    member->spent = false; /* there may be more to give, or something else */
    if (!member->snapshot) gp_ranking_update(&arena->ranking, member);
}

bool gp_arena_offers(gp_arena *arena, size_t length_bytes) {
    pthread_mutex_lock(&arena->memory_lock);
    bool found = gp_pool_find(&arena->pool, kind_of(arena, length_bytes), length_bytes) != NULL;
    pthread_mutex_unlock(&arena->memory_lock);
    return found;
}

/* With the memory lock held, and room in the budget. */
static gp_status map_fresh(gp_arena *arena, size_t length_bytes, gp_mapping_kind kind, size_t allowed_bytes,
                           gp_mapping **mapping) {
    size_t held_bytes = arena->mapped_bytes - arena->pool.bytes;
    size_t room_bytes = arena->limit_bytes - length_bytes - held_bytes;
    arena->mapped_bytes -= gp_pool_shrink(&arena->pool, allowed_bytes < room_bytes ? allowed_bytes : room_bytes);
    gp_status status = gp_map(length_bytes, kind, arena->undumped, mapping);
    if (status == GP_ERR_NOMEM && arena->pool.bytes) { /* what the pool keeps may be what the kernel lacks */
        arena->mapped_bytes -= gp_pool_shrink(&arena->pool, 0);
        status = gp_map(length_bytes, kind, arena->undumped, mapping);
    }
    if (status != GP_OK) return status;
    arena->mapped_bytes += length_bytes;
    if (arena->mapped_bytes > arena->peak_bytes) arena->peak_bytes = arena->mapped_bytes;
    return GP_OK;
}

gp_status gp_arena_acquire(gp_arena *arena, gp_member *member, size_t need_bytes, size_t allowed_bytes,
                           gp_mapping **mapping, bool *fresh) {
    size_t length_bytes = gp_arena_page_bytes(arena, need_bytes);
    gp_mapping_kind kind = kind_of(arena, length_bytes);
    gp_status status = GP_OK;
    gp_mapping *taken = NULL;
    pthread_mutex_lock(&arena->memory_lock);
    size_t pooled_bytes = arena->pool.bytes;
    gp_pool_sweep(&arena->pool, 1);
    if (length_bytes > gp_arena_room(arena, member)) {
        status = GP_ERR_LIMIT;
        member->refused_bytes = length_bytes;
    } else {
        taken = gp_pool_take(&arena->pool, kind, length_bytes);
    }
    /* What left the pool but was not taken is no longer mapped. */
    arena->mapped_bytes -= pooled_bytes - arena->pool.bytes - (taken ? taken->length_bytes : 0);
    *fresh = !taken;
    if (!taken && status == GP_OK) status = map_fresh(arena, length_bytes, kind, allowed_bytes, &taken);
    if (status == GP_OK) {
        gp_arena_note(arena, member, length_bytes, 0);
        size_t used_bytes = length_bytes < member->granted_bytes ? length_bytes : member->granted_bytes;
        member->granted_bytes -= used_bytes;
        arena->granted_bytes -= used_bytes;
    }
    pthread_mutex_unlock(&arena->memory_lock);
    if (status == GP_OK) *mapping = taken;
    return status;
}

bool gp_arena_release(gp_arena *arena, gp_mapping *mapping, size_t allowed_bytes) {
    size_t length_bytes = mapping->length_bytes;
    pthread_mutex_lock(&arena->memory_lock);
    /* The mapping stays in the sum; what the pool lets go of to make room, or does not take, leaves it. */
    size_t before_bytes = arena->pool.bytes;
    bool kept = false;
    if (length_bytes <= allowed_bytes) {
        gp_pool_shrink(&arena->pool, allowed_bytes - length_bytes);
        kept = gp_pool_put(&arena->pool, mapping);
    } else {
        gp_pool_shrink(&arena->pool, allowed_bytes);
        gp_unmap(mapping);
    }
    arena->mapped_bytes -= before_bytes + length_bytes - arena->pool.bytes;
    gp_arena_fit_pool(arena);
    pthread_mutex_unlock(&arena->memory_lock);
    return !kept;
}

void gp_arena_note_births(gp_arena *arena, uint64_t births) {
    pthread_mutex_lock(&arena->memory_lock);
    arena->mapped_bytes -= gp_pool_sweep(&arena->pool, births);
    pthread_mutex_unlock(&arena->memory_lock);
}

size_t gp_arena_keep(gp_arena *arena, size_t keep_bytes) {
    pthread_mutex_lock(&arena->memory_lock);
    size_t bytes = gp_pool_shrink(&arena->pool, keep_bytes);
    arena->mapped_bytes -= bytes;
    pthread_mutex_unlock(&arena->memory_lock);
    return bytes;
}

bool gp_arena_lend(gp_arena *arena, gp_member *member, size_t bytes) {
    pthread_mutex_lock(&arena->memory_lock);
    gp_pool *pool = &arena->pool;
    size_t lent_bytes = pool->lent_bytes - member->lent_bytes + bytes;
    bool lends = !bytes || (lent_bytes <= pool->cap_bytes / 2 && arena->limit_bytes == SIZE_MAX && pool->idle_ns);
    if (lends) {
        member->lent_bytes = bytes;
        arena->mapped_bytes -= gp_pool_lend(pool, lent_bytes);
    }
    pthread_mutex_unlock(&arena->memory_lock);
    return lends;
}

void gp_arena_discard(gp_arena *arena) {
    pthread_mutex_lock(&arena->memory_lock);
    gp_pool_discard(&arena->pool);
    pthread_mutex_unlock(&arena->memory_lock);
}

void gp_arena_read(gp_arena *arena, gp_arena_figures *figures) {
    pthread_mutex_lock(&arena->members_lock);
    size_t terminals = arena->terminals, snapshots = arena->snapshots;
    pthread_mutex_unlock(&arena->members_lock);
    pthread_mutex_lock(&arena->memory_lock);
    arena->mapped_bytes -= gp_pool_sweep(&arena->pool, 0);
    *figures = (gp_arena_figures){
        .mapped_bytes = arena->mapped_bytes,
        .pooled_bytes = arena->pool.bytes,
        .pooled_standard = arena->pool.standard.count,
        .pooled_nonstandard = arena->pool.nonstandard.count,
        .pooled_small = arena->pool.small.count,
        .peak_bytes = arena->peak_bytes,
        .limit_bytes = arena->limit_bytes,
        .floor_bytes = arena->floor_bytes,
        .pages_reclaimed = arena->pages_reclaimed,
        .grids_settled = arena->grids_settled,
        .refusals = arena->refusals,
        .standard_page_bytes = arena->standard_bytes,
        .undumped = arena->undumped,
        .terminals = terminals,
        .snapshots = snapshots,
        .adopted_bytes = arena->adopted_bytes,
    };
    pthread_mutex_unlock(&arena->memory_lock);
}

/* ---- the audit: everything stands still while it walks ------------------------------------------------------- */

static void object(gp_audit *audit, const char *violation) {
    if (!audit->violation[0]) snprintf(audit->violation, sizeof audit->violation, "%s", violation);
    audit->owners_agree = false;
}

static void audit_arena(gp_arena *arena, gp_audit *audit) {
    size_t claimed_bytes = gp_pool_claim(&arena->pool);
    audit->pooled_bytes += claimed_bytes;
    size_t adopted_bytes = 0, shared_bytes = 0, granted_bytes = 0, lent_bytes = 0;
    for (gp_share *share = arena->shares; share; share = share->next) {
        if (!share->adopted) {
            if (share->holders > 1) shared_bytes += share->page.mapping->length_bytes;
            continue;
        }
        gp_mapping *mapping = share->page.mapping;
        size_t used_bytes = mapping->soiled_low_bytes + mapping->soiled_high_bytes;
        used_bytes = used_bytes < mapping->length_bytes ? used_bytes : mapping->length_bytes;
        gp_mapping_claim(mapping, GP_OWNER_ADOPTED, 0, used_bytes);
        adopted_bytes += share->page.mapping->length_bytes;
    }
    if (adopted_bytes != arena->adopted_bytes) object(audit, "an arena's sum disagrees with the pages it adopted");
    claimed_bytes += adopted_bytes;
    for (gp_member *member = arena->members; member; member = member->next) {
        size_t bytes = member->open ? member->claim(member) : 0;
        if (bytes != member->mapped_bytes) object(audit, "a terminal's account disagrees with the pages it owns");
        claimed_bytes += bytes;
        shared_bytes -= member->shared_bytes;
        granted_bytes += member->granted_bytes;
        lent_bytes += member->lent_bytes;
        const char *violation = member->open ? member->check(member) : NULL;
        if (violation) object(audit, violation);
    }
    if (shared_bytes) object(audit, "an arena's terminals miscount what snapshots read too");
    if (granted_bytes != arena->granted_bytes) object(audit, "an arena's sum disagrees with what it granted");
    if (lent_bytes != arena->pool.lent_bytes) object(audit, "an arena's sum disagrees with what it lent");
    const char *violation = gp_pool_check(&arena->pool);
    if (!violation) violation = gp_ranking_check(&arena->ranking);
    if (violation) object(audit, violation);
    if (claimed_bytes != arena->mapped_bytes) object(audit, "an arena's sum disagrees with its pool, its terminals and what it adopted");
}

/* All locks there are but the ledger's, which is the last. */
static void lock_everything(void) {
    pthread_mutex_lock(&arenas_lock);
    for (gp_arena *arena = arenas; arena; arena = arena->next) {
        pthread_mutex_lock(&arena->members_lock);
        for (gp_member *member = arena->members; member; member = member->next) pthread_mutex_lock(&member->lock);
        pthread_mutex_lock(&arena->memory_lock);
    }
    gp_mapping_lock_withheld();
}

/* Nothing changes any more, and all claims are forgotten. */
static void stop_everything(void) {
    lock_everything();
    gp_ledger_begin_audit();
    gp_mapping_claim_withheld();
}

/* When the ledger has given its lock back. */
static void go_on(void) {
    gp_mapping_unlock_withheld();
    for (gp_arena *arena = arenas; arena; arena = arena->next) {
        pthread_mutex_unlock(&arena->memory_lock);
        for (gp_member *member = arena->members; member; member = member->next) pthread_mutex_unlock(&member->lock);
        pthread_mutex_unlock(&arena->members_lock);
    }
    pthread_mutex_unlock(&arenas_lock);
}

size_t gp_owners_list(gp_mapping_info *mappings, size_t capacity) {
    gp_audit unused = {0};
    stop_everything();
    for (gp_arena *arena = arenas; arena; arena = arena->next) audit_arena(arena, &unused);
    size_t found = gp_ledger_end_owned(mappings, capacity);
    go_on();
    return found;
}

void gp_audit_run(gp_audit *audit, gp_mapping_info *orphans, size_t capacity) {
    *audit = (gp_audit){.owners_agree = true};
    stop_everything();
    for (gp_arena *arena = arenas; arena; arena = arena->next) audit_arena(arena, audit);
    gp_ledger_end_audit(audit, orphans, capacity);
    go_on();
    audit->ok = audit->owners_agree && audit->sums_agree && !audit->orphans && !audit->double_owned;
    if (!audit->ok && !audit->violation[0])
        snprintf(audit->violation, sizeof audit->violation, "%s",
                 audit->orphans        ? "a mapping has no owner"
                 : audit->double_owned ? "a mapping has two owners"
                                       : "the ledger's sums disagree with its list");
}

/* ---- forks ------------------------------------------------------------------------------------------------------- */

/* The child has the thread that forked and no other: a lock that another held would stay locked, over a structure in the
 * middle of a change. So whoever forks has all locks for as long as that takes. Not while mappings are observed, as the
 * observer may wait for Python's lock, which the one that forks holds. */
static _Thread_local bool locked_to_fork; /* each thread's own: two may fork at once */

static void before_fork(void) {
    locked_to_fork = !gp_observer_is_set();
    if (!locked_to_fork) return;
    lock_everything();
    gp_ledger_lock();
}

static void after_fork(void) {
    if (!locked_to_fork) return;
    locked_to_fork = false;
    gp_ledger_unlock();
    go_on();
}

static void after_fork_in_child(void) {
    for (gp_arena *arena = arenas; arena && locked_to_fork; arena = arena->next) {
        for (gp_member *member = arena->members; member; member = member->next) member->pins = 0;
        pthread_cond_init(&arena->unpinned, NULL);
    }
    gp_observer_renew_lock();
    after_fork();
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork, after_fork_in_child); }
