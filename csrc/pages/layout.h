/* Layout: a line and a width in, rows out. The one function that says where lines wrap; history, screen and resize
 * all show what it says.
 *
 *     gp_layout_begin(&layout, runs, 0, columns);
 *     while (gp_layout_next_row(&layout)) {
 *         while (gp_layout_next_piece(&layout, &piece)) ...
 *         ... layout.column, layout.spacer, layout.more tell of the row
 *     }
 *
 * A wide cell that does not fit in a row's last column leaves a spacer there and begins the next row. In a window of one
 * column a wide cell is shown in that one. */
#ifndef GP_PAGES_LAYOUT_H
#define GP_PAGES_LAYOUT_H

#include "pages/record.h"

typedef struct gp_layout {
    gp_runs runs;
    uint32_t columns;
    uint32_t column; /* columns used in the row so far */
    uint32_t cells;  /* of the line, up to here, in columns as if unwrapped */
    bool begun;
    bool spacer; /* the row that ended leaves its last column to a spacer */
    bool more;   /* the line goes on in the next row */
} gp_layout;

/* From cell `from` of the line on. */
void gp_layout_begin(gp_layout *layout, gp_runs runs, uint32_t from, uint32_t columns);
bool gp_layout_next_row(gp_layout *layout);
/* Inline for those who look at each piece: with a style in each cell, that is half of what reading a row costs. */
static inline bool gp_layout_next_piece(gp_layout *layout, gp_piece *piece) {
    if (!gp_runs_load(&layout->runs)) return false;
    uint32_t width = layout->columns == 1 ? 1 : layout->runs.run.width;
    uint32_t room_cells = (layout->columns - layout->column) >> (width - 1);
    if (!room_cells) {
        layout->more = true;
        layout->spacer = layout->column < layout->columns;
        return false;
    }
    gp_runs_take(&layout->runs, room_cells, piece);
    layout->cells += piece->cells * piece->width;
    layout->column += piece->cells * width;
    return true;
}
/* The next piece, if that is one cell of ASCII; else false, and nothing is taken. Its pen is that of layout->runs. */
static inline bool gp_layout_next_byte(gp_layout *layout, uint8_t *byte) {
    gp_runs *runs = &layout->runs;
    if (!gp_runs_load(runs) || runs->run.cells != 1 || !runs->ascii || runs->run.kind != GP_RUN_NARROW ||
        layout->column == layout->columns)
        return false;
    runs->run.cells = 0;
    *byte = *runs->text++;
    layout->cells++;
    layout->column++;
    return true;
}

/* To the end of the current row, without its pieces. */
void gp_layout_skip_row(gp_layout *layout);

#endif
