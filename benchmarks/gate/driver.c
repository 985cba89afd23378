/* The fixed work whose instructions are counted: each file given is fed to a terminal of its own, in pieces of 64 KiB, at
 * 120x40 with 10,000 lines of history. What a terminal leaves to its caller is left out.
 *
 * The kept figures hold for this file as it is: counting is switched on in gp_terminal_feed and written down at the end of
 * each gate_work; see gate.py. */
#include <stdio.h>
#include <stdlib.h>

#include "ghostpage.h"

enum { PIECE_BYTES = 64 * 1024, STANDARD_PAGE_BYTES = 256 * 1024, POOL_CAP_BYTES = 2 * 1024 * 1024 };

static void fail(const char *what) {
    fprintf(stderr, "driver: %s\n", what);
    exit(1);
}

static uint8_t *read_file(const char *path, size_t *length_bytes) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) fail(path);
    *length_bytes = (size_t)ftell(file);
    uint8_t *bytes = malloc(*length_bytes + 1);
    rewind(file);
    if (!bytes || fread(bytes, 1, *length_bytes, file) != *length_bytes) fail(path);
    fclose(file);
    return bytes;
}

static void feed(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes) {
    for (size_t begin = 0; begin < length_bytes; begin += PIECE_BYTES) {
        size_t end = length_bytes - begin < PIECE_BYTES ? length_bytes : begin + PIECE_BYTES;
        for (size_t at = begin; at < end;) {
            gp_services services;
            if (gp_terminal_feed(terminal, bytes + at, end - at, &services) != GP_OK) fail("feeding failed");
            at += services.consumed_bytes;
        }
    }
}

/* By this name in the profile. */
__attribute__((noinline)) void gate_work(const char *path) {
    size_t length_bytes;
    uint8_t *bytes = read_file(path, &length_bytes);
    gp_arena_options arena_options = {
        .standard_page_bytes = STANDARD_PAGE_BYTES,
        .limit_bytes = SIZE_MAX,
        .pool_cap_bytes = POOL_CAP_BYTES,
        .pool_idle_ns = UINT64_MAX,
        .policy = GP_POLICY_ADAPTIVE,
    };
    gp_terminal_options options = {.columns = 120, .rows = 40, .limit_rows = 10000, .limit_bytes = SIZE_MAX};
    gp_arena *arena;
    gp_terminal *terminal;
    if (gp_arena_new(&arena_options, &arena) != GP_OK || gp_terminal_new(arena, &options, &terminal) != GP_OK)
        fail("no terminal");
    feed(terminal, bytes, length_bytes);
    gp_terminal_free(terminal);
    gp_arena_free(arena);
    free(bytes);
}

/* What the instructions depend on besides the compiler: the C library picks its copying functions by the CPU, and so does
 * the scanner. */
int main(int count, char **paths) {
    for (int i = 1; i < count; i++) gate_work(paths[i]);
#if defined(__x86_64__)
    puts(__builtin_cpu_supports("avx2") ? "x86-64 with AVX2" : "x86-64");
#else
    puts("other");
#endif
    return 0;
}
