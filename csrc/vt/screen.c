/* A screen's beginning, end and reset, and its verifier. */
#include "vt/screen.h"

#include <stdatomic.h>
#include <string.h>

#include "memory/alloc.h"

void gp_screen_sum_up(gp_screen *screen) {
    screen->plain = screen->autowrap && !screen->insert && gp_screen_whole(screen);
    screen->edged = gp_screen_full_width(screen) && !screen->doubled;
    screen->translates = gp_charsets_translate(&screen->charsets);
    screen->straight = screen->edged && !screen->insert && !screen->translates;
}

void gp_screen_free_margins(gp_screen *screen) {
    screen->top = screen->left = 0;
    screen->bottom = screen->rows;
    screen->right = screen->columns;
    screen->margins = false;
    screen->at_margin = false;
    gp_screen_sum_up(screen);
}

void gp_screen_set_margin_mode(gp_screen *screen, bool on) {
    screen->margins = on;
    if (on) gp_screen_undouble(screen);
    if (!on) {
        screen->left = 0;
        screen->right = screen->columns;
        screen->at_margin = false;
    }
    gp_screen_sum_up(screen);
}

void gp_screen_soften(gp_screen *screen) {
    static const gp_style plain;
    if (screen->x == screen->columns && !screen->autowrap) screen->x--;
    gp_screen_free_margins(screen);
    screen->autowrap = true;
    screen->origin = screen->insert = screen->reverse_wrap = screen->reverse_any = false;
    screen->protection = GP_PROTECTION_NONE;
    gp_charsets_reset(&screen->charsets);
    screen->saved[screen->on_alternate] = (gp_saved_cursor){0};
    gp_screen_set_pen(screen, &plain);
    gp_screen_hyperlink(screen, NULL, 0, NULL, 0);
    gp_screen_sum_up(screen);
}

static void default_state(gp_screen *screen) {
    screen->x = screen->y = 0;
    screen->at_margin = false;
    memset(screen->saved, 0, sizeof screen->saved);
    screen->style = (gp_style){0};
    screen->link = (gp_link){0};
    screen->pen_stale = screen->attribute_stale = true;
    screen->cluster = (gp_cluster){0};
    screen->ascii_last = screen->pending_bytes = 0;
    screen->repeatable = false;
    screen->autowrap = screen->graphemes = true;
    screen->insert = screen->origin = screen->newline = screen->reverse_wrap = screen->reverse_any = false;
    screen->tab_wraps = screen->rectangular = screen->doubled = false;
    gp_screen_free_margins(screen);
    screen->protection = GP_PROTECTION_NONE;
    gp_charsets_reset(&screen->charsets);
    gp_screen_sum_up(screen);
    screen->plain_rows = screen->patience = 0;
    screen->packed = false;
    memset(screen->costs, 0, sizeof screen->costs);
    gp_screen_reset_tabs(screen, true);
}

gp_status gp_screen_init(gp_screen *screen, gp_arena *arena, gp_member *member, const gp_terminal_options *options) {
    static atomic_uint_fast64_t sessions;
    *screen = (gp_screen){
        .session = atomic_fetch_add(&sessions, 1) + 1,
        .columns = options->columns,
        .rows = options->rows,
        .mode = options->mode,
        .text_mode = true,
        .account = {.arena = arena, .member = member, .limit_bytes = options->limit_bytes},
    };
    gp_list_init(&screen->list, &screen->account, options->columns, options->limit_rows);
    screen->tabs = gp_alloc_zeroed((options->columns + 7) / 8);
    if (!screen->tabs) return GP_ERR_NOMEM;
    default_state(screen);
    gp_status status = gp_list_open_line(&screen->list, false);
    if (status == GP_OK) {
        screen->list.tail_rows = 1;
        screen->list.tail_rows_max = screen->rows;
        if (screen->mode == GP_SCREEN_GRID) status = gp_screen_inflate(screen);
    }
    if (status != GP_OK) gp_screen_deinit(screen);
    return status;
}

