/* Cells into the grid at the cursor: wrapping, wide cells, what is overwritten. */
#include "vt/screen_cells.h"

#include <string.h>

#include "pages/cells_8.h"
#include "unicode/utf8.h"

gp_status gp_screen_ready_grid(gp_screen *screen, size_t side_bytes) {
    gp_grid *grid = gp_screen_grid(screen);
    static const gp_link none;
    side_bytes += gp_grid_attribute_bytes(&none);
    gp_status status = gp_screen_prepare_break(screen);
    if (status != GP_OK) return status;
    if (screen->attribute_stale) side_bytes += gp_grid_attribute_bytes(&screen->link);
    bool moved = screen->attribute_stale;
    if (gp_grid_side_free(grid) < side_bytes) {
        side_bytes += screen->attribute_stale ? 0 : gp_grid_attribute_bytes(&screen->link);
        status = gp_grid_reserve(&screen->list, grid, side_bytes, &moved);
        if (status != GP_OK) return status;
    }
    if (moved) {
        screen->attribute = gp_grid_attribute(grid, &screen->style, &screen->link);
        screen->attribute_stale = false;
    }
    return GP_OK;
}

/* Whether a line can go on from row y in the next: rows of double width are lines of their own. */
static bool may_go_on(const gp_screen *screen, const gp_grid *grid, uint32_t y) {
    if (screen->edged) return true;
    if (!gp_screen_full_width(screen)) return false;
    return !grid->row[y].size && (y + 1 == grid->rows || !grid->row[y + 1].size);
}

/* The next cell goes to the start of the next row, in which this row's line goes on if they are as wide as the screen.
 * Where nothing scrolls, below the region or beside it, in the last row it goes to the start of the same row. */
static gp_status wrap(gp_screen *screen) {
    gp_grid *grid = gp_screen_grid(screen);
    uint32_t y = screen->y;
    gp_grid_row before = grid->row[y];
    bool goes_on = may_go_on(screen, grid, y) && !gp_cell_is_blank(gp_grid_row_cells(grid, y)[grid->columns - 1]);
    if (y + 1 == screen->bottom) {
        if (gp_screen_in_columns(screen)) {
            if (gp_screen_full_width(screen)) grid->row[y].wrapped = goes_on; /* else scrolling ends its line */
            grid->row[y].folded = true;
            gp_status status = gp_screen_scroll_wrapped(screen);
            if (status != GP_OK) {
                grid->row[y].wrapped = before.wrapped;
                grid->row[y].folded = before.folded;
                return status;
            }
        }
    } else if (y + 1 < screen->rows) {
        if (gp_screen_full_width(screen)) grid->row[y].wrapped = goes_on;
        grid->row[y].folded = true;
        screen->y++;
    }
    screen->x = screen->left;
    screen->at_margin = false;
    return GP_OK;
}

/* Brings the cursor to where `width` columns can be written in its row, making a spacer if need be. */
static gp_status make_place(gp_screen *screen, uint32_t width) {
    gp_grid *grid = gp_screen_grid(screen);
    gp_status status;
    if (gp_screen_wraps_next(screen)) {
        if (!screen->autowrap) {
            screen->x = gp_screen_column(screen);
            screen->at_margin = false;
        } else {
            status = wrap(screen);
            if (status != GP_OK) return status;
        }
    }
    uint32_t end = gp_screen_end(screen, screen->x);
    if (screen->x + width <= end) return GP_OK;
    if (!screen->autowrap) {
        screen->x = end - width;
        return GP_OK;
    }
    uint32_t y = screen->y, x = screen->x;
    gp_edges before = gp_screen_watch(screen, y);
    gp_grid_split(grid, y, x);
    if (x + 1 < screen->columns) gp_grid_split(grid, y, x + 1);
    gp_cell *cell = gp_grid_row_cells(grid, y) + x;
    gp_cell was = *cell;
    uint32_t used = grid->row[y].used;
    bool goes_on = may_go_on(screen, grid, y) && (y + 1 < screen->rows || y + 1 == screen->bottom);
    *cell = goes_on ? gp_cell_make(0, GP_CELL_SPACER, 0) : 0;
    if (x >= used) grid->row[y].used = x + 1;
    gp_screen_mend(screen, y, before);
    status = wrap(screen);
    if (status != GP_OK) {
        gp_grid_row_cells(grid, y)[x] = was;
        grid->row[y].used = used;
    }
    return status;
}

