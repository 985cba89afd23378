/* A share: a page that is read by more than one holder, a terminal and its snapshots.
 *
 *     terminal's list  --owns-->  page  <--hold--  snapshots          the terminal's account has its bytes
 *                                  |
 *     arena            --owns-->  page  <--hold--  snapshots          once the terminal has left it: pruned, closed
 *
 * A page has one owner at any time. Nobody writes to a page while it is shared. Every call is made with a lock of a member
 * held, so that the audit sees no step halfway. */
#ifndef GP_MEMORY_SHARE_H
#define GP_MEMORY_SHARE_H

#include "memory/page.h"

struct gp_share {
    gp_share *next, *previous; /* the arena's list */
    gp_arena *arena;           /* BORROWED(each holder's) */
    gp_member *owner;          /* BORROWED(the terminal, until it leaves) */
    gp_page page;
    void *index;      /* owned: what is kept on the heap to find things in the page */
    uint32_t holders; /* the terminal too, until it leaves */
    bool adopted;     /* the terminal has left it, the arena owns it */
};

/* The page, owned by the account's terminal, may be held by others from now on. NULL when there is no memory. */
gp_share *gp_share_new(gp_account *account, const gp_page *page, void *index);
void gp_share_hold(gp_share *share);
/* Whether others than the terminal hold it, which owns it. */
bool gp_share_is_held(gp_share *share);
/* The terminal is the only holder left: it has page and index to itself again, and the share is no more. */
bool gp_share_reclaim(gp_share *share);
/* The terminal leaves the page; the arena owns it until the last holder has dropped it. */
void gp_share_leave(gp_account *account, gp_share *share);
/* A holder that is not the owner goes. */
void gp_share_drop(gp_share *share);

#endif
