/* Terminals to files and back. What is saved is a snapshot: its pages as they lie, grids as their rows are read, and the
 * state, field by field. What is loaded is not believed: it is checked before it is used, and as a whole at the end. */
#include <string.h>

#include "memory/alloc.h"
#include "memory/reclaim.h"
#include "pages/page_load.h"
#include "unicode/utf8.h"
#include "vt/screen_read.h"
#include "vt/terminal.h"

/* ---- state, in one order for both ways --------------------------------------------------------------------------- */

typedef struct stream {
    uint8_t *at;
    size_t left_bytes, wanted_bytes;
    bool reads, failed, no_memory;
} stream;

static void bytes(stream *s, void *field, size_t length_bytes) {
    s->wanted_bytes += length_bytes;
    if (length_bytes > s->left_bytes) {
        s->failed = true;
        s->left_bytes = 0;
        return;
    }
    if (!length_bytes) return;
    if (s->reads)
        memcpy(field, s->at, length_bytes);
    else
        memcpy(s->at, field, length_bytes);
    s->at += length_bytes;
    s->left_bytes -= length_bytes;
}

static void flag(stream *s, bool *field) {
    uint8_t byte = *field;
    bytes(s, &byte, 1);
    if (s->reads) *field = byte != 0;
}

#define FIELD(field) bytes(s, &(field), sizeof(field))

static void charsets_state(stream *s, gp_charsets *charsets) {
    FIELD(charsets->names);
    FIELD(charsets->left), FIELD(charsets->right), FIELD(charsets->single);
}

static void cursor_state(stream *s, gp_saved_cursor *cursor) {
    FIELD(cursor->x), FIELD(cursor->y);
    FIELD(cursor->style);
    charsets_state(s, &cursor->charsets);
    flag(s, &cursor->at_margin), flag(s, &cursor->origin), flag(s, &cursor->valid);
}

static void list_state(stream *s, gp_list *list) {
    FIELD(list->next_line);
    FIELD(list->cut_cells);
    FIELD(list->tail_rows);
    flag(s, &list->open), flag(s, &list->continues);
}

static void screen_state(stream *s, gp_screen *screen) {
    flag(s, &screen->text_mode), flag(s, &screen->on_alternate);
    FIELD(screen->x), FIELD(screen->y);
    if (!screen->on_alternate) screen->primary_x = screen->primary_y = 0;
    FIELD(screen->primary_x), FIELD(screen->primary_y);
    FIELD(screen->top), FIELD(screen->bottom), FIELD(screen->left), FIELD(screen->right);
    flag(s, &screen->at_margin);
    for (int i = 0; i < 2; i++) cursor_state(s, &screen->saved[i]);
    FIELD(screen->style);
    FIELD(screen->cluster);
    FIELD(screen->ascii_last);
    flag(s, &screen->repeatable);
    FIELD(screen->pending), FIELD(screen->pending_bytes);
    flag(s, &screen->autowrap), flag(s, &screen->insert), flag(s, &screen->origin), flag(s, &screen->newline);
    flag(s, &screen->margins), flag(s, &screen->reverse_wrap), flag(s, &screen->reverse_any);
    flag(s, &screen->graphemes), flag(s, &screen->tab_wraps), flag(s, &screen->rectangular);
    FIELD(screen->protection);
    charsets_state(s, &screen->charsets);
    FIELD(screen->settled_line), FIELD(screen->skipped);
    bytes(s, screen->tabs, (screen->columns + 7) / 8);
}

/* The pen's link. */
static void link_state(stream *s, gp_screen *screen) {
    uint16_t uri_bytes = screen->link.uri_bytes, id_bytes = screen->link.id_bytes;
    FIELD(uri_bytes), FIELD(id_bytes);
    if (!s->reads) {
        bytes(s, (void *)(uintptr_t)screen->link.uri, uri_bytes);
        bytes(s, (void *)(uintptr_t)screen->link.id, id_bytes);
        return;
    }
    bool sound = uri_bytes <= GP_LINK_URI_MAX_BYTES && id_bytes <= GP_LINK_ID_MAX_BYTES;
    size_t length_bytes = (size_t)uri_bytes + id_bytes;
    if (!sound || length_bytes > s->left_bytes) {
        s->failed = true;
        return;
    }
    s->no_memory = gp_screen_hyperlink(screen, s->at, uri_bytes, s->at + uri_bytes, id_bytes) != GP_OK;
    s->at += length_bytes;
    s->left_bytes -= length_bytes;
}

