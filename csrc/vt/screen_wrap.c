/* Wraps: which rows go on in the next.
 *
 * A wrap is made by printing beyond a row's last column, or by layout. It ends when the row's last cell or the next
 * row's first becomes blank, when the rows stop being neighbours, when the wide cell that a spacer made room for is no
 * longer there, or when nothing but blanks follows. So a wrapped row can always be joined to the next without loss, and
 * laying the line out at the same width gives the same rows. */
#include "vt/screen.h"

static gp_cell *last_cell(gp_grid *grid, uint32_t y) { return gp_grid_row_cells(grid, y) + grid->columns - 1; }

static bool above_goes_on(gp_screen *screen, uint32_t y) {
    gp_grid *grid = gp_screen_grid(screen);
    if (y > 0) return grid->row[y - 1].wrapped;
    return !screen->on_alternate && gp_list_joined(&screen->list);
}

/* Whether the row above ends in a spacer. In history it shows by the open line's last row not being full. */
static bool above_has_spacer(gp_screen *screen, uint32_t y) {
    gp_grid *grid = gp_screen_grid(screen);
    if (y > 0) return gp_cell_kind(*last_cell(grid, y - 1)) == GP_CELL_SPACER;
    return screen->list.open && screen->list.line.row_cells + 1 == screen->columns && screen->list.line.rows;
}

/* A line whose last row, `y`, is empty ends above it. */
static bool ends_above(gp_screen *screen, int64_t y) {
    gp_grid *grid = gp_screen_grid(screen);
    return y >= 0 && !grid->row[y].wrapped && !gp_grid_row_length(grid, (uint32_t)y) &&
           above_goes_on(screen, (uint32_t)y);
}

int64_t gp_screen_unwrap_from(gp_screen *screen, int64_t y) {
    gp_grid *grid = gp_screen_grid(screen);
    bool goes_on = true;
    for (; goes_on && y >= 0; goes_on = ends_above(screen, y), y--) {
        grid->row[y].wrapped = grid->row[y].folded = false;
        gp_cell *last = last_cell(grid, (uint32_t)y);
        if (gp_cell_kind(*last) == GP_CELL_SPACER) *last = 0;
    }
    if (!goes_on) return y + 1;
    gp_list_break(&screen->list);
    return -1;
}

gp_edges gp_screen_edges(gp_screen *screen, uint32_t y) {
    gp_grid *grid = gp_screen_grid(screen);
    return GP_EDGES_WATCHED | (gp_cell_is_blank(*gp_grid_row_cells(grid, y)) ? GP_EDGES_FIRST_BLANK : 0) |
           (gp_cell_is_blank(*last_cell(grid, y)) ? GP_EDGES_LAST_BLANK : 0);
}

void gp_screen_mend_wraps(gp_screen *screen, uint32_t y, gp_edges before) {
    gp_grid *grid = gp_screen_grid(screen);
    gp_cell first = *gp_grid_row_cells(grid, y), last = *last_cell(grid, y);
    if (gp_cell_is_blank(last) && !(before & GP_EDGES_LAST_BLANK)) gp_screen_unwrap(screen, y);
    if (above_goes_on(screen, y)) {
        bool blanked = gp_cell_is_blank(first) && !(before & GP_EDGES_FIRST_BLANK);
        bool displaced = above_has_spacer(screen, y) && gp_cell_kind(first) != GP_CELL_WIDE;
        if (blanked || displaced) gp_screen_unwrap(screen, (int64_t)y - 1);
    }
    if (ends_above(screen, y)) gp_screen_unwrap(screen, (int64_t)y - 1);
}
