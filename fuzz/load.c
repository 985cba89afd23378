/* A terminal is saved, some bytes of what was saved are changed, and it is loaded again: refused, or a terminal on which
 * everything works. The input: a number of changes, the changes, and what the terminal is fed before. */
#include "fuzz.h"

enum { CHANGES_MAX = 3, PAGES_MAX = 64 };

static void *copied(const void *bytes, size_t length_bytes) {
    void *copy = malloc(length_bytes ? length_bytes : 1);
    FUZZ_MUST(copy, "no memory");
    if (length_bytes) memcpy(copy, bytes, length_bytes);
    return copy;
}

/* Everything that can be changed, as stretches of bytes. */
typedef struct stretches {
    uint8_t *bytes[8 * PAGES_MAX];
    size_t length_bytes[8 * PAGES_MAX];
    size_t count;
} stretches;

static void add(stretches *all, void *bytes, size_t length_bytes) {
    if (!length_bytes) return;
    all->bytes[all->count] = bytes;
    all->length_bytes[all->count++] = length_bytes;
}

static void change(stretches *all, fuzz_input *input) {
    uint32_t which = fuzz_number(input), at = fuzz_number(input);
    uint8_t value = fuzz_byte(input);
    if (!all->count) return;
    which %= all->count;
    all->bytes[which][at % all->length_bytes[which]] = value;
}

static gp_saved_grid grid_of(const gp_reading *reading, stretches *all) {
    gp_saved_grid grid = {
        .rows = copied(reading->rows, reading->row_count * sizeof *reading->rows),
        .cells = copied(reading->cells, reading->cell_count * sizeof *reading->cells),
        .text = copied(reading->text, reading->text_bytes),
        .styles = copied(reading->styles, reading->style_count * sizeof *reading->styles),
        .links = copied(reading->links, reading->link_count * sizeof *reading->links),
        .row_count = reading->row_count,
        .cell_count = reading->cell_count,
        .text_bytes = reading->text_bytes,
        .style_count = reading->style_count,
        .link_count = reading->link_count,
    };
    add(all, (void *)grid.rows, grid.row_count * sizeof *grid.rows);
    add(all, (void *)grid.cells, grid.cell_count * sizeof *grid.cells);
    add(all, (void *)grid.text, grid.text_bytes);
    add(all, (void *)grid.styles, grid.style_count * sizeof *grid.styles);
    add(all, (void *)grid.links, grid.link_count * sizeof *grid.links);
    return grid;
}

static void use(gp_terminal *terminal) {
    fuzz_check(terminal);
    gp_terminal_figures figures;
    gp_terminal_read_figures(terminal, &figures);
    uint32_t rows = figures.history_rows > 1000 ? 1000 : (uint32_t)figures.history_rows;
    gp_reading *reading = NULL;
    if (gp_terminal_read(terminal, 0, rows + figures.rows, false, true, &reading) == GP_OK) gp_reading_free(reading);
    if (gp_terminal_read_lines(terminal, 0, UINT64_MAX, 1 << 20, GP_LINES_CELLS, &reading) == GP_OK) gp_reading_free(reading);
    static const uint8_t some[] = "\r\n\033[31mtext \xe6\xbc\xa2\033[2;2H\033[Kmore\033[?1049h\033[?1049l\n\n\n\033[3J";
    fuzz_feed(terminal, some, sizeof some - 1);
    if (figures.columns < 1000 && figures.rows < 1000) gp_terminal_resize(terminal, figures.columns / 2 + 1, figures.rows / 2 + 1);
    fuzz_feed(terminal, some, sizeof some - 1);
    fuzz_check(terminal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input input = {data, size};
    uint8_t choice = fuzz_byte(&input), shape = fuzz_byte(&input);
    fuzz_input changes = input;
    size_t count = fuzz_byte(&changes) % (CHANGES_MAX + 1);
    for (size_t skip = 1 + 5 * count; skip; skip--) fuzz_byte(&input);

    gp_arena *arena = fuzz_arena(choice, SIZE_MAX);
    gp_terminal_options options = {.columns = 1 + (shape & 31), .rows = 1 + (shape >> 5), .limit_rows = 200,
                                   .limit_bytes = SIZE_MAX, .mode = choice & 16 ? GP_SCREEN_GRID : GP_SCREEN_AUTO};
    gp_terminal *terminal = NULL, *snapshot = NULL, *loaded = NULL;
    FUZZ_MUST(gp_terminal_new(arena, &options, &terminal) == GP_OK, "no terminal");
    FUZZ_MUST(fuzz_feed(terminal, input.next, input.left_bytes), "no memory");
    /* Lines are broken where nothing was printed. */
    if (choice & 32) FUZZ_MUST(gp_terminal_resize(terminal, 1 + (choice >> 6), 5) == GP_OK, "not resized");
    FUZZ_MUST(gp_terminal_snapshot(terminal, false, &snapshot) == GP_OK, "no snapshot");
    gp_terminal_figures figures;
    gp_terminal_read_figures(snapshot, &figures);
    gp_terminal_freeze(snapshot);

    stretches all = {.count = 0};
    gp_saved_page pages[PAGES_MAX];
    size_t page_count = gp_terminal_save_pages(snapshot, pages, PAGES_MAX);
    if (page_count > PAGES_MAX) page_count = 0;
    size_t state_bytes = gp_terminal_save_state(snapshot, NULL, 0);
    uint8_t *state = malloc(state_bytes);
    FUZZ_MUST(state, "no memory");
    gp_terminal_save_state(snapshot, state, state_bytes);
    add(&all, state, state_bytes);
    for (size_t page = 0; page < page_count; page++) {
        pages[page].text = copied(pages[page].text, pages[page].text_bytes);
        pages[page].records = copied(pages[page].records, pages[page].records_bytes);
        add(&all, (void *)pages[page].text, pages[page].text_bytes);
        add(&all, (void *)pages[page].records, pages[page].records_bytes);
        add(&all, &pages[page].first_line, sizeof pages->first_line);
        add(&all, &pages[page].lines, sizeof pages->lines);
        add(&all, &pages[page].dead_lines, sizeof pages->dead_lines);
    }
    gp_saved saved = {.columns = figures.columns, .rows = figures.rows, .state = state, .state_bytes = state_bytes,
                      .pages = pages, .page_count = page_count};
    for (int which = 0; which < 2; which++) {
        gp_reading *reading = NULL;
        FUZZ_MUST(gp_terminal_read_grid(snapshot, which, &reading) == GP_OK, "not read");
        saved.grids[which] = grid_of(reading, &all);
        gp_reading_free(reading);
    }
    gp_terminal_free(snapshot);

    fuzz_byte(&changes);
    for (size_t done = 0; done < count; done++) change(&all, &changes);
    gp_status status = gp_terminal_load(arena, &saved, &loaded);
    FUZZ_MUST(count || status == GP_OK, "what was saved is not loaded: %d", status);
    if (status == GP_OK) {
        use(loaded);
        gp_terminal_free(loaded);
    }
    fuzz_check(terminal);
    fuzz_audit();

    for (size_t page = 0; page < page_count; page++) {
        free((void *)pages[page].text);
        free((void *)pages[page].records);
    }
    for (int which = 0; which < 2; which++) {
        free((void *)saved.grids[which].rows);
        free((void *)saved.grids[which].cells);
        free((void *)saved.grids[which].text);
        free((void *)saved.grids[which].styles);
        free((void *)saved.grids[which].links);
    }
    free(state);
    gp_terminal_free(terminal);
    gp_arena_free(arena);
    fuzz_nothing_left();
    return 0;
}
