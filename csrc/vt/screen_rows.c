#include "vt/screen_rows.h"

gp_rows_above gp_screen_rows_above(gp_screen *screen) {
    gp_list *list = &screen->list;
    uint64_t history = gp_list_history_rows(list);
    return (gp_rows_above){.history = history, .hidden = gp_list_total_rows(list) - list->tail_rows - history};
}

/* ---- rows of the list ----------------------------------------------------------------------------------------------- */

static void look_at(gp_rows *rows, uint32_t from) {
    gp_list *list = &rows->screen->list;
    gp_line_view view = gp_list_view(list, &rows->text_line);
    rows->flags = view.flags;
    rows->open = view.open;
    gp_layout_begin(&rows->layout, view.runs, from, list->columns);
}

static bool next_text_row(gp_rows *rows) {
    if (!gp_layout_next_row(&rows->layout)) {
        gp_list *list = &rows->screen->list;
        gp_line *line = &rows->text_line;
        if (!gp_list_step(list, line)) return false;
        look_at(rows, gp_list_from(list, line->page, line->index));
        gp_layout_next_row(&rows->layout);
    }
    rows->kind = GP_ROW_TEXT;
    rows->line = rows->text_line.page->first_line + rows->text_line.index;
    rows->cell = rows->layout.cells;
    return true;
}

/* ---- rows of the screen behind it ----------------------------------------------------------------------------------- */

static void pass_grid_row(gp_rows *rows) {
    if (rows->grid->row[rows->next_y].wrapped) {
        rows->next_cell += gp_screen_row_cells(rows->grid, rows->next_y);
    } else {
        rows->next_line++;
        rows->next_cell = 0;
    }
}

static bool next_screen_row(gp_rows *rows) {
    if (rows->next_y == rows->screen->rows) return false;
    rows->kind = rows->grid ? GP_ROW_GRID : GP_ROW_BLANK;
    rows->line = rows->next_line;
    rows->cell = rows->next_cell;
    rows->y = rows->next_y;
    if (rows->grid)
        pass_grid_row(rows);
    else
        rows->next_line++;
    rows->next_y++;
    return true;
}

/* ---- all of them ---------------------------------------------------------------------------------------------------- */

void gp_rows_begin(gp_rows *rows, gp_screen *screen, uint64_t row) {
    gp_list *list = &screen->list;
    bool text_screen = gp_screen_shows_text(screen);
    gp_rows_above above = gp_screen_rows_above(screen);
    uint64_t listed = above.history + (text_screen ? list->tail_rows : 0);
    *rows = (gp_rows){.screen = screen, .grid = text_screen ? NULL : gp_screen_grid(screen)};
    if (row < listed) {
        gp_place place = gp_list_row(list, above.hidden + row);
        rows->text_rows = listed - row;
        gp_list_enter(list, &place, &rows->text_line);
        look_at(rows, place.cells);
        row = listed;
    }
    uint64_t y = row - above.history; /* from the screen's top */
    if (text_screen) {
        rows->next_line = list->next_line + 1 + (y - list->tail_rows);
        rows->next_y = (uint32_t)y;
    } else {
        rows->next_line = gp_screen_first_line(screen);
        rows->next_cell = gp_screen_first_cell(screen);
        for (; rows->next_y < y && rows->next_y < screen->rows; rows->next_y++) pass_grid_row(rows);
    }
}

bool gp_rows_next(gp_rows *rows) {
    if (rows->text_rows) {
        rows->text_rows--;
        if (next_text_row(rows)) return true;
        rows->text_rows = 0;
    }
    return next_screen_row(rows);
}

bool gp_rows_wrapped(const gp_rows *rows) {
    switch (rows->kind) {
    case GP_ROW_TEXT:
        if (rows->layout.more) return true;
        if (rows->open) return !rows->screen->text_mode; /* it goes on in the grid */
        return rows->flags & GP_LINE_CONTINUES;
    case GP_ROW_GRID: return rows->grid->row[rows->y].wrapped;
    case GP_ROW_BLANK: break;
    }
    return false;
}

/* ---- finding a row -------------------------------------------------------------------------------------------------- */

static uint64_t row_in_line(gp_list *list, const gp_place *place) {
    gp_line line;
    gp_list_enter(list, place, &line);
    gp_line_view view = gp_list_view(list, &line);
    uint32_t from = gp_list_from(list, place->page, place->index), cell = place->cells;
    if (cell >= view.cells) cell = view.cells ? view.cells - 1 : 0;
    if (cell <= from) return 0;
    if (!(view.flags & GP_LINE_WIDE)) return (cell - from) / list->columns;
    gp_layout layout;
    gp_layout_begin(&layout, view.runs, from, list->columns);
    for (uint64_t row = 0; gp_layout_next_row(&layout); row++) {
        gp_layout_skip_row(&layout);
        if (layout.cells > cell || !layout.more) return row;
    }
    return 0;
}

uint64_t gp_screen_find_row(gp_screen *screen, uint64_t line, uint32_t cell) {
    gp_list *list = &screen->list;
    gp_rows_above above = gp_screen_rows_above(screen);
    if (!list->oldest || line < list->oldest->first_line + list->oldest->dead_lines) return 0;
    if (line > list->next_line || (line == list->next_line && !list->open)) return above.history;
    if (line == list->next_line && cell >= list->line.cells && !screen->text_mode) return above.history;
    gp_place place = gp_list_place_of(list, line, cell);
    uint64_t row = gp_list_rows_before(list, &place) + row_in_line(list, &place);
    if (row < above.hidden) return 0;
    row -= above.hidden;
    return row < above.history ? row : above.history;
}
