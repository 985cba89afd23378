/* The heap and the fault hook. The hook counts attempts with atomics, since any thread may allocate; disarmed, it
 * costs one relaxed load. */
#include "memory/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int fault_kinds;
static _Atomic uint64_t fault_countdown;
static _Atomic uint64_t fault_hits;

void gp_fault_arm(int kinds, uint64_t nth) {
    atomic_store(&fault_kinds, 0);
    atomic_store(&fault_hits, 0);
    atomic_store(&fault_countdown, nth);
    atomic_store(&fault_kinds, nth ? kinds : 0);
}

uint64_t gp_fault_hits(void) { return atomic_load(&fault_hits); }

bool gp_fault_due(gp_fault_kind kind) {
    int kinds = atomic_load_explicit(&fault_kinds, memory_order_relaxed);
    if (!(kinds & (int)kind)) return false;
    /* GP_FAULT_LASTING: from the n-th attempt on all fail; otherwise exactly the n-th. */
    uint64_t left = atomic_load(&fault_countdown);
    while (left > 0 && !atomic_compare_exchange_weak(&fault_countdown, &left, left - 1)) {}
    bool due = left == 1 || (left == 0 && (kinds & GP_FAULT_LASTING));
    if (due) atomic_fetch_add(&fault_hits, 1);
    return due;
}

void *gp_alloc(size_t size_bytes) { return gp_fault_due(GP_FAULT_ALLOCATION) ? NULL : malloc(size_bytes); }

void *gp_alloc_zeroed(size_t size_bytes) { return gp_fault_due(GP_FAULT_ALLOCATION) ? NULL : calloc(1, size_bytes); }

void *gp_realloc(void *block, size_t size_bytes) {
    return gp_fault_due(GP_FAULT_ALLOCATION) ? NULL : realloc(block, size_bytes);
}

void gp_free(void *block) { free(block); }

void *gp_realloc_wiped(void *block, size_t old_bytes, size_t new_bytes) {
    void *made = gp_alloc(new_bytes);
    if (!made) return NULL;
    if (block) memcpy(made, block, old_bytes < new_bytes ? old_bytes : new_bytes);
    gp_free_wiped(block, old_bytes);
    return made;
}

void gp_free_wiped(void *block, size_t size_bytes) {
    if (!block) return;
    memset(block, 0, size_bytes);
    __asm__ volatile("" : : "r"(block) : "memory"); /* or it would be left out, as nobody reads it again */
    free(block);
}
