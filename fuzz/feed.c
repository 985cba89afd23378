/* The same bytes to three terminals: as text where that can be, in the pieces that the input chooses; always as a grid, at
 * once; as text as early as can be, byte by byte. They must not differ in anything that can be read. */
#include "fuzz.h"

static gp_terminal *opened(gp_arena *arena, const gp_terminal_options *options, int mode) {
    gp_terminal_options chosen = *options;
    chosen.mode = mode;
    gp_terminal *terminal = NULL;
    FUZZ_MUST(gp_terminal_new(arena, &chosen, &terminal) == GP_OK, "no terminal");
    return terminal;
}

static void same_row(const gp_reading *one, const gp_reading *two, size_t index) {
    const gp_row_info *a = &one->rows[index], *b = &two->rows[index];
    FUZZ_MUST(a->line == b->line && a->cell == b->cell, "row %zu: line %llu cell %u and line %llu cell %u", index,
              (unsigned long long)a->line, a->cell, (unsigned long long)b->line, b->cell);
    FUZZ_MUST(a->wrapped == b->wrapped && a->size == b->size, "row %zu: wrapped or sized otherwise", index);
    static const gp_cell_info blank = {.width = 1}; /* what follows the cells of a row */
    for (uint32_t at = 0; at < a->cell_count || at < b->cell_count; at++) {
        const gp_cell_info *c = at < a->cell_count ? &one->cells[a->cell_begin + at] : &blank;
        const gp_cell_info *d = at < b->cell_count ? &two->cells[b->cell_begin + at] : &blank;
        FUZZ_MUST(c->width == d->width && c->text_bytes == d->text_bytes &&
                      !memcmp(one->text + c->text_begin, two->text + d->text_begin, c->text_bytes),
                  "row %zu, cell %u: other text", index, at);
        FUZZ_MUST(!memcmp(&one->styles[c->style], &two->styles[d->style], sizeof(gp_style_info)),
                  "row %zu, cell %u: another style", index, at);
        const gp_link_info *e = &one->links[c->link], *f = &two->links[d->link];
        FUZZ_MUST(!c->link == !d->link, "row %zu, cell %u: a link and none", index, at);
        FUZZ_MUST(!c->link || (e->uri_bytes == f->uri_bytes && e->id_bytes == f->id_bytes &&
                               !memcmp(one->text + e->uri_begin, two->text + f->uri_begin, e->uri_bytes) &&
                               !memcmp(one->text + e->id_begin, two->text + f->id_begin, e->id_bytes)),
                  "row %zu, cell %u: another link", index, at);
    }
}

static void same(gp_terminal *left, gp_terminal *right) {
    gp_terminal_figures a, b;
    gp_terminal_read_figures(left, &a);
    gp_terminal_read_figures(right, &b);
    FUZZ_MUST(a.x == b.x && a.y == b.y && a.pending_wrap == b.pending_wrap, "cursor %u,%u and %u,%u", a.x, a.y, b.x, b.y);
    FUZZ_MUST(a.columns == b.columns && a.alternate == b.alternate, "other modes");
    FUZZ_MUST(a.history_rows == b.history_rows, "%llu rows of history and %llu", (unsigned long long)a.history_rows,
              (unsigned long long)b.history_rows);
    gp_line_figures c, d;
    gp_terminal_read_line_figures(left, &c);
    gp_terminal_read_line_figures(right, &d);
    FUZZ_MUST(c.first_line == d.first_line && c.first_cell == d.first_cell, "another first line");
    FUZZ_MUST(c.next_line == d.next_line && c.complete_line == d.complete_line, "lines up to %llu, complete %llu, and %llu, %llu",
              (unsigned long long)c.next_line, (unsigned long long)c.complete_line, (unsigned long long)d.next_line,
              (unsigned long long)d.complete_line);
    gp_reading *one = NULL, *two = NULL;
    uint32_t rows = (uint32_t)a.history_rows + a.rows;
    FUZZ_MUST(gp_terminal_read(left, 0, rows, false, true, &one) == GP_OK, "not read");
    FUZZ_MUST(gp_terminal_read(right, 0, rows, false, true, &two) == GP_OK, "not read");
    FUZZ_MUST(one->row_count == two->row_count, "%zu rows and %zu", one->row_count, two->row_count);
    for (size_t row = 0; row < one->row_count; row++) same_row(one, two, row);
    gp_reading_free(one);
    gp_reading_free(two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input input = {data, size};
    uint8_t choice = fuzz_byte(&input), shape = fuzz_byte(&input), piece = fuzz_byte(&input), rows = fuzz_byte(&input);
    gp_terminal_options options = {
        .columns = 1 + (shape & 31), .rows = 1 + (shape >> 5), .limit_rows = rows & 127, .limit_bytes = SIZE_MAX};
    if (choice & 32) options.columns += 100; /* where runs are long enough for what vectors do */
    uint32_t columns = choice & 16 ? 1 + piece % 40 + (choice & 64 ? 90 : 0) : 0;
    gp_arena *arena = fuzz_arena(choice, SIZE_MAX);
    gp_terminal *pieces = opened(arena, &options, GP_SCREEN_AUTO);
    gp_terminal *grid = opened(arena, &options, GP_SCREEN_GRID);
    gp_terminal *early = opened(arena, &options, GP_SCREEN_EARLY);

    const uint8_t *bytes = input.next;
    size_t half = columns ? input.left_bytes / 2 : input.left_bytes;
    for (int part = 0; part < 2; part++) {
        size_t length = part ? input.left_bytes - half : half, at = 0;
        FUZZ_MUST(fuzz_feed(grid, bytes, length), "no memory");
        for (size_t step = 1 + piece; at < length; at += step, step = 1 + (step * 7 + piece) % 97)
            FUZZ_MUST(fuzz_feed_in_turn(pieces, bytes + at, step < length - at ? step : length - at), "no memory");
        for (at = 0; at < length; at++) FUZZ_MUST(fuzz_feed(early, bytes + at, 1), "no memory");
        fuzz_check(pieces);
        fuzz_check(grid);
        fuzz_check(early);
        same(pieces, grid);
        same(pieces, early);
        if (part || !columns) break;
        bytes += half;
        gp_terminal *all[] = {pieces, grid, early};
        for (size_t which = 0; which < 3; which++)
            FUZZ_MUST(gp_terminal_resize(all[which], columns, 1 + (rows & 7)) == GP_OK, "not resized");
        same(pieces, grid);
        same(pieces, early);
    }
    fuzz_audit();
    gp_terminal_free(pieces);
    gp_terminal_free(grid);
    gp_terminal_free(early);
    gp_arena_free(arena);
    fuzz_nothing_left();
    return 0;
}
