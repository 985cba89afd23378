/* Lines that come back: a resize may show lines again that were above the screen already.
 *
 * Such lines are settled: readers have had them, and will not be given them again when they leave the screen as they came.
 * An edit of one of its rows unsettles a line and all below it, and is noted as a rewind: readers who are beyond that line
 * go back to it. So nothing that is printed over it is missed. Rewinds are kept with rising lines, the later the higher:
 * what a later one goes back behind needs no place of its own. */
#include <string.h>

#include "vt/screen.h"

static void rewind_to(gp_screen *screen, uint64_t line) {
    gp_rewinds *rewinds = &screen->rewinds;
    while (rewinds->count && rewinds->kept[rewinds->count - 1].line >= line) rewinds->count--;
    if (rewinds->count == GP_REWINDS_MAX) { /* readers from before the oldest go back further than they had to */
        rewinds->kept[1].line = rewinds->kept[0].line;
        memmove(rewinds->kept, rewinds->kept + 1, (GP_REWINDS_MAX - 1) * sizeof *rewinds->kept);
        rewinds->count--;
    }
    rewinds->kept[rewinds->count].serial = ++rewinds->serial;
    rewinds->kept[rewinds->count++].line = line;
    screen->settled_line = line;
}

uint64_t gp_screen_rewound(const gp_screen *screen, uint64_t line, uint64_t serial) {
    const gp_rewinds *rewinds = &screen->rewinds;
    for (uint32_t i = 0; i < rewinds->count; i++)
        if (rewinds->kept[i].serial > serial) return rewinds->kept[i].line < line ? rewinds->kept[i].line : line;
    return line;
}

void gp_screen_count_settled(gp_screen *screen) {
    uint64_t line = screen->list.next_line;
    screen->settled_rows = 0;
    if (screen->text_mode) return;
    for (uint32_t y = 0; y < screen->rows && line < screen->settled_line; y++) {
        screen->settled_rows++;
        line += !screen->primary.row[y].wrapped;
    }
}

void gp_screen_settle(gp_screen *screen, uint64_t complete_line) {
    if (complete_line > screen->settled_line) screen->settled_line = complete_line;
    gp_screen_count_settled(screen);
}

void gp_screen_unsettle(gp_screen *screen, uint32_t y) {
    uint64_t line = screen->list.next_line;
    uint32_t first_row = 0;
    for (uint32_t row = 0; row < y; row++) {
        if (screen->primary.row[row].wrapped) continue;
        line++;
        first_row = row + 1;
    }
    screen->settled_rows = first_row;
    rewind_to(screen, line);
}

void gp_screen_unsettle_all(gp_screen *screen, uint64_t complete_line) {
    if (screen->settled_line > complete_line) rewind_to(screen, complete_line);
    screen->settled_rows = 0;
}