/* The cursor goes behind a cell that ends at column x. */
static inline void advance(gp_screen *screen, uint32_t x) {
    bool at_margin = !screen->edged && x != screen->columns && x == gp_screen_end(screen, x - 1);
    screen->x = x - at_margin;
    screen->at_margin = at_margin;
}

/* Writes a cell of `width` columns that fits at the cursor. */
static void write_cell(gp_screen *screen, uint32_t content, uint32_t width, bool wide, uint32_t attribute) {
    gp_grid *grid = gp_screen_grid(screen);
    uint32_t y = screen->y, x = screen->x;
    gp_edges before = gp_screen_watch(screen, y);
    bool inserts = screen->insert && gp_screen_in_columns(screen);
    if (x < grid->row[y].used) gp_screen_stir(screen);
    if (inserts) gp_grid_insert(grid, y, x, screen->right, width, 0);
    gp_grid_split(grid, y, x);
    gp_grid_split(grid, y, x + width);
    gp_cell *cell = gp_grid_row_cells(grid, y) + x;
    cell[0] = gp_cell_make(content, wide ? GP_CELL_WIDE : GP_CELL_NARROW, attribute);
    if (width == 2) cell[1] = gp_cell_make(0, GP_CELL_TAIL, attribute);
    if (x + width > grid->row[y].used) grid->row[y].used = x + width;
    advance(screen, x + width);
    if (inserts) gp_screen_unwrap(screen, y); /* its end has moved */
    gp_screen_mend(screen, y, before);
}

static uint32_t shown_width(const gp_screen *screen, unsigned width) { return screen->columns == 1 ? 1 : width; }

gp_status gp_screen_put_cell(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t codepoints,
                             unsigned width) {
    gp_status status = gp_screen_ready_grid(screen, gp_grid_cluster_bytes(text_bytes));
    if (status == GP_OK) status = make_place(screen, shown_width(screen, width));
    if (status != GP_OK) return status;
    uint32_t content = gp_grid_cluster(gp_screen_grid(screen), text, text_bytes, codepoints);
    write_cell(screen, content, shown_width(screen, width), width == 2, screen->attribute);
    return GP_OK;
}

gp_status gp_screen_put_run(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t cells, unsigned width,
                            size_t *done_bytes) {
    bool ascii = text_bytes == cells;
    uint32_t shown = shown_width(screen, width);
    gp_status status = GP_OK;
    *done_bytes = 0;
    while (cells) {
        status = gp_screen_ready_grid(screen, 0);
        if (status == GP_OK) status = make_place(screen, shown);
        if (status != GP_OK) return status;
        gp_grid *grid = gp_screen_grid(screen);
        uint32_t y = screen->y, x = screen->x, room_cells = (gp_screen_end(screen, x) - x) / shown;
        if (screen->insert && x < screen->left) { /* cells that begin before the margin insert nothing */
            uint32_t before_cells = (screen->left - x + shown - 1) / shown;
            if (room_cells > before_cells) room_cells = before_cells;
        }
        const uint8_t *from = text + *done_bytes;
        uint32_t codepoint;
        if (!screen->autowrap && cells > room_cells) {
            size_t bytes = gp_utf8_decode(from, text + text_bytes, &codepoint);
            write_cell(screen, codepoint, shown, width == 2, screen->attribute);
            *done_bytes += bytes;
            cells--;
            continue;
        }
        uint32_t count = cells < room_cells ? cells : room_cells, end = x + count * shown;
        if (ascii && gp_screen_paint_in_row(screen, from, count)) {
            *done_bytes += count;
            cells -= count;
            continue;
        }
        gp_edges before = gp_screen_watch(screen, y);
        bool inserts = screen->insert && gp_screen_in_columns(screen);
        if (inserts) {
            gp_grid_insert(grid, y, x, screen->right, end - x, 0);
            gp_screen_stir(screen);
        } else if (x < grid->row[y].used) {
            gp_screen_stir(screen);
            /* Cell by cell, the last column would have been half of a wide cell, and blank for a moment. */
            if (count > 1 && shown == 1 && end == screen->columns &&
                gp_cell_kind(gp_grid_row_cells(grid, y)[end - 1]) == GP_CELL_TAIL)
                gp_screen_unwrap(screen, y);
            gp_grid_split(grid, y, x);
            gp_grid_split(grid, y, end);
        }
        gp_cell *cell = gp_grid_row_cells(grid, y) + x;
        gp_cell base = gp_cell_make(0, width == 2 ? GP_CELL_WIDE : GP_CELL_NARROW, screen->attribute);
        if (ascii) {
            gp_cells_of_ascii(cell, base, from, count);
            from += count;
        } else {
            for (uint32_t i = 0; i < count; i++) {
                from += gp_utf8_decode(from, text + text_bytes, &codepoint);
                *cell++ = base | codepoint;
                if (shown == 2) *cell++ = gp_cell_make(0, GP_CELL_TAIL, screen->attribute);
            }
        }
        if (end > grid->row[y].used) grid->row[y].used = end;
        advance(screen, end);
        if (inserts) gp_screen_unwrap(screen, y);
        gp_screen_mend(screen, y, before);
        *done_bytes = (size_t)(from - text);
        cells -= count;
    }
    return GP_OK;
}

