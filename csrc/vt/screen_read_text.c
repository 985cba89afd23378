/* Reading text: the rows of history and screen with newlines between them, in bulk where it lies in a page as it is read. */
#include "vt/reading.h"
#include "vt/screen_read.h"

/* Text that is being put together. Blanks at the end of a row are taken back when it turns out that nothing of its line
 * follows. */
typedef struct writer {
    gp_reading_builder *b;
    size_t content_end;
    bool unwrap;
    bool begun, joined; /* the row before goes on in the next */
} writer;

static gp_status begin_row(writer *w) {
    gp_reading *r = &w->b->reading;
    if (w->begun && w->joined) return GP_OK;
    r->text_bytes = w->content_end;
    gp_status status = w->begun ? gp_reading_add_text(w->b, (const uint8_t *)"\n", 1) : GP_OK;
    w->content_end = r->text_bytes;
    w->begun = true;
    return status;
}

static gp_status add_piece(writer *w, const gp_piece *piece) {
    gp_status status = gp_reading_add_text(w->b, piece->text, piece->text_bytes);
    if (piece->kind != GP_RUN_BLANK) w->content_end = w->b->reading.text_bytes;
    return status;
}

static gp_status add_whole(writer *w, const uint8_t *text, size_t text_bytes) {
    gp_status status = gp_reading_add_text(w->b, text, text_bytes);
    w->content_end = w->b->reading.text_bytes;
    return status;
}

/* ---- the list ------------------------------------------------------------------------------------------------------- */

/* Whole lines of a page at once, where each is as it is read and, unless unwrapped, a row; returns their rows. */
static gp_status add_page(writer *w, gp_list *list, const gp_line *line, uint64_t rows, uint64_t *done) {
    gp_text_page *page = line->page;
    *done = 0;
    if (page->irregular || line->index >= page->lines) return GP_OK;
    bool all = line->index == page->dead_lines && !gp_list_from(list, page, line->index);
    bool rows_are_lines = page->widest <= list->columns;
    uint32_t count = page->lines - line->index;
    if (rows_are_lines) {
        if (count > rows) count = (uint32_t)rows;
        *done = count;
    } else {
        if (!w->unwrap || !all || gp_list_page_rows(list, page) > rows) return GP_OK;
        *done = gp_list_page_rows(list, page);
    }
    gp_line last = gp_text_page_line(page, line->index + count - 1);
    gp_status status = begin_row(w);
    if (status == GP_OK)
        status = add_whole(w, page->page.base + line->text_begin, last.text_begin + last.text_bytes - line->text_begin);
    w->joined = false;
    return status;
}

/* The same of a line whose cells are bytes: what has to be looked at is its runs, for blanks. Takes two thirds of the time. */
static gp_status add_ascii_line(writer *w, const gp_line_view *view, uint32_t from, uint32_t columns, bool goes_on,
                                uint64_t rows, uint64_t *done) {
    gp_runs runs = view->runs;
    const uint8_t *text = runs.text;
    uint32_t at = 0, row = from, end = from;
    for (*done = 0; *done < rows && (end < view->cells || !*done); ++*done, row = end) {
        end = view->cells - row > columns ? row + columns : view->cells;
        uint32_t content = row;
        while (at < end && gp_runs_load(&runs)) {
            uint32_t cells = runs.run.cells < end - at ? runs.run.cells : end - at;
            gp_runs_skip(&runs, cells);
            at += cells;
            if (runs.run.kind != GP_RUN_BLANK && at > row) content = at;
        }
        gp_status status = begin_row(w);
        size_t begin = w->b->reading.text_bytes;
        if (status == GP_OK) status = gp_reading_add_text(w->b, text + row, end - row);
        if (status != GP_OK) return status;
        if (content > row) w->content_end = begin + (content - row);
        w->joined = w->unwrap && (end < view->cells || goes_on);
    }
    return GP_OK;
}

/* A line from a cell on, at most `rows` rows of it. */
static gp_status add_line(writer *w, const gp_screen *screen, const gp_line_view *view, uint32_t from, uint64_t rows,
                          uint64_t *done) {
    gp_status status = GP_OK;
    bool one_row = view->cells - from <= screen->list.columns, as_it_lies = !(view->flags & GP_LINE_BLANK_END);
    bool goes_on = view->open ? !screen->text_mode && !screen->on_alternate : view->flags & GP_LINE_CONTINUES;
    if (one_row && !from && !view->open && as_it_lies) {
        status = begin_row(w);
        if (status == GP_OK) status = add_whole(w, view->runs.text, view->text_bytes);
        w->joined = w->unwrap && goes_on;
        *done = 1;
        return status;
    }
    if (!view->open && view->flags & GP_LINE_ASCII)
        return add_ascii_line(w, view, from, screen->list.columns, goes_on, rows, done);
    gp_layout layout;
    gp_layout_begin(&layout, view->runs, from, screen->list.columns);
    for (*done = 0; *done < rows && status == GP_OK && gp_layout_next_row(&layout); ++*done) {
        gp_piece piece;
        status = begin_row(w);
        while (status == GP_OK && gp_layout_next_piece(&layout, &piece)) status = add_piece(w, &piece);
        w->joined = w->unwrap && (layout.more || goes_on);
    }
    return status;
}