static void state(stream *s, gp_terminal *terminal, gp_list *list) {
    list_state(s, list);
    screen_state(s, &terminal->screen);
    link_state(s, &terminal->screen);
    FIELD(terminal->modes), FIELD(terminal->saved_modes);
    flag(s, &terminal->saved_alternate);
    FIELD(terminal->level), FIELD(terminal->cursor_style);
    flag(s, &terminal->eight_bit);
    FIELD(terminal->before_vt52.modes);
    charsets_state(s, &terminal->before_vt52.charsets);
    FIELD(terminal->before_vt52.style);
    FIELD(terminal->pushed);
    for (int i = 0; i < GP_STYLES_MAX; i++) {
        gp_pushed_style *pushed = &terminal->pushed_styles[i];
        FIELD(pushed->style), FIELD(pushed->attributes);
        flag(s, &pushed->foreground), flag(s, &pushed->background);
    }
}

/* What of a grid's rows is not read with their cells. */
static void grid_state(stream *s, gp_grid *grid) {
    for (uint32_t y = 0; y < grid->rows; y++) flag(s, &grid->row[y].folded);
}

/* ---- what state may be --------------------------------------------------------------------------------------------- */

static bool style_sound(const gp_style *style) {
    const uint32_t colors[3] = {style->foreground, style->background, style->underline_color};
    for (int i = 0; i < 3; i++) {
        unsigned kind = gp_style_color_kind(colors[i]);
        if (kind > GP_STYLE_COLOR_RGB || (kind == GP_STYLE_COLOR_DEFAULT && colors[i])) return false;
        if (kind == GP_STYLE_COLOR_INDEXED && gp_style_color_value(colors[i]) > 255) return false;
    }
    return !style->reserved && !(style->attributes & ~(unsigned)GP_STYLE_KNOWN) &&
           gp_style_get_underline(style) <= GP_STYLE_UNDERLINE_DASHED;
}

static bool charsets_sound(const gp_charsets *charsets) {
    return charsets->left < 4 && charsets->right < 4 && charsets->single < 4 && charsets->single != 1;
}

static bool cursor_sound(const gp_screen *screen, const gp_saved_cursor *cursor) {
    return cursor->x <= screen->columns && cursor->y < screen->rows && charsets_sound(&cursor->charsets) &&
           style_sound(&cursor->style);
}

static bool pens_sound(const gp_terminal *terminal) {
    if (!charsets_sound(&terminal->before_vt52.charsets) || !style_sound(&terminal->before_vt52.style)) return false;
    if (terminal->pushed > GP_STYLES_MAX) return false;
    for (int i = 0; i < GP_STYLES_MAX; i++)
        if (!style_sound(&terminal->pushed_styles[i].style)) return false;
    return true;
}

static bool margins_sound(const gp_screen *screen) {
    return screen->top < screen->bottom && screen->bottom <= screen->rows && screen->left < screen->right &&
           screen->right <= screen->columns &&
           (screen->margins || (screen->left == 0 && screen->right == screen->columns));
}

static bool state_sound(const gp_terminal *terminal, const gp_list *list) {
    const gp_screen *screen = &terminal->screen;
    return screen->x <= screen->columns && screen->y < screen->rows && screen->primary_x <= screen->columns &&
           screen->primary_y < screen->rows && margins_sound(screen) && charsets_sound(&screen->charsets) &&
           screen->pending_bytes <= GP_UTF8_PENDING_BYTES && style_sound(&screen->style) &&
           cursor_sound(screen, &screen->saved[0]) && cursor_sound(screen, &screen->saved[1]) &&
           screen->cluster.state <= GP_UNICODE_STATE_MASK && screen->cluster.width <= 2 && screen->ascii_last < 0x7F &&
           screen->protection <= GP_PROTECTION_DEC && list->tail_rows <= screen->rows &&
           (list->open || !screen->text_mode) && terminal->cursor_style <= 6 && terminal->level >= 1 &&
           terminal->level <= GP_LEVEL_MAX && pens_sound(terminal);
}

/* ---- saving ---------------------------------------------------------------------------------------------------------- */

