/* Between text mode and grid mode: inflate and pack. */
#include <string.h>

#include "unicode/utf8.h"
#include "vt/screen.h"

/* ---- list to grid ----------------------------------------------------------------------------------------------- */

/* Walks the rows of the list from a place on. */
typedef struct row_walk {
    gp_list *list;
    gp_line line;
    gp_layout layout;
    gp_row_size size;
    bool continues; /* the line goes on in another record */
} row_walk;

static void enter_line(row_walk *walk, uint32_t from) {
    gp_line_view view = gp_list_view(walk->list, &walk->line);
    walk->size = gp_line_size(view.flags, view.cells, walk->list->columns);
    walk->continues = view.flags & GP_LINE_CONTINUES && !view.open;
    gp_layout_begin(&walk->layout, view.runs, from, walk->list->columns);
}

static bool next_row(row_walk *walk) {
    if (gp_layout_next_row(&walk->layout)) return true;
    if (!gp_list_step(walk->list, &walk->line)) return false;
    enter_line(walk, 0);
    return gp_layout_next_row(&walk->layout);
}

static row_walk walk_from(gp_list *list, const gp_place *place) {
    row_walk walk = {.list = list};
    gp_list_enter(list, place, &walk.line);
    enter_line(&walk, place->cells);
    return walk;
}

/* What the rows need of a side store, at most. */
static size_t side_bytes_of(gp_list *list, const gp_place *place, uint32_t rows) {
    size_t bytes = 0;
    row_walk walk = walk_from(list, place);
    gp_style style = {0};
    uint32_t link_distance = 0;
    for (; rows && next_row(&walk); rows--) {
        gp_piece piece;
        while (gp_layout_next_piece(&walk.layout, &piece)) {
            if (!gp_style_equal(piece.style, &style) || piece.link_distance != link_distance) {
                gp_link link = gp_link_at(walk.layout.runs.page_end, piece.link_distance);
                bytes += gp_grid_attribute_bytes(&link);
                style = *piece.style;
                link_distance = piece.link_distance;
            }
            if (piece.kind == GP_RUN_CLUSTER) bytes += gp_grid_cluster_bytes(piece.text_bytes);
        }
        link_distance = UINT32_MAX; /* distances of different pages say nothing of each other */
    }
    return bytes;
}

static gp_cell *expand(gp_grid *grid, gp_cell *cell, const gp_piece *piece, uint32_t attribute) {
    const uint8_t *text = piece->text, *end = text + piece->text_bytes;
    unsigned kind = piece->width == 2 ? GP_CELL_WIDE : GP_CELL_NARROW;
    bool tail = piece->width == 2 && grid->columns > 1;
    gp_cell base = gp_cell_make(0, kind, attribute);
    if (piece->kind == GP_RUN_BLANK) {
        for (uint32_t i = 0; i < piece->cells; i++) *cell++ = base;
    } else if (piece->ascii) {
        while (text < end) *cell++ = base | *text++;
    } else if (piece->kind == GP_RUN_CLUSTER) {
        *cell++ = base | gp_grid_cluster(grid, text, piece->text_bytes, piece->codepoints);
        if (tail) *cell++ = gp_cell_make(0, GP_CELL_TAIL, attribute);
    } else {
        while (text < end) {
            uint32_t codepoint;
            text += gp_utf8_decode(text, end, &codepoint);
            *cell++ = base | codepoint;
            if (tail) *cell++ = gp_cell_make(0, GP_CELL_TAIL, attribute);
        }
    }
    return cell;
}

gp_status gp_screen_lay_out(gp_screen *screen, const gp_place *place, uint32_t columns, uint32_t rows, gp_grid *grid) {
    gp_list *list = &screen->list;
    gp_status status = gp_grid_acquire(list, columns, rows, side_bytes_of(list, place, rows), grid);
    if (status != GP_OK) return status;
    row_walk walk = walk_from(list, place);
    gp_style style = {0};
    uint32_t link_distance = 0, attribute = 0;
    for (uint32_t y = 0; y < rows && next_row(&walk); y++) {
        gp_cell *cells = gp_grid_row_cells(grid, y), *cell = cells;
        gp_piece piece;
        while (gp_layout_next_piece(&walk.layout, &piece)) {
            if (!gp_style_equal(piece.style, &style) || piece.link_distance != link_distance) {
                gp_link link = gp_link_at(walk.layout.runs.page_end, piece.link_distance);
                attribute = gp_grid_attribute(grid, piece.style, &link);
                style = *piece.style;
                link_distance = piece.link_distance;
            }
            cell = expand(grid, cell, &piece, attribute);
        }
        if (walk.layout.spacer) *cell++ = gp_cell_make(0, GP_CELL_SPACER, 0);
        grid->row[y].used = (uint32_t)(cell - cells);
        grid->row[y].wrapped = grid->row[y].folded = walk.layout.more || walk.continues;
        grid->row[y].size = (uint8_t)walk.size;
        link_distance = UINT32_MAX;
    }
    grid->row[rows - 1].wrapped = grid->row[rows - 1].folded = false;
    return GP_OK;
}

