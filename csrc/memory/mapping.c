#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "memory/mapping.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "memory/ledger.h"
#include "memory/observer.h"

#if defined(__linux__)
#include <sys/prctl.h>
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d61
#endif
#ifndef PR_SET_VMA_ANON_NAME
#define PR_SET_VMA_ANON_NAME 0
#endif
#endif

#if defined(__APPLE__)
#define MAP_DESCRIPTOR ((int)(240u << 24)) /* VM_MAKE_TAG(VM_MEMORY_APPLICATION_SPECIFIC_1): shows in vmmap(1) */
#else
#define MAP_DESCRIPTOR (-1)
#endif
#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

#if defined(__SANITIZE_ADDRESS__) /* gcc */
#define GP_ASAN
#elif defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer)
#define GP_ASAN
#endif
#endif
#if defined(GP_ASAN)
#include <sanitizer/asan_interface.h>
#endif
#if defined(GP_CHECKED) && defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif

size_t gp_os_page_bytes(void) {
    static _Atomic size_t cached;
    size_t bytes = atomic_load_explicit(&cached, memory_order_relaxed);
    if (!bytes) {
        long answer = sysconf(_SC_PAGESIZE);
        bytes = answer > 0 ? (size_t)answer : 4096;
        atomic_store_explicit(&cached, bytes, memory_order_relaxed);
    }
    return bytes;
}

uint64_t gp_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The name shows in /proc/PID/maps. Many kernels are built without it: asked once, then left alone. */
static void name_mapping(void *base, size_t length_bytes) {
#if defined(__linux__)
    static _Atomic int refused;
    if (atomic_load_explicit(&refused, memory_order_relaxed)) return;
    if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, (unsigned long)base, length_bytes, (unsigned long)"ghostpage"))
        atomic_store_explicit(&refused, 1, memory_order_relaxed);
#else
    (void)base, (void)length_bytes;
#endif
}

/* ---- mappings that the kernel would not take back ---- */

static pthread_mutex_t withheld_lock = PTHREAD_MUTEX_INITIALIZER;
static gp_mapping *withheld; /* owned, linked by pool_older */

static bool give_back(gp_mapping *mapping) {
    gp_observer_lock();
    gp_observer_unmapping(mapping);
    bool taken = !gp_fault_due(GP_FAULT_UNMAPPING) && munmap(mapping->base, mapping->length_bytes) == 0;
    if (taken)
        gp_ledger_leave(mapping);
    else
        gp_observer_mapped(mapping);
    gp_observer_unlock();
    if (taken) gp_free(mapping);
    return taken;
}

/* Until the first refusal. */
static void give_back_withheld(void) {
    while (withheld) {
        gp_mapping *mapping = withheld, *next = mapping->pool_older;
        gp_ledger_note_withheld(mapping, -1);
        if (!give_back(mapping)) {
            gp_ledger_note_withheld(mapping, +1);
            return;
        }
        withheld = next;
    }
}

static gp_mapping *take_withheld(size_t length_bytes, gp_mapping_kind kind, bool undumped) {
    pthread_mutex_lock(&withheld_lock);
    gp_mapping **link = &withheld, *found;
    while ((found = *link) &&
           (found->length_bytes != length_bytes || found->kind != kind || found->undumped != undumped))
        link = &found->pool_older;
    if (found) {
        *link = found->pool_older;
        found->pool_older = NULL;
        gp_ledger_note_withheld(found, -1);
    }
    pthread_mutex_unlock(&withheld_lock);
    return found;
}

/* ---- core dumps ---- */

bool gp_can_be_undumped(void) {
#if defined(MADV_DONTDUMP)
    return true;
#else
    return false;
#endif
}

static bool leave_out_of_dumps(void *base, size_t length_bytes) {
#if defined(MADV_DONTDUMP)
    return madvise(base, length_bytes, MADV_DONTDUMP) == 0;
#else
    (void)base, (void)length_bytes;
    return false;
#endif
}

/* ---- mapping ---- */

gp_status gp_map(size_t length_bytes, gp_mapping_kind kind, bool undumped, gp_mapping **mapping) {
    static _Atomic uint64_t serials;
    size_t os_page_bytes = gp_os_page_bytes();
    if (length_bytes == 0 || length_bytes > SIZE_MAX / 2) return GP_ERR_NOMEM;
    length_bytes = (length_bytes + os_page_bytes - 1) / os_page_bytes * os_page_bytes;

    *mapping = take_withheld(length_bytes, kind, undumped);
    if (*mapping) return GP_OK;
    gp_mapping *made = gp_alloc(sizeof *made);
    if (!made) return GP_ERR_NOMEM;
    gp_observer_lock();
    void *base = gp_fault_due(GP_FAULT_MAPPING)
                     ? MAP_FAILED
                     : mmap(NULL, length_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, MAP_DESCRIPTOR, 0);
    if (base != MAP_FAILED && undumped && !leave_out_of_dumps(base, length_bytes)) {
        munmap(base, length_bytes);
        base = MAP_FAILED;
    }
    if (base == MAP_FAILED) {
        gp_observer_unlock();
        gp_free(made);
        return GP_ERR_NOMEM;
    }
    name_mapping(base, length_bytes);
    gp_mapping granted = {
        .base = base,
        .length_bytes = length_bytes,
        .kind = kind,
        .undumped = undumped,
        .serial = atomic_fetch_add(&serials, 1) + 1,
        .born_ns = gp_now_ns(),
    };
    memcpy(made, &granted, sizeof granted); /* the one write of the const fields */
    gp_ledger_enter(made);
    gp_observer_mapped(made);
    gp_observer_unlock();
    *mapping = made;
    return GP_OK;
}