void gp_terminal_freeze(gp_terminal *snapshot) {
    pthread_mutex_lock(&snapshot->member.lock);
    gp_list *list = &snapshot->screen.list;
    uint32_t cut_cells = list->cut_cells;
    snapshot->frozen_open = list->open;
    if (list->open) gp_list_close_line(list, false);
    if (cut_cells && !list->cut_cells) { /* all of that line had been cut off, which closing it made a dead line */
        list->newest->dead_lines--;
        list->cut_cells = cut_cells;
    }
    pthread_mutex_unlock(&snapshot->member.lock);
}

size_t gp_terminal_save_pages(gp_terminal *snapshot, gp_saved_page *pages, size_t capacity) {
    pthread_mutex_lock(&snapshot->member.lock);
    size_t count = 0;
    for (const gp_text_page *page = snapshot->screen.list.oldest; page; page = page->newer) {
        if (!page->lines) continue;
        if (count < capacity)
            pages[count] = (gp_saved_page){
                .first_line = page->first_line,
                .lines = page->lines,
                .dead_lines = page->dead_lines,
                .text = page->page.base,
                .text_bytes = page->text_end,
                .records = page->page.base + page->records_end,
                .records_bytes = page->page.view_bytes - page->records_end,
            };
        count++;
    }
    pthread_mutex_unlock(&snapshot->member.lock);
    return count;
}

size_t gp_terminal_save_state(gp_terminal *snapshot, uint8_t *into, size_t capacity_bytes) {
    pthread_mutex_lock(&snapshot->member.lock);
    gp_list list = snapshot->screen.list;
    list.open = snapshot->frozen_open;
    list.next_line -= list.open;
    stream s = {.at = into, .left_bytes = capacity_bytes};
    state(&s, snapshot, &list);
    grid_state(&s, &snapshot->screen.primary);
    grid_state(&s, &snapshot->screen.alternate);
    pthread_mutex_unlock(&snapshot->member.lock);
    return s.wanted_bytes;
}

gp_status gp_terminal_read_grid(gp_terminal *terminal, bool alternate, gp_reading **reading) {
    pthread_mutex_lock(&terminal->member.lock);
    const gp_grid *grid = alternate ? &terminal->screen.alternate : &terminal->screen.primary;
    gp_status status = gp_screen_read_grid(grid, reading);
    pthread_mutex_unlock(&terminal->member.lock);
    return status;
}

/* ---- loading a grid -------------------------------------------------------------------------------------------------- */

typedef struct grid_loader {
    const gp_saved_grid *saved;
    gp_grid *grid;
    uint32_t style, link, attribute; /* the last */
} grid_loader;

static bool within(uint64_t begin, uint64_t length, size_t end) { return begin <= end && length <= end - begin; }

static bool link_sound(const gp_saved_grid *saved, const gp_link_info *link) {
    return link->uri_bytes && link->uri_bytes <= GP_LINK_URI_MAX_BYTES && link->id_bytes <= GP_LINK_ID_MAX_BYTES &&
           within(link->uri_begin, link->uri_bytes, saved->text_bytes) &&
           within(link->id_begin, link->id_bytes, saved->text_bytes);
}

static gp_link link_of(const gp_saved_grid *saved, uint32_t index) {
    if (!index) return (gp_link){0};
    const gp_link_info *info = &saved->links[index];
    return (gp_link){
        .uri = saved->text + info->uri_begin,
        .id = saved->text + info->id_begin,
        .uri_bytes = (uint16_t)info->uri_bytes,
        .id_bytes = (uint16_t)info->id_bytes,
    };
}

static bool tables_sound(const gp_saved_grid *saved) {
    if (!saved->style_count || !saved->link_count) return false;
    for (size_t i = 0; i < saved->style_count; i++) {
        gp_style style;
        memcpy(&style, &saved->styles[i], sizeof style);
        if (!style_sound(&style) || (i == 0 && !gp_style_is_default(&style))) return false;
    }
    for (size_t i = 1; i < saved->link_count; i++)
        if (!link_sound(saved, &saved->links[i])) return false;
    return true;
}

/* Code points of a cell's text, none of them a control, and the first; 0 if it is no such text. */
static uint32_t codepoints_of(const uint8_t *text, size_t text_bytes, uint32_t *first) {
    uint32_t count = 0;
    for (const uint8_t *end = text + text_bytes; text < end; count++) {
        uint32_t codepoint;
        size_t used = gp_utf8_decode(text, end, &codepoint);
        bool malformed = codepoint == GP_UTF8_REPLACEMENT && (used != 3 || *text != 0xEF);
        if (!used || malformed || codepoint < 0x20 || (codepoint >= 0x7F && codepoint < 0xA0)) return 0;
        if (!count) *first = codepoint;
        text += used;
    }
    return count <= GP_CELL_CODEPOINTS_MAX ? count : 0;
}

