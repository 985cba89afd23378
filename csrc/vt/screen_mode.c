/* Between text mode and grid mode: inflate and pack. */
#include "vt/screen.h"

/* ---- list to grid ----------------------------------------------------------------------------------------------- */

/* To pack and to inflate again costs about as much as one and a half screenfuls of lines cost more in the grid than as text;
 * with one, a shell whose commands print up to three screenfuls paid an eighth for changing all the time.
 * After each edit is noted what would have been paid with each patience, and the cheapest is the next: no program can pay
 * much more for the two modes than with the grid alone, nor than with the best time to pack that could be chosen for it. */
void gp_screen_learn(gp_screen *screen, uint64_t rows) {
    unsigned best = 0;
    for (unsigned i = 0; i < GP_PATIENCES; i++) {
        uint32_t wait = screen->rows << i;
        screen->costs[i] += rows < wait ? (uint32_t)rows : wait + screen->rows * 3 / 2;
        if (screen->costs[i] < screen->costs[best]) best = i;
    }
    screen->patience = (uint8_t)best;
    if (screen->costs[best] < screen->rows << 9) return;
    for (unsigned i = 0; i < GP_PATIENCES; i++) screen->costs[i] /= 2;
}

gp_status gp_screen_inflate(gp_screen *screen) {
    gp_list *list = &screen->list;
    uint32_t found;
    gp_place place = gp_list_tail(list, list->tail_rows, &found);
    gp_grid grid;
    gp_status status = gp_list_make_own(list, place.page);
    if (status == GP_OK) status = gp_grid_lay_out(list, &place, screen->columns, screen->rows, &grid);
    if (status != GP_OK) return status;
    if (screen->packed) gp_screen_learn(screen, list->next_line - screen->plain_line);
    screen->packed = false;
    gp_list_truncate(list, &place);
    list->tail_rows = list->tail_rows_max = 0;
    screen->primary = grid;
    screen->text_mode = false;
    gp_screen_count_settled(screen);
    screen->attribute_stale = true;
    screen->plain_rows = 0;
    screen->account.counters.inflated++;
    return GP_OK;
}

gp_status gp_screen_edit(gp_screen *screen) {
    gp_screen_stir(screen);
    gp_status status = gp_screen_shows_text(screen) ? gp_screen_inflate(screen) : GP_OK;
    return status == GP_OK ? gp_screen_prepare_break(screen) : status;
}

/* ---- grid to list ----------------------------------------------------------------------------------------------- */

/* The open line is row y's, or begins with it. */
static gp_status open_for_row(gp_list *list, const gp_grid *grid, uint32_t y) {
    gp_status status = list->open ? GP_OK : gp_list_open_line(list, list->continues);
    if (status == GP_OK) list->line.flags |= (uint8_t)(grid->row[y].size << GP_LINE_SIZE_SHIFT);
    return status;
}

gp_status gp_screen_append_row(gp_screen *screen, uint32_t y) {
    gp_list *list = &screen->list;
    uint64_t line = list->next_line;
    uint32_t cells = list->open ? list->line.cells : 0;
    gp_status status = open_for_row(list, &screen->primary, y);
    if (status == GP_OK) status = gp_grid_append_row(list, &screen->primary, y);
    if (status != GP_OK) {
        gp_screen_take_back(screen, line, cells);
        return status;
    }
    if (!screen->primary.row[y].wrapped) gp_list_close_line(list, false);
    return GP_OK;
}

void gp_screen_take_back(gp_screen *screen, uint64_t line, uint32_t cells) {
    if (!screen->list.newest) return;
    static const gp_style plain;
    static const gp_link none;
    gp_list *list = &screen->list;
    gp_place place = gp_list_place_of(list, line, cells);
    gp_list_truncate(list, &place);
    if (!cells || list->line.cells == cells) return;
    gp_list_set_pen(list, &plain, &none); /* blanks that a break took off: where they were there is room for them */
    gp_list_put_blanks(list, cells - list->line.cells);
    gp_list_measure_open(list, &list->line.rows, &list->line.row_cells); /* blanks of rows that are cut off make none */
}

gp_status gp_screen_append_tail(gp_screen *screen, uint32_t y) {
    gp_list *list = &screen->list;
    uint64_t line = list->next_line;
    uint32_t cells = list->open ? list->line.cells : 0;
    list->tail_rows_max = screen->rows;
    gp_status status = GP_OK;
    for (uint32_t row = 0; row <= y && status == GP_OK; row++) {
        bool goes_on = list->open;
        status = open_for_row(list, &screen->primary, row);
        if (status == GP_OK && !goes_on) list->tail_rows++;
        if (status == GP_OK) status = gp_grid_append_row(list, &screen->primary, row);
        if (status == GP_OK && row < y && !screen->primary.row[row].wrapped) gp_list_close_line(list, false);
    }
    if (status == GP_OK) return GP_OK;
    gp_screen_take_back(screen, line, cells);
    list->tail_rows = list->tail_rows_max = 0;
    return status;
}

void gp_screen_pack(gp_screen *screen) {
    gp_grid *grid = &screen->primary;
    uint32_t plain_rows = screen->plain_rows;
    screen->plain_rows = 0;
    if (screen->text_mode || screen->on_alternate || screen->mode == GP_SCREEN_GRID) return;
    if (screen->y < screen->settled_rows) return; /* printing would change a settled line, unseen in text mode */
    if (screen->x == screen->columns && gp_cell_is_blank(gp_grid_row_cells(grid, screen->y)[screen->columns - 1]))
        return; /* a restored wrap behind a blank, which the line would not go on from */
    for (uint32_t y = 0; y < screen->rows; y++)
        if ((grid->row[y].folded && !grid->row[y].wrapped) || grid->row[y].size) return;
    for (uint32_t y = screen->y + 1; y < screen->rows; y++)
        if (gp_grid_row_length(grid, y)) return;
    screen->list.held_line = screen->list.next_line;
    gp_status status = gp_screen_append_tail(screen, screen->y);
    screen->list.held_line = UINT64_MAX;
    if (status != GP_OK) return;
    gp_grid_retire(&screen->list, grid);
    screen->text_mode = true;
    screen->settled_rows = 0;
    screen->pen_stale = true;
    screen->packed = true;
    screen->plain_line = screen->list.next_line > plain_rows ? screen->list.next_line - plain_rows : 0;
    screen->account.counters.packed++;
}
