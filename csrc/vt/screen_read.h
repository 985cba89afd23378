/* Reading: rows as a copy that belongs to the reader. Nothing here changes what is read, or which mode it is in. */
#ifndef GP_VT_SCREEN_READ_H
#define GP_VT_SCREEN_READ_H

#include "vt/screen.h"

/* As gp_terminal_read and gp_terminal_text say; the screen is locked by the caller. */
gp_status gp_screen_read(gp_screen *screen, int64_t first, uint32_t count, bool from_screen, bool cells,
                         gp_reading **reading);
gp_status gp_screen_read_text(gp_screen *screen, int64_t first, int64_t stop, bool unwrap, gp_reading **reading);
/* As the functions on a terminal that are called alike (screen_read_lines.c). */
void gp_screen_line_figures(gp_screen *screen, gp_line_figures *figures);
gp_status gp_screen_read_lines(gp_screen *screen, uint64_t first_line, uint64_t stop_line, size_t max_bytes,
                               gp_line_details details, gp_reading **reading);
gp_status gp_screen_read_found(gp_screen *screen, uint64_t *first_line, uint64_t *stop_line, const gp_needles *needles,
                               bool backwards, size_t max_bytes, gp_found_end *end, gp_reading **reading);
gp_status gp_screen_read_since(gp_screen *screen, gp_line_cursor *cursor, size_t max_bytes, bool tail, uint64_t *dropped,
                               gp_reading **reading);
gp_status gp_screen_position(gp_screen *screen, int64_t row, uint32_t x, uint64_t *line, uint32_t *cell);
gp_status gp_screen_locate(gp_screen *screen, uint64_t line, uint32_t cell, uint64_t *row, uint32_t *x);
/* All rows of a grid, their cells as they are kept and nothing else; none of none. */
gp_status gp_screen_read_grid(const gp_grid *grid, gp_reading **reading);

#endif
