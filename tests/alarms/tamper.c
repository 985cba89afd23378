/* Harm done on purpose, for the tests that prove the alarms. Laid beside the core's units in builds of its own; the
 * functions are called by their names, past the interface. */
#include "memory/ledger.h"
#include "vt/terminal.h"

#define HARM __attribute__((visibility("default")))

HARM uint64_t harm_leak(size_t length_bytes);
HARM uint64_t harm_lose_pooled(gp_arena *arena);
HARM void harm_own_twice(gp_terminal *terminal);
HARM void harm_terminal_sum(gp_terminal *terminal);
HARM void harm_arena_sum(gp_arena *arena);
HARM void harm_ledger_sum(void);
HARM void harm_rows(gp_terminal *terminal);
HARM uint8_t harm_read_page(gp_terminal *terminal);
HARM uint8_t harm_read_pooled(gp_arena *arena);

/* A mapping that nobody owns. */
uint64_t harm_leak(size_t length_bytes) {
    gp_mapping *mapping;
    return gp_map(length_bytes, GP_MAPPING_NONSTANDARD, false, &mapping) == GP_OK ? (uint64_t)(uintptr_t)mapping->base : 0;
}

/* A page is taken from the pool and forgotten. */
uint64_t harm_lose_pooled(gp_arena *arena) {
    gp_mapping *mapping = gp_pool_take(&arena->pool, GP_MAPPING_STANDARD, arena->standard_bytes);
    return mapping ? (uint64_t)(uintptr_t)mapping->base : 0;
}

/* The newest page's mapping is that of the prepared page too. */
void harm_own_twice(gp_terminal *terminal) {
    static gp_text_page second;
    gp_list *list = &terminal->screen.list;
    second.page = list->newest->page;
    list->prepared = &second;
}

void harm_terminal_sum(gp_terminal *terminal) { terminal->member.mapped_bytes++; }

void harm_arena_sum(gp_arena *arena) { arena->mapped_bytes--; }

void harm_ledger_sum(void) {
    static gp_mapping nobodys = {.length_bytes = 1};
    gp_ledger_note_pooled(&nobodys, +1);
}

void harm_rows(gp_terminal *terminal) { terminal->screen.list.rows++; }

uint8_t harm_read_page(gp_terminal *terminal) { return *(volatile uint8_t *)terminal->screen.list.newest->page.base; }

uint8_t harm_read_pooled(gp_arena *arena) { return *(volatile uint8_t *)arena->pool.standard.newest->base; }
