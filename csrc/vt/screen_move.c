/* Moving the cursor: addresses, margins, tabs, saved cursors, the alternate screen. */
#include <string.h>

#include "vt/screen.h"

/* ---- rows of double width ------------------------------------------------------------------------------------------ */

uint32_t gp_screen_half(const gp_screen *screen) {
    if (!screen->doubled || gp_screen_shows_text(screen)) return 0;
    const gp_grid *grid = screen->on_alternate ? &screen->alternate : &screen->primary;
    if (grid->row[screen->y].size == GP_ROW_SINGLE) return 0;
    return screen->columns / 2;
}

uint32_t gp_screen_inner_end(const gp_screen *screen, uint32_t x) {
    uint32_t half = gp_screen_half(screen);
    if (x < half) return half;
    return x < screen->right ? screen->right : screen->columns;
}

static void keep_inside(gp_screen *screen) {
    uint32_t half = gp_screen_half(screen);
    if (half && screen->x >= half) screen->x = half - 1;
}

gp_status gp_screen_set_size(gp_screen *screen, gp_row_size size) {
    if (screen->margins || screen->columns < GP_ROW_COLUMNS_LEAST || (size == GP_ROW_SINGLE && !screen->doubled)) return GP_OK;
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_grid *grid = gp_screen_grid(screen);
    uint32_t y = screen->y;
    screen->x = gp_screen_column(screen);
    screen->at_margin = false;
    if (size != GP_ROW_SINGLE) {
        screen->doubled = true;
        gp_screen_sum_up(screen);
        gp_screen_touch(screen, y);
        gp_screen_unwrap(screen, y);
        gp_screen_unwrap(screen, (int64_t)y - 1);
        gp_grid_clear(grid, y, screen->columns / 2, screen->columns, 0);
    }
    grid->row[y].size = (uint8_t)size;
    keep_inside(screen);
    return GP_OK;
}

void gp_screen_find_doubled(gp_screen *screen) {
    gp_grid *grids[2] = {&screen->primary, &screen->alternate};
    screen->doubled = false;
    for (int i = 0; i < 2; i++) {
        for (uint32_t y = 0; grids[i]->page.mapping && y < grids[i]->rows; y++) {
            gp_grid_row *row = &grids[i]->row[y];
            uint32_t half = grids[i]->columns / 2;
            bool fits = grids[i]->columns >= GP_ROW_COLUMNS_LEAST && gp_grid_row_length(grids[i], y) <= half;
            if (!fits) row->size = GP_ROW_SINGLE;
            screen->doubled = screen->doubled || row->size;
        }
    }
    gp_screen_sum_up(screen);
    keep_inside(screen);
}

void gp_screen_undouble(gp_screen *screen) {
    gp_grid *grids[2] = {&screen->primary, &screen->alternate};
    if (!screen->doubled) return;
    for (int i = 0; i < 2; i++)
        for (uint32_t y = 0; grids[i]->page.mapping && y < grids[i]->rows; y++) grids[i]->row[y].size = GP_ROW_SINGLE;
    screen->doubled = screen->at_margin = false;
    gp_screen_sum_up(screen);
}

/* ---- addresses ---------------------------------------------------------------------------------------------------- */

gp_status gp_screen_go(gp_screen *screen, uint32_t x, uint32_t y) {
    if (x >= screen->columns) x = screen->columns - 1;
    if (y >= screen->rows) y = screen->rows - 1;
    if (y != screen->y) {
        gp_status status = gp_screen_edit(screen);
        if (status != GP_OK) return status;
    }
    screen->x = x;
    screen->y = y;
    screen->at_margin = false;
    if (screen->doubled) keep_inside(screen);
    return GP_OK;
}

gp_status gp_screen_address(gp_screen *screen, uint32_t column, uint32_t row) {
    if (!screen->origin) return gp_screen_go(screen, column, row);
    uint32_t columns = screen->right - screen->left, rows = screen->bottom - screen->top;
    return gp_screen_go(screen, screen->left + (column < columns ? column : columns - 1),
                        screen->top + (row < rows ? row : rows - 1));
}

void gp_screen_relative(const gp_screen *screen, uint32_t *column, uint32_t *row) {
    uint32_t x = gp_screen_column(screen), y = screen->y;
    uint32_t left = screen->origin ? screen->left : 0, top = screen->origin ? screen->top : 0;
    *column = x > left ? x - left : 0;
    *row = y > top ? y - top : 0;
}

