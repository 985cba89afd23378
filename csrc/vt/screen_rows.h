/* Walking the rows that a reader sees, history and screen, in whichever mode they are.
 *
 *     gp_rows rows;
 *     gp_rows_begin(&rows, screen, row);                    row 0 is the oldest of history
 *     while (gp_rows_next(&rows)) {
 *         GP_ROW_TEXT    its pieces are those of gp_layout_next_piece(&rows.layout, ...); all have to be taken
 *         GP_ROW_GRID    row rows.y of rows.grid
 *         GP_ROW_BLANK   below the last line of a screen in text mode
 *     }
 *
 * The screen stays locked meanwhile. */
#ifndef GP_VT_SCREEN_ROWS_H
#define GP_VT_SCREEN_ROWS_H

#include "vt/screen.h"

typedef enum gp_row_kind { GP_ROW_TEXT, GP_ROW_GRID, GP_ROW_BLANK } gp_row_kind;

typedef struct gp_rows {
    gp_row_kind kind;
    uint64_t line; /* the row's, and the cell of that line with which it begins */
    uint32_t cell;
    gp_layout layout;
    const gp_grid *grid;
    uint32_t y; /* of the screen, unless the row is text */

    gp_screen *screen;
    uint64_t text_rows; /* left in the list */
    gp_line text_line;
    uint8_t flags;
    bool open;
    uint32_t next_y; /* behind the list */
    uint64_t next_line;
    uint32_t next_cell;
} gp_rows;

/* Rows above the screen, and those that a limit hides above them. */
typedef struct gp_rows_above {
    uint64_t history, hidden;
} gp_rows_above;

gp_rows_above gp_screen_rows_above(gp_screen *screen);
void gp_rows_begin(gp_rows *rows, gp_screen *screen, uint64_t row);
bool gp_rows_next(gp_rows *rows);
/* Whether the row goes on in the next. */
bool gp_rows_wrapped(const gp_rows *rows);
/* The row in which a cell of a line lies, if that is in history: 0 if it has gone from there, and the first row of the
 * screen if it has not come to it. */
uint64_t gp_screen_find_row(gp_screen *screen, uint64_t line, uint32_t cell);

#endif
