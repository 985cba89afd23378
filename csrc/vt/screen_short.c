/* Runs that begin and end inside a row, the most frequent thing to be printed: ASCII, and letters in text mode; other text is
 * handed on to the loops of screen_print.c and screen_paint.c. What they need is asked once: 60 instructions a word of ASCII in
 * text mode and 70 in grid mode, where gp_screen_print, which does the same for all text, takes 220; 110 a letter with a colour
 * of its own, instead of 350. */
#include "pages/list_append.h"
#include "unicode/letters.h"
#include "vt/screen_cells.h"

/* Whether nothing joins the cell printed last, and the bytes stand for themselves, side by side. */
static inline bool stands_alone(const gp_screen *screen) {
    return !screen->pending_bytes && screen->straight &&
           (screen->ascii_last || !gp_cluster_takes_plain(screen->cluster));
}

/* Puts cells into the list. False: not here. */
static inline bool append(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, uint32_t cells, gp_run_kind kind) {
    gp_list *list = &screen->list;
    if (!screen->plain || screen->x != list->line.row_cells) return false;
    if (screen->pen_stale) {
        if (gp_list_set_pen(list, &screen->style, &screen->link) != GP_OK) return false;
        screen->pen_stale = false;
    }
    if (!gp_list_append(list, bytes, length_bytes, cells, kind)) return false;
    screen->account.counters.text_mode_bytes += length_bytes;
    return true;
}

/* Out of line, so that what comes before it needs no stack. */
__attribute__((noinline)) static bool append_ascii(gp_screen *screen, const uint8_t *bytes, uint32_t cells) {
    if (!append(screen, bytes, cells, cells, GP_RUN_NARROW)) return false;
    screen->x += cells;
    screen->ascii_last = bytes[cells - 1];
    screen->repeatable = true;
    return true;
}

bool gp_screen_print_ascii(gp_screen *screen, const uint8_t *bytes, size_t length_bytes) {
    if (length_bytes > screen->columns - screen->x || !stands_alone(screen)) return false;
    if (!gp_screen_shows_text(screen)) return gp_screen_paint_ascii(screen, bytes, (uint32_t)length_bytes);
    return append_ascii(screen, bytes, (uint32_t)length_bytes);
}

size_t gp_screen_print_letters(gp_screen *screen, const uint8_t *bytes, size_t length_bytes) {
    const uint8_t *end = bytes + length_bytes;
    unsigned width;
    uint32_t cells;
    if (!screen->graphemes || screen->pending_bytes || screen->translates) return 0;
    if (!gp_screen_shows_text(screen)) return gp_screen_paint_text(screen, bytes, length_bytes);
    screen->repeatable = true;
    if (bytes[0] >= 0xF0 || (!screen->ascii_last && gp_cluster_takes_letters(screen->cluster)) ||
        gp_letters_skip(bytes, end, &width, &cells) != end || cells * width > screen->columns - screen->x ||
        !append(screen, bytes, length_bytes, cells, width == 2 ? GP_RUN_WIDE : GP_RUN_NARROW))
        return gp_screen_print_quickly(screen, bytes, length_bytes);
    screen->x += cells * width;
    screen->cluster = gp_letters_cluster(end, width);
    screen->ascii_last = 0;
    return length_bytes;
}