/* The cell left of the cursor, or under it when the last column is written; NULL when there is none with text. */
gp_cell *gp_screen_left_cell(gp_screen *screen, uint32_t *x) {
    if (screen->x == 0) return NULL;
    gp_cell *cells = gp_grid_row_cells(gp_screen_grid(screen), screen->y);
    *x = screen->x - !screen->at_margin;
    if (gp_cell_kind(cells[*x]) == GP_CELL_TAIL) --*x;
    return gp_cell_content(cells[*x]) ? cells + *x : NULL;
}

/* Adds a code point to the cell left of the cursor, whose width becomes `width` (0: stays). */
gp_status gp_screen_extend_cell(gp_screen *screen, const uint8_t *text, size_t text_bytes, unsigned width) {
    uint32_t x;
    gp_cell *cell = gp_screen_left_cell(screen, &x);
    if (!cell) return GP_OK;
    uint8_t whole[GP_CELL_CODEPOINTS_MAX * 4];
    size_t whole_bytes;
    uint32_t codepoints;
    const uint8_t *before = gp_grid_text(gp_screen_grid(screen), *cell, whole, &whole_bytes, &codepoints);
    if (codepoints >= GP_CELL_CODEPOINTS_MAX) {
        screen->account.counters.codepoints_dropped++;
        return GP_OK;
    }
    memmove(whole, before, whole_bytes);
    memcpy(whole + whole_bytes, text, text_bytes);
    whole_bytes += text_bytes;
    gp_status status = gp_screen_ready_grid(screen, gp_grid_cluster_bytes(whole_bytes));
    if (status != GP_OK) return status;

    gp_grid *grid = gp_screen_grid(screen);
    cell = gp_grid_row_cells(grid, screen->y) + x;
    unsigned was = gp_cell_kind(*cell) == GP_CELL_WIDE ? 2 : 1;
    uint32_t attribute = gp_cell_attribute(*cell);
    bool at_edge = x + 1 == gp_screen_end(screen, x) && screen->columns > 1;
    gp_screen_touch(screen, screen->y);
    if (!width || (width == 2 && at_edge && !screen->autowrap)) width = was;
    if (width > was && at_edge) {
        uint32_t home = screen->x;
        bool at_margin = screen->at_margin;
        screen->x = x;
        screen->at_margin = false;
        status = make_place(screen, 2); /* leaves a spacer where the cell was */
        if (status != GP_OK) {
            screen->x = home;
            screen->at_margin = at_margin;
            return status;
        }
        grid = gp_screen_grid(screen);
        bool insert = screen->insert;
        screen->insert = false;
        write_cell(screen, gp_grid_cluster(grid, whole, whole_bytes, codepoints + 1), 2, true, attribute);
        screen->insert = insert;
        return GP_OK;
    }
    uint32_t content = gp_grid_cluster(grid, whole, whole_bytes, codepoints + 1);
    if (width == was || screen->columns == 1) {
        *cell = gp_cell_make(content, width == 2 ? GP_CELL_WIDE : GP_CELL_NARROW, attribute);
    } else if (width == 2) {
        bool insert = screen->insert;
        screen->insert = false;
        screen->x = x;
        write_cell(screen, content, 2, true, attribute);
        screen->insert = insert;
    } else {
        gp_edges edges = gp_screen_watch(screen, screen->y);
        cell[0] = gp_cell_make(content, GP_CELL_NARROW, attribute);
        cell[1] = 0;
        screen->x = x + 1;
        screen->at_margin = false;
        gp_screen_mend(screen, screen->y, edges);
    }
    return GP_OK;
}
