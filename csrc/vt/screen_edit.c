/* Moving the cursor, scrolling, erasing, inserting and deleting; pens, tabs, saved cursors and the alternate screen. */
#include <string.h>

#include "memory/alloc.h"
#include "vt/screen.h"

static bool in_region(const gp_screen *screen) { return screen->y >= screen->top && screen->y < screen->bottom; }

static bool whole_region(const gp_screen *screen) { return screen->top == 0 && screen->bottom == screen->rows; }

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

/* ---- moving ------------------------------------------------------------------------------------------------------ */

gp_status gp_screen_go(gp_screen *screen, uint32_t x, uint32_t y) {
    if (x >= screen->columns) x = screen->columns - 1;
    if (y >= screen->rows) y = screen->rows - 1;
    if (y != screen->y) {
        gp_status status = gp_screen_edit(screen);
        if (status != GP_OK) return status;
    }
    screen->x = x;
    screen->y = y;
    return GP_OK;
}

void gp_screen_return(gp_screen *screen) { screen->x = 0; }

static bool has_tab(const gp_screen *screen, uint32_t x) { return screen->tabs[x / 8] >> (x % 8) & 1; }

void gp_screen_tab_forward(gp_screen *screen, uint32_t stops) {
    uint32_t x = gp_screen_column(screen);
    for (; stops && x + 1 < screen->columns; stops--)
        do x++;
        while (x + 1 < screen->columns && !has_tab(screen, x));
    screen->x = x;
}

void gp_screen_tab_back(gp_screen *screen, uint32_t stops) {
    uint32_t x = gp_screen_column(screen);
    for (; stops && x; stops--)
        do x--;
        while (x && !has_tab(screen, x));
    screen->x = x;
}

void gp_screen_set_tab(gp_screen *screen, uint32_t x, bool on) {
    uint8_t bit = (uint8_t)(1u << (x % 8));
    if (on)
        screen->tabs[x / 8] |= bit;
    else
        screen->tabs[x / 8] &= (uint8_t)~bit;
}

void gp_screen_reset_tabs(gp_screen *screen, bool on) { memset(screen->tabs, on ? 0x01 : 0, (screen->columns + 7) / 8); }

/* ---- scrolling --------------------------------------------------------------------------------------------------- */

static gp_status scroll_up(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows, bool into_history,
                           bool wrapped) {
    gp_status status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    gp_grid *grid = gp_screen_grid(screen);
    if (rows > bottom - top) rows = bottom - top;
    if (!rows) return GP_OK;
    screen->work += rows * 16 + (bottom - top);
    bool into = top == 0 && !screen->on_alternate && into_history;
    if (!into || bottom < screen->settled_rows) gp_screen_touch(screen, into ? bottom - 1 : top);
    bool went_on = grid->row[bottom - 1].wrapped;
    gp_cell last = gp_grid_row_cells(grid, bottom - 1)[grid->columns - 1];
    if (!wrapped) gp_screen_unwrap(screen, bottom - 1);
    if (into) {
        uint64_t line = screen->list.next_line;
        uint32_t cells = screen->list.open ? screen->list.line.cells : 0;
        screen->list.held_line = line;
        for (uint32_t y = 0; y < rows && status == GP_OK; y++) status = gp_screen_append_row(screen, y);
        screen->list.held_line = UINT64_MAX;
        if (status != GP_OK) {
            gp_screen_take_back(screen, line, cells);
            grid->row[bottom - 1].wrapped = went_on;
            gp_grid_row_cells(grid, bottom - 1)[grid->columns - 1] = last;
            return status;
        }
        screen->settled_rows -= rows < screen->settled_rows ? rows : screen->settled_rows;
    } else {
        gp_screen_unwrap(screen, (int64_t)top - 1);
        gp_screen_unwrap(screen, top + rows - 1);
    }
    gp_grid_scroll_up(grid, top, bottom, rows, blank);
    return GP_OK;
}

gp_status gp_screen_scroll_up(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows, bool into_history) {
    gp_status status = gp_screen_edit(screen);
    return status == GP_OK ? scroll_up(screen, top, bottom, rows, into_history, false) : status;
}

gp_status gp_screen_scroll_wrapped(gp_screen *screen) {
    gp_status status = scroll_up(screen, screen->top, screen->bottom, 1, true, true);
    if (status == GP_OK && whole_region(screen)) screen->plain_rows++;
    return status;
}

gp_status gp_screen_scroll_down(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    if (rows > bottom - top) rows = bottom - top;
    if (!rows) return GP_OK;
    screen->work += rows * 16 + (bottom - top);
    gp_screen_touch(screen, top);
    gp_screen_unwrap(screen, (int64_t)top - 1);
    if (bottom - top > rows) gp_screen_unwrap(screen, bottom - rows - 1);
    gp_grid_scroll_down(gp_screen_grid(screen), top, bottom, rows, blank);
    return GP_OK;
}

