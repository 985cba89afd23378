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
bool gp_layout_next_piece(gp_layout *layout, gp_piece *piece);
/* To the end of the current row, without its pieces. */
void gp_layout_skip_row(gp_layout *layout);

#endif
