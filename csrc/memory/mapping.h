/* Mappings: what the kernel granted, and the only code that asks it.
 *
 * mapping.c holds every mmap, munmap, madvise and naming call of the project. A mapping's base, length and kind are
 * written when the kernel grants it and are const ever after: how much to unmap, and whether a page may go to the
 * pool, is read here and nowhere else. Pages are views of mappings; nothing done to a view can touch these fields. */
#ifndef GP_MEMORY_MAPPING_H
#define GP_MEMORY_MAPPING_H

#include "ghostpage.h"

typedef struct gp_mapping gp_mapping;

struct gp_mapping {
    uint8_t *const base;
    const size_t length_bytes; /* a multiple of the OS page */
    const gp_mapping_kind kind;
    const bool undumped; /* core dumps leave it out */
    const uint64_t serial;  /* counts from 1 for the process, never reused */
    const uint64_t born_ns; /* monotonic */

    /* How much of it may be other than zero, from either end; the rest was never written since the last wipe. */
    size_t soiled_low_bytes, soiled_high_bytes;
    /* The same of what may be backed by memory; the rest was never touched since the kernel granted or took it. */
    size_t touched_low_bytes, touched_high_bytes;

    /* While in a pool or withheld: its neighbours there and when it came. */
    gp_mapping *pool_newer, *pool_older;
    uint64_t pooled_ns; /* written under the arena's lock, read by the ledger too: with atomics */
    uint64_t pooled_births; /* how many pages had been born in its arena then */

    /* The ledger's list of live mappings. */
    gp_mapping *ledger_next, *ledger_previous;

    /* Of the audit under way: how many owners claimed it, and what the last of them said. */
    uint32_t claims;
    gp_owner owner;
    uint64_t owner_serial;
    size_t used_bytes;
};

static inline void gp_mapping_claim(gp_mapping *mapping, gp_owner owner, uint64_t owner_serial, size_t used_bytes) {
    mapping->claims++;
    mapping->owner = owner;
    mapping->owner_serial = owner_serial;
    mapping->used_bytes = used_bytes;
}

size_t gp_os_page_bytes(void);
uint64_t gp_now_ns(void);

/* Asks the kernel for zeroed memory of at least `length_bytes` and enters it in the ledger.
 * With `undumped` core dumps leave it out, or there is none. *mapping is OWNED(gp_unmap). */
gp_status gp_map(size_t length_bytes, gp_mapping_kind kind, bool undumped, gp_mapping **mapping);
/* Gives the whole mapping back to the kernel. TAKEN. The kernel may refuse when that would leave the process with too many
 * mappings: then its memory is given back all the same, the addresses are withheld, serve the next mapping of that size,
 * and are tried again with every unmapping. */
void gp_unmap(gp_mapping *mapping);
/* Counts a claim for each withheld mapping, for the audit. */
void gp_mapping_claim_withheld(void);
/* None comes or goes in between. */
void gp_mapping_lock_withheld(void);
void gp_mapping_unlock_withheld(void);

/* Notes that `low_bytes` from the start and `high_bytes` up to the end may hold content. */
void gp_mapping_soil(gp_mapping *mapping, size_t low_bytes, size_t high_bytes);
/* Zeroes what may hold content. */
void gp_mapping_wipe(gp_mapping *mapping);

/* Gives the memory between the first `low_bytes` and the last `high_bytes` back to the kernel, OS page by OS page; it reads
 * as zero from then on, and costs nothing until it is touched. */
void gp_mapping_discard(gp_mapping *mapping, size_t low_bytes, size_t high_bytes);

/* Tells AddressSanitizer and valgrind that the content must not be touched, or may be again. */
void gp_mapping_hide(gp_mapping *mapping);
void gp_mapping_show(gp_mapping *mapping);

#endif