/* ---- up, down, forward, back --------------------------------------------------------------------------------------- */

gp_status gp_screen_up(gp_screen *screen, uint32_t rows) {
    uint32_t least = screen->y >= screen->top ? screen->top : 0;
    return gp_screen_go(screen, gp_screen_column(screen), screen->y - least > rows ? screen->y - rows : least);
}

gp_status gp_screen_down(gp_screen *screen, uint32_t rows) {
    uint32_t most = screen->y < screen->bottom ? screen->bottom - 1 : screen->rows - 1;
    return gp_screen_go(screen, gp_screen_column(screen), most - screen->y > rows ? screen->y + rows : most);
}

gp_status gp_screen_forward(gp_screen *screen, uint32_t columns) {
    uint32_t x = gp_screen_column(screen), most = gp_screen_end(screen, x) - 1;
    return gp_screen_go(screen, most - x > columns ? x + columns : most, screen->y);
}

/* The row whose end is left of row y's start; y itself if there is none. */
static uint32_t row_before(gp_screen *screen, uint32_t y) {
    const gp_grid *grid = gp_screen_grid(screen);
    if (screen->reverse_any && y == screen->top) return screen->bottom - 1;
    if (y == 0) return y;
    return screen->reverse_any || grid->row[y - 1].folded ? y - 1 : y;
}

gp_status gp_screen_back(gp_screen *screen, uint32_t columns) {
    uint32_t x = gp_screen_column(screen), y = screen->y, left = x < screen->left ? 0 : screen->left;
    bool reverses = screen->autowrap && (screen->reverse_wrap || screen->reverse_any);
    if (reverses && gp_screen_wraps_next(screen)) columns--; /* it goes back to the column it is seen in */
    if (reverses && columns > x - left) {
        gp_status status = gp_screen_edit(screen);
        if (status != GP_OK) return status;
        screen->work += columns;
        for (uint32_t before; columns > x - left && (before = row_before(screen, y)) != y; y = before) {
            columns -= x - left + 1;
            x = screen->right - 1;
        }
    }
    return gp_screen_go(screen, x - left > columns ? x - columns : left, y);
}

/* ---- tabs ---------------------------------------------------------------------------------------------------------- */

static bool has_tab(const gp_screen *screen, uint32_t x) { return screen->tabs[x / 8] >> (x % 8) & 1; }

/* The next tab stop behind x, or the last column before `end`. */
static uint32_t next_tab(const gp_screen *screen, uint32_t x, uint32_t end) {
    for (uint32_t at = x + 1; at < end; at = (at | 7) + 1) {
        unsigned stops = screen->tabs[at / 8] >> (at % 8);
        if (stops) return at + (unsigned)__builtin_ctz(stops) < end ? at + (unsigned)__builtin_ctz(stops) : end - 1;
    }
    return end - 1;
}

/* As in xterm, tabs neither move a cursor that is to wrap next nor keep it from doing so. */
gp_status gp_screen_tab_forward(gp_screen *screen, uint32_t stops) {
    if (screen->autowrap && gp_screen_wraps_next(screen)) {
        if (!screen->tab_wraps) return GP_OK;
        gp_status status = gp_screen_index(screen);
        if (status != GP_OK) return status;
        screen->x = 0;
    }
    uint32_t x = gp_screen_column(screen), end = gp_screen_end(screen, x);
    for (; stops && x + 1 < end; stops--) x = next_tab(screen, x, end);
    screen->x = x;
    screen->at_margin = false;
    return GP_OK;
}

void gp_screen_tab_back(gp_screen *screen, uint32_t stops) {
    if (screen->autowrap && gp_screen_wraps_next(screen)) return;
    uint32_t x = gp_screen_column(screen), least = screen->origin && x >= screen->left ? screen->left : 0;
    for (; stops && x > least; stops--)
        do x--;
        while (x > least && !has_tab(screen, x));
    screen->x = x;
    screen->at_margin = false;
}

void gp_screen_set_tab(gp_screen *screen, uint32_t x, bool on) {
    uint8_t bit = (uint8_t)(1u << (x % 8));
    if (on)
        screen->tabs[x / 8] |= bit;
    else
        screen->tabs[x / 8] &= (uint8_t)~bit;
}