gp_status gp_screen_index(gp_screen *screen) {
    gp_status status = GP_OK;
    if (gp_screen_shows_text(screen) && whole_region(screen)) {
        bool clear = screen->y + 1 < screen->rows || !screen->style.background;
        if (clear) {
            status = gp_list_next_line(&screen->list);
            if (status != GP_OK) return status;
            screen->pen_stale = true;
            screen->y = screen->list.tail_rows - 1;
            screen->x = gp_screen_column(screen);
            return GP_OK;
        }
        status = gp_screen_edit(screen); /* the row that comes up has a background */
        if (status != GP_OK) return status;
    }
    if (screen->y + 1 == screen->bottom) {
        if (gp_screen_shows_text(screen)) status = gp_screen_edit(screen);
        if (status == GP_OK) status = scroll_up(screen, screen->top, screen->bottom, 1, true, false);
        if (status != GP_OK) return status;
        if (whole_region(screen) && ++screen->plain_rows >= screen->rows && screen->mode == GP_SCREEN_AUTO)
            gp_screen_pack(screen);
    } else if (screen->y + 1 < screen->rows) {
        if (gp_screen_shows_text(screen)) status = gp_screen_edit(screen);
        if (status != GP_OK) return status;
        screen->y++;
    }
    screen->x = gp_screen_column(screen);
    return GP_OK;
}

gp_status gp_screen_reverse_index(gp_screen *screen) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    if (screen->y == screen->top)
        status = gp_screen_scroll_down(screen, screen->top, screen->bottom, 1);
    else if (screen->y)
        screen->y--;
    if (status == GP_OK) screen->x = gp_screen_column(screen);
    return status;
}

/* ---- erasing ----------------------------------------------------------------------------------------------------- */

static void clear(gp_screen *screen, uint32_t y, uint32_t x0, uint32_t x1, gp_cell blank) {
    gp_edges before = gp_screen_watch(screen, y);
    gp_grid_clear(gp_screen_grid(screen), y, x0, x1, blank);
    gp_screen_mend(screen, y, before);
}

/* In text mode, nothing but the default background beyond the end of the last row can be erased to no effect. */
static bool erases_nothing(const gp_screen *screen) {
    return gp_screen_shows_text(screen) && screen->x < screen->columns && screen->x >= screen->list.line.row_cells &&
           !screen->style.background;
}

gp_status gp_screen_erase_in_line(gp_screen *screen, unsigned part) {
    if (part > 2 || (part == 0 && erases_nothing(screen))) return GP_OK;
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    uint32_t x = gp_screen_column(screen);
    screen->x = x;
    clear(screen, screen->y, part == 0 ? x : 0, part == 1 ? x + 1 : screen->columns, blank);
    return GP_OK;
}

gp_status gp_screen_erase_in_display(gp_screen *screen, unsigned part) {
    if (part > 2 || (part == 0 && erases_nothing(screen))) return GP_OK;
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    uint32_t x = gp_screen_column(screen), y = screen->y;
    screen->x = x;
    screen->work += (uint64_t)screen->rows * 16 + (blank ? (uint64_t)screen->rows * screen->columns : 0);
    if (part != 0)
        for (uint32_t row = 0; row < y; row++) clear(screen, row, 0, screen->columns, blank);
    clear(screen, y, part == 0 ? x : 0, part == 1 ? x + 1 : screen->columns, blank);
    if (part != 1)
        for (uint32_t row = y + 1; row < screen->rows; row++) clear(screen, row, 0, screen->columns, blank);
    return GP_OK;
}

gp_status gp_screen_erase(gp_screen *screen, uint32_t cells) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    uint32_t x = gp_screen_column(screen), room = screen->columns - x;
    screen->x = x;
    clear(screen, screen->y, x, x + (cells < room ? cells : room), blank);
    return GP_OK;
}

/* ---- inserting and deleting --------------------------------------------------------------------------------------- */

static gp_status shift_cells(gp_screen *screen, uint32_t cells,
                             void (*shift)(gp_grid *, uint32_t, uint32_t, uint32_t, gp_cell)) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    screen->x = gp_screen_column(screen);
    gp_edges before = gp_screen_watch(screen, screen->y);
    gp_screen_unwrap(screen, screen->y); /* its end moves */
    shift(gp_screen_grid(screen), screen->y, screen->x, cells, blank);
    gp_screen_mend(screen, screen->y, before);
    return GP_OK;
}

gp_status gp_screen_insert(gp_screen *screen, uint32_t cells) { return shift_cells(screen, cells, gp_grid_insert); }

gp_status gp_screen_delete(gp_screen *screen, uint32_t cells) { return shift_cells(screen, cells, gp_grid_delete); }

gp_status gp_screen_insert_rows(gp_screen *screen, uint32_t rows) {
    if (!in_region(screen)) return GP_OK;
    gp_status status = gp_screen_scroll_down(screen, screen->y, screen->bottom, rows);
    if (status == GP_OK) screen->x = 0;
    return status;
}

