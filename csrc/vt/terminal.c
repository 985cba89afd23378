/* Terminals: their life, their lock, and driving the screen without a parser. */
#include "vt/terminal.h"

#include <string.h>

#include "memory/alloc.h"
#include "pages/find.h"
#include "vt/scan.h"
#include "vt/screen_read.h"

#ifdef GP_CHECKED
#include <stdio.h>
#include <stdlib.h>

void gp_terminal_verify(gp_terminal *terminal) {
    gp_screen *screen = &terminal->screen;
    if (screen->list.pages > 8 && screen->generation % 64) return;
    const char *violation = gp_screen_check(screen);
    if (!violation) return;
    fprintf(stderr, "ghostpage: %s\n", violation);
    abort();
}
#else
void gp_terminal_verify(gp_terminal *terminal) { (void)terminal; }
#endif

/* ---- life ----------------------------------------------------------------------------------------------------------- */

static size_t claim(gp_member *member) {
    gp_screen *screen = &((gp_terminal *)member)->screen;
    return gp_list_claim(&screen->list) + gp_grid_claim(&screen->primary, member) +
           gp_grid_claim(&screen->alternate, member);
}

static const char *check(gp_member *member) { return gp_screen_check(&((gp_terminal *)member)->screen); }

static size_t give(gp_member *member, size_t need_bytes, size_t floor_bytes) {
    return gp_list_give(&((gp_terminal *)member)->screen.list, need_bytes, floor_bytes);
}

static size_t settle(gp_member *member) {
    gp_terminal *terminal = (gp_terminal *)member;
    size_t before_bytes = member->mapped_bytes;
    bool idle = terminal->settled_generation == terminal->screen.generation;
    terminal->settled_generation = terminal->screen.generation;
    if (idle && !terminal->screen.text_mode) gp_screen_pack(&terminal->screen);
    return before_bytes > member->mapped_bytes ? before_bytes - member->mapped_bytes : 0;
}

static void discard_free(gp_screen *screen) {
    gp_list_discard(&screen->list);
    gp_grid_discard(&screen->primary);
    gp_grid_discard(&screen->alternate);
}

static void discard(gp_member *member) { discard_free(&((gp_terminal *)member)->screen); }

bool gp_terminal_again(gp_terminal *terminal, gp_status *status, gp_retry *retry) {
    if (!gp_reclaim_retry(terminal->screen.account.arena, &terminal->member, *status, retry)) return false;
    *status = GP_OK;
    return true;
}

static bool size_allowed(uint32_t columns, uint32_t rows) {
    return columns >= 1 && columns <= GP_COLUMNS_MAX && rows >= 1 && rows <= GP_ROWS_MAX &&
           (uint64_t)columns * rows <= GP_CELLS_MAX;
}

gp_status gp_terminal_new(gp_arena *arena, const gp_terminal_options *options, gp_terminal **terminal) {
    if (!size_allowed(options->columns, options->rows)) return GP_ERR_ARGUMENT;
    gp_terminal *made = gp_alloc_zeroed(sizeof *made);
    if (!made) return GP_ERR_NOMEM;
    made->member = (gp_member){.claim = claim, .check = check, .give = give, .settle = settle,
                               .discard = discard};
    pthread_cond_init(&made->turn_ended, NULL);
    gp_parser_init(&made->parser);
    gp_terminal_default_modes(made);
    gp_status status = gp_arena_join(arena, &made->member);
    if (status != GP_OK) goto fail;
    gp_retry retry = {0};
    do {
        pthread_mutex_lock(&made->member.lock);
        status = gp_screen_init(&made->screen, arena, &made->member, options);
        made->member.open = status == GP_OK;
        pthread_mutex_unlock(&made->member.lock);
    } while (gp_reclaim_retry(arena, &made->member, status, &retry));
    if (status != GP_OK) {
        gp_arena_leave(arena, &made->member);
        goto fail;
    }
    *terminal = made;
    return GP_OK;
fail:
    gp_free(made);
    return status;
}

