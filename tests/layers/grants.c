/* Room made for a member of an arena, and another that asks in between, which no lock keeps it from: with the memory layer
 * alone, so that they take turns. Exits with the number of the step that went wrong. */
#include "memory/page.h"
#include "memory/reclaim.h"

enum { OWN_PAGES = 4 };

static gp_page owned[OWN_PAGES];
static gp_account large, small;

static size_t give(gp_member *member, size_t need_bytes, size_t floor_bytes) {
    (void)member, (void)need_bytes, (void)floor_bytes;
    size_t length_bytes = owned[0].view_bytes;
    gp_page_retire(&large, &owned[0]);
    return length_bytes;
}

int main(void) {
    size_t page_bytes = gp_os_page_bytes();
    gp_arena_options options = {.standard_page_bytes = page_bytes, .limit_bytes = OWN_PAGES * page_bytes,
                                .pool_idle_ns = UINT64_MAX, .policy = GP_POLICY_ADAPTIVE};
    gp_member members[2] = {{.give = give, .open = true}, {0}};
    gp_arena *arena;
    if (gp_arena_new(&options, &arena) != GP_OK) return 1;
    if (gp_arena_join(arena, &members[0]) != GP_OK || gp_arena_join(arena, &members[1]) != GP_OK) return 2;
    large = (gp_account){.arena = arena, .member = &members[0], .limit_bytes = SIZE_MAX};
    small = (gp_account){.arena = arena, .member = &members[1], .limit_bytes = SIZE_MAX};
    for (int i = 0; i < OWN_PAGES; i++)
        if (gp_page_acquire(&large, page_bytes, &owned[i]) != GP_OK) return 3;

    gp_page page;
    gp_retry retry = {0};
    if (gp_page_acquire(&small, page_bytes, &page) != GP_ERR_LIMIT) return 4;
    if (!gp_reclaim_retry(arena, small.member, GP_ERR_LIMIT, &retry)) return 5;
    if (gp_page_acquire(&large, page_bytes, &owned[0]) != GP_ERR_LIMIT) return 6; /* it is held free for the other, ... */
    if (gp_reclaim_retry(arena, small.member, GP_ERR_NOMEM, &retry)) return 7;
    if (gp_page_acquire(&large, page_bytes, &owned[0]) != GP_OK) return 8; /* ... which failed for another reason */

    for (int i = 0; i < OWN_PAGES; i++) gp_page_retire(&large, &owned[i]);
    gp_arena_leave(arena, large.member);
    gp_arena_leave(arena, small.member);
    gp_arena_free(arena);
    gp_ledger ledger;
    gp_ledger_read(&ledger);
    return ledger.bytes ? 9 : 0;
}
