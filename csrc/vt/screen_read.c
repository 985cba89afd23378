#include "vt/screen_read.h"

#include <string.h>

#include "vt/reading.h"

/* ---- rows and cells ------------------------------------------------------------------------------------------------ */

static gp_status add_row(gp_reading_builder *b, uint64_t line, uint32_t cell, gp_row_info **row) {
    gp_reading *r = &b->reading;
    gp_status status = gp_reading_grow((void **)&r->rows, &b->row_capacity, r->row_count + 1, sizeof *r->rows);
    if (status != GP_OK) return status;
    *row = &r->rows[r->row_count++];
    **row = (gp_row_info){
        .text_begin = (uint32_t)r->text_bytes,
        .cell_begin = (uint32_t)r->cell_count,
        .line = line,
        .cell = cell,
    };
    return GP_OK;
}

static gp_status add_cell(gp_reading_builder *b, uint32_t text_begin, size_t text_bytes, unsigned width, uint32_t style,
                          uint32_t link) {
    gp_reading *r = &b->reading;
    gp_status status = gp_reading_grow((void **)&r->cells, &b->cell_capacity, r->cell_count + 1, sizeof *r->cells);
    if (status != GP_OK) return status;
    r->cells[r->cell_count++] = (gp_cell_info){
        .text_begin = text_begin,
        .text_bytes = (uint16_t)text_bytes,
        .width = (uint8_t)width,
        .style = style,
        .link = link,
    };
    return GP_OK;
}

/* Cells of one style and link, in a row of either mode. */
static gp_status add_piece(gp_reading_builder *b, const gp_piece *piece, uint32_t style, uint32_t link, uint32_t columns) {
    uint32_t text_begin = (uint32_t)b->reading.text_bytes;
    gp_status status = gp_reading_add_text(b, piece->text, piece->text_bytes);
    if (status != GP_OK || !b->wants_cells) return status;
    const uint8_t *text = piece->text;
    unsigned width = columns == 1 ? 1 : piece->width;
    for (uint32_t i = 0; i < piece->cells && status == GP_OK; i++) {
        size_t bytes = piece->kind == GP_RUN_CLUSTER ? piece->text_bytes : gp_text_advance(text, 1);
        status = add_cell(b, text_begin, piece->kind == GP_RUN_BLANK ? 0 : bytes, width, style, link);
        if (status == GP_OK && width == 2) status = add_cell(b, text_begin, 0, 0, style, link);
        text += bytes;
        text_begin += (uint32_t)bytes;
    }
    return status;
}

typedef struct text_rows {
    gp_line line;
    gp_layout layout;
    uint8_t flags, size;
    bool open, entered;
} text_rows;

static bool next_text_row(gp_list *list, text_rows *rows) {
    if (gp_layout_next_row(&rows->layout)) return true;
    if (!gp_list_step(list, &rows->line)) return false;
    gp_line_view view = gp_list_view(list, &rows->line);
    rows->flags = view.flags;
    rows->size = (uint8_t)gp_line_size(view.flags, view.cells, list->columns);
    rows->open = view.open;
    gp_layout_begin(&rows->layout, view.runs, gp_list_from(list, rows->line.page, rows->line.index), list->columns);
    return gp_layout_next_row(&rows->layout);
}

static text_rows text_rows_from(gp_list *list, uint64_t row) {
    gp_place place = gp_list_row(list, row);
    text_rows rows = {0};
    gp_list_enter(list, &place, &rows.line);
    gp_line_view view = gp_list_view(list, &rows.line);
    rows.flags = view.flags;
    rows.size = (uint8_t)gp_line_size(view.flags, view.cells, list->columns);
    rows.open = view.open;
    gp_layout_begin(&rows.layout, view.runs, place.cells, list->columns);
    return rows;
}

/* Whether the row that was laid out last goes on in the next. */
static bool text_row_wrapped(const gp_screen *screen, const text_rows *rows) {
    if (rows->layout.more) return true;
    if (rows->open) return !screen->text_mode; /* it goes on in the grid */
    return rows->flags & GP_LINE_CONTINUES;
}

static gp_status read_text_row(gp_screen *screen, gp_reading_builder *b, text_rows *rows) {
    gp_row_info *row;
    gp_status status = add_row(b, rows->line.page->first_line + rows->line.index, rows->layout.cells, &row);
    if (status != GP_OK) return status;
    gp_piece piece;
    size_t content_end = b->reading.text_bytes;
    uint32_t style = 0, link = 0;
    while (gp_layout_next_piece(&rows->layout, &piece)) {
        if (b->wants_cells) {
            gp_link seen = gp_link_at(rows->layout.runs.page_end, piece.link_distance);
            status = gp_reading_add_style(b, piece.style, &style);
            if (status == GP_OK) status = gp_reading_add_link(b, &seen, &link);
        }
        if (status == GP_OK) status = add_piece(b, &piece, style, link, screen->columns);
        if (status != GP_OK) return status;
        if (piece.kind != GP_RUN_BLANK) content_end = b->reading.text_bytes;
    }
    row->wrapped = text_row_wrapped(screen, rows);
    row->size = rows->size;
    row->text_bytes = (uint32_t)(content_end - row->text_begin);
    row->cell_count = (uint32_t)(b->reading.cell_count - row->cell_begin);
    return GP_OK;
}