void gp_terminal_free(gp_terminal *terminal) {
    if (!terminal) return;
    gp_arena *arena = terminal->screen.account.arena;
    pthread_mutex_lock(&terminal->member.lock);
    terminal->member.open = false;
    gp_screen_deinit(&terminal->screen);
    pthread_mutex_unlock(&terminal->member.lock);
    gp_parser_deinit(&terminal->parser);
    gp_terminal_give_back_strings(terminal, 0);
    gp_arena_discard(arena);
    gp_arena_leave(arena, &terminal->member);
    pthread_cond_destroy(&terminal->turn_ended);
    gp_free(terminal);
}

/* The snapshot's own lock is not needed: the audit, the only other that knows of it, cannot pass the terminal's. */
static gp_status copy(gp_terminal *terminal, bool primary, gp_terminal *made) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_parser_init(&made->parser);
    made->modes = terminal->modes;
    made->saved_modes = terminal->saved_modes;
    made->saved_alternate = terminal->saved_alternate;
    made->before_vt52 = terminal->before_vt52;
    made->level = terminal->level;
    made->eight_bit = terminal->eight_bit;
    made->pushed = terminal->pushed;
    memcpy(made->pushed_styles, terminal->pushed_styles, sizeof made->pushed_styles);
    made->cursor_style = terminal->cursor_style;
    made->synchronized_ns = terminal->synchronized_ns;
    gp_status status = gp_screen_clone(&terminal->screen, &made->member, &made->screen);
    if (status == GP_OK && primary && made->screen.on_alternate) {
        made->screen.on_alternate = false;
        made->screen.x = made->screen.primary_x;
        made->screen.y = made->screen.primary_y;
        made->screen.at_margin = false; /* which was the other cursor's */
    }
    made->member.open = status == GP_OK;
    pthread_mutex_unlock(&terminal->member.lock);
    return status;
}

gp_status gp_terminal_snapshot(gp_terminal *terminal, bool primary, gp_terminal **snapshot) {
    gp_terminal *made = gp_alloc_zeroed(sizeof *made);
    if (!made) return GP_ERR_NOMEM;
    pthread_cond_init(&made->turn_ended, NULL);
    gp_arena *arena = terminal->screen.account.arena;
    made->member = (gp_member){.claim = claim, .check = check, .snapshot = true};
    gp_status status = gp_arena_join(arena, &made->member);
    if (status != GP_OK) {
        gp_free(made);
        return status;
    }
    gp_retry retry = {0};
    do {
        status = copy(terminal, primary, made);
    } while (gp_reclaim_retry(arena, &made->member, status, &retry));
    if (status != GP_OK) {
        gp_arena_leave(arena, &made->member);
        gp_free(made);
        return status;
    }
    *snapshot = made;
    return GP_OK;
}

gp_status gp_terminal_reset(gp_terminal *terminal) {
    gp_screen *screen = &terminal->screen;
    gp_status status = GP_OK;
    if (gp_terminal_find_mode(terminal, 3, false) == 1) status = gp_screen_resize(screen, 80, screen->rows); /* DECCOLM */
    if (status == GP_OK) status = gp_screen_reset(screen);
    if (status != GP_OK) return status;
    gp_terminal_default_modes(terminal);
    terminal->cursor_style = 0;
    return GP_OK;
}

/* ---- driving the screen --------------------------------------------------------------------------------------------- */

static gp_status unlock(gp_terminal *terminal, gp_status status) {
    if (terminal->screen.mode == GP_SCREEN_EARLY) gp_screen_pack(&terminal->screen);
    gp_list_shed(&terminal->screen.list); /* what a screen had to have may be over the limit in bytes */
    gp_terminal_verify(terminal);
    pthread_mutex_unlock(&terminal->member.lock);
    return status;
}

static gp_screen *lock(gp_terminal *terminal) {
    pthread_mutex_lock(&terminal->member.lock);
    terminal->screen.generation++;
    return &terminal->screen;
}

