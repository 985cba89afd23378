/* Erasing, inserting and deleting in place; the pen. */
#include <string.h>

#include "memory/alloc.h"
#include "vt/screen.h"

gp_cell gp_screen_blank(gp_screen *screen, gp_status *status) {
    gp_style style = {.background = screen->style.background};
    gp_link none = {0};
    *status = GP_OK;
    if (!style.background) return 0;
    gp_grid *grid = gp_screen_grid(screen);
    bool moved = false;
    *status = gp_grid_reserve(&screen->list, grid, gp_grid_attribute_bytes(&none), &moved);
    if (*status != GP_OK) return 0;
    if (moved) screen->attribute_stale = true;
    return gp_cell_make(0, GP_CELL_NARROW, gp_grid_attribute(grid, &style, &none));
}

/* ---- erasing ----------------------------------------------------------------------------------------------------- */

/* Row y's columns x0 to x1 but for what is protected. */
__attribute__((noinline)) static void clear_around(gp_grid *grid, uint32_t y, uint32_t x0, uint32_t x1, gp_cell blank) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    for (uint32_t x = x0, end; x < x1; x = end + 1) {
        for (end = x; end < x1 && !gp_screen_protected(grid, cells[end]); end++) {}
        if (end > x) gp_grid_clear(grid, y, x, end, blank);
    }
}

static inline void clear(gp_screen *screen, uint32_t y, uint32_t x0, uint32_t x1, gp_cell blank, bool spares) {
    gp_grid *grid = gp_screen_grid(screen);
    gp_edges before = gp_screen_watch(screen, y);
    if (spares)
        clear_around(grid, y, x0, x1, blank);
    else
        gp_grid_clear(grid, y, x0, x1, blank);
    gp_screen_mend(screen, y, before);
    if (x1 == screen->columns && !grid->row[y].wrapped) grid->row[y].folded = false;
}

/* A row of which nothing is left is single again. Of one that is blank as it is there is nothing to be cleared. */
static inline void clear_whole(gp_screen *screen, uint32_t y, gp_cell blank, bool spares) {
    gp_grid_row *row = &gp_screen_grid(screen)->row[y];
    if (row->used || row->wrapped || blank)
        clear(screen, y, 0, screen->columns, blank, spares);
    else
        gp_screen_touch(screen, y);
    row->folded = row->folded && row->wrapped;
    row->size = GP_ROW_SINGLE;
}

/* Whether erasing leaves protected cells alone. */
static bool spares_protected(const gp_screen *screen, bool selective) {
    return screen->protection == GP_PROTECTION_ISO || (selective && screen->protection == GP_PROTECTION_DEC);
}

static void stay(gp_screen *screen) {
    screen->x = gp_screen_column(screen);
    screen->at_margin = false;
}

/* In text mode, nothing but the default background beyond the end of the last row can be erased to no effect. */
static bool erases_nothing(const gp_screen *screen) {
    return gp_screen_shows_text(screen) && screen->x < screen->columns && screen->x >= screen->list.line.row_cells &&
           !screen->style.background;
}

/* In text mode, a line of one row may lose its end. */
static bool shortens(const gp_screen *screen, bool selective) {
    const gp_open_line *line = &screen->list.line;
    return gp_screen_shows_text(screen) && line->cells == line->row_cells && !(line->flags & GP_LINE_CONTINUATION) &&
           screen->columns > 1 && !screen->list.cut_cells && !screen->style.background &&
           !spares_protected(screen, selective);
}

static gp_status shorten(gp_screen *screen, uint32_t x) {
    if (x < screen->list.line.cells) gp_list_shorten(&screen->list, x);
    screen->pen_stale = true;
    return GP_OK;
}

/* The rest of the cursor's row, the usual case in grid mode: to the default background, in a row that is a line of its own.
 * A third of the instructions. */
static bool clear_rest(gp_screen *screen) {
    uint32_t y = screen->y;
    gp_grid *grid = gp_screen_grid(screen);
    gp_grid_row *row = &grid->row[y];
    if (screen->style.background || gp_screen_linked(screen, y)) return false;
    gp_screen_touch(screen, y);
    gp_screen_stir(screen);
    stay(screen);
    if (screen->x < row->used) {
        gp_grid_split(grid, y, screen->x);
        memset(gp_grid_row_cells(grid, y) + screen->x, 0, (row->used - screen->x) * sizeof(gp_cell));
        row->used = screen->x;
    }
    row->folded = false;
    return true;
}

gp_status gp_screen_erase_in_line(gp_screen *screen, unsigned part, bool selective) {
    if (part > 2 || (part == 0 && erases_nothing(screen))) return GP_OK;
    if (part != 1 && shortens(screen, selective)) {
        stay(screen);
        return shorten(screen, part == 0 ? screen->x : 0);
    }
    if (part == 0 && !gp_screen_shows_text(screen) && !spares_protected(screen, selective) && clear_rest(screen)) return GP_OK;
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    stay(screen);
    uint32_t x = screen->x;
    bool spares = spares_protected(screen, selective);
    clear(screen, screen->y, part == 0 ? x : 0, part == 1 ? x + 1 : screen->columns, blank, spares);
    return GP_OK;
}

