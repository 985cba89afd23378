/* Resizing: pack, change the width, show the tail again. */
#include <string.h>

#include "memory/alloc.h"
#include "vt/screen.h"

/* The cursor as a place in a line, which outlives the width. */
typedef struct anchor {
    uint64_t line;
    uint32_t cell;
    uint32_t beyond; /* columns behind the line's content */
    bool after;      /* pending wrap: behind cell - 1 rather than on `cell` */
} anchor;

/* The cursor at column x of a row that begins at cell `row_begin` and has `length` columns of content. `two_in_one`: the
 * window has one column and there is a wide cell in it. */
static anchor anchor_in_row(uint64_t line, uint32_t row_begin, uint32_t length, uint32_t x, uint32_t columns,
                            bool two_in_one) {
    return (anchor){
        .line = line,
        .cell = row_begin + (x < length ? x : length) * (two_in_one ? 2 : 1),
        .beyond = x > length ? x - length : 0,
        .after = x == columns,
    };
}

/* In grid mode: rows 0 to `last` become the list's tail, the cursor's place among them. */
static gp_status pack_rows(gp_screen *screen, uint32_t last, uint32_t x, uint32_t y, anchor *cursor) {
    gp_list *list = &screen->list;
    gp_grid *grid = &screen->primary;
    gp_status status = gp_screen_append_tail(screen, last);
    if (status != GP_OK) return status;
    /* Where row y lies in what was appended is found from the rows below it. */
    uint32_t found;
    gp_place place = gp_list_tail(list, last - y + 1, &found);
    gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t length = gp_grid_row_length(grid, y);
    if (grid->row[y].wrapped) length = grid->columns - (gp_cell_kind(cells[grid->columns - 1]) == GP_CELL_SPACER);
    bool two_in_one = grid->columns == 1 && gp_cell_kind(cells[0]) == GP_CELL_WIDE;
    *cursor = anchor_in_row(gp_place_line(&place), place.cells, length, x, grid->columns, two_in_one);
    return GP_OK;
}

static uint32_t last_needed_row(const gp_screen *screen, uint32_t y) {
    uint32_t last = screen->rows - 1;
    while (last > y && !gp_grid_row_length(&screen->primary, last)) last--;
    return last;
}

/* Rows from `place`'s row to the end, at the list's width. */
static uint32_t rows_from(gp_list *list, const gp_place *place, uint32_t enough) {
    gp_line line;
    gp_list_enter(list, place, &line);
    uint32_t rows = 0, cell = place->cells;
    do {
        gp_layout layout;
        gp_layout_begin(&layout, gp_list_view(list, &line).runs, gp_list_from(list, line.page, line.index), list->columns);
        while (rows < enough && gp_layout_next_row(&layout)) {
            gp_layout_skip_row(&layout);
            if (layout.cells > cell || !layout.more) rows++;
        }
        cell = 0;
    } while (rows < enough && gp_list_step(list, &line));
    return rows;
}

/* The row of its line that the anchor lies in, and the column there. */
static uint32_t row_in_line(gp_list *list, const anchor *cursor, uint32_t *x) {
    gp_place place = gp_list_place_of(list, cursor->line, 0);
    gp_line line;
    gp_layout layout;
    gp_list_enter(list, &place, &line);
    gp_layout_begin(&layout, gp_list_view(list, &line).runs, gp_list_from(list, line.page, line.index), list->columns);
    *x = 0;
    for (uint32_t row = 0; gp_layout_next_row(&layout); row++) {
        uint32_t begin = layout.cells, cell = cursor->cell > begin ? cursor->cell : begin;
        for (gp_piece piece; gp_layout_next_piece(&layout, &piece);) {
            uint32_t end = layout.cells, piece_begin = end - piece.cells * piece.width;
            bool inside = cell > piece_begin && cell < end;
            if (inside && piece.width == 2) cell -= (cell - piece_begin) & 1; /* not between two halves */
        }
        bool here = cell < layout.cells || !layout.more || (cursor->after && cell == layout.cells && !layout.spacer);
        if (!here) continue;
        *x = cell - begin;
        if (list->columns == 1 && *x > 1) *x = 1;
        if (cursor->beyond) {
            *x += cursor->beyond;
            if (*x >= list->columns) *x = list->columns - 1;
        }
        return row;
    }
    return 0;
}