/* Anything but writing ends what was written before. */
static gp_screen *lock_to_edit(gp_terminal *terminal, gp_status *status) {
    gp_screen *screen = lock(terminal);
    *status = gp_screen_end_text(screen);
    gp_screen_stop_joining(screen);
    screen->repeatable = false;
    return screen;
}

/* What lacks room in the arena's budget is carried out again once there is room, or not at all. */
#define CARRY_OUT(lock_it, call)                         \
    gp_status status = GP_OK;                            \
    gp_retry retry = {0};                                \
    do {                                                 \
        gp_screen *screen = lock_it;                     \
        if (status == GP_OK) status = (call);            \
        unlock(terminal, status);                        \
    } while (gp_terminal_again(terminal, &status, &retry));          \
    return status

#define EDIT(call) CARRY_OUT(lock_to_edit(terminal, &status), call)

static gp_status write_text(gp_screen *screen, const uint8_t **at, const uint8_t *end) {
    gp_status status = GP_OK;
    while (*at < end && status == GP_OK) {
        bool ascii;
        size_t run_bytes = gp_scan_text(*at, (size_t)(end - *at), &ascii), printed_bytes;
        uint8_t c1;
        if (!run_bytes) {
            status = gp_screen_end_text(screen);
            gp_screen_stop_joining(screen);
            *at += status == GP_OK;
            continue;
        }
        if (run_bytes > 1 << 20) run_bytes = 1 << 20;
        status = gp_screen_print(screen, *at, run_bytes, ascii, &printed_bytes, &c1);
        *at += printed_bytes;
    }
    return status;
}

gp_status gp_screen_write(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes, size_t *consumed_bytes) {
    const uint8_t *at = bytes, *before;
    gp_status status;
    gp_retry retry = {0};
    do {
        before = at;
        status = write_text(lock(terminal), &at, bytes + length_bytes);
        unlock(terminal, status);
        if (at > before) gp_reclaim_progress(&retry);
    } while (gp_terminal_again(terminal, &status, &retry));
    *consumed_bytes = (size_t)(at - bytes);
    return status;
}

gp_status gp_screen_line_feed(gp_terminal *terminal) { EDIT(gp_screen_index(screen)); }
gp_status gp_screen_reverse_line_feed(gp_terminal *terminal) { EDIT(gp_screen_reverse_index(screen)); }
gp_status gp_screen_carriage_return(gp_terminal *terminal) { EDIT((gp_screen_return(screen), GP_OK)); }
gp_status gp_screen_tab(gp_terminal *terminal) { EDIT(gp_screen_tab_forward(screen, 1)); }
gp_status gp_screen_move(gp_terminal *terminal, uint32_t x, uint32_t y) { EDIT(gp_screen_go(screen, x, y)); }
gp_status gp_screen_erase_cells(gp_terminal *terminal, uint32_t cells) { EDIT(gp_screen_erase(screen, cells)); }
gp_status gp_screen_insert_cells(gp_terminal *terminal, uint32_t cells) { EDIT(gp_screen_insert(screen, cells)); }
gp_status gp_screen_delete_cells(gp_terminal *terminal, uint32_t cells) { EDIT(gp_screen_delete(screen, cells)); }
gp_status gp_screen_insert_lines(gp_terminal *terminal, uint32_t rows) { EDIT(gp_screen_insert_rows(screen, rows)); }
gp_status gp_screen_delete_lines(gp_terminal *terminal, uint32_t rows) { EDIT(gp_screen_delete_rows(screen, rows)); }

gp_status gp_screen_erase_line(gp_terminal *terminal, int part) {
    if (part < 0 || part > 2) return GP_ERR_ARGUMENT;
    EDIT(gp_screen_erase_in_line(screen, (unsigned)part, false));
}

gp_status gp_screen_erase_display(gp_terminal *terminal, int part) {
    if (part < 0 || part > 2) return GP_ERR_ARGUMENT;
    EDIT(gp_screen_erase_in_display(screen, (unsigned)part, false));
}

