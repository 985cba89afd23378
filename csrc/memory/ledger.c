#include "memory/ledger.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gp_mapping *newest;
static gp_ledger figures;

static void add(uint64_t *mappings, uint64_t *bytes, const gp_mapping *mapping, int direction) {
    *mappings += (uint64_t)(int64_t)direction;
    *bytes += direction > 0 ? mapping->length_bytes : (uint64_t)0 - mapping->length_bytes;
}

static void count(gp_ledger *sums, const gp_mapping *mapping, int direction) {
    add(&sums->mappings, &sums->bytes, mapping, direction);
    switch (mapping->kind) {
    case GP_MAPPING_STANDARD: add(&sums->standard_mappings, &sums->standard_bytes, mapping, direction); break;
    case GP_MAPPING_NONSTANDARD: add(&sums->nonstandard_mappings, &sums->nonstandard_bytes, mapping, direction); break;
    case GP_MAPPING_SMALL: add(&sums->small_mappings, &sums->small_bytes, mapping, direction); break;
    }
}

void gp_ledger_enter(gp_mapping *mapping) {
    pthread_mutex_lock(&lock);
    mapping->ledger_next = newest;
    if (newest) newest->ledger_previous = mapping;
    newest = mapping;
    count(&figures, mapping, +1);
    figures.total_mapped++;
    figures.total_mapped_bytes += mapping->length_bytes;
    if (figures.bytes > figures.peak_bytes) figures.peak_bytes = figures.bytes;
    if (figures.mappings > figures.peak_mappings) figures.peak_mappings = figures.mappings;
    pthread_mutex_unlock(&lock);
}

void gp_ledger_leave(gp_mapping *mapping) {
    pthread_mutex_lock(&lock);
    if (mapping->ledger_previous)
        mapping->ledger_previous->ledger_next = mapping->ledger_next;
    else
        newest = mapping->ledger_next;
    if (mapping->ledger_next) mapping->ledger_next->ledger_previous = mapping->ledger_previous;
    count(&figures, mapping, -1);
    figures.total_unmapped++;
    figures.total_unmapped_bytes += mapping->length_bytes;
    pthread_mutex_unlock(&lock);
}

void gp_ledger_note_pooled(const gp_mapping *mapping, int direction) {
    pthread_mutex_lock(&lock);
    add(&figures.pooled_mappings, &figures.pooled_bytes, mapping, direction);
    pthread_mutex_unlock(&lock);
}

void gp_ledger_note_withheld(const gp_mapping *mapping, int direction) {
    pthread_mutex_lock(&lock);
    add(&figures.withheld_mappings, &figures.withheld_bytes, mapping, direction);
    pthread_mutex_unlock(&lock);
}

void gp_ledger_read(gp_ledger *out) {
    pthread_mutex_lock(&lock);
    *out = figures;
    pthread_mutex_unlock(&lock);
}

void gp_ledger_reset_peak(void) {
    pthread_mutex_lock(&lock);
    figures.peak_bytes = figures.bytes;
    figures.peak_mappings = figures.mappings;
    pthread_mutex_unlock(&lock);
}

static gp_mapping_info describe(const gp_mapping *mapping, uint64_t now_ns) {
    return (gp_mapping_info){
        .address = (uint64_t)(uintptr_t)mapping->base,
        .length_bytes = mapping->length_bytes,
        .serial = mapping->serial,
        .age_ns = now_ns - mapping->born_ns,
        .kind = mapping->kind,
        .pooled = __atomic_load_n(&mapping->pooled_ns, __ATOMIC_RELAXED) != 0,
    };
}

size_t gp_ledger_list(gp_mapping_info *out, size_t capacity) {
    uint64_t now_ns = gp_now_ns();
    size_t found = 0;
    pthread_mutex_lock(&lock);
    for (const gp_mapping *mapping = newest; mapping; mapping = mapping->ledger_next, found++)
        if (found < capacity) out[found] = describe(mapping, now_ns);
    pthread_mutex_unlock(&lock);
    return found;
}

void gp_ledger_each(void (*visit)(const gp_mapping *mapping)) {
    pthread_mutex_lock(&lock);
    for (const gp_mapping *mapping = newest; mapping; mapping = mapping->ledger_next) visit(mapping);
    pthread_mutex_unlock(&lock);
}

void gp_ledger_lock(void) { pthread_mutex_lock(&lock); }
void gp_ledger_unlock(void) { pthread_mutex_unlock(&lock); }

void gp_ledger_begin_audit(void) {
    pthread_mutex_lock(&lock);
    for (gp_mapping *mapping = newest; mapping; mapping = mapping->ledger_next) mapping->claims = 0;
}

size_t gp_ledger_end_owned(gp_mapping_info *out, size_t capacity) {
    uint64_t now_ns = gp_now_ns();
    size_t found = 0;
    for (const gp_mapping *mapping = newest; mapping; mapping = mapping->ledger_next, found++) {
        if (found >= capacity) continue;
        out[found] = describe(mapping, now_ns);
        if (!mapping->claims) continue;
        out[found].owner = (int)mapping->owner;
        out[found].terminal = mapping->owner_serial;
        out[found].used_bytes = mapping->used_bytes;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void gp_ledger_end_audit(gp_audit *audit, gp_mapping_info *orphans, size_t capacity) {
    gp_ledger sums = figures;
    sums.mappings = sums.bytes = sums.standard_mappings = sums.standard_bytes = 0;
    sums.nonstandard_mappings = sums.nonstandard_bytes = sums.small_mappings = sums.small_bytes = 0;
    uint64_t now_ns = gp_now_ns();
    for (const gp_mapping *mapping = newest; mapping; mapping = mapping->ledger_next) {
        count(&sums, mapping, +1);
        if (mapping->claims == 0) {
            if (audit->orphans < capacity) orphans[audit->orphans] = describe(mapping, now_ns);
            audit->orphans++;
            audit->orphan_bytes += mapping->length_bytes;
        } else if (mapping->claims > 1) {
            audit->double_owned++;
        }
    }
    audit->mappings = sums.mappings;
    audit->bytes = sums.bytes;
    audit->sums_agree = memcmp(&sums, &figures, sizeof sums) == 0 &&
                        figures.total_mapped - figures.total_unmapped == sums.mappings &&
                        figures.total_mapped_bytes - figures.total_unmapped_bytes == sums.bytes &&
                        audit->pooled_bytes == figures.pooled_bytes;
    pthread_mutex_unlock(&lock);
}