/* What the cells need of a side store, at most; SIZE_MAX if they are not sound. */
static size_t side_bytes_of(const gp_saved_grid *saved) {
    size_t bytes_needed = 0;
    uint32_t style = 0, link = 0;
    for (size_t i = 0; i < saved->cell_count; i++) {
        const gp_cell_info *cell = &saved->cells[i];
        if (cell->style >= saved->style_count || cell->link >= saved->link_count || cell->width > 2) return SIZE_MAX;
        if (!within(cell->text_begin, cell->text_bytes, saved->text_bytes)) return SIZE_MAX;
        if (cell->style != style || cell->link != link) {
            style = cell->style, link = cell->link;
            gp_link target = link_of(saved, link);
            bytes_needed += gp_grid_attribute_bytes(&target);
        }
        if (cell->text_bytes > 1) bytes_needed += gp_grid_cluster_bytes(cell->text_bytes);
    }
    return bytes_needed;
}

static bool load_cell(grid_loader *loader, const gp_cell_info *info, gp_cell *cell) {
    const gp_saved_grid *saved = loader->saved;
    if (info->style != loader->style || info->link != loader->link) {
        gp_style style;
        gp_link link = link_of(saved, info->link);
        memcpy(&style, &saved->styles[info->style], sizeof style);
        loader->attribute = gp_grid_attribute(loader->grid, &style, &link);
        loader->style = info->style, loader->link = info->link;
    }
    uint32_t content = 0;
    unsigned kind = info->width == 2 ? GP_CELL_WIDE : info->width == 1 ? GP_CELL_NARROW : GP_CELL_TAIL;
    if (info->text_bytes) {
        const uint8_t *text = saved->text + info->text_begin;
        uint32_t count = codepoints_of(text, info->text_bytes, &content);
        if (!count || kind == GP_CELL_TAIL) return false;
        if (count > 1) content = gp_grid_cluster(loader->grid, text, info->text_bytes, count);
    } else if (kind == GP_CELL_WIDE) {
        return false;
    }
    *cell = gp_cell_make(content, kind, loader->attribute);
    return true;
}

static bool load_row(grid_loader *loader, uint32_t y) {
    const gp_saved_grid *saved = loader->saved;
    gp_grid *grid = loader->grid;
    const gp_row_info *info = &saved->rows[y];
    bool doubled = info->size != GP_ROW_SINGLE;
    if (info->size > GP_ROW_BOTTOM || (doubled && grid->columns < GP_ROW_COLUMNS_LEAST)) return false;
    if (info->cell_count > grid->columns || !within(info->cell_begin, info->cell_count, saved->cell_count)) return false;
    gp_cell *cells = gp_grid_row_cells(grid, y);
    bool half = false; /* the right half of a wide cell is to come */
    for (uint32_t x = 0; x < info->cell_count; x++) {
        const gp_cell_info *cell = &saved->cells[info->cell_begin + x];
        if (half != (cell->width == 0) || !load_cell(loader, cell, &cells[x])) return false;
        half = cell->width == 2 && grid->columns > 1;
    }
    uint8_t wrapped;
    memcpy(&wrapped, &info->wrapped, 1); /* which need not be a bool */
    grid->row[y].used = info->cell_count;
    grid->row[y].wrapped = wrapped != 0;
    grid->row[y].size = info->size;
    if (wrapped && info->cell_count + 1 == grid->columns) {
        cells[info->cell_count] = gp_cell_make(0, GP_CELL_SPACER, 0);
        grid->row[y].used = grid->columns;
    }
    return !half;
}

static gp_status load_grid(gp_screen *screen, const gp_saved_grid *saved, gp_grid *grid) {
    if (!saved->row_count) return GP_OK;
    if (saved->row_count != screen->rows || saved->cell_count > GP_CELLS_MAX || !tables_sound(saved)) return GP_ERR_FORMAT;
    size_t side_bytes = side_bytes_of(saved);
    if (side_bytes == SIZE_MAX) return GP_ERR_FORMAT;
    gp_status status = gp_grid_acquire(&screen->list, screen->columns, screen->rows, side_bytes, grid);
    if (status != GP_OK) return status;
    grid_loader loader = {.saved = saved, .grid = grid};
    for (uint32_t y = 0; y < screen->rows; y++) {
        if (!load_row(&loader, y)) return GP_ERR_FORMAT;
        screen->doubled = screen->doubled || grid->row[y].size;
    }
    return screen->doubled && screen->margins ? GP_ERR_FORMAT : GP_OK;
}