void gp_screen_deinit(gp_screen *screen) {
    gp_grid_retire(&screen->list, &screen->primary);
    gp_grid_retire(&screen->list, &screen->alternate);
    gp_list_deinit(&screen->list);
    gp_free(screen->tabs);
    gp_free_wiped(screen->link_bytes, screen->link_capacity);
    screen->tabs = screen->link_bytes = NULL;
}

/* A copy of some bytes of the heap; none of none. */
static bool duplicate(uint8_t **bytes, size_t length_bytes) {
    const uint8_t *original = *bytes;
    if (!original) return true;
    *bytes = gp_alloc(length_bytes);
    if (*bytes) memcpy(*bytes, original, length_bytes);
    return *bytes != NULL;
}

gp_status gp_screen_clone(gp_screen *screen, gp_member *member, gp_screen *clone) {
    gp_screen *made = clone;
    *made = *screen;
    made->account = (gp_account){.arena = screen->account.arena, .member = member, .limit_bytes = SIZE_MAX,
                                 .counters = screen->account.counters};
    made->primary = made->alternate = (gp_grid){0};
    made->list = (gp_list){0};
    made->link_bytes = NULL;
    made->link = (gp_link){0};
    made->link_capacity = 0;
    const gp_link *link = &screen->link;
    gp_status status = duplicate(&made->tabs, (screen->columns + 7) / 8) ? GP_OK : GP_ERR_NOMEM;
    if (status == GP_OK) status = gp_screen_hyperlink(made, link->uri, link->uri_bytes, link->id, link->id_bytes);
    if (status == GP_OK) status = gp_list_clone(&screen->list, &made->account, &made->list);
    if (status == GP_OK && screen->primary.page.mapping)
        status = gp_grid_clone(&screen->primary, &made->list, &made->primary);
    if (status == GP_OK && screen->alternate.page.mapping)
        status = gp_grid_clone(&screen->alternate, &made->list, &made->alternate);
    if (status != GP_OK) gp_screen_deinit(made);
    return status;
}

/* The number that a line behind the primary screen's last row would have, which does not depend on the mode. */
static uint64_t number_behind(const gp_screen *screen) {
    const gp_list *list = &screen->list;
    if (screen->text_mode) return list->next_line + 1 + screen->rows - list->tail_rows;
    uint64_t number = list->next_line;
    for (uint32_t y = 0; y < screen->rows; y++) number += !screen->primary.row[y].wrapped;
    return number;
}

gp_status gp_screen_reset(gp_screen *screen) {
    gp_list *list = &screen->list;
    uint64_t next_line = number_behind(screen), complete_line = gp_screen_complete_line(screen);
    if (!list->newest) {
        gp_status status = gp_list_open_line(list, false); /* the one thing that can fail */
        if (status != GP_OK) return status;
    }
    gp_screen_unsettle_all(screen, complete_line);
    screen->skipped += next_line - complete_line;
    list->tail_rows = 0;
    gp_list_cut(list, 0, GP_PRUNE_CLEAR);
    while (list->oldest != list->newest) gp_list_retire(list, list->oldest, NULL);
    gp_place start = {.page = list->newest};
    list->cut_cells = 0;
    list->newest->dead_lines = 0;
    list->newest->rows_columns = 0; /* counted again, all of it, before it goes */
    gp_list_truncate(list, &start);
    list->next_line = list->newest->first_line = next_line;
    gp_grid_retire(list, &screen->alternate);
    screen->on_alternate = false;
    default_state(screen);
    if (screen->mode == GP_SCREEN_GRID && !screen->text_mode) {
        for (uint32_t y = 0; y < screen->rows; y++) {
            gp_grid_clear_row(&screen->primary, y, 0);
        }
        list->tail_rows_max = 0;
        return GP_OK;
    }
    gp_grid_retire(list, &screen->primary);
    screen->text_mode = true;
    gp_list_open_line(list, false); /* in an empty page with its first mark: cannot fail */
    list->tail_rows = 1;
    list->tail_rows_max = screen->rows;
    return GP_OK;
}

/* ---- the verifier ------------------------------------------------------------------------------------------------- */