gp_status gp_screen_inflate(gp_screen *screen) {
    gp_list *list = &screen->list;
    uint32_t found;
    gp_place place = gp_list_tail(list, list->tail_rows, &found);
    gp_grid grid;
    gp_status status = gp_list_make_own(list, place.page);
    if (status == GP_OK) status = gp_screen_lay_out(screen, &place, screen->columns, screen->rows, &grid);
    if (status != GP_OK) return status;
    gp_list_truncate(list, &place);
    list->tail_rows = list->tail_rows_max = 0;
    screen->primary = grid;
    screen->text_mode = false;
    gp_screen_count_settled(screen);
    screen->attribute_stale = true;
    screen->plain_rows = 0;
    screen->account.counters.inflated++;
    return GP_OK;
}

gp_status gp_screen_edit(gp_screen *screen) {
    screen->plain_rows = 0;
    return gp_screen_shows_text(screen) ? gp_screen_inflate(screen) : GP_OK;
}

/* ---- grid to list ----------------------------------------------------------------------------------------------- */

/* One code point in one column. Packing 40 rows of 55 cells took 14 us kind by kind, 7 with loops over these. */
static inline bool is_simple(gp_cell cell) { return (uint32_t)cell - 1 < GP_CELL_CLUSTER - 1; }

/* The text of simple cells, if it is ASCII. */
static bool narrow_ascii(const gp_cell *cells, uint32_t count, uint8_t *text) {
    gp_cell seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        seen |= cells[i];
        text[i] = (uint8_t)cells[i];
    }
    return (uint32_t)seen < 0x80;
}

static gp_run_kind kind_of(gp_cell cell) {
    if (cell & GP_CELL_CLUSTER) return GP_RUN_CLUSTER;
    if (gp_cell_kind(cell) == GP_CELL_WIDE) return GP_RUN_WIDE;
    return gp_cell_is_blank(cell) ? GP_RUN_BLANK : GP_RUN_NARROW;
}

static gp_status put_cells(gp_list *list, const gp_grid *grid, const gp_cell *cells, uint32_t count) {
    uint8_t text[256];
    gp_run_kind kind = kind_of(cells[0]);
    uint32_t attribute = gp_cell_attribute(cells[0]);
    gp_link link = gp_grid_link(grid, attribute);
    gp_status status = gp_list_set_pen(list, &gp_grid_attribute_at(grid, attribute)->style, &link);
    if (status != GP_OK) return status;
    switch (kind) {
    case GP_RUN_BLANK: return gp_list_put_blanks(list, count);
    case GP_RUN_CLUSTER: {
        size_t text_bytes;
        uint32_t codepoints;
        const uint8_t *cluster = gp_grid_text(grid, cells[0], text, &text_bytes, &codepoints);
        return gp_list_put_cluster(list, cluster, text_bytes, codepoints, gp_cell_kind(cells[0]) == GP_CELL_WIDE ? 2 : 1);
    }
    default:
        for (uint32_t i = 0; i < count;) {
            size_t text_bytes = 0;
            uint32_t portion = count - i < sizeof text ? count - i : (uint32_t)sizeof text;
            if (kind == GP_RUN_NARROW && narrow_ascii(cells + i, portion, text)) {
                status = gp_list_put_narrow(list, text, portion, portion);
                if (status != GP_OK) return status;
                i += portion;
                continue;
            }
            portion = 0;
            for (; i < count && text_bytes + 4 <= sizeof text; i++) {
                if (gp_cell_kind(cells[i]) == GP_CELL_TAIL) continue;
                text_bytes += gp_utf8_encode(gp_cell_content(cells[i]), text + text_bytes);
                portion++;
            }
            status = kind == GP_RUN_WIDE ? gp_list_put_wide(list, text, text_bytes, portion)
                                         : gp_list_put_narrow(list, text, text_bytes, portion);
            if (status != GP_OK) return status;
        }
        return GP_OK;
    }
}

