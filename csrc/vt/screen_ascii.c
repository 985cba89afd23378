/* ASCII that begins and ends inside a row, the most frequent thing to be printed. What it needs is asked once: 60
 * instructions a word in text mode and 70 in grid mode, where gp_screen_print, which does the same for all text, takes 220. */
#include "pages/list_append.h"
#include "vt/screen_cells.h"

/* Whether nothing joins the cell printed last, and the bytes stand for themselves. */
static inline bool stands_alone(const gp_screen *screen) {
    return !screen->pending_bytes && !screen->translates &&
           (screen->ascii_last || !gp_cluster_takes_plain(screen->cluster));
}

bool gp_screen_print_ascii(gp_screen *screen, const uint8_t *bytes, size_t length_bytes) {
    uint32_t cells = (uint32_t)length_bytes;
    if (length_bytes > screen->columns - screen->x || !stands_alone(screen)) return false;
    if (gp_screen_shows_text(screen)) {
        gp_list *list = &screen->list;
        if (!screen->plain || screen->x != list->line.row_cells) return false;
        if (screen->pen_stale) {
            if (gp_list_set_pen(list, &screen->style, &screen->link) != GP_OK) return false;
            screen->pen_stale = false;
        }
        if (!gp_list_append(list, bytes, length_bytes, cells, GP_RUN_NARROW)) return false;
        screen->account.counters.text_mode_bytes += length_bytes;
    } else {
        if (!gp_screen_paint_ascii(screen, bytes, cells)) return false;
        screen->account.counters.grid_mode_bytes += length_bytes;
    }
    screen->x += cells;
    screen->ascii_last = bytes[length_bytes - 1];
    screen->repeatable = true;
    return true;
}
