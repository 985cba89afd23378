/* Cells into the grid at the cursor. The screen is in grid mode. On failure what was written before stays written. */
#ifndef GP_VT_SCREEN_CELLS_H
#define GP_VT_SCREEN_CELLS_H

#include "vt/screen.h"

/* `cells` cells of one code point each; *done_bytes is what of the text was written, also on failure. */
gp_status gp_screen_put_run(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t cells, unsigned width,
                            size_t *done_bytes);
/* The same for ASCII where nothing wraps and nothing is inserted; the cursor stays where it is. False: nothing was done. */
bool gp_screen_put_ascii(gp_screen *screen, const uint8_t *text, uint32_t cells);
gp_status gp_screen_put_cell(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t codepoints,
                             unsigned width);
/* The cell left of the cursor, or under it when the last column is written; NULL when there is none with text. */
gp_cell *gp_screen_left_cell(gp_screen *screen, uint32_t *x);
/* Adds a code point to the cell left of the cursor, whose width becomes `width` (0: stays). */
gp_status gp_screen_extend_cell(gp_screen *screen, const uint8_t *text, size_t text_bytes, unsigned width);

#endif
