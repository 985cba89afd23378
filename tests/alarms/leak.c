/* A session with the historic leak compiled in, and no Python around it, to be run under valgrind and LeakSanitizer.
 *
 *     leak          terminals are opened, fed at their limit and closed, as often as it takes to lose a few megabytes
 *     leak heap     the same, and a block of the heap is lost besides: the tools' own alarm
 *
 * Prints how many mappings the audit says have leaked, and their bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ghostpage.h"

static void feed(gp_terminal *terminal, const char *text, size_t times) {
    gp_services services;
    for (size_t i = 0; i < times; i++)
        if (gp_terminal_feed(terminal, (const uint8_t *)text, strlen(text), &services) != GP_OK) abort();
}

static void play(gp_arena *arena) {
    gp_terminal_options options = {.columns = 80, .rows = 24, .limit_rows = 200, .limit_bytes = SIZE_MAX};
    gp_terminal *terminal;
    if (gp_terminal_new(arena, &options, &terminal) != GP_OK) abort();
    for (int i = 0; i < 100; i++) {
        feed(terminal, "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80 \xF0\x9F\x8F\xB3\xEF\xB8\x8F\xE2\x80\x8D\xF0\x9F\x8C\x88 ", 250);
        feed(terminal, "\r\nand some plain lines\r\n", 1);
        feed(terminal, "plain\r\n", 600);
    }
    gp_terminal_free(terminal);
}

__attribute__((noinline)) static void lose_from_the_heap(void) {
    char *volatile block = malloc(1000);
    if (block) block[0] = 1;
    block = NULL;
}

int main(int count, char **arguments) {
    gp_arena_options options = {
        .standard_page_bytes = gp_os_page_bytes(),
        .limit_bytes = SIZE_MAX,
        .pool_cap_bytes = 1 << 20,
        .pool_idle_ns = UINT64_MAX,
        .policy = GP_POLICY_REPLACE,
    };
    gp_arena *arena;
    if (gp_arena_new(&options, &arena) != GP_OK) abort();
    for (int i = 0; i < 4; i++) play(arena);
    gp_arena_free(arena);
    if (count > 1 && strcmp(arguments[1], "heap") == 0) lose_from_the_heap();
    gp_audit audit;
    gp_audit_run(&audit, NULL, 0);
    printf("%" PRIu64 " %" PRIu64 "\n", audit.orphans, audit.orphan_bytes);
    return 0;
}
