/* Reading: rows as a copy that belongs to the reader. Nothing here changes what is read, or which mode it is in. */
#ifndef GP_VT_SCREEN_READ_H
#define GP_VT_SCREEN_READ_H

#include "vt/screen.h"

/* As gp_terminal_read and gp_terminal_text say; the screen is locked by the caller. */
gp_status gp_screen_read(gp_screen *screen, int64_t first, uint32_t count, bool from_screen, bool cells,
                         gp_reading **reading);
gp_status gp_screen_read_text(gp_screen *screen, int64_t first, int64_t stop, bool unwrap, gp_reading **reading);

#endif
