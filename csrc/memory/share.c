#include "memory/share.h"

#include "memory/alloc.h"
#include "memory/provenance.h"

gp_share *gp_share_new(gp_account *account, const gp_page *page, void *index) {
    gp_share *share = gp_alloc_zeroed(sizeof *share);
    if (!share) return NULL;
    gp_arena *arena = account->arena;
    *share = (gp_share){.arena = arena, .owner = account->member, .page = *page, .index = index, .holders = 1};
    pthread_mutex_lock(&arena->memory_lock);
    share->next = arena->shares;
    if (arena->shares) arena->shares->previous = share;
    arena->shares = share;
    pthread_mutex_unlock(&arena->memory_lock);
    return share;
}

/* With the arena's memory lock held. */
static void unlist(gp_share *share) {
    if (share->previous)
        share->previous->next = share->next;
    else
        share->arena->shares = share->next;
    if (share->next) share->next->previous = share->previous;
}

void gp_share_hold(gp_share *share) {
    pthread_mutex_lock(&share->arena->memory_lock);
    if (++share->holders == 2 && !share->adopted)
        gp_arena_note(share->arena, share->owner, 0, share->page.mapping->length_bytes);
    pthread_mutex_unlock(&share->arena->memory_lock);
}

bool gp_share_is_held(gp_share *share) {
    pthread_mutex_lock(&share->arena->memory_lock);
    bool held = share->holders > 1;
    pthread_mutex_unlock(&share->arena->memory_lock);
    return held;
}

bool gp_share_reclaim(gp_share *share) {
    gp_arena *arena = share->arena;
    pthread_mutex_lock(&arena->memory_lock);
    bool alone = share->holders == 1;
    if (alone) unlist(share);
    pthread_mutex_unlock(&arena->memory_lock);
    if (alone) gp_free(share);
    return alone;
}

void gp_share_leave(gp_account *account, gp_share *share) {
    gp_arena *arena = share->arena;
    pthread_mutex_lock(&arena->memory_lock);
    bool last = --share->holders == 0;
    if (last) {
        unlist(share);
    } else {
        share->adopted = true;
        arena->adopted_bytes += share->page.mapping->length_bytes;
        gp_arena_note(arena, share->owner, 0, (size_t)0 - share->page.mapping->length_bytes);
        gp_page_disown(account, &share->page);
    }
    pthread_mutex_unlock(&arena->memory_lock);
    if (!last) return;
    gp_page_retire(account, &share->page);
    gp_free(share->index);
    gp_free(share);
}

void gp_share_drop(gp_share *share) {
    gp_arena *arena = share->arena;
    pthread_mutex_lock(&arena->memory_lock);
    bool last = --share->holders == 0;
    if (last) {
        unlist(share);
        arena->adopted_bytes -= share->page.mapping->length_bytes;
    } else if (share->holders == 1 && !share->adopted) {
        gp_arena_note(arena, share->owner, 0, (size_t)0 - share->page.mapping->length_bytes);
    }
    pthread_mutex_unlock(&arena->memory_lock);
    if (!last) return;
    gp_provenance_release(arena, share->page.mapping, share->page.view_bytes, SIZE_MAX);
    gp_free(share->index);
    gp_free(share);
}
