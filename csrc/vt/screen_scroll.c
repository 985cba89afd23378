/* Scrolling: rows and columns of the region. What scrolls within left and right margins ends the lines of the rows that it
 * touches, and goes into no history. */
#include "vt/screen.h"

/* ---- rows of the whole width ---------------------------------------------------------------------------------------- */

/* The first rows of the grid go into history. The line of row `last` ends, unless it goes on in what comes up. */
__attribute__((noinline)) static gp_status append_rows(gp_screen *screen, uint32_t last, uint32_t rows, bool goes_on) {
    gp_list *list = &screen->list;
    gp_grid *grid = &screen->primary;
    gp_grid_row entry = grid->row[last];
    gp_cell *cell = gp_grid_row_cells(grid, last) + grid->columns - 1, last_cell = *cell;
    uint64_t line = list->next_line;
    uint32_t cells = list->open ? list->line.cells : 0;
    bool continues = list->continues;
    gp_status status = GP_OK;
    list->held_line = line;
    int64_t first = goes_on ? (int64_t)last + 1 : gp_screen_unwrap(screen, last);
    for (uint32_t y = 0; y < rows && status == GP_OK; y++) status = gp_screen_append_row(screen, y);
    list->held_line = UINT64_MAX;
    if (status == GP_OK) return GP_OK;
    gp_screen_take_back(screen, line, cells);
    if (continues && !list->continues) gp_list_rejoin(list);
    for (int64_t y = first > 0 ? first : 0; y < last; y++) grid->row[y].wrapped = grid->row[y].folded = true;
    grid->row[last].wrapped = entry.wrapped;
    grid->row[last].folded = entry.folded;
    *cell = last_cell;
    return status;
}

/* Whether a line goes on in row y. */
static inline bool goes_on_at(const gp_screen *screen, const gp_grid *grid, uint32_t y) {
    return y ? grid->row[y - 1].wrapped : !screen->on_alternate;
}

/* In line where a line feed calls it, with constants: half of its instructions are there to carry arguments. */
static inline __attribute__((always_inline)) gp_status scroll_up(gp_screen *screen, uint32_t top, uint32_t bottom,
                                                                 uint32_t rows, bool into_history, bool wrapped,
                                                                 gp_cell blank) {
    gp_status status = GP_OK;
    gp_grid *grid = gp_screen_grid(screen);
    screen->work += rows * 16 + (bottom - top);
    bool into = top == 0 && !screen->on_alternate && into_history;
    if (!into || bottom < screen->settled_rows) gp_screen_touch(screen, into ? bottom - 1 : top);
    if (into) {
        status = append_rows(screen, bottom - 1, rows, wrapped);
        if (status != GP_OK) return status;
        screen->settled_rows -= rows < screen->settled_rows ? rows : screen->settled_rows;
    } else if (grid->row[bottom - 1].wrapped || grid->row[top + rows - 1].wrapped || goes_on_at(screen, grid, top)) {
        if (!wrapped) gp_screen_unwrap(screen, bottom - 1);
        gp_screen_unwrap(screen, (int64_t)top - 1);
        gp_screen_unwrap(screen, top + rows - 1);
    }
    gp_grid_scroll_up(grid, top, bottom, rows, blank);
    if (screen->doubled) screen->at_margin = false; /* the cursor may be in a row of another size */
    return GP_OK;
}

static void scroll_down(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows, gp_cell blank) {
    screen->work += rows * 16 + (bottom - top);
    gp_screen_touch(screen, top);
    gp_screen_unwrap(screen, (int64_t)top - 1);
    if (bottom - top > rows) gp_screen_unwrap(screen, bottom - rows - 1);
    gp_grid_scroll_down(gp_screen_grid(screen), top, bottom, rows, blank);
    if (screen->doubled) screen->at_margin = false;
}

/* ---- within margins --------------------------------------------------------------------------------------------------- */

static void end_lines(gp_screen *screen, uint32_t top, uint32_t bottom) {
    gp_screen_touch(screen, top);
    for (int64_t y = (int64_t)top - 1; y < bottom; y++) gp_screen_unwrap(screen, y);
}

static void scroll_block(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows, bool down, gp_cell blank) {
    screen->work += (uint64_t)(bottom - top) * (screen->right - screen->left + 16);
    end_lines(screen, top, bottom);
    gp_grid_scroll_block(gp_screen_grid(screen), top, bottom, screen->left, screen->right, rows, down, blank);
}

/* ---- either ------------------------------------------------------------------------------------------------------------ */

static inline __attribute__((always_inline)) gp_status scroll_rows_up(gp_screen *screen, uint32_t top, uint32_t bottom,
                                                                      uint32_t rows, bool into_history, bool wrapped) {
    gp_status status = gp_screen_prepare_break(screen);
    gp_cell blank = status == GP_OK && screen->style.background ? gp_screen_blank(screen, &status) : 0;
    if (status != GP_OK) return status;
    if (rows > bottom - top) rows = bottom - top;
    if (!rows) return GP_OK;
    if (gp_screen_full_width(screen)) return scroll_up(screen, top, bottom, rows, into_history, wrapped, blank);
    scroll_block(screen, top, bottom, rows, false, blank);
    return GP_OK;
}