gp_status gp_screen_scroll(gp_terminal *terminal, int32_t rows) {
    EDIT(rows >= 0 ? gp_screen_scroll_up(screen, screen->top, screen->bottom, (uint32_t)rows, true)
                   : gp_screen_scroll_down(screen, screen->top, screen->bottom, (uint32_t)-(int64_t)rows));
}

static gp_status set_region(gp_screen *screen, uint32_t top, uint32_t bottom) {
    bool whole = top == 0 && bottom + 1 == screen->rows; /* in a window of one row too */
    if (!whole && (top >= bottom || bottom >= screen->rows)) return GP_ERR_ARGUMENT;
    screen->top = top;
    screen->bottom = bottom + 1;
    gp_screen_sum_up(screen);
    return GP_OK;
}

gp_status gp_screen_set_region(gp_terminal *terminal, uint32_t top, uint32_t bottom) {
    EDIT(set_region(screen, top, bottom));
}

gp_status gp_screen_set_style(gp_terminal *terminal, const gp_style_info *style) {
    gp_style pen;
    memcpy(&pen, style, sizeof pen);
    pen.reserved = 0;
    gp_screen_set_pen(lock(terminal), &pen);
    return unlock(terminal, GP_OK);
}

gp_status gp_screen_set_link(gp_terminal *terminal, const uint8_t *uri, size_t uri_bytes, const uint8_t *id,
                             size_t id_bytes) {
    if (uri_bytes > GP_LINK_URI_MAX || id_bytes > GP_LINK_ID_MAX) return GP_ERR_ARGUMENT;
    return unlock(terminal, gp_screen_hyperlink(lock(terminal), uri, uri_bytes, id, id_bytes));
}

gp_status gp_screen_put(gp_terminal *terminal, uint32_t x, uint32_t y, const uint8_t *text, size_t text_bytes,
                        const gp_style_info *style, const uint8_t *uri, size_t uri_bytes) {
    if (uri_bytes > GP_LINK_URI_MAX) return GP_ERR_ARGUMENT;
    gp_style look;
    memcpy(&look, style, sizeof look);
    look.reserved = 0;
    gp_link link = {.uri = uri, .uri_bytes = (uint16_t)uri_bytes};
    CARRY_OUT(lock(terminal), x < screen->columns && y < screen->rows
                                  ? gp_screen_put_at(screen, x, y, text, text_bytes, &look, &link)
                                  : GP_ERR_ARGUMENT);
}

gp_status gp_screen_set_alternate(gp_terminal *terminal, bool alternate) { EDIT(gp_screen_switch(screen, alternate)); }

/* ---- size, limits, modes -------------------------------------------------------------------------------------------- */

gp_status gp_terminal_resize(gp_terminal *terminal, uint32_t columns, uint32_t rows) {
    if (!size_allowed(columns, rows)) return GP_ERR_ARGUMENT;
    CARRY_OUT(lock(terminal), gp_screen_resize(screen, columns, rows));
}

/* With the lock held: what was cut off costs nothing any more. */
static void give_back(gp_screen *screen) {
    gp_list_condense(&screen->list);
    discard_free(screen);
    gp_arena_discard(screen->account.arena);
}

gp_status gp_terminal_set_limits(gp_terminal *terminal, uint64_t limit_rows, size_t limit_bytes) {
    gp_screen *screen = lock(terminal);
    /* By the old limit first: what it had hidden does not come back. */
    gp_list_cut(&screen->list, screen->list.limit_rows, GP_PRUNE_LINES);
    gp_list_cut(&screen->list, limit_rows, GP_PRUNE_LINES);
    screen->list.limit_rows = limit_rows;
    screen->list.pruned_by = GP_PRUNE_NONE;
    screen->account.limit_bytes = limit_bytes;
    gp_list_shed(&screen->list);
    gp_account_fit_pool(&screen->account);
    give_back(screen);
    return unlock(terminal, GP_OK);
}

void gp_terminal_clear_history(gp_terminal *terminal) {
    gp_screen *screen = lock(terminal);
    gp_list_cut(&screen->list, 0, GP_PRUNE_CLEAR);
    give_back(screen);
    unlock(terminal, GP_OK);
}

