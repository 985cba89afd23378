/* Terminals of one small arena, with snapshots and frames of them, through operations in any order, memory refused now and
 * then. Each operation is a byte, with numbers behind it. */
#include "fuzz.h"

enum { TERMINALS = 3, SNAPSHOTS = 2 };

typedef struct world {
    gp_arena *arena;
    gp_terminal *terminals[TERMINALS], *snapshots[SNAPSHOTS];
    gp_frame *frame;
    gp_frame_view view; /* kept from one update to the next, as the frame is */
    gp_line_cursor cursors[TERMINALS];
} world;

/* What may be refused must say so, and nothing else. */
static bool done(gp_status status) {
    FUZZ_MUST(status == GP_OK || status == GP_ERR_NOMEM || status == GP_ERR_LIMIT || status == GP_ERR_ARGUMENT, "says %d", status);
    return status == GP_OK;
}

static void opened(world *all, size_t which, fuzz_input *input) {
    uint8_t shape = fuzz_byte(input), limits = fuzz_byte(input);
    gp_terminal_options options = {
        .columns = 1 + (shape & 31),
        .rows = 1 + (shape >> 5),
        .limit_rows = limits & 1 ? UINT64_MAX : limits >> 1,
        .limit_bytes = limits & 2 ? SIZE_MAX : (size_t)limits << 10,
        .mode = limits % 3,
    };
    gp_terminal_free(all->terminals[which]);
    all->terminals[which] = NULL;
    all->cursors[which] = (gp_line_cursor){0};
    done(gp_terminal_new(all->arena, &options, &all->terminals[which]));
}

static void read_everything(gp_terminal *terminal, fuzz_input *input) {
    gp_reading *reading = NULL;
    int64_t first = (int8_t)fuzz_byte(input);
    uint8_t how = fuzz_byte(input);
    uint64_t line = 0, row = 0;
    uint32_t cell = 0, x = 0;
    switch (how % 5) {
        case 0:
            if (done(gp_terminal_read(terminal, first, how, how & 8, how & 16, &reading))) gp_reading_free(reading);
            break;
        case 1:
            if (done(gp_terminal_text(terminal, first, how, how & 8, &reading))) gp_reading_free(reading);
            break;
        case 2:
            if (done(gp_terminal_read_lines(terminal, first < 0 ? 0 : (uint64_t)first, UINT64_MAX, how * 16,
                                            (gp_line_details)(how % 3), &reading)))
                gp_reading_free(reading);
            break;
        case 3:
            if (gp_terminal_position(terminal, first, how, &line, &cell) == GP_OK)
                FUZZ_MUST(gp_terminal_locate(terminal, line, cell, &row, &x) == GP_OK, "line %llu, cell %u is nowhere",
                          (unsigned long long)line, cell);
            break;
        default: {
            uint64_t begin = 0, stop = UINT64_MAX, lines[4];
            uint8_t needle[2] = {fuzz_byte(input) | 1, 'e'};
            gp_terminal_find(terminal, &begin, &stop, needle, 1 + (how >> 7), how & 8, 1 + how, lines, 4);
            gp_needles needles = {.bytes = needle, .ends = (uint32_t[]){1, 2}, .count = 1 + (how >> 7)};
            gp_found_end end;
            begin = 0, stop = UINT64_MAX;
            if (done(gp_terminal_read_found(terminal, &begin, &stop, &needles, how & 8, 1 + how, &end, &reading)))
                gp_reading_free(reading);
        }
    }
}