static gp_status read_grid_row(const gp_grid *grid, gp_reading_builder *b, uint32_t y, uint64_t line, uint32_t cell) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    /* Blanks at the end of a row that goes on are within its line. */
    uint32_t length = grid->row[y].wrapped ? grid->columns : gp_grid_row_length(grid, y), style = 0, link = 0, known = 0;
    if (length && gp_cell_kind(cells[length - 1]) == GP_CELL_SPACER) length--;
    gp_row_info *row;
    gp_status status = add_row(b, line, cell, &row);
    size_t content_end = b->reading.text_bytes;
    for (uint32_t x = 0; x < length && status == GP_OK; x++) {
        uint8_t scratch[4];
        size_t text_bytes;
        uint32_t codepoints, attribute = gp_cell_attribute(cells[x]), text_begin = (uint32_t)b->reading.text_bytes;
        unsigned kind = gp_cell_kind(cells[x]);
        if (b->wants_cells && attribute != known) {
            gp_link seen = gp_grid_link(grid, attribute);
            status = gp_reading_add_style(b, &gp_grid_attribute_at(grid, attribute)->style, &style);
            if (status == GP_OK) status = gp_reading_add_link(b, &seen, &link);
            known = attribute;
        }
        const uint8_t *text = gp_grid_text(grid, cells[x], scratch, &text_bytes, &codepoints);
        if (status == GP_OK && text_bytes) status = gp_reading_add_text(b, text, text_bytes);
        if (status == GP_OK && gp_cell_is_blank(cells[x])) status = gp_reading_add_text(b, (const uint8_t *)" ", 1);
        if (text_bytes) content_end = b->reading.text_bytes;
        unsigned width = kind == GP_CELL_TAIL ? 0 : kind == GP_CELL_WIDE && (grid->columns > 1 || b->as_kept) ? 2 : 1;
        if (status == GP_OK && b->wants_cells) status = add_cell(b, text_begin, text_bytes, width, style, link);
    }
    if (status != GP_OK) return status;
    row->text_bytes = (uint32_t)(content_end - row->text_begin);
    row->cell_count = (uint32_t)(b->reading.cell_count - row->cell_begin);
    row->wrapped = grid->row[y].wrapped;
    row->size = grid->row[y].size;
    return GP_OK;
}

/* `row` counts from the oldest row that is kept in the list, `rows` rows from there on. */
static gp_status read_rows(gp_screen *screen, gp_reading_builder *b, uint64_t row, uint64_t rows) {
    gp_list *list = &screen->list;
    bool text_screen = gp_screen_shows_text(screen);
    uint64_t list_rows = gp_list_total_rows(list);
    if (!text_screen) list_rows -= list->tail_rows; /* behind the alternate screen */
    gp_status status = GP_OK;
    if (row < list_rows && rows) {
        text_rows walk = text_rows_from(list, row);
        if (gp_layout_next_row(&walk.layout)) {
            do {
                status = read_text_row(screen, b, &walk);
                row++, rows--;
            } while (status == GP_OK && rows && row < list_rows && next_text_row(list, &walk));
        }
    }
    uint64_t line = gp_screen_first_line(screen);
    uint32_t cell = gp_screen_first_cell(screen);
    for (uint32_t y = 0; status == GP_OK && rows && y < screen->rows; y++) {
        bool wanted = list_rows + y >= row;
        if (text_screen) {
            if (y < list->tail_rows) continue;
            if (list_rows - list->tail_rows + y < row) continue;
            gp_row_info *blank;
            status = add_row(b, list->next_line + 1 + (y - list->tail_rows), 0, &blank);
            rows--;
        } else {
            if (wanted) {
                status = read_grid_row(gp_screen_grid(screen), b, y, line, cell);
                rows--;
            }
            bool wrapped = gp_screen_grid(screen)->row[y].wrapped;
            cell = wrapped ? cell + gp_screen_row_cells(gp_screen_grid(screen), y) : 0;
            line += !wrapped;
        }
    }
    return status;
}

static gp_status read(gp_screen *screen, gp_reading_builder *b, int64_t first, uint32_t count, bool from_screen,
                      gp_reading **reading) {
    uint64_t history_rows = gp_list_history_rows(&screen->list);
    uint64_t hidden_rows = gp_list_total_rows(&screen->list) - screen->list.tail_rows - history_rows;
    uint64_t shown_rows = history_rows + screen->rows;
    int64_t begin = from_screen ? first + (int64_t)history_rows : first;
    if (begin < 0) {
        count = -begin < (int64_t)count ? count - (uint32_t)-begin : 0;
        begin = 0;
    }
    gp_status status = gp_reading_begin(b);
    b->reading.columns = screen->columns;
    if (status == GP_OK && (uint64_t)begin < shown_rows) {
        uint64_t rows = shown_rows - (uint64_t)begin < count ? shown_rows - (uint64_t)begin : count;
        status = read_rows(screen, b, hidden_rows + (uint64_t)begin, rows);
    }
    return gp_reading_finish(b, status, reading);
}

gp_status gp_screen_read(gp_screen *screen, int64_t first, uint32_t count, bool from_screen, bool cells,
                         gp_reading **reading) {
    gp_reading_builder b = {.wants_cells = cells};
    return read(screen, &b, first, count, from_screen, reading);
}

gp_status gp_screen_read_grid(const gp_grid *grid, gp_reading **reading) {
    gp_reading_builder b = {.wants_cells = true, .as_kept = true};
    gp_status status = gp_reading_begin(&b);
    b.reading.columns = grid->columns;
    for (uint32_t y = 0; y < grid->rows && status == GP_OK; y++) status = read_grid_row(grid, &b, y, 0, 0);
    return gp_reading_finish(&b, status, reading);
}