void gp_terminal_trim(gp_terminal *terminal) {
    gp_screen *screen = lock(terminal);
    gp_screen_pack(screen);
    gp_list_cut(&screen->list, screen->list.limit_rows, GP_PRUNE_LINES);
    give_back(screen);
    unlock(terminal, GP_OK);
}

gp_status gp_terminal_wipe_history(gp_terminal *terminal) {
    gp_status status;
    gp_screen *screen = lock_to_edit(terminal, &status);
    if (status == GP_OK) status = gp_screen_wipe_history(screen);
    if (status == GP_OK && terminal->retry.kind == GP_EVENT_NONE) gp_parser_wipe(&terminal->parser);
    return unlock(terminal, status);
}

int gp_terminal_mode(gp_terminal *terminal, uint32_t number, bool ansi) {
    pthread_mutex_lock(&terminal->member.lock);
    int state = gp_terminal_find_mode(terminal, number, ansi);
    pthread_mutex_unlock(&terminal->member.lock);
    return state;
}

static gp_status set_mode(gp_screen *screen, gp_screen_mode mode) {
    gp_status status = GP_OK;
    if (mode == GP_SCREEN_GRID && gp_screen_shows_text(screen)) status = gp_screen_inflate(screen);
    if (status == GP_OK) screen->mode = mode;
    return status;
}

gp_status gp_terminal_set_screen_mode(gp_terminal *terminal, int mode) {
    if (mode < GP_SCREEN_AUTO || mode > GP_SCREEN_EARLY) return GP_ERR_ARGUMENT;
    CARRY_OUT(lock(terminal), set_mode(screen, mode));
}

/* ---- figures -------------------------------------------------------------------------------------------------------- */

static gp_page_info describe_grid(const gp_grid *grid) {
    return (gp_page_info){
        .kind = 1,
        .address = (uint64_t)(uintptr_t)grid->page.base,
        .standard = grid->page.mapping->kind == GP_MAPPING_STANDARD,
        .small = grid->page.mapping->kind == GP_MAPPING_SMALL,
        .mapped_bytes = grid->page.mapping->length_bytes,
        .used_bytes = gp_grid_used_bytes(grid),
        .rows = grid->rows,
    };
}

static gp_page_info describe_text(gp_list *list, gp_text_page *page) {
    return (gp_page_info){
        .kind = 0,
        .address = (uint64_t)(uintptr_t)page->page.base,
        .standard = page->page.mapping->kind == GP_MAPPING_STANDARD,
        .small = page->page.mapping->kind == GP_MAPPING_SMALL,
        .mapped_bytes = page->page.mapping->length_bytes,
        .used_bytes = gp_text_page_used_bytes(page),
        .lines = page->lines - page->dead_lines + (list->open && page == list->newest),
        .rows = gp_list_page_rows(list, page) + (list->open && page == list->newest ? list->line.rows : 0),
        .first_line = page->first_line + page->dead_lines,
    };
}

/* Nothing is in it yet. */
static gp_page_info describe_empty(const gp_text_page *page) {
    return (gp_page_info){
        .address = (uint64_t)(uintptr_t)page->page.base,
        .standard = page->page.mapping->kind == GP_MAPPING_STANDARD,
        .small = page->page.mapping->kind == GP_MAPPING_SMALL,
        .mapped_bytes = page->page.mapping->length_bytes,
    };
}

static size_t each_page(gp_screen *screen, gp_page_info *pages, size_t capacity) {
    gp_list *list = &screen->list;
    size_t count = 0;
    for (gp_text_page *page = list->oldest; page; page = page->newer, count++)
        if (count < capacity) pages[count] = describe_text(list, page);
    if (list->prepared) {
        if (count < capacity) pages[count] = describe_empty(list->prepared);
        count++;
    }
    for (gp_text_page *page = list->spares.newest; page; page = page->older, count++)
        if (count < capacity) pages[count] = describe_empty(page);
    const gp_grid *grids[2] = {&screen->primary, &screen->alternate};
    for (int i = 0; i < 2; i++) {
        if (!grids[i]->page.mapping) continue;
        if (count < capacity) pages[count] = describe_grid(grids[i]);
        count++;
    }
    return count;
}

