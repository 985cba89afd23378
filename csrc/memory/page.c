#include "memory/page.h"

#include "memory/provenance.h"
#include "memory/reclaim.h"

/* The arena is told of recycled pages so many at a time: there is nothing to lock for each. */
enum { BIRTHS_NOTED = 32 };

/* With a hard limit what the arena keeps pooled counts as this terminal's. */
static size_t allowed_pool_bytes(const gp_account *account, size_t more_bytes) {
    if (account->limit_bytes == SIZE_MAX) return SIZE_MAX;
    size_t owned_bytes = account->member->mapped_bytes + more_bytes;
    return owned_bytes < account->limit_bytes ? account->limit_bytes - owned_bytes : 0;
}

bool gp_account_exceeds(const gp_account *account, size_t need_bytes) {
    size_t length_bytes = gp_arena_page_bytes(account->arena, need_bytes);
    return length_bytes > account->limit_bytes ||
           account->member->mapped_bytes > account->limit_bytes - length_bytes;
}

bool gp_account_affords(const gp_account *account, size_t need_bytes) {
    gp_arena *arena = account->arena;
    if (gp_account_exceeds(account, need_bytes)) return false;
    if (!gp_arena_has_budget(arena)) return true;
    pthread_mutex_lock(&arena->memory_lock);
    bool fits = gp_arena_page_bytes(arena, need_bytes) <= gp_arena_room(arena, account->member);
    pthread_mutex_unlock(&arena->memory_lock);
    return fits;
}

size_t gp_account_excess(const gp_account *account) {
    return account->member->mapped_bytes > account->limit_bytes ? account->member->mapped_bytes - account->limit_bytes
                                                                : 0;
}

void gp_account_fit_pool(const gp_account *account) {
    if (account->limit_bytes != SIZE_MAX) gp_arena_keep(account->arena, allowed_pool_bytes(account, 0));
}

bool gp_account_borrow(const gp_account *account, size_t bytes) {
    if (account->limit_bytes != SIZE_MAX || gp_arena_has_budget(account->arena)) return false;
    return bytes <= account->member->lent_bytes || gp_arena_lend(account->arena, account->member, bytes);
}

void gp_account_return(const gp_account *account) {
    if (account->member->lent_bytes) gp_arena_lend(account->arena, account->member, 0);
}

bool gp_account_gives(const gp_account *account, const gp_page *page, size_t need_bytes) {
    gp_arena *arena = account->arena;
    return gp_arena_has_budget(arena) &&
           account->member->mapped_bytes >= arena->floor_bytes + page->mapping->length_bytes &&
           gp_reclaim_falls_to(arena, account->member, gp_arena_page_bytes(arena, need_bytes));
}

size_t gp_account_page_cap(const gp_account *account) {
    gp_arena *arena = account->arena;
    size_t cap_bytes = account->limit_bytes / 8;
    if (gp_arena_has_budget(arena)) {
        pthread_mutex_lock(&arena->memory_lock);
        if (arena->ranking.count && arena->limit_bytes / 4 / arena->ranking.count < cap_bytes)
            cap_bytes = arena->limit_bytes / 4 / arena->ranking.count;
        pthread_mutex_unlock(&arena->memory_lock);
    }
    if (cap_bytes >= arena->standard_bytes) return arena->standard_bytes;
    size_t power_bytes = gp_os_page_bytes();
    while (power_bytes <= cap_bytes / 2) power_bytes *= 2;
    return power_bytes;
}

gp_status gp_page_acquire(gp_account *account, size_t need_bytes, gp_page *page) {
    bool fresh;
    gp_mapping *mapping;
    size_t allowed_bytes = allowed_pool_bytes(account, gp_arena_page_bytes(account->arena, need_bytes));
    gp_status status = gp_arena_acquire(account->arena, account->member, need_bytes, allowed_bytes, &mapping, &fresh);
    if (status != GP_OK) return status;
    if (account->member->mapped_bytes > account->peak_bytes) account->peak_bytes = account->member->mapped_bytes;
    *(fresh ? &account->counters.pages_mapped : &account->counters.pages_from_pool) += 1;
    if (mapping->kind == GP_MAPPING_NONSTANDARD) {
        account->counters.nonstandard_born++;
        account->nonstandard_bytes += mapping->length_bytes;
    }
    *page = (gp_page){.mapping = mapping, .base = mapping->base, .view_bytes = mapping->length_bytes};
    return GP_OK;
}

bool gp_page_recycle(gp_account *account, gp_page *page, size_t need_bytes) {
    gp_arena *arena = account->arena;
    if (need_bytes > arena->standard_bytes && arena->policy != GP_POLICY_ADAPTIVE) return false;
    return gp_page_reuse(account, page, gp_arena_page_bytes(arena, need_bytes));
}

bool gp_page_reuse(gp_account *account, gp_page *page, size_t wanted_bytes) {
    gp_arena *arena = account->arena;
    if (!gp_provenance_suits(page->mapping, wanted_bytes, arena->standard_bytes)) return false;
    page->view_bytes = wanted_bytes;
    if (++account->counters.pages_recycled % BIRTHS_NOTED == 0) gp_arena_note_births(arena, BIRTHS_NOTED);
    if (page->mapping->kind == GP_MAPPING_NONSTANDARD) account->counters.nonstandard_recycled++;
    return true;
}

void gp_page_disown(gp_account *account, const gp_page *page) {
    gp_arena_note(account->arena, account->member, (size_t)0 - page->mapping->length_bytes, 0);
    if (page->mapping->kind == GP_MAPPING_NONSTANDARD) {
        account->counters.nonstandard_retired++;
        account->nonstandard_bytes -= page->mapping->length_bytes;
    }
}

void gp_page_retire(gp_account *account, gp_page *page) {
    if (!page->mapping) return;
    pthread_mutex_lock(&account->arena->memory_lock);
    gp_page_disown(account, page);
    pthread_mutex_unlock(&account->arena->memory_lock);
    bool unmapped = gp_provenance_release(account->arena, page->mapping, page->view_bytes,
                                          allowed_pool_bytes(account, 0));
    *(unmapped ? &account->counters.pages_unmapped : &account->counters.pages_to_pool) += 1;
    *page = (gp_page){0};
}
