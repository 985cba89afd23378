/* Clearing the history so that nothing of it is left in memory.
 *
 * Text pages keep what was cut off as long as something else in them is needed, and a grid's store what was overwritten. So
 * what is on the screens is copied, as it is seen, into fresh pages, and all pages that there were are emptied. */
#include "vt/screen.h"

/* The same screen in a fresh page. */
static gp_status copy_screen(gp_list *list, gp_grid *grid, gp_grid *made) {
    return gp_grid_resize(list, grid, grid->columns, grid->rows, made);
}

gp_status gp_screen_wipe_history(gp_screen *screen) {
    gp_list *list = &screen->list;
    gp_grid primary = {0}, alternate = {0};
    bool was_text = screen->text_mode;
    gp_status status = was_text ? gp_screen_inflate(screen) : copy_screen(list, &screen->primary, &primary);
    if (status == GP_OK && screen->on_alternate) status = copy_screen(list, &screen->alternate, &alternate);
    if (status != GP_OK) {
        gp_grid_retire(list, &primary);
        return status;
    }
    if (!was_text) {
        gp_grid_retire(list, &screen->primary);
        screen->primary = primary;
    }
    gp_grid_retire(list, &screen->alternate); /* what it shows when it is not shown goes too */
    screen->alternate = alternate;
    screen->attribute_stale = screen->pen_stale = true;
    gp_list_wipe(list);
    if (was_text) gp_screen_pack(screen);
    size_t kept_bytes = screen->link.uri_bytes + screen->link.id_bytes;
    if (screen->link_bytes) memset(screen->link_bytes + kept_bytes, 0, screen->link_capacity - kept_bytes);
    return GP_OK;
}