static gp_status add_list(writer *w, gp_screen *screen, uint64_t row, uint64_t rows) {
    gp_list *list = &screen->list;
    gp_place place = gp_list_row(list, row);
    gp_line line;
    gp_list_enter(list, &place, &line);
    uint32_t from = place.cells;
    for (;;) {
        uint64_t done = 0;
        gp_status status = from ? GP_OK : add_page(w, list, &line, rows, &done);
        if (status == GP_OK && done) {
            rows -= done;
            if (!rows) return GP_OK;
            line = gp_text_page_line(line.page, line.page->lines - 1);
        } else if (status == GP_OK) {
            gp_line_view view = gp_list_view(list, &line);
            status = add_line(w, screen, &view, from, rows, &done);
            rows -= done;
        }
        if (status != GP_OK || !rows || !gp_list_step(list, &line)) return status;
        from = gp_list_from(list, line.page, line.index);
    }
}

/* ---- the screen ------------------------------------------------------------------------------------------------------ */

static gp_status add_grid_row(writer *w, const gp_grid *grid, uint32_t y) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t length = grid->row[y].wrapped ? grid->columns : gp_grid_row_length(grid, y);
    gp_status status = begin_row(w);
    for (uint32_t x = 0; x < length && status == GP_OK; x++) {
        uint8_t scratch[4];
        size_t text_bytes;
        uint32_t codepoints;
        const uint8_t *text = gp_grid_text(grid, cells[x], scratch, &text_bytes, &codepoints);
        if (text_bytes)
            status = add_whole(w, text, text_bytes);
        else if (gp_cell_is_blank(cells[x]))
            status = gp_reading_add_text(w->b, (const uint8_t *)" ", 1);
    }
    w->joined = w->unwrap && grid->row[y].wrapped;
    return status;
}

static gp_status add_screen(writer *w, gp_screen *screen, uint32_t y, uint64_t rows) {
    bool text = gp_screen_shows_text(screen);
    gp_status status = GP_OK;
    if (screen->on_alternate) w->joined = false; /* what is above it goes on behind it */
    for (; rows && status == GP_OK; y++, rows--) {
        status = text ? begin_row(w) : add_grid_row(w, gp_screen_grid(screen), y);
        if (text) w->joined = false;
    }
    return status;
}

/* ---- both -------------------------------------------------------------------------------------------------------------- */

/* As an index of a slice. */
static int64_t row_index(int64_t row, int64_t rows) {
    if (row < 0) row += rows;
    return row < 0 ? 0 : row < rows ? row : rows;
}

/* Room for the text of the list's rows from `row` on and of a usual screen, at once: growing by doubling would touch fresh
 * memory twice. */
static gp_status reserve(gp_reading_builder *b, gp_list *list, uint64_t row, uint64_t rows) {
    size_t bytes = 4096 + (size_t)(rows < 64 ? rows : 64) * 1024;
    gp_place place = gp_list_row(list, row);
    uint64_t counted = 0;
    for (gp_text_page *page = place.page; page && counted < rows; page = page->newer) {
        uint64_t page_rows = gp_list_page_rows(list, page);
        if (page_rows <= rows || page == place.page) bytes += page->text_end < rows * 1024 ? page->text_end : 4096;
        counted += page_rows;
    }
    return gp_reading_reserve_text(b, bytes);
}

gp_status gp_screen_read_text(gp_screen *screen, int64_t first, int64_t stop, bool unwrap, gp_reading **reading) {
    gp_list *list = &screen->list;
    uint64_t history_rows = gp_list_history_rows(list), list_rows = gp_list_total_rows(list);
    uint64_t hidden_rows = list_rows - list->tail_rows - history_rows;
    int64_t rows = (int64_t)history_rows + screen->rows;
    if (!gp_screen_shows_text(screen)) list_rows -= list->tail_rows;
    first = row_index(first, rows);
    stop = row_index(stop, rows);
    gp_reading_builder b = {0};
    writer w = {.b = &b, .unwrap = unwrap};
    gp_status status = gp_reading_begin(&b);
    uint64_t begin = hidden_rows + (uint64_t)first, end = hidden_rows + (uint64_t)stop;
    if (status == GP_OK && begin < end && begin < list_rows) {
        uint64_t listed = (end < list_rows ? end : list_rows) - begin;
        status = reserve(&b, list, begin, listed);
        if (status == GP_OK) status = add_list(&w, screen, begin, listed);
    }
    if (status == GP_OK && begin < end && end > list_rows) {
        uint64_t from = begin > list_rows ? begin : list_rows;
        status = add_screen(&w, screen, (uint32_t)(from - list_rows), end - from);
    }
    b.reading.text_bytes = w.content_end;
    return gp_reading_finish(&b, status, reading);
}
