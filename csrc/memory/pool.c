#include "memory/pool.h"

#include "memory/ledger.h"

static gp_pool_shelf *shelf_of(gp_pool *pool, gp_mapping_kind kind) {
    switch (kind) {
    case GP_MAPPING_STANDARD: return &pool->standard;
    case GP_MAPPING_NONSTANDARD: return &pool->nonstandard;
    case GP_MAPPING_SMALL: break;
    }
    return &pool->small;
}

static void unlink_mapping(gp_pool *pool, gp_mapping *mapping) {
    gp_pool_shelf *shelf = shelf_of(pool, mapping->kind);
    if (mapping->pool_newer)
        mapping->pool_newer->pool_older = mapping->pool_older;
    else
        shelf->newest = mapping->pool_older;
    if (mapping->pool_older)
        mapping->pool_older->pool_newer = mapping->pool_newer;
    else
        shelf->oldest = mapping->pool_newer;
    mapping->pool_newer = mapping->pool_older = NULL;
    __atomic_store_n(&mapping->pooled_ns, 0, __ATOMIC_RELAXED);
    shelf->count--;
    pool->bytes -= mapping->length_bytes;
    gp_ledger_note_pooled(mapping, -1);
    gp_mapping_show(mapping);
}

static void drop(gp_pool *pool, gp_mapping *mapping) {
    unlink_mapping(pool, mapping);
    gp_unmap(mapping);
}

static gp_mapping *older(gp_mapping *a, gp_mapping *b) {
    if (!a || !b) return a ? a : b;
    return a->pooled_ns <= b->pooled_ns ? a : b;
}

static gp_mapping *oldest_of_all(const gp_pool *pool) {
    return older(older(pool->standard.oldest, pool->small.oldest), pool->nonstandard.oldest);
}

static void drop_idle(gp_pool *pool, uint64_t now_ns) {
    for (gp_mapping *mapping; (mapping = oldest_of_all(pool)) && now_ns - mapping->pooled_ns >= pool->idle_ns;)
        drop(pool, mapping);
}

static size_t most_bytes(const gp_pool *pool) {
    return pool->lent_bytes < pool->cap_bytes ? pool->cap_bytes - pool->lent_bytes : 0;
}

void gp_pool_init(gp_pool *pool, size_t cap_bytes, uint64_t idle_ns) {
    *pool = (gp_pool){.cap_bytes = cap_bytes, .idle_ns = idle_ns};
}

gp_mapping *gp_pool_find(gp_pool *pool, gp_mapping_kind kind, size_t length_bytes) {
    gp_mapping *mapping = shelf_of(pool, kind)->newest;
    for (int i = 0; mapping && mapping->length_bytes != length_bytes; i++)
        mapping = i < GP_POOL_LOOKED_AT ? mapping->pool_older : NULL;
    return mapping;
}

gp_mapping *gp_pool_take(gp_pool *pool, gp_mapping_kind kind, size_t length_bytes) {
    gp_mapping *mapping = gp_pool_find(pool, kind, length_bytes);
    if (mapping) unlink_mapping(pool, mapping);
    return mapping;
}

bool gp_pool_put(gp_pool *pool, gp_mapping *mapping) {
    gp_pool_shelf *shelf = shelf_of(pool, mapping->kind);
    if (mapping->length_bytes > most_bytes(pool)) {
        gp_unmap(mapping);
        return false;
    }
    gp_pool_shrink(pool, most_bytes(pool) - mapping->length_bytes);
    gp_mapping_wipe(mapping);
    gp_mapping_hide(mapping);
    uint64_t now_ns = gp_now_ns();
    __atomic_store_n(&mapping->pooled_ns, now_ns, __ATOMIC_RELAXED);
    mapping->pooled_births = pool->births;
    mapping->pool_older = shelf->newest;
    mapping->pool_newer = NULL;
    if (shelf->newest)
        shelf->newest->pool_newer = mapping;
    else
        shelf->oldest = mapping;
    shelf->newest = mapping;
    shelf->count++;
    pool->bytes += mapping->length_bytes;
    gp_ledger_note_pooled(mapping, +1);
    drop_idle(pool, now_ns);
    return true;
}

size_t gp_pool_shrink(gp_pool *pool, size_t keep_bytes) {
    size_t before_bytes = pool->bytes;
    while (pool->bytes > keep_bytes) drop(pool, oldest_of_all(pool));
    return before_bytes - pool->bytes;
}

size_t gp_pool_lend(gp_pool *pool, size_t lent_bytes) {
    pool->lent_bytes = lent_bytes;
    return gp_pool_shrink(pool, most_bytes(pool));
}

static void drop_spare(gp_pool *pool, const gp_pool_shelf *shelf) {
    while (shelf->oldest && pool->births - shelf->oldest->pooled_births > GP_POOL_PATIENCE) drop(pool, shelf->oldest);
}

size_t gp_pool_sweep(gp_pool *pool, uint64_t births) {
    size_t before_bytes = pool->bytes;
    pool->births += births;
    if (!before_bytes) return 0;
    drop_spare(pool, &pool->nonstandard);
    drop_spare(pool, &pool->small);
    drop_idle(pool, gp_now_ns());
    return before_bytes - pool->bytes;
}

static void discard_shelf(const gp_pool_shelf *shelf) {
    for (gp_mapping *mapping = shelf->newest; mapping; mapping = mapping->pool_older) gp_mapping_discard(mapping, 0, 0);
}

void gp_pool_discard(gp_pool *pool) {
    discard_shelf(&pool->standard);
    discard_shelf(&pool->nonstandard);
    discard_shelf(&pool->small);
}

static size_t claim_shelf(const gp_pool_shelf *shelf) {
    size_t bytes = 0;
    for (gp_mapping *mapping = shelf->newest; mapping; mapping = mapping->pool_older) {
        gp_mapping_claim(mapping, GP_OWNER_POOL, 0, 0);
        bytes += mapping->length_bytes;
    }
    return bytes;
}

size_t gp_pool_claim(gp_pool *pool) {
    return claim_shelf(&pool->standard) + claim_shelf(&pool->nonstandard) + claim_shelf(&pool->small);
}

static const char *check_shelf(const gp_pool_shelf *shelf, gp_mapping_kind kind, size_t *bytes) {
    size_t count = 0;
    const gp_mapping *newer = NULL;
    for (const gp_mapping *mapping = shelf->newest; mapping; newer = mapping, mapping = mapping->pool_older, count++) {
        if (mapping->kind != kind) return "pool: a mapping lies on the shelf of the other kind";
        if (mapping->pool_newer != newer) return "pool: links of a shelf disagree";
        if (!mapping->pooled_ns) return "pool: a pooled mapping has no time";
        if (mapping->soiled_low_bytes || mapping->soiled_high_bytes) return "pool: a pooled mapping was not wiped";
        *bytes += mapping->length_bytes;
    }
    if (shelf->oldest != newer) return "pool: a shelf does not end at its oldest";
    if (count != shelf->count) return "pool: a shelf miscounts";
    return NULL;
}

const char *gp_pool_check(const gp_pool *pool) {
    size_t bytes = 0;
    const char *violation = check_shelf(&pool->standard, GP_MAPPING_STANDARD, &bytes);
    if (!violation) violation = check_shelf(&pool->nonstandard, GP_MAPPING_NONSTANDARD, &bytes);
    if (!violation) violation = check_shelf(&pool->small, GP_MAPPING_SMALL, &bytes);
    if (!violation && bytes != pool->bytes) violation = "pool: bytes do not add up";
    if (!violation && bytes > most_bytes(pool)) violation = "pool: holds more than its cap";
    return violation;
}