static void step(world *all, fuzz_input *input) {
    uint8_t operation = fuzz_byte(input);
    size_t which = (operation >> 4) % TERMINALS, shot = (operation >> 6) % SNAPSHOTS;
    gp_terminal *terminal = all->terminals[which];
    uint64_t dropped;
    gp_reading *reading = NULL;
    if (!terminal) {
        opened(all, which, input);
        return;
    }
    switch (operation & 15) {
        case 0:
        case 1:
        case 2:
        case 3: {
            size_t length = fuzz_byte(input);
            if (length > input->left_bytes) length = input->left_bytes;
            fuzz_feed(terminal, input->next, length);
            input->next += length;
            input->left_bytes -= length;
            break;
        }
        case 4: { /* many lines at little cost of input */
            uint8_t times = fuzz_byte(input), length = fuzz_byte(input) % 64, lines[255 * 66];
            if (length > input->left_bytes) length = (uint8_t)input->left_bytes;
            size_t count = 0;
            for (; times; times--) {
                memcpy(lines + count, input->next, length);
                memcpy(lines + count + length, "\r\n", 2);
                count += length + 2;
            }
            fuzz_feed(terminal, lines, count);
            break;
        }
        case 5: {
            uint32_t columns = fuzz_byte(input), rows = fuzz_byte(input);
            done(gp_terminal_resize(terminal, columns, rows % 32));
            break;
        }
        case 6: {
            uint64_t rows = fuzz_byte(input);
            size_t bytes = fuzz_number(input);
            done(gp_terminal_set_limits(terminal, rows == 255 ? UINT64_MAX : rows, bytes > 60000 ? SIZE_MAX : bytes));
            break;
        }
        case 7: gp_terminal_clear_history(terminal); break;
        case 8:
            gp_terminal_free(all->snapshots[shot]);
            all->snapshots[shot] = NULL;
            done(gp_terminal_snapshot(terminal, fuzz_byte(input) & 1, &all->snapshots[shot]));
            break;
        case 9: read_everything(all->snapshots[shot] ? all->snapshots[shot] : terminal, input); break;
        case 10: read_everything(terminal, input); break;
        case 11: {
            uint8_t how = fuzz_byte(input);
            if (how & 1) gp_frame_scroll(all->frame, terminal, (int8_t)how);
            if (done(gp_frame_update(all->frame, terminal, &all->view))) {
                gp_frame_runs runs;
                for (uint32_t y = 0; y < all->view.rows; y++) done(gp_frame_read_runs(all->frame, y, &runs));
                const char *violation = gp_frame_check(all->frame);
                FUZZ_MUST(!violation, "%s", violation);
            }
            break;
        }
        case 12:
            if (done(gp_terminal_read_since(terminal, &all->cursors[which], 1 + fuzz_number(input), operation & 128, &dropped, &reading)))
                gp_reading_free(reading);
            break;
        case 13: {
            uint8_t kinds = fuzz_byte(input) & (GP_FAULT_ALLOCATION | GP_FAULT_MAPPING | GP_FAULT_LASTING | GP_FAULT_UNMAPPING);
            gp_fault_arm(kinds, fuzz_byte(input) % 16);
            break;
        }
        case 14:
            if (operation & 128) gp_arena_trim(all->arena);
            else gp_arena_set_limit(all->arena, (size_t)fuzz_number(input) << 8);
            break;
        default: opened(all, which, input);
    }
    if (all->terminals[which]) fuzz_check(all->terminals[which]);
}

/* What the kernel would not take back is tried again with the next unmapping. */
static void retry_unmapping(void) {
    gp_arena *arena = fuzz_arena(0, SIZE_MAX);
    gp_terminal_options options = {.columns = 1, .rows = 1};
    gp_terminal *terminal = NULL;
    FUZZ_MUST(gp_terminal_new(arena, &options, &terminal) == GP_OK, "no terminal");
    gp_terminal_free(terminal);
    gp_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input input = {data, size};
    world all = {.arena = fuzz_arena(fuzz_byte(&input), SIZE_MAX)};
    FUZZ_MUST(gp_frame_new(&all.frame) == GP_OK, "no frame");
    while (input.left_bytes) step(&all, &input);
    gp_fault_arm(0, 0);
    fuzz_audit();
    gp_frame_free(all.frame);
    for (size_t which = 0; which < TERMINALS; which++) gp_terminal_free(all.terminals[which]);
    for (size_t which = 0; which < SNAPSHOTS; which++) gp_terminal_free(all.snapshots[which]);
    gp_arena_free(all.arena);
    retry_unmapping();
    fuzz_nothing_left();
    return 0;
}
