/* Harm done on purpose in a program without Python, for the tools that watch a whole process: valgrind, ThreadSanitizer.
 *
 *     harm owned      reads a page of an open terminal: no harm
 *     harm pooled     reads one that has gone to the pool
 *     harm locked     feeds a terminal on two threads, by the interface: no harm
 *     harm race       feeds it on one and, past the lock, writes to its screen on the other */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vt/terminal.h"

static void feed(gp_terminal *terminal) {
    static const char text[] = "the quick brown fox\r\n";
    gp_services services;
    if (gp_terminal_feed(terminal, (const uint8_t *)text, sizeof text - 1, &services) != GP_OK) abort();
}

static void *feed_by_lock(void *terminal) {
    for (int i = 0; i < 1000; i++) feed(terminal);
    return NULL;
}

static void *write_past_lock(void *terminal) {
    volatile uint32_t *columns = &((gp_terminal *)terminal)->screen.columns;
    for (int i = 0; i < 1000; i++) *columns = 80;
    return NULL;
}

static void both(gp_terminal *terminal, void *(*other)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, other, terminal)) abort();
    feed_by_lock(terminal);
    pthread_join(thread, NULL);
}

int main(int count, char **arguments) {
    const char *harm = count > 1 ? arguments[1] : "";
    gp_arena_options options = {.standard_page_bytes = gp_os_page_bytes(), .limit_bytes = SIZE_MAX,
                                .pool_cap_bytes = 1 << 20, .pool_idle_ns = UINT64_MAX, .policy = GP_POLICY_REPLACE};
    gp_terminal_options size = {.columns = 80, .rows = 24, .limit_rows = 100, .limit_bytes = SIZE_MAX};
    gp_arena *arena;
    gp_terminal *terminal;
    if (gp_arena_new(&options, &arena) != GP_OK || gp_terminal_new(arena, &size, &terminal) != GP_OK) abort();
    feed(terminal);
    const uint8_t *page = terminal->screen.list.newest->page.base;
    if (!strcmp(harm, "owned")) printf("%d\n", *(const volatile uint8_t *)page);
    if (!strcmp(harm, "locked")) both(terminal, feed_by_lock);
    if (!strcmp(harm, "race")) both(terminal, write_past_lock);
    gp_terminal_free(terminal);
    if (!strcmp(harm, "pooled")) printf("%d\n", *(const volatile uint8_t *)page);
    gp_arena_free(arena);
    return 0;
}
