/* An observer: somebody outside who is told of every mapping that comes and goes, such as CPython's tracemalloc. */
#ifndef GP_MEMORY_OBSERVER_H
#define GP_MEMORY_OBSERVER_H

#include "memory/mapping.h"

/* Held around each call to the kernel that maps or unmaps and what is noted of it, so that nobody is told of an address
 * that is another mapping's by then. Shared by all who do so; taken after every other lock but the ledger's. */
void gp_observer_lock(void);
void gp_observer_unlock(void);

/* With the lock held: it is mapped; it is about to be unmapped. */
void gp_observer_mapped(const gp_mapping *mapping);
void gp_observer_unmapping(const gp_mapping *mapping);

/* For forks: whether there is an observer, who may wait for locks of its own; the child's lock is held by nobody. */
bool gp_observer_is_set(void);
void gp_observer_renew_lock(void);

#endif