gp_status gp_screen_erase_in_display(gp_screen *screen, unsigned part, bool selective) {
    if (part > 2 || (part == 0 && erases_nothing(screen))) return GP_OK;
    if (part == 0 && shortens(screen, selective)) {
        stay(screen);
        return shorten(screen, screen->x);
    }
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    stay(screen);
    uint32_t x = screen->x, y = screen->y;
    bool spares = spares_protected(screen, selective);
    screen->work += (uint64_t)screen->rows * 16 + (blank || spares ? (uint64_t)screen->rows * screen->columns : 0);
    if (part != 0)
        for (uint32_t row = 0; row < y; row++) clear_whole(screen, row, blank, spares);
    clear(screen, y, part == 0 ? x : 0, part == 1 ? x + 1 : screen->columns, blank, spares);
    if (part != 1)
        for (uint32_t row = y + 1; row < screen->rows; row++) clear_whole(screen, row, blank, spares);
    return GP_OK;
}

gp_status gp_screen_erase(gp_screen *screen, uint32_t cells) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    stay(screen);
    uint32_t x = screen->x, room = screen->columns - x;
    clear(screen, screen->y, x, x + (cells < room ? cells : room), blank, spares_protected(screen, false));
    return GP_OK;
}

/* ---- inserting and deleting --------------------------------------------------------------------------------------- */

static gp_status shift_cells(gp_screen *screen, uint32_t cells,
                             void (*shift)(gp_grid *, uint32_t, uint32_t, uint32_t, uint32_t, gp_cell)) {
    if (!gp_screen_in_columns(screen)) return GP_OK;
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    stay(screen);
    gp_edges before = gp_screen_watch(screen, screen->y);
    shift(gp_screen_grid(screen), screen->y, screen->x, screen->right, cells, blank);
    gp_screen_unwrap(screen, screen->y); /* its end has moved */
    gp_screen_mend(screen, screen->y, before);
    return GP_OK;
}

gp_status gp_screen_insert(gp_screen *screen, uint32_t cells) { return shift_cells(screen, cells, gp_grid_insert); }

gp_status gp_screen_delete(gp_screen *screen, uint32_t cells) { return shift_cells(screen, cells, gp_grid_delete); }

gp_status gp_screen_align(gp_screen *screen) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_grid *grid = gp_screen_grid(screen);
    screen->work += (uint64_t)screen->columns * screen->rows;
    gp_screen_touch(screen, 0);
    gp_screen_unwrap(screen, -1);
    for (uint32_t y = 0; y < screen->rows; y++) {
        gp_screen_unwrap(screen, y);
        grid->row[y].folded = false;
        gp_cell *cells = gp_grid_row_cells(grid, y);
        for (uint32_t x = 0; x < screen->columns; x++) cells[x] = 'E';
        grid->row[y].used = screen->columns;
    }
    screen->top = screen->left = 0;
    screen->bottom = screen->rows;
    screen->right = screen->columns;
    screen->origin = screen->at_margin = false;
    gp_screen_undouble(screen);
    screen->x = screen->y = 0;
    gp_screen_sum_up(screen);
    return GP_OK;
}

/* ---- pen ---------------------------------------------------------------------------------------------------------- */

gp_status gp_screen_hyperlink(gp_screen *screen, const uint8_t *uri, size_t uri_bytes, const uint8_t *id,
                              size_t id_bytes) {
    size_t bytes = uri_bytes + id_bytes;
    if (bytes > screen->link_capacity) {
        size_t capacity = bytes < 256 ? 256 : bytes;
        uint8_t *grown = gp_realloc_wiped(screen->link_bytes, screen->link_capacity, capacity);
        if (!grown) return GP_ERR_NOMEM;
        screen->link_bytes = grown;
        screen->link_capacity = capacity;
    }
    if (uri_bytes) memcpy(screen->link_bytes, uri, uri_bytes);
    if (id_bytes) memcpy(screen->link_bytes + uri_bytes, id, id_bytes);
    screen->link = (gp_link){0};
    if (uri_bytes)
        screen->link = (gp_link){
            .uri = screen->link_bytes,
            .id = screen->link_bytes + uri_bytes,
            .uri_bytes = (uint16_t)uri_bytes,
            .id_bytes = (uint16_t)id_bytes,
        };
    screen->pen_stale = screen->attribute_stale = true;
    return GP_OK;
}

/* ---- the alternate screen ------------------------------------------------------------------------------------------ */

gp_status gp_screen_clear_alternate(gp_screen *screen) {
    gp_status status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    for (uint32_t y = 0; y < screen->rows; y++) clear(screen, y, 0, screen->columns, blank, false);
    stay(screen);
    return GP_OK;
}