gp_status gp_screen_delete_rows(gp_screen *screen, uint32_t rows) {
    if (!in_region(screen)) return GP_OK;
    gp_status status = gp_screen_scroll_up(screen, screen->y, screen->bottom, rows, false);
    if (status == GP_OK) screen->x = 0;
    return status;
}

gp_status gp_screen_align(gp_screen *screen) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_grid *grid = gp_screen_grid(screen);
    screen->work += (uint64_t)screen->columns * screen->rows;
    gp_screen_touch(screen, 0);
    gp_screen_unwrap(screen, -1);
    for (uint32_t y = 0; y < screen->rows; y++) {
        gp_screen_unwrap(screen, y);
        gp_cell *cells = gp_grid_row_cells(grid, y);
        for (uint32_t x = 0; x < screen->columns; x++) cells[x] = 'E';
        grid->row[y].used = screen->columns;
    }
    screen->top = 0;
    screen->bottom = screen->rows;
    screen->x = screen->y = 0;
    return GP_OK;
}

/* ---- pen ---------------------------------------------------------------------------------------------------------- */

void gp_screen_set_pen(gp_screen *screen, const gp_style *style) {
    if (gp_style_equal(&screen->style, style)) return;
    screen->style = *style;
    screen->pen_stale = screen->attribute_stale = true;
}

gp_status gp_screen_hyperlink(gp_screen *screen, const uint8_t *uri, size_t uri_bytes, const uint8_t *id,
                              size_t id_bytes) {
    size_t bytes = uri_bytes + id_bytes;
    if (bytes > screen->link_capacity) {
        size_t capacity = bytes < 256 ? 256 : bytes;
        uint8_t *grown = gp_realloc(screen->link_bytes, capacity);
        if (!grown) return GP_ERR_NOMEM;
        screen->link_bytes = grown;
        screen->link_capacity = capacity;
    }
    if (uri_bytes) memcpy(screen->link_bytes, uri, uri_bytes);
    if (id_bytes) memcpy(screen->link_bytes + uri_bytes, id, id_bytes);
    screen->link = (gp_link){
        .uri = screen->link_bytes,
        .id = screen->link_bytes + uri_bytes,
        .uri_bytes = (uint16_t)uri_bytes,
        .id_bytes = (uint16_t)id_bytes,
    };
    if (!uri_bytes) screen->link = (gp_link){0};
    screen->pen_stale = screen->attribute_stale = true;
    return GP_OK;
}

/* ---- saved cursors and the alternate screen ------------------------------------------------------------------------ */

void gp_screen_save_cursor(gp_screen *screen) {
    gp_saved_cursor *saved = &screen->saved[screen->on_alternate];
    *saved = (gp_saved_cursor){
        .x = screen->autowrap ? screen->x : gp_screen_column(screen),
        .y = screen->y,
        .style = screen->style,
        .shift = screen->shift,
        .origin = screen->origin,
        .valid = true,
    };
    memcpy(saved->charsets, screen->charsets, sizeof saved->charsets);
}

gp_status gp_screen_restore_cursor(gp_screen *screen) {
    gp_saved_cursor home = {.charsets = {'B', 'B', 'B', 'B'}};
    const gp_saved_cursor *saved = &screen->saved[screen->on_alternate];
    if (!saved->valid) saved = &home;
    uint32_t y = saved->y;
    if (saved->origin && y < screen->top) y = screen->top;
    if (saved->origin && y >= screen->bottom) y = screen->bottom - 1;
    gp_status status = gp_screen_go(screen, saved->x, y);
    if (status != GP_OK) return status;
    if (saved->x >= screen->columns && screen->autowrap) screen->x = screen->columns;
    screen->origin = saved->origin;
    screen->shift = saved->shift;
    memcpy(screen->charsets, saved->charsets, sizeof screen->charsets);
    gp_screen_set_pen(screen, &saved->style);
    return GP_OK;
}

gp_status gp_screen_switch(gp_screen *screen, bool alternate) {
    if (alternate == screen->on_alternate) return GP_OK;
    gp_status status = GP_OK;
    if (alternate) {
        if (!screen->alternate.page.mapping)
            status = gp_grid_acquire(&screen->list, screen->columns, screen->rows, 0, &screen->alternate);
        if (status != GP_OK) return status;
        screen->primary_x = screen->x;
        screen->primary_y = screen->y;
    } else if (screen->text_mode && (screen->y != screen->list.tail_rows - 1 || screen->mode == GP_SCREEN_GRID)) {
        status = gp_screen_inflate(screen); /* the cursor comes back to another row than it left */
        if (status != GP_OK) return status;
    }
    screen->on_alternate = alternate;
    screen->pen_stale = screen->attribute_stale = true;
    screen->plain_rows = 0;
    return GP_OK;
}

gp_status gp_screen_clear_alternate(gp_screen *screen) {
    gp_status status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    for (uint32_t y = 0; y < screen->rows; y++) clear(screen, y, 0, screen->columns, blank);
    screen->x = gp_screen_column(screen);
    return GP_OK;
}