void gp_screen_reset_tabs(gp_screen *screen, bool on) { memset(screen->tabs, on ? 0x01 : 0, (screen->columns + 7) / 8); }

/* ---- margins ------------------------------------------------------------------------------------------------------- */

gp_status gp_screen_set_rows(gp_screen *screen, uint32_t top, uint32_t bottom) {
    if (top + 1 >= bottom || bottom > screen->rows) return GP_OK;
    uint32_t old_top = screen->top, old_bottom = screen->bottom;
    screen->top = top;
    screen->bottom = bottom;
    gp_status status = gp_screen_address(screen, 0, 0);
    if (status != GP_OK) screen->top = old_top, screen->bottom = old_bottom;
    gp_screen_sum_up(screen);
    return status;
}

gp_status gp_screen_set_columns(gp_screen *screen, uint32_t left, uint32_t right) {
    if (left + 1 >= right || right > screen->columns) return GP_OK;
    uint32_t old_left = screen->left, old_right = screen->right;
    screen->left = left;
    screen->right = right;
    gp_status status = gp_screen_address(screen, 0, 0);
    if (status != GP_OK) screen->left = old_left, screen->right = old_right;
    gp_screen_sum_up(screen);
    return status;
}

/* ---- saved cursors and the alternate screen ------------------------------------------------------------------------ */

void gp_screen_save_cursor(gp_screen *screen) {
    screen->saved[screen->on_alternate] = (gp_saved_cursor){
        .x = screen->autowrap ? screen->x : gp_screen_column(screen),
        .y = screen->y,
        .style = screen->style,
        .charsets = screen->charsets,
        .at_margin = screen->autowrap && screen->at_margin,
        .origin = screen->origin,
        .valid = true,
    };
}

/* The row that a saved cursor goes back to. */
static uint32_t saved_row(const gp_screen *screen, const gp_saved_cursor *saved) {
    if (saved->origin && saved->y < screen->top) return screen->top;
    if (saved->origin && saved->y >= screen->bottom) return screen->bottom - 1;
    return saved->y;
}

gp_status gp_screen_restore_cursor(gp_screen *screen) {
    gp_saved_cursor home = {0};
    gp_charsets_reset(&home.charsets);
    const gp_saved_cursor *saved = &screen->saved[screen->on_alternate];
    if (!saved->valid) saved = &home;
    uint32_t x = saved->x, y = saved_row(screen, saved);
    if (saved->origin) {
        if (x < screen->left) x = screen->left;
        if (x >= screen->right && screen->right < screen->columns) x = screen->right - 1;
    }
    /* Behind the row's last cell may be a blank now, from which a line does not go on: text mode knows of no such place. */
    gp_status status = saved->x >= screen->columns ? gp_screen_edit(screen) : GP_OK;
    if (status == GP_OK) status = gp_screen_go(screen, x, y);
    if (status != GP_OK) return status;
    if (saved->x >= screen->columns && x == saved->x && screen->autowrap) screen->x = screen->columns;
    screen->at_margin =
        saved->at_margin && screen->autowrap && screen->x + 1 == screen->right && screen->right < screen->columns;
    screen->origin = saved->origin;
    screen->charsets = saved->charsets;
    gp_screen_set_pen(screen, &saved->style);
    gp_screen_sum_up(screen);
    return GP_OK;
}

/* Text mode has the cursor in the tail's last row only. */
static bool fits_text(const gp_screen *screen, uint32_t y) {
    return y == screen->list.tail_rows - 1 && screen->mode != GP_SCREEN_GRID;
}

gp_status gp_screen_prepare_to_leave(gp_screen *screen, bool restores) {
    if (!screen->text_mode) return GP_OK;
    const gp_saved_cursor *saved = &screen->saved[0];
    bool stays_text = fits_text(screen, screen->y) &&
                      (!restores || (saved->x < screen->columns && fits_text(screen, saved_row(screen, saved))));
    return stays_text ? GP_OK : gp_screen_inflate(screen);
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
    } else {
        status = gp_screen_prepare_to_leave(screen, false); /* the cursor may come back to another row than it left */
        if (status != GP_OK) return status;
    }
    screen->on_alternate = alternate;
    if (screen->doubled) screen->at_margin = false;
    screen->pen_stale = screen->attribute_stale = true;
    screen->plain_rows = 0;
    return GP_OK;
}
