/* Cells into the grid at the cursor. The screen is in grid mode. On failure what was written before stays written. */
#ifndef GP_VT_SCREEN_CELLS_H
#define GP_VT_SCREEN_CELLS_H

#include "vt/screen.h"

/* `side_bytes` in the grid's side store, and the attribute of the pen. Another attribute fits besides, so that the blank
 * row which a wrap may need cannot make the store move between this and the writing of the cell. */
gp_status gp_screen_ready_grid(gp_screen *screen, size_t side_bytes);
/* `cells` cells of one code point each; *done_bytes is what of the text was written, also on failure. */
gp_status gp_screen_put_run(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t cells, unsigned width,
                            size_t *done_bytes);
/* A cell of several code points. */
gp_status gp_screen_put_cell(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t codepoints,
                             unsigned width);
/* The cell left of the cursor, or under it when the last column is written; NULL when there is none with text. */
gp_cell *gp_screen_left_cell(gp_screen *screen, uint32_t *x);
/* Adds a code point to the cell left of the cursor, whose width becomes `width` (0: stays). */
gp_status gp_screen_extend_cell(gp_screen *screen, const uint8_t *text, size_t text_bytes, unsigned width);

/* ---- the usual cases (screen_paint.c) ---- */

/* gp_screen_print_ascii in grid mode, where the text fits into the row and nothing joins the cell printed last. */
bool gp_screen_paint_ascii(gp_screen *screen, const uint8_t *text, uint32_t cells);
/* The same of a longer run, after gp_screen_ready_grid: only the cells and where the cursor is afterwards. */
bool gp_screen_paint_in_row(gp_screen *screen, const uint8_t *text, uint32_t cells);
/* UTF-8 as far as the usual case goes. Returns the bytes painted, which may be none. */
size_t gp_screen_paint_text(gp_screen *screen, const uint8_t *text, size_t text_bytes);

#endif
