/* The heap, for descriptors only: what a terminal printed never lives here, it lives in mappings.
 *
 * Every allocation and every mapping passes gp_fault_due(), so that tests can make the n-th of them fail. */
#ifndef GP_MEMORY_ALLOC_H
#define GP_MEMORY_ALLOC_H

#include "ghostpage.h"

/* OWNED(gp_free), uninitialised; NULL when there is no memory. */
void *gp_alloc(size_t size_bytes);
/* OWNED(gp_free), zeroed; NULL when there is no memory. */
void *gp_alloc_zeroed(size_t size_bytes);
/* As realloc: on failure NULL, and the old block stays as it was. */
void *gp_realloc(void *block, size_t size_bytes);
void gp_free(void *block);
/* The same for what a program printed and no mapping holds, the buffer of a control string: nothing of it stays in freed
 * memory. */
void *gp_realloc_wiped(void *block, size_t old_bytes, size_t new_bytes);
void gp_free_wiped(void *block, size_t size_bytes);

/* Whether the fault hook wants this attempt of the given kind to fail. */
bool gp_fault_due(gp_fault_kind kind);

#endif