void gp_unmap(gp_mapping *mapping) {
    gp_mapping_show(mapping);
    pthread_mutex_lock(&withheld_lock);
    give_back_withheld();
    if (!give_back(mapping)) {
        gp_mapping_soil(mapping, mapping->length_bytes, mapping->length_bytes);
        gp_mapping_discard(mapping, 0, 0);
        gp_mapping_wipe(mapping); /* where advice is not followed */
        mapping->pool_older = withheld;
        withheld = mapping;
        gp_ledger_note_withheld(mapping, +1);
    }
    pthread_mutex_unlock(&withheld_lock);
}

void gp_mapping_claim_withheld(void) {
    for (gp_mapping *mapping = withheld; mapping; mapping = mapping->pool_older)
        gp_mapping_claim(mapping, GP_OWNER_WITHHELD, 0, 0);
}

void gp_mapping_lock_withheld(void) { pthread_mutex_lock(&withheld_lock); }
void gp_mapping_unlock_withheld(void) { pthread_mutex_unlock(&withheld_lock); }

void gp_mapping_soil(gp_mapping *mapping, size_t low_bytes, size_t high_bytes) {
    if (low_bytes > mapping->soiled_low_bytes) mapping->soiled_low_bytes = low_bytes;
    if (high_bytes > mapping->soiled_high_bytes) mapping->soiled_high_bytes = high_bytes;
    if (low_bytes > mapping->touched_low_bytes) mapping->touched_low_bytes = low_bytes;
    if (high_bytes > mapping->touched_high_bytes) mapping->touched_high_bytes = high_bytes;
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

void gp_mapping_discard(gp_mapping *mapping, size_t low_bytes, size_t high_bytes) {
    size_t os_page_bytes = gp_os_page_bytes(), length_bytes = mapping->length_bytes;
    size_t begin = (low_bytes + os_page_bytes - 1) / os_page_bytes * os_page_bytes;
    size_t end = (length_bytes - high_bytes) / os_page_bytes * os_page_bytes;
    if (begin >= end || (mapping->touched_low_bytes <= begin && mapping->touched_high_bytes <= length_bytes - end)) return;
    if (madvise(mapping->base + begin, end - begin, MADV_DONTNEED) != 0) return;
    /* What one end had soiled may reach over the discarded part into what is left at the other. */
    size_t low_soiled = mapping->soiled_low_bytes, high_soiled = mapping->soiled_high_bytes;
    mapping->soiled_low_bytes = high_soiled > length_bytes - begin ? begin : least(low_soiled, begin);
    mapping->soiled_high_bytes = low_soiled > end ? length_bytes - end : least(high_soiled, length_bytes - end);
    mapping->touched_low_bytes = begin;
    mapping->touched_high_bytes = length_bytes - end;
}

#if defined(GP_CHECKED)
#include <stdio.h>
#include <stdlib.h>

/* Whether what was noted as soiled is all that was. */
static void assert_wiped(const gp_mapping *mapping) {
    const uint8_t *base = mapping->base;
    if (!base[0] && !memcmp(base, base + 1, mapping->length_bytes - 1)) return;
    fprintf(stderr, "ghostpage: a mapping was wiped and is not zero\n");
    abort();
}
#else
static inline void assert_wiped(const gp_mapping *mapping) { (void)mapping; }
#endif

void gp_mapping_wipe(gp_mapping *mapping) {
    if (mapping->soiled_low_bytes + mapping->soiled_high_bytes >= mapping->length_bytes) {
        memset(mapping->base, 0, mapping->length_bytes);
    } else {
        memset(mapping->base, 0, mapping->soiled_low_bytes);
        memset(mapping->base + mapping->length_bytes - mapping->soiled_high_bytes, 0, mapping->soiled_high_bytes);
    }
    mapping->soiled_low_bytes = mapping->soiled_high_bytes = 0;
    assert_wiped(mapping);
}

void gp_mapping_hide(gp_mapping *mapping) {
#if defined(GP_ASAN)
    ASAN_POISON_MEMORY_REGION(mapping->base, mapping->length_bytes);
#endif
#if defined(VALGRIND_MAKE_MEM_NOACCESS)
    VALGRIND_MAKE_MEM_NOACCESS(mapping->base, mapping->length_bytes);
#endif
    (void)mapping;
}

void gp_mapping_show(gp_mapping *mapping) {
#if defined(GP_ASAN)
    ASAN_UNPOISON_MEMORY_REGION(mapping->base, mapping->length_bytes);
#endif
#if defined(VALGRIND_MAKE_MEM_DEFINED)
    VALGRIND_MAKE_MEM_DEFINED(mapping->base, mapping->length_bytes);
#endif
    (void)mapping;
}
