/* A page: a view of a mapping, and the account it is booked on.
 *
 *   account (one terminal)          arena                       kernel
 *     text pages, grids    <--->    pool, budget    <--->    mapping.c
 *
 * Every page of every kind is born in gp_page_acquire or gp_page_recycle and leaves through gp_page_retire. */
#ifndef GP_MEMORY_PAGE_H
#define GP_MEMORY_PAGE_H

#include "memory/arena.h"

typedef struct gp_page {
    gp_mapping *mapping; /* owned, or NULL for a page not there */
    uint8_t *base;
    size_t view_bytes; /* what of the mapping is in use as this page; never tells what to unmap */
} gp_page;

/* What one terminal holds of its arena. */
typedef struct gp_account {
    gp_arena *arena;    /* BORROWED(the member's, until it leaves) */
    gp_member *member;  /* where mapped_bytes is kept */
    size_t limit_bytes; /* SIZE_MAX: none */
    size_t nonstandard_bytes;
    size_t peak_bytes;
    gp_counters counters;
} gp_account;

/* Whether a page for `need_bytes` would exceed the account's limit as things stand. */
bool gp_account_exceeds(const gp_account *account, size_t need_bytes);
/* Whether a page for `need_bytes` would cost nobody's history, neither for the account's limit nor for the arena's budget. */
bool gp_account_affords(const gp_account *account, size_t need_bytes);
/* How many bytes the account is over its limit; pages that may go should go. */
size_t gp_account_excess(const gp_account *account);
/* After the limit came down: the arena keeps pooled what the account's limit allows. */
void gp_account_fit_pool(const gp_account *account);

/* Whether pages that wait to be the next may take `bytes` together: they lie in the account's terminal instead of the arena's
 * pool, so that where a limit counts bytes there are none. */
bool gp_account_borrow(const gp_account *account, size_t bytes);
/* There are none any more. */
void gp_account_return(const gp_account *account);

/* Whether `page`, its oldest, is what has to make room for the account's next of `need_bytes`: the arena's budget has none
 * left, and with one more no other terminal would be larger. */
bool gp_account_gives(const gp_account *account, const gp_page *page, size_t need_bytes);

/* The largest page that the account is to have without need: a standard one, or less where that is more than an eighth of its
 * own limit, or than a quarter of an equal share of the arena's budget. So history goes in small portions, and all screens
 * fit. */
size_t gp_account_page_cap(const gp_account *account);

/* A wiped page of at least `need_bytes`, whatever the account's own limit: a screen always fits. GP_ERR_LIMIT when the
 * arena's budget is in the way. */
gp_status gp_page_acquire(gp_account *account, size_t need_bytes, gp_page *page);
/* Makes a page whose content has been left the next page of the same terminal, as it lies and without a system call.
 * False, and nothing changed, when its mapping is not the one a new page of `need_bytes` would have. */
bool gp_page_recycle(gp_account *account, gp_page *page, size_t need_bytes);
/* The same for a page that was set aside, whatever the policy, and a mapping of `wanted_bytes`. */
bool gp_page_reuse(gp_account *account, gp_page *page, size_t wanted_bytes);
/* The account gives up the page, which has another owner from now on. With the arena's memory lock held. */
void gp_page_disown(gp_account *account, const gp_page *page);
/* TAKEN: the mapping goes to the pool or the system, by its own kind and the arena's policy. No page: nothing. */
void gp_page_retire(gp_account *account, gp_page *page);

#endif