/* Where the anchor lies among the rows from `place` on; above them counts as in the first, without a pending wrap. */
static void find(gp_list *list, const gp_place *place, const anchor *cursor, uint32_t *x, uint32_t *y) {
    uint32_t row = row_in_line(list, cursor, x);
    uint64_t number = gp_place_line(place);
    anchor top = {.line = number, .cell = place->cells};
    uint32_t unused, first = row_in_line(list, &top, &unused);
    *y = 0;
    if (cursor->line < number || (cursor->line == number && row < first)) {
        if (*x == list->columns) --*x;
        return;
    }
    gp_line line;
    gp_list_enter(list, place, &line);
    uint32_t rows = 0;
    for (; number < cursor->line; number++) {
        rows += gp_line_rows(&line, gp_list_from(list, line.page, line.index), list->columns);
        if (!gp_list_step(list, &line)) break;
    }
    *y = rows + row - first;
}

/* Whether there are lines of double size from `place` on, which is for a grid to show. */
static bool any_doubled(gp_list *list, const gp_place *place) {
    gp_line line;
    gp_list_enter(list, place, &line);
    do {
        if (gp_list_view(list, &line).flags >> GP_LINE_SIZE_SHIFT) return true;
    } while (gp_list_step(list, &line));
    return false;
}

/* Lays the primary screen out anew. *x and *y are its cursor; the grid it had is kept for the caller to retire. */
static gp_status reflow(gp_screen *screen, uint32_t columns, uint32_t rows, uint32_t *x, uint32_t *y, gp_grid *grid,
                        bool *as_text) {
    gp_list *list = &screen->list;
    uint64_t line = list->next_line;
    uint32_t cells = list->open ? list->line.cells : 0, old_columns = list->columns;
    uint32_t old_tail = list->tail_rows, old_max = list->tail_rows_max, found;
    bool was_text = screen->text_mode;
    anchor cursor = {.line = line, .cell = cells};
    gp_status status;

    gp_list_cut(list, list->limit_rows, GP_PRUNE_LINES);
    list->held_line = line;
    if (was_text) {
        uint32_t length = list->line.row_cells;
        bool two_in_one = old_columns == 1 && length && gp_list_last_width(list) == 2;
        uint32_t row_begin = list->line.cells - length * (two_in_one ? 2 : 1);
        cursor = anchor_in_row(list->next_line, row_begin, length, *x, old_columns, two_in_one);
    } else {
        status = pack_rows(screen, last_needed_row(screen, *y), *x, *y, &cursor);
        if (status != GP_OK) {
            list->held_line = UINT64_MAX;
            return status;
        }
    }
    bool full = list->tail_rows == screen->rows;
    gp_place top = gp_list_tail(list, list->tail_rows, &found);

    gp_list_set_columns(list, columns);
    uint32_t wanted = full ? rows : rows_from(list, &top, rows);
    gp_place place = gp_list_tail(list, wanted, &found);
    uint32_t new_x, new_y;
    find(list, &place, &cursor, &new_x, &new_y);
    /* A record at its cap that does not end with a row any more is cut at a row's end, where the next one begins. */
    bool capped = list->open && gp_list_at_cap(list);
    bool settled = cursor.line < screen->settled_line;
    *as_text = new_y + 1 == found && screen->mode != GP_SCREEN_GRID && !capped && !settled &&
               !any_doubled(list, &place);
    *grid = (gp_grid){0};
    list->tail_rows = found; /* which also keeps it from being pruned while a grid is acquired */
    list->tail_rows_max = rows;
    if (!*as_text) {
        status = gp_list_make_own(list, place.page);
        if (status == GP_OK) status = gp_grid_lay_out(list, &place, columns, rows, grid);
        if (status != GP_OK) goto fail;
        gp_list_truncate(list, &place);
        if (list->open) list->line.flags &= (1u << GP_LINE_SIZE_SHIFT) - 1; /* it did not fit, and goes on as it is shown */
        list->tail_rows = list->tail_rows_max = 0;
    }
    list->held_line = UINT64_MAX;
    *x = new_x;
    *y = new_y;
    return GP_OK;

fail:
    list->held_line = UINT64_MAX;
    gp_list_set_columns(list, old_columns);
    if (!was_text) gp_screen_take_back(screen, line, cells);
    list->tail_rows = old_tail;
    list->tail_rows_max = old_max;
    return status;
}

