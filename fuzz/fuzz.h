/* What the harnesses share: the bytes of an input as numbers, and what must hold whatever they say. */
#ifndef GP_FUZZ_H
#define GP_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ghostpage.h"

typedef struct fuzz_input {
    const uint8_t *next;
    size_t left_bytes;
} fuzz_input;

static inline uint8_t fuzz_byte(fuzz_input *input) {
    if (!input->left_bytes) return 0;
    input->left_bytes--;
    return *input->next++;
}

/* Up to 2^16 - 1. */
static inline uint32_t fuzz_number(fuzz_input *input) {
    uint32_t high = fuzz_byte(input);
    return high << 8 | fuzz_byte(input);
}

#define FUZZ_MUST(held, ...)                                         \
    do {                                                             \
        if (!(held)) {                                               \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #held); \
            fprintf(stderr, __VA_ARGS__);                            \
            fputc('\n', stderr);                                     \
            abort();                                                 \
        }                                                            \
    } while (0)

/* Feeds all of it, doing nothing about what is left to the caller. Returns whether there was memory for it. */
static inline bool fuzz_feed(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes) {
    while (length_bytes) {
        gp_services services;
        gp_status status = gp_terminal_feed(terminal, bytes, length_bytes, &services);
        FUZZ_MUST(services.consumed_bytes <= length_bytes, "%zu of %zu", services.consumed_bytes, length_bytes);
        if (status != GP_OK) {
            FUZZ_MUST(status == GP_ERR_NOMEM || status == GP_ERR_LIMIT, "feeding says %d", status);
            return false;
        }
        bytes += services.consumed_bytes;
        length_bytes -= services.consumed_bytes;
    }
    return true;
}

/* The same in turn, as few bytes are fed. */
static inline bool fuzz_feed_in_turn(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes) {
    gp_status status;
    while ((status = gp_terminal_feed_all(terminal, bytes, length_bytes)) != GP_OK) {
        gp_services services;
        services.turns = 0;
        FUZZ_MUST(gp_terminal_feed_all(terminal, bytes, length_bytes) == GP_BUSY, "fed in another's turn");
        FUZZ_MUST(gp_terminal_take_turn(terminal, true, &services) == GP_OK, "no turn");
        FUZZ_MUST(services.consumed_bytes <= length_bytes, "%zu of %zu", services.consumed_bytes, length_bytes);
        gp_terminal_end_turn(terminal, &services);
        if (status != GP_MORE) {
            FUZZ_MUST(status == GP_ERR_NOMEM || status == GP_ERR_LIMIT, "feeding says %d", status);
            return false;
        }
        bytes += services.consumed_bytes;
        length_bytes -= services.consumed_bytes;
    }
    return true;
}

static inline void fuzz_check(gp_terminal *terminal) {
    const char *violation = gp_terminal_check(terminal);
    FUZZ_MUST(!violation, "%s", violation);
}

static inline void fuzz_audit(void) {
    gp_audit audit;
    gp_audit_run(&audit, NULL, 0);
    FUZZ_MUST(audit.ok, "%s", audit.violation);
}

/* When everything is closed, nothing is left. */
static inline void fuzz_nothing_left(void) {
    gp_ledger ledger;
    gp_ledger_read(&ledger);
    FUZZ_MUST(ledger.mappings == 0 && ledger.bytes == 0, "%llu mappings left", (unsigned long long)ledger.mappings);
}

static inline gp_arena *fuzz_arena(uint8_t choice, size_t limit_bytes) {
    gp_arena_options options = {
        .standard_page_bytes = (size_t)4096 << (choice & 3),
        .limit_bytes = limit_bytes,
        .pool_cap_bytes = choice & 4 ? 65536 : 0,
        .pool_idle_ns = 1000000000,
        .policy = choice & 8 ? GP_POLICY_ADAPTIVE : GP_POLICY_REPLACE,
    };
    gp_arena *arena = NULL;
    FUZZ_MUST(gp_arena_new(&options, &arena) == GP_OK, "no arena");
    return arena;
}

#endif