gp_status gp_screen_scroll_up(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows, bool into_history) {
    gp_status status = gp_screen_edit(screen);
    return status == GP_OK ? scroll_rows_up(screen, top, bottom, rows, into_history, false) : status;
}

gp_status gp_screen_scroll_wrapped(gp_screen *screen) {
    gp_status status = scroll_rows_up(screen, screen->top, screen->bottom, 1, true, true);
    if (status == GP_OK && gp_screen_whole(screen)) screen->plain_rows++;
    return status;
}

gp_status gp_screen_scroll_down(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    if (rows > bottom - top) rows = bottom - top;
    if (!rows) return GP_OK;
    if (gp_screen_full_width(screen))
        scroll_down(screen, top, bottom, rows, blank);
    else
        scroll_block(screen, top, bottom, rows, true, blank);
    return GP_OK;
}

static gp_status index_cells(gp_screen *screen) {
    if (screen->y + 1 == screen->bottom && gp_screen_in_columns(screen)) {
        gp_status status = scroll_rows_up(screen, screen->top, screen->bottom, 1, true, false);
        if (status != GP_OK) return status;
        if (gp_screen_whole(screen) && (++screen->plain_rows, gp_screen_calm(screen))) gp_screen_pack(screen);
    } else if (screen->y + 1 != screen->bottom && screen->y + 1 < screen->rows) {
        screen->y++;
    }
    screen->x = gp_screen_column(screen);
    screen->at_margin = false;
    return GP_OK;
}

gp_status gp_screen_index(gp_screen *screen) {
    if (!gp_screen_shows_text(screen)) return index_cells(screen);
    /* A row that comes up with a background is no text. */
    bool appends = gp_screen_whole(screen) && (screen->y + 1 < screen->rows || !screen->style.background);
    gp_status status = appends ? gp_list_next_line(&screen->list) : gp_screen_edit(screen);
    if (status != GP_OK) return status;
    if (!appends) return index_cells(screen);
    screen->pen_stale = true;
    screen->y = screen->list.tail_rows - 1;
    screen->x = gp_screen_column(screen);
    return GP_OK;
}

gp_status gp_screen_reverse_index(gp_screen *screen) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    if (screen->y != screen->top)
        screen->y -= screen->y != 0;
    else if (gp_screen_in_columns(screen))
        status = gp_screen_scroll_down(screen, screen->top, screen->bottom, 1);
    if (status != GP_OK) return status;
    screen->x = gp_screen_column(screen);
    screen->at_margin = false;
    return GP_OK;
}

gp_status gp_screen_insert_rows(gp_screen *screen, uint32_t rows) {
    if (!gp_screen_in_rows(screen) || !gp_screen_in_columns(screen)) return GP_OK;
    gp_status status = gp_screen_scroll_down(screen, screen->y, screen->bottom, rows);
    return status == GP_OK ? gp_screen_go(screen, screen->left, screen->y) : status;
}

gp_status gp_screen_delete_rows(gp_screen *screen, uint32_t rows) {
    if (!gp_screen_in_rows(screen) || !gp_screen_in_columns(screen)) return GP_OK;
    gp_status status = gp_screen_scroll_up(screen, screen->y, screen->bottom, rows, false);
    return status == GP_OK ? gp_screen_go(screen, screen->left, screen->y) : status;
}

/* ---- columns ------------------------------------------------------------------------------------------------------------ */

static gp_status shift_columns(gp_screen *screen, uint32_t columns, bool whole,
                               void (*shift)(gp_grid *, uint32_t, uint32_t, uint32_t, uint32_t, gp_cell)) {
    if (!gp_screen_in_rows(screen) || !gp_screen_in_columns(screen)) return GP_OK;
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    uint32_t x = whole ? screen->left : gp_screen_column(screen);
    screen->work += (uint64_t)(screen->bottom - screen->top) * (screen->columns + 16);
    end_lines(screen, screen->top, screen->bottom);
    for (uint32_t y = screen->top; y < screen->bottom; y++)
        shift(gp_screen_grid(screen), y, x, screen->right, columns, blank);
    return GP_OK;
}

gp_status gp_screen_insert_columns(gp_screen *screen, uint32_t columns, bool whole) {
    return shift_columns(screen, columns, whole, gp_grid_insert);
}

gp_status gp_screen_delete_columns(gp_screen *screen, uint32_t columns, bool whole) {
    return shift_columns(screen, columns, whole, gp_grid_delete);
}

gp_status gp_screen_back_index(gp_screen *screen) {
    uint32_t x = gp_screen_column(screen);
    if (x == screen->left) return gp_screen_insert_columns(screen, 1, true);
    return x ? gp_screen_go(screen, x - 1, screen->y) : GP_OK;
}

gp_status gp_screen_forward_index(gp_screen *screen) {
    uint32_t x = gp_screen_column(screen);
    if (x + 1 == screen->right) return gp_screen_delete_columns(screen, 1, true);
    return x + 1 < screen->columns ? gp_screen_go(screen, x + 1, screen->y) : GP_OK;
}