/* Into the new size; a pending wrap survives in the last column. */
static void clamp(uint32_t *x, uint32_t *y, uint32_t old_columns, uint32_t columns, uint32_t rows) {
    bool pending = *x == old_columns;
    if (pending) --*x;
    if (*x >= columns) *x = columns - 1;
    if (pending && *x == columns - 1) *x = columns;
    if (*y >= rows) *y = rows - 1;
}

gp_status gp_screen_resize(gp_screen *screen, uint32_t columns, uint32_t rows) {
    if (columns == screen->columns && rows == screen->rows) return GP_OK;
    gp_grid alternate = {0}, primary = {0};
    bool as_text;
    uint32_t old_columns = screen->columns;
    uint64_t complete_line = gp_screen_complete_line(screen);
    if (screen->x == old_columns && !screen->autowrap) screen->x--;
    uint8_t *tabs = gp_alloc_zeroed((columns + 7) / 8);
    if (!tabs) return GP_ERR_NOMEM;
    gp_status status = GP_OK;
    if (screen->alternate.page.mapping)
        status = gp_grid_resize(&screen->list, &screen->alternate, columns, rows, &alternate);
    uint32_t x = screen->on_alternate ? screen->primary_x : screen->x;
    uint32_t y = screen->on_alternate ? screen->primary_y : screen->y;
    if (status == GP_OK) status = reflow(screen, columns, rows, &x, &y, &primary, &as_text);
    if (status != GP_OK) {
        gp_grid_retire(&screen->list, &alternate);
        gp_free(tabs);
        return status;
    }

    /* From here on nothing fails. */
    gp_grid_retire(&screen->list, &screen->primary);
    screen->primary = primary;
    screen->text_mode = as_text;
    if (screen->alternate.page.mapping) {
        gp_grid_retire(&screen->list, &screen->alternate);
        screen->alternate = alternate;
    }
    memcpy(tabs, screen->tabs, (columns < old_columns ? columns : old_columns) / 8);
    for (uint32_t column = (columns < old_columns ? columns : old_columns) / 8 * 8; column < columns; column++) {
        bool on = column < old_columns ? screen->tabs[column / 8] >> (column % 8) & 1 : column % 8 == 0;
        if (on) tabs[column / 8] |= (uint8_t)(1u << (column % 8));
    }
    gp_free(screen->tabs);
    screen->tabs = tabs;
    if (screen->on_alternate) {
        screen->primary_x = x;
        screen->primary_y = y;
        clamp(&screen->x, &screen->y, old_columns, columns, rows);
    } else {
        screen->x = x;
        screen->y = y;
    }
    screen->columns = columns;
    screen->rows = rows;
    screen->top = screen->left = 0;
    screen->bottom = rows;
    screen->right = columns;
    screen->at_margin = screen->saved[0].at_margin = screen->saved[1].at_margin = false;
    gp_screen_find_doubled(screen);
    for (int i = 0; i < 2; i++) clamp(&screen->saved[i].x, &screen->saved[i].y, old_columns, columns, rows);
    screen->pen_stale = screen->attribute_stale = true;
    screen->plain_rows = 0;
    gp_screen_settle(screen, complete_line);
    gp_screen_stop_joining(screen);
    screen->repeatable = false;
    return GP_OK;
}
