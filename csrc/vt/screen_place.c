/* Places on the screen as places in lines, which are the same in either mode. */
#include "vt/screen.h"

uint32_t gp_screen_row_cells(const gp_grid *grid, uint32_t y) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    if (grid->columns == 1) return gp_cell_kind(cells[0]) == GP_CELL_WIDE ? 2 : 1;
    return grid->columns - (gp_cell_kind(cells[grid->columns - 1]) == GP_CELL_SPACER);
}

uint32_t gp_screen_first_cell(const gp_screen *screen) {
    return !screen->on_alternate && screen->list.open ? screen->list.line.cells : 0;
}

void gp_screen_cursor_place(const gp_screen *screen, uint64_t *line, uint32_t *cell) {
    const gp_list *list = &screen->list;
    uint32_t x = screen->on_alternate ? screen->primary_x : screen->x;
    uint32_t y = screen->on_alternate ? screen->primary_y : screen->y;
    *line = list->next_line;
    if (screen->text_mode) {
        const gp_open_line *open = &list->line;
        bool two_in_one = list->columns == 1 && open->row_cells && gp_list_last_width(list) == 2;
        *cell = open->cells - open->row_cells * (two_in_one ? 2 : 1) + x * (two_in_one ? 2 : 1);
        return;
    }
    const gp_grid *grid = &screen->primary;
    *cell = list->open ? list->line.cells : 0;
    for (uint32_t row = 0; row < y; row++) {
        if (grid->row[row].wrapped) {
            *cell += gp_screen_row_cells(grid, row);
        } else {
            ++*line;
            *cell = 0;
        }
    }
    *cell += screen->columns == 1 && x ? gp_screen_row_cells(grid, y) : x;
}