static gp_status put_row(gp_list *list, const gp_grid *grid, uint32_t y) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t length = gp_grid_row_length(grid, y);
    if (grid->row[y].wrapped) length = grid->columns - (gp_cell_kind(cells[grid->columns - 1]) == GP_CELL_SPACER);
    for (uint32_t x = 0; x < length;) {
        gp_run_kind kind = kind_of(cells[x]);
        uint32_t attribute = gp_cell_attribute(cells[x]), end = x + 1;
        if (kind == GP_RUN_CLUSTER || kind == GP_RUN_WIDE) {
            while (end < length && gp_cell_kind(cells[end]) == GP_CELL_TAIL) end++;
            while (kind == GP_RUN_WIDE && end < length && kind_of(cells[end]) == GP_RUN_WIDE &&
                   gp_cell_attribute(cells[end]) == attribute)
                end += grid->columns == 1 ? 1 : 2;
        } else if (is_simple(cells[x])) {
            while (end < length && is_simple(cells[end]) && gp_cell_attribute(cells[end]) == attribute) end++;
        } else {
            while (end < length && kind == GP_RUN_BLANK && cells[end] == cells[x]) end++;
        }
        gp_status status = put_cells(list, grid, cells + x, end - x);
        if (status != GP_OK) return status;
        x = end;
    }
    return GP_OK;
}

/* The open line is row y's, or begins with it. */
static gp_status open_for_row(gp_list *list, const gp_grid *grid, uint32_t y) {
    gp_status status = list->open ? GP_OK : gp_list_open_line(list, list->continues);
    if (status == GP_OK) list->line.flags |= (uint8_t)(grid->row[y].size << GP_LINE_SIZE_SHIFT);
    return status;
}

gp_status gp_screen_append_row(gp_screen *screen, uint32_t y) {
    gp_list *list = &screen->list;
    uint64_t line = list->next_line;
    uint32_t cells = list->open ? list->line.cells : 0;
    gp_status status = open_for_row(list, &screen->primary, y);
    if (status == GP_OK) status = put_row(list, &screen->primary, y);
    if (status != GP_OK) {
        gp_screen_take_back(screen, line, cells);
        return status;
    }
    if (!screen->primary.row[y].wrapped) gp_list_close_line(list, false);
    return GP_OK;
}

void gp_screen_take_back(gp_screen *screen, uint64_t line, uint32_t cells) {
    if (!screen->list.newest) return;
    gp_place place = gp_list_place_of(&screen->list, line, cells);
    gp_list_truncate(&screen->list, &place);
}

gp_status gp_screen_append_tail(gp_screen *screen, uint32_t y) {
    gp_list *list = &screen->list;
    uint64_t line = list->next_line;
    uint32_t cells = list->open ? list->line.cells : 0;
    list->tail_rows_max = screen->rows;
    gp_status status = GP_OK;
    for (uint32_t row = 0; row <= y && status == GP_OK; row++) {
        bool goes_on = list->open;
        status = open_for_row(list, &screen->primary, row);
        if (status == GP_OK && !goes_on) list->tail_rows++;
        if (status == GP_OK) status = put_row(list, &screen->primary, row);
        if (status == GP_OK && row < y && !screen->primary.row[row].wrapped) gp_list_close_line(list, false);
    }
    if (status == GP_OK) return GP_OK;
    gp_screen_take_back(screen, line, cells);
    list->tail_rows = list->tail_rows_max = 0;
    return status;
}

void gp_screen_pack(gp_screen *screen) {
    gp_grid *grid = &screen->primary;
    screen->plain_rows = 0;
    if (screen->text_mode || screen->on_alternate || screen->mode == GP_SCREEN_GRID) return;
    if (screen->y < screen->settled_rows) return; /* printing would change a settled line, unseen in text mode */
    for (uint32_t y = 0; y < screen->rows; y++)
        if ((grid->row[y].folded && !grid->row[y].wrapped) || grid->row[y].size) return;
    for (uint32_t y = screen->y + 1; y < screen->rows; y++)
        if (gp_grid_row_length(grid, y)) return;
    if (gp_screen_append_tail(screen, screen->y) != GP_OK) return;
    gp_grid_retire(&screen->list, grid);
    screen->text_mode = true;
    screen->settled_rows = 0;
    screen->pen_stale = true;
    screen->account.counters.packed++;
}
