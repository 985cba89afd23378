/* Parts of rows: what margins and rectangles move within a grid. */
#include <string.h>

#include "pages/grid.h"

static inline uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }
static inline uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* From column `end` on everything in the row is blank. */
static void note_used(gp_grid *grid, uint32_t y, uint32_t end) {
    grid->row[y].used = end;
    grid->row[y].used = gp_grid_row_length(grid, y);
}

/* A spacer means something at the end of its row alone. */
static void drop_spacer(gp_grid *grid, uint32_t y) {
    gp_cell *last = gp_grid_row_cells(grid, y) + grid->columns - 1;
    if (gp_cell_kind(*last) == GP_CELL_SPACER) *last = 0;
}

void gp_grid_insert(gp_grid *grid, uint32_t y, uint32_t x, uint32_t right, uint32_t count, gp_cell blank) {
    gp_cell *cells = gp_grid_row_cells(grid, y);
    if (count > right - x) count = right - x;
    gp_grid_split(grid, y, x);
    gp_grid_split(grid, y, right);
    gp_grid_split(grid, y, right - count);
    memmove(cells + x + count, cells + x, (right - x - count) * sizeof *cells);
    uint32_t used = grid->row[y].used;
    grid->row[y].used = grid->columns;
    gp_grid_fill(grid, y, x, x + count, blank);
    note_used(grid, y, larger(used, smaller(larger(used, x) + count, right)));
}

void gp_grid_delete(gp_grid *grid, uint32_t y, uint32_t x, uint32_t right, uint32_t count, gp_cell blank) {
    gp_cell *cells = gp_grid_row_cells(grid, y);
    if (count > right - x) count = right - x;
    gp_grid_split(grid, y, x);
    gp_grid_split(grid, y, right);
    gp_grid_split(grid, y, x + count);
    if (right == grid->columns) drop_spacer(grid, y);
    memmove(cells + x, cells + x + count, (right - x - count) * sizeof *cells);
    uint32_t used = grid->row[y].used;
    grid->row[y].used = grid->columns;
    gp_grid_fill(grid, y, right - count, right, blank);
    note_used(grid, y, blank ? larger(used, right) : used);
}

/* Halves of wide cells at the edge between columns x - 1 and x that have lost the other half. */
static void blank_halves(gp_grid *grid, uint32_t y, uint32_t x) {
    if (x == 0 || x >= grid->columns) return;
    gp_cell *cells = gp_grid_row_cells(grid, y);
    bool lead = gp_cell_kind(cells[x - 1]) == GP_CELL_WIDE, tail = gp_cell_kind(cells[x]) == GP_CELL_TAIL;
    if (lead && !tail) cells[x - 1] = 0;
    if (tail && !lead) cells[x] = 0;
}

void gp_grid_copy(gp_grid *grid, uint32_t from_y, uint32_t from_x, uint32_t y, uint32_t x, uint32_t count) {
    gp_cell *from = gp_grid_row_cells(grid, from_y) + from_x, *to = gp_grid_row_cells(grid, y) + x;
    memmove(to, from, count * sizeof *to);
    gp_cell *last = to + count - 1;
    if (gp_cell_kind(*last) == GP_CELL_SPACER) *last = 0;
    if (grid->columns > 1) { /* halves whose other half was not copied */
        if (gp_cell_kind(*to) == GP_CELL_TAIL) *to = 0;
        if (gp_cell_kind(*last) == GP_CELL_WIDE) *last = 0;
    }
    if (x + count > grid->row[y].used) grid->row[y].used = x + count;
    blank_halves(grid, y, x);
    blank_halves(grid, y, x + count);
}

void gp_grid_scroll_block(gp_grid *grid, uint32_t top, uint32_t bottom, uint32_t left, uint32_t right, uint32_t rows,
                          bool down, gp_cell blank) {
    for (uint32_t y = top; y < bottom; y++) {
        gp_grid_split(grid, y, left);
        gp_grid_split(grid, y, right);
    }
    uint32_t kept = bottom - top - rows;
    for (uint32_t i = 0; i < kept; i++) {
        uint32_t to = down ? bottom - 1 - i : top + i;
        gp_grid_copy(grid, down ? to - rows : to + rows, left, to, left, right - left);
    }
    for (uint32_t i = 0; i < rows; i++) gp_grid_fill(grid, down ? top + i : bottom - 1 - i, left, right, blank);
    for (uint32_t y = top; y < bottom; y++) note_used(grid, y, grid->columns);
}