static const char *check_wraps(gp_grid *grid) {
    for (uint32_t y = 0; y < grid->rows; y++) {
        if (!grid->row[y].wrapped) continue;
        if (!grid->row[y].folded) return "screen: a row is wrapped, but not folded";
        if (y + 1 == grid->rows) return "screen: the last row goes on in none";
        if (grid->row[y].size || grid->row[y + 1].size) return "screen: a row of double width is no line of its own";
        bool spacer = gp_cell_kind(gp_grid_row_cells(grid, y)[grid->columns - 1]) == GP_CELL_SPACER;
        if (spacer && gp_cell_kind(*gp_grid_row_cells(grid, y + 1)) != GP_CELL_WIDE)
            return "screen: a spacer makes room for no wide cell";
        if (!grid->row[y + 1].wrapped && !gp_grid_row_length(grid, y + 1))
            return "screen: a row goes on in nothing";
    }
    return NULL;
}

/* Whether a line that goes on in the grid leaves the list at a row's end. (A record that is closed ends in a row of its own.) */
static bool leaves_at_row_end(gp_screen *screen) {
    gp_list *list = &screen->list;
    uint32_t found;
    if (!list->open || screen->columns == 1) return true;
    uint32_t cells = list->line.cells - gp_list_tail(list, 1, &found).cells;
    bool wide = gp_cell_kind(*gp_grid_row_cells(&screen->primary, 0)) == GP_CELL_WIDE;
    return !found || cells == screen->columns || (cells + 1 == screen->columns && wide);
}

const char *gp_screen_check(gp_screen *screen) {
    if (!screen->tabs) return NULL; /* not there yet, or not any more */
    const char *violation = gp_list_check(&screen->list);
    if (!violation) violation = gp_grid_check(&screen->primary);
    if (!violation) violation = gp_grid_check(&screen->alternate);
    if (!violation && screen->primary.page.mapping) violation = check_wraps(&screen->primary);
    if (!violation && screen->alternate.page.mapping) violation = check_wraps(&screen->alternate);
    if (violation) return violation;
    if (screen->x > screen->columns || screen->y >= screen->rows) return "screen: the cursor is outside";
    if (screen->top >= screen->bottom || screen->bottom > screen->rows) return "screen: the scroll region is outside";
    if (screen->left >= screen->right || screen->right > screen->columns) return "screen: the margins are outside";
    if (!screen->margins && !gp_screen_full_width(screen)) return "screen: margins without their mode";
    if (screen->at_margin && (screen->x + 1 != gp_screen_end(screen, screen->x) || screen->x + 1 == screen->columns))
        return "screen: a wrap at the margin is pending elsewhere";
    if (screen->plain != (screen->autowrap && !screen->insert && gp_screen_whole(screen)) ||
        screen->edged != (gp_screen_full_width(screen) && !screen->doubled) ||
        screen->translates != gp_charsets_translate(&screen->charsets) ||
        screen->straight != (screen->edged && !screen->insert && !screen->translates))
        return "screen: what printing asks is out of date";
    if (screen->text_mode == (screen->primary.page.mapping != NULL)) return "screen: text mode and a grid";
    if (screen->text_mode) {
        if (!screen->list.open) return "screen: text mode without an open line";
        if (screen->list.tail_rows_max != screen->rows) return "screen: the tail's bound is not the screen's";
        if (!screen->on_alternate && screen->y != screen->list.tail_rows - 1)
            return "screen: the cursor is not in the tail's last row";
        if (gp_list_total_rows(&screen->list) < screen->list.tail_rows) return "screen: the tail is not there";
    } else if (screen->list.tail_rows || screen->list.tail_rows_max) {
        return "screen: a tail in grid mode";
    } else if (!leaves_at_row_end(screen)) {
        return "screen: a line goes on in the grid from within a row";
    }
    if (screen->text_mode && screen->settled_rows) return "screen: settled rows of a grid in text mode";
    if (screen->settled_rows > screen->rows) return "screen: more rows are settled than there are";
    if (screen->on_alternate && !screen->alternate.page.mapping) return "screen: the alternate screen is missing";
    return NULL;
}