size_t gp_terminal_list_pages(gp_terminal *terminal, gp_page_info *pages, size_t capacity) {
    pthread_mutex_lock(&terminal->member.lock);
    size_t count = each_page(&terminal->screen, pages, capacity);
    pthread_mutex_unlock(&terminal->member.lock);
    return count;
}

static size_t grid_bytes(const gp_grid *grid) { return grid->page.mapping ? grid->page.mapping->length_bytes : 0; }

gp_cursor_info gp_terminal_cursor(const gp_terminal *terminal) {
    const gp_screen *screen = &terminal->screen;
    uint8_t style = terminal->cursor_style;
    return (gp_cursor_info){
        .x = gp_screen_column(screen),
        .y = screen->y,
        .shape = style ? (style - 1) / 2 : 0,
        .visible = gp_terminal_find_mode(terminal, 25, false) == 1,
        .blinking = style ? style & 1 : gp_terminal_find_mode(terminal, 12, false) == 1,
        .pending_wrap = gp_screen_wraps_next(screen) && screen->autowrap,
    };
}

void gp_terminal_read_figures(gp_terminal *terminal, gp_terminal_figures *figures) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_screen *screen = &terminal->screen;
    gp_list *list = &screen->list;
    uint64_t cursor_line;
    uint32_t cursor_cell;
    gp_screen_cursor_place(screen, &cursor_line, &cursor_cell);
    gp_cursor_info cursor = gp_terminal_cursor(terminal);
    *figures = (gp_terminal_figures){
        .columns = screen->columns,
        .rows = screen->rows,
        .x = cursor.x,
        .y = cursor.y,
        .pending_wrap = cursor.pending_wrap,
        .cursor_visible = cursor.visible,
        .cursor_blinking = cursor.blinking,
        .cursor_shape = cursor.shape,
        .alternate = screen->on_alternate,
        .text_mode = gp_screen_shows_text(screen),
        .history_rows = gp_list_history_rows(list),
        .first_line = list->oldest ? list->oldest->first_line + list->oldest->dead_lines : list->next_line,
        .next_line = list->next_line,
        .cursor_line = cursor_line,
        .cursor_cell = cursor_cell,
        .limit_rows = list->limit_rows,
        .limit_bytes = screen->account.limit_bytes,
        .pruned_by = list->pruned_by,
        .region_top = screen->top,
        .region_bottom = screen->bottom,
        .region_left = screen->left,
        .region_right = screen->right,
        .generation = screen->generation,
    };
    pthread_mutex_unlock(&terminal->member.lock);
}

void gp_terminal_read_memory(gp_terminal *terminal, gp_terminal_memory *memory) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_screen *screen = &terminal->screen;
    size_t grids_bytes = grid_bytes(&screen->primary) + grid_bytes(&screen->alternate);
    *memory = (gp_terminal_memory){
        .mapped_bytes = terminal->member.mapped_bytes,
        .text_bytes = terminal->member.mapped_bytes - grids_bytes,
        .grid_bytes = grids_bytes,
        .nonstandard_bytes = screen->account.nonstandard_bytes,
        .peak_bytes = screen->account.peak_bytes,
        .used_bytes = gp_list_used_bytes(&screen->list) + gp_grid_used_bytes(&screen->primary) +
                      gp_grid_used_bytes(&screen->alternate),
        .serial = terminal->member.serial,
        .string_bytes = terminal->parser.string_capacity_bytes,
        .counters = screen->account.counters,
    };
    pthread_mutex_unlock(&terminal->member.lock);
}

void gp_terminal_read_demand(gp_terminal *terminal, gp_demand_figures *text_pages, gp_demand_figures *grids) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_demand_read(&terminal->screen.list.demand, text_pages);
    gp_demand_read(&terminal->screen.list.grid_demand, grids);
    pthread_mutex_unlock(&terminal->member.lock);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

