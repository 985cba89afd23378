#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* pthread_rwlock_t */
#endif
#include "memory/observer.h"

#include <pthread.h>
#include <stdatomic.h>

#include "memory/ledger.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct {
    unsigned domain;
    gp_track track;
    gp_untrack untrack;
} observer;
static atomic_bool is_set;

void gp_observer_lock(void) { pthread_rwlock_rdlock(&lock); }
void gp_observer_unlock(void) { pthread_rwlock_unlock(&lock); }

void gp_observer_mapped(const gp_mapping *mapping) {
    if (observer.track) observer.track(observer.domain, (uintptr_t)mapping->base, mapping->length_bytes);
}

void gp_observer_unmapping(const gp_mapping *mapping) {
    if (observer.untrack) observer.untrack(observer.domain, (uintptr_t)mapping->base);
}

void gp_observe(unsigned domain, gp_track track, gp_untrack untrack) {
    pthread_rwlock_wrlock(&lock);
    gp_ledger_each(gp_observer_unmapping);
    is_set = track != NULL;
    observer.domain = domain;
    observer.track = track;
    observer.untrack = untrack;
    gp_ledger_each(gp_observer_mapped);
    pthread_rwlock_unlock(&lock);
}

bool gp_observer_is_set(void) { return is_set; }

void gp_observer_renew_lock(void) { lock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER; }