/* ---- loading --------------------------------------------------------------------------------------------------------- */

/* The last line is open again. */
static gp_status reopen_line(gp_list *list) {
    gp_text_page *page = list->newest;
    if (!page || !page->lines) return GP_ERR_FORMAT;
    gp_line line = gp_text_page_line(page, page->lines - 1);
    if (line.flags & GP_LINE_CONTINUES) return GP_ERR_FORMAT;
    gp_place place = {.page = page, .index = line.index, .cells = line.cells};
    bool continuation = line.flags & GP_LINE_CONTINUATION;
    gp_list_truncate(list, &place);
    return list->open ? GP_OK : gp_list_open_line(list, continuation);
}

static gp_status load(gp_terminal *terminal, const gp_saved *saved) {
    gp_screen *screen = &terminal->screen;
    gp_list *list = &screen->list, read = {0};
    stream s = {.at = (uint8_t *)(uintptr_t)saved->state, .left_bytes = saved->state_bytes, .reads = true};
    state(&s, terminal, &read);
    if (s.no_memory) return GP_ERR_NOMEM;
    if (s.failed || !state_sound(terminal, &read)) return GP_ERR_FORMAT;
    if (read.cut_cells && !saved->page_count) return GP_ERR_FORMAT;
    screen->pen_stale = screen->attribute_stale = true;
    terminal->parser.vt52 = gp_terminal_find_mode(terminal, 2, false) == 0;
    list->cut_cells = read.cut_cells;
    list->next_line = read.next_line;
    gp_status status = GP_OK;
    for (size_t i = 0; i < saved->page_count && status == GP_OK; i++)
        status = gp_list_load_page(list, &saved->pages[i]);
    if (status != GP_OK) return status;
    if (read.open) status = reopen_line(list);
    list->continues = read.continues && !read.open && list->newest && list->newest->lines &&
                      gp_text_page_line(list->newest, list->newest->lines - 1).flags & GP_LINE_CONTINUES;
    if (status == GP_OK) status = load_grid(screen, &saved->grids[0], &screen->primary);
    if (status == GP_OK) status = load_grid(screen, &saved->grids[1], &screen->alternate);
    if (status != GP_OK) return status;
    grid_state(&s, &screen->primary);
    grid_state(&s, &screen->alternate);
    if (s.failed || s.left_bytes) return GP_ERR_FORMAT;
    list->tail_rows = read.tail_rows;
    list->tail_rows_max = screen->text_mode ? screen->rows : 0;
    gp_screen_sum_up(screen);
    if (list->next_line != read.next_line || gp_list_check(list)) return GP_ERR_FORMAT;
    gp_screen_count_settled(screen);
    return gp_screen_check(screen) ? GP_ERR_FORMAT : GP_OK;
}

gp_status gp_terminal_load(gp_arena *arena, const gp_saved *saved, gp_terminal **terminal) {
    gp_terminal_options options = {
        .columns = saved->columns,
        .rows = saved->rows,
        .limit_rows = UINT64_MAX,
        .limit_bytes = SIZE_MAX,
    };
    gp_terminal *made;
    gp_status status = gp_terminal_new(arena, &options, &made);
    if (status != GP_OK) return status;
    gp_retry retry = {0};
    do {
        pthread_mutex_lock(&made->member.lock);
        gp_screen_deinit(&made->screen);
        status = gp_screen_init(&made->screen, arena, &made->member, &options);
        if (status == GP_OK) {
            gp_list_deinit(&made->screen.list);
            gp_list_init(&made->screen.list, &made->screen.account, saved->columns, UINT64_MAX);
            status = load(made, saved);
        }
        if (status != GP_OK) gp_screen_deinit(&made->screen);
        made->member.open = status == GP_OK; /* half of it is nothing that another thread's audit could walk */
        pthread_mutex_unlock(&made->member.lock);
    } while (gp_reclaim_retry(arena, &made->member, status, &retry));
    if (status != GP_OK)
        gp_terminal_free(made);
    else
        *terminal = made;
    return status;
}