gp_status gp_terminal_read(gp_terminal *terminal, int64_t first, uint32_t count, bool from_screen, bool cells,
                           gp_reading **reading) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_status status = gp_screen_read(&terminal->screen, first, count, from_screen, cells, reading);
    pthread_mutex_unlock(&terminal->member.lock);
    return status;
}

gp_status gp_terminal_text(gp_terminal *terminal, int64_t first, int64_t stop, bool unwrap, gp_reading **reading) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_status status = gp_screen_read_text(&terminal->screen, first, stop, unwrap, reading);
    pthread_mutex_unlock(&terminal->member.lock);
    return status;
}

void gp_terminal_read_line_figures(gp_terminal *terminal, gp_line_figures *figures) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_screen_line_figures(&terminal->screen, figures);
    pthread_mutex_unlock(&terminal->member.lock);
}

/* Reading changes nothing, so that there is nothing to do but to hold the lock. */
#define READ(call)                                   \
    pthread_mutex_lock(&terminal->member.lock);      \
    gp_status status = (call);                       \
    pthread_mutex_unlock(&terminal->member.lock);    \
    return status

gp_status gp_terminal_read_lines(gp_terminal *terminal, uint64_t first_line, uint64_t stop_line, size_t max_bytes,
                                 gp_line_details details, gp_reading **reading) {
    READ(gp_screen_read_lines(&terminal->screen, first_line, stop_line, max_bytes, details, reading));
}

gp_status gp_terminal_read_since(gp_terminal *terminal, gp_line_cursor *cursor, size_t max_bytes, bool tail,
                                 uint64_t *dropped, gp_reading **reading) {
    READ(gp_screen_read_since(&terminal->screen, cursor, max_bytes, tail, dropped, reading));
}

gp_status gp_terminal_locate(gp_terminal *terminal, uint64_t line, uint32_t cell, uint64_t *row, uint32_t *x) {
    READ(gp_screen_locate(&terminal->screen, line, cell, row, x));
}

gp_status gp_terminal_position(gp_terminal *terminal, int64_t row, uint32_t x, uint64_t *line, uint32_t *cell) {
    READ(gp_screen_position(&terminal->screen, row, x, line, cell));
}

gp_status gp_terminal_read_found(gp_terminal *terminal, uint64_t *first_line, uint64_t *stop_line, const gp_needles *needles,
                                 bool backwards, size_t max_bytes, gp_found_end *end, gp_reading **reading) {
    READ(gp_screen_read_found(&terminal->screen, first_line, stop_line, needles, backwards, max_bytes, end, reading));
}

size_t gp_terminal_find(gp_terminal *terminal, uint64_t *first_line, uint64_t *stop_line, const uint8_t *needle,
                        size_t needle_bytes, bool backwards, size_t max_bytes, uint64_t *lines, size_t capacity) {
    gp_find_step step = {.first_line = *first_line, .stop_line = *stop_line, .backwards = backwards,
                         .max_bytes = max_bytes, .lines = lines, .capacity = capacity};
    gp_line_figures figures;
    pthread_mutex_lock(&terminal->member.lock);
    gp_screen_line_figures(&terminal->screen, &figures);
    if (step.first_line < figures.first_line) step.first_line = figures.first_line;
    if (step.stop_line > figures.complete_line) step.stop_line = figures.complete_line;
    if (step.first_line < step.stop_line) gp_list_find(&terminal->screen.list, needle, needle_bytes, &step);
    pthread_mutex_unlock(&terminal->member.lock);
    if (step.stop_line < step.first_line) step.stop_line = step.first_line;
    *first_line = step.first_line;
    *stop_line = step.stop_line;
    return step.count;
}

const char *gp_terminal_check(gp_terminal *terminal) {
    pthread_mutex_lock(&terminal->member.lock);
    const char *violation = gp_screen_check(&terminal->screen);
    pthread_mutex_unlock(&terminal->member.lock);
    return violation;
}
