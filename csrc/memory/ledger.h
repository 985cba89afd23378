/* The ledger: every live mapping of the process, and the sums over them. Always on, in every build.
 *
 * It knows what exists, never who owns it; the audit (arena.h) holds the two against each other. */
#ifndef GP_MEMORY_LEDGER_H
#define GP_MEMORY_LEDGER_H

#include "memory/mapping.h"

void gp_ledger_enter(gp_mapping *mapping);
void gp_ledger_leave(gp_mapping *mapping);
/* A pool took the mapping (+1) or let go of it (-1). */
void gp_ledger_note_pooled(const gp_mapping *mapping, int direction);
/* The kernel would not take the mapping back (+1), or that is over (-1). */
void gp_ledger_note_withheld(const gp_mapping *mapping, int direction);

/* Every live mapping, with the ledger locked. */
void gp_ledger_each(void (*visit)(const gp_mapping *mapping));

/* For a fork: nothing is entered or left in between. */
void gp_ledger_lock(void);
void gp_ledger_unlock(void);

/* For the audit, with the ledger locked in between: forget all claims; count what no owner claimed (their addresses
 * into orphans, as far as they go), what more than one claimed, and whether the sums agree with the list. */
void gp_ledger_begin_audit(void);
/* The other end: the list with what the owners said. */
size_t gp_ledger_end_owned(gp_mapping_info *mappings, size_t capacity);
void gp_ledger_end_audit(gp_audit *audit, gp_mapping_info *orphans, size_t capacity);

#endif
