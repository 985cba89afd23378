/* Between lines and the rows of a grid: what inflate and pack do with each row, and what a row that scrolls off the grid
 * becomes.
 *
 * Both go by runs, with what is asked again and again at hand: a pen is looked at when it changes, text is decoded once and
 * lands where it stays. A screen of 120x40 has 5,000 cells, and is to take less than 10 us in either direction. */
#include <string.h>

#include "pages/grid.h"
#include "unicode/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- lines to rows ------------------------------------------------------------------------------------------------- */

/* The runs of a line from cell `from` on. */
static gp_runs runs_from(gp_list *list, const gp_line *line, uint32_t from) {
    gp_layout layout;
    gp_layout_begin(&layout, gp_list_view(list, line).runs, from, list->columns);
    return layout.runs;
}

/* What the lines from a place on need of a side store, at most. */
static size_t side_bytes_from(gp_list *list, const gp_place *place) {
    size_t bytes = 0;
    gp_line line;
    uint32_t from = place->cells;
    gp_list_enter(list, place, &line);
    do {
        gp_runs runs = runs_from(list, &line, from);
        gp_style style = {0};
        for (uint32_t link_distance = 0; gp_runs_load(&runs); gp_runs_skip(&runs, runs.run.cells)) {
            if (runs.run.kind == GP_RUN_CLUSTER) bytes += gp_grid_cluster_bytes(runs.run.codepoints * 4u);
            if (gp_style_equal(&runs.style, &style) && runs.link_distance == link_distance) continue;
            style = runs.style;
            link_distance = runs.link_distance;
            gp_link link = gp_link_at(runs.page_end, link_distance);
            bytes += gp_grid_attribute_bytes(&link);
        }
        from = 0;
    } while (gp_list_step(list, &line));
    return bytes;
}

/* The attribute of the runs' pen; false if there is no room for it. */
static bool find_attribute(gp_grid *grid, const gp_runs *runs, uint32_t *attribute) {
    gp_link link = {0};
    *attribute = 0;
    if (runs->link_distance)
        link = gp_link_at(runs->page_end, runs->link_distance);
    else if (gp_style_is_default(&runs->style))
        return true;
    if (gp_grid_side_free(grid) < gp_grid_attribute_bytes(&link)) return false;
    *attribute = gp_grid_attribute(grid, &runs->style, &link);
    return true;
}

static inline gp_cell *expand_narrow(gp_cell *cell, gp_cell base, uint32_t count, const uint8_t **text, const uint8_t *end,
                                     bool ascii) {
    const uint8_t *from = *text;
    if (!ascii) {
        uint8_t seen = 0;
        for (uint32_t i = 0; i < count; i++) seen |= from[i];
        ascii = seen < 0x80;
    }
    if (ascii) {
        for (uint32_t i = 0; i < count; i++) cell[i] = base | from[i];
        *text = from + count;
        return cell + count;
    }
    for (uint32_t i = 0, codepoint; i < count; i++) {
        from += gp_utf8_decode(from, end, &codepoint);
        cell[i] = base | codepoint;
    }
    *text = from;
    return cell + count;
}

static inline gp_cell *expand_wide(gp_cell *cell, gp_cell base, uint32_t count, const uint8_t **text, const uint8_t *end,
                                   bool two_cells) {
    const uint8_t *from = *text;
    gp_cell wide = base | (gp_cell)GP_CELL_WIDE << 30, tail = base | (gp_cell)GP_CELL_TAIL << 30;
    for (uint32_t i = 0, codepoint; i < count; i++) {
        from += gp_utf8_decode(from, end, &codepoint);
        *cell++ = wide | codepoint;
        if (two_cells) *cell++ = tail;
    }
    *text = from;
    return cell;
}

/* Takes `count` cells of the loaded run; NULL if there is no room for what they need besides. Behind the text of a page are
 * its records, so that it may be read in steps. */
static inline gp_cell *expand(gp_grid *grid, gp_cell *cell, gp_cell base, gp_runs *runs, uint32_t count) {
    const uint8_t *end = runs->page_end;
    runs->run.cells -= count;
    switch (runs->run.kind) {
    case GP_RUN_NARROW: return expand_narrow(cell, base, count, &runs->text, end, runs->ascii);
    case GP_RUN_WIDE:
        return grid->columns > 1 ? expand_wide(cell, base, count, &runs->text, end, true)
                                 : expand_wide(cell, base, count, &runs->text, end, false);
    case GP_RUN_CLUSTER: {
        size_t text_bytes = gp_text_advance(runs->text, runs->run.codepoints);
        if (gp_grid_side_free(grid) < gp_grid_cluster_bytes(text_bytes)) return NULL;
        gp_cell wide = runs->run.width == 2 ? (gp_cell)GP_CELL_WIDE << 30 : 0;
        *cell++ = base | wide | gp_grid_cluster(grid, runs->text, text_bytes, runs->run.codepoints);
        if (wide && grid->columns > 1) *cell++ = base | (gp_cell)GP_CELL_TAIL << 30;
        runs->text += text_bytes;
        return cell;
    }
    case GP_RUN_BLANK:
        for (uint32_t i = 0; i < count; i++) *cell++ = base;
        runs->text += count;
        return cell;
    case GP_RUN_NONE: break;
    }
    return cell;
}

/* The pen that cells are expanded with. */
typedef struct pen {
    gp_style style;
    uint32_t link_distance, attribute;
} pen;

/* One row of a line; *more: the line goes on. False if the side store is too small. */
static inline bool lay_out_row(gp_grid *grid, uint32_t y, gp_runs *runs, pen *with, bool *more) {
    gp_cell *cells = gp_grid_row_cells(grid, y), *cell = cells;
    uint32_t room = grid->columns;
    *more = false;
    while (gp_runs_load(runs)) {
        bool halves = runs->run.width == 2 && grid->columns > 1;
        uint32_t room_cells = room >> halves, count = runs->run.cells < room_cells ? runs->run.cells : room_cells;
        if (!count) {
            *more = true;
            if (room) *cell++ = gp_cell_make(0, GP_CELL_SPACER, 0);
            break;
        }
        if (!gp_style_equal(&runs->style, &with->style) || runs->link_distance != with->link_distance) {
            if (!find_attribute(grid, runs, &with->attribute)) return false;
            with->style = runs->style;
            with->link_distance = runs->link_distance;
        }
        cell = expand(grid, cell, (gp_cell)with->attribute << 32, runs, count);
        if (!cell) return false;
        room -= count << halves;
    }
    grid->row[y].used = (uint32_t)(cell - cells);
    return true;
}

static bool lay_out_lines(gp_list *list, const gp_place *place, gp_grid *grid) {
    gp_line line;
    uint32_t from = place->cells, y = 0;
    gp_list_enter(list, place, &line);
    do {
        gp_line_view view = gp_list_view(list, &line);
        gp_runs runs = from ? runs_from(list, &line, from) : view.runs;
        uint8_t size = (uint8_t)gp_line_size(view.flags, view.cells, list->columns);
        bool continues = view.flags & GP_LINE_CONTINUES && !view.open, more = true;
        for (pen with = {0}; more && y < grid->rows; y++) {
            if (!lay_out_row(grid, y, &runs, &with, &more)) return false;
            grid->row[y].wrapped = grid->row[y].folded = more || continues;
            grid->row[y].size = size;
        }
        from = 0;
    } while (y < grid->rows && gp_list_step(list, &line));
    grid->row[grid->rows - 1].wrapped = grid->row[grid->rows - 1].folded = false;
    return true;
}

/* What a page has room for anyway is enough almost always; only where it is not the lines are measured. There is room for
 * one more attribute, so that what is to follow at once (DECCOLM erases) cannot fail. */
gp_status gp_grid_lay_out(gp_list *list, const gp_place *place, uint32_t columns, uint32_t rows, gp_grid *grid) {
    static const gp_link none;
    size_t more_bytes = gp_grid_attribute_bytes(&none);
    gp_grid made;
    gp_status status = gp_grid_acquire(list, columns, rows, 0, &made);
    if (status == GP_OK && !(lay_out_lines(list, place, &made) && gp_grid_side_free(&made) >= more_bytes)) {
        gp_grid_retire(list, &made);
        status = gp_grid_acquire(list, columns, rows, side_bytes_from(list, place) + more_bytes, &made);
        if (status == GP_OK) lay_out_lines(list, place, &made);
    }
    if (status == GP_OK) *grid = made;
    return status;
}

/* ---- rows to lines ------------------------------------------------------------------------------------------------- */

/* The end of the open line while a row is put there: what gp_list_put_narrow and its like look up for each run. */
typedef struct writer {
    gp_list *list;
    const gp_grid *grid;
    uint8_t *text, *op;
    gp_run last;
    uint32_t cells, columns; /* put, which the list does not know of yet */
    bool begins_row;         /* they begin a row of a line that has one already */
} writer;

static inline void take(writer *w) {
    const gp_list *list = w->list;
    w->text = list->newest->page.base + list->newest->text_end;
    w->op = list->newest->page.base + list->newest->records_end;
    w->last = list->line.last;
    w->cells = w->columns = 0;
}

static inline void give(writer *w) {
    gp_list *list = w->list;
    list->newest->text_end = (uint32_t)(w->text - list->newest->page.base);
    gp_mapping_soil(list->newest->page.mapping, list->newest->text_end + 8, 0); /* put_8 writes beyond it */
    list->newest->records_end = (uint32_t)(w->op - list->newest->page.base);
    list->line.last = w->last;
    if (!w->cells) return;
    if (w->begins_row) {
        gp_list_count_new_rows(list, 1);
        list->line.row_cells = 0;
        w->begins_row = false;
    }
    list->line.cells += w->cells;
    list->line.row_cells += w->columns;
}

static inline gp_status ensure(writer *w, size_t bytes) {
    bytes += 2 * GP_RECORD_RESERVE_BYTES;
    if ((size_t)(w->op - w->text) >= bytes) return GP_OK;
    give(w);
    gp_status status = gp_list_make_room(w->list, bytes);
    take(w);
    return status;
}

/* What was put last becomes an operation. */
static inline void end_run(writer *w) {
    gp_open_line *line = &w->list->line;
    if (!(line->flags & GP_LINE_RICH)) {
        line->flags |= GP_LINE_RICH;
        w->op -= GP_RICH_HEAD_BYTES - GP_HEAD_BYTES;
    }
    if (w->last.cells) w->op = gp_record_push_run(w->op, &w->last);
    w->last = (gp_run){0};
}

static inline void put_run(writer *w, gp_run_kind kind, uint32_t cells, uint32_t codepoints, uint32_t width) {
    w->cells += cells * width;
    w->columns += w->grid->columns == 1 ? cells : cells * width;
    if (w->last.kind == kind && kind != GP_RUN_CLUSTER) {
        w->last.cells += cells;
        return;
    }
    if (w->last.cells) end_run(w);
    w->last = (gp_run){kind, cells, (uint16_t)codepoints, (uint8_t)width};
}

static gp_status set_pen(writer *w, uint32_t attribute) {
    gp_open_line *line = &w->list->line;
    const gp_attribute *made = gp_grid_attribute_at(w->grid, attribute);
    if (made->link || line->link_distance) {
        gp_link link = gp_grid_link(w->grid, attribute);
        give(w);
        gp_status status = gp_list_set_pen(w->list, &made->style, &link);
        take(w);
        return status;
    }
    gp_status status = ensure(w, 0);
    if (status != GP_OK || gp_style_equal(&line->style, &made->style)) return status;
    end_run(w);
    w->op = gp_record_push_style(w->op, &line->style, &made->style);
    line->style = made->style;
    return GP_OK;
}

/* One code point in one column. */
static inline bool is_simple(gp_cell cell) { return (uint32_t)cell - 1 < GP_CELL_CLUSTER - 1; }

/* Which of 8 cells are not ASCII in the pen of `base`, a bit each. Their text is written, all 8 bytes of it. */
static inline unsigned put_8(const gp_cell *cells, gp_cell base, uint8_t *text) {
#if defined(__SSE2__)
    const __m128i *from = (const __m128i *)cells;
    __m128 a = _mm_castsi128_ps(_mm_loadu_si128(from)), b = _mm_castsi128_ps(_mm_loadu_si128(from + 1));
    __m128 c = _mm_castsi128_ps(_mm_loadu_si128(from + 2)), d = _mm_castsi128_ps(_mm_loadu_si128(from + 3));
    __m128i contents = _mm_packs_epi32(_mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0))),
                                       _mm_castps_si128(_mm_shuffle_ps(c, d, _MM_SHUFFLE(2, 0, 2, 0))));
    __m128i wanted = _mm_set1_epi32((int)(base >> 32));
    __m128i same = _mm_packs_epi32(
        _mm_cmpeq_epi32(_mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1))), wanted),
        _mm_cmpeq_epi32(_mm_castps_si128(_mm_shuffle_ps(c, d, _MM_SHUFFLE(3, 1, 3, 1))), wanted));
    /* Saturation makes 0xFF of what is more than a byte, and 0 of what has the highest bit. */
    __m128i bytes = _mm_packus_epi16(contents, contents), pens = _mm_packs_epi16(same, same);
    _mm_storel_epi64((__m128i *)text, bytes);
    int ascii = _mm_movemask_epi8(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_setzero_si128()), pens));
    return (~(unsigned)ascii | (unsigned)_mm_movemask_epi8(bytes)) & 0xFF;
#else
    unsigned others = 0;
    for (uint32_t i = 0; i < 8; i++) {
        text[i] = (uint8_t)cells[i];
        others |= (unsigned)((cells[i] ^ base) - 1 >= 0x7F) << i;
    }
    return others;
#endif
}

/* Cells of ASCII at the start of `most` cells. Behind a grid's cells is its side store, so that 8 may be read in any case. */
static inline uint32_t put_ascii(const gp_cell *cells, uint32_t most, gp_cell base, uint8_t *text) {
    for (uint32_t count = 0; count < most; count += 8) {
        unsigned others = put_8(cells + count, base, text + count);
        if (!others) continue;
        count += (uint32_t)__builtin_ctz(others);
        return count < most ? count : most;
    }
    return most;
}

/* Puts what begins at a cell, in one pen, of at most `most` cells; returns how many. */
static inline uint32_t put_cells(writer *w, const gp_cell *cells, uint32_t most) {
    gp_cell first = cells[0], base = first >> 32 << 32;
    gp_open_line *line = &w->list->line;
    uint32_t count = 0, wide_columns = w->grid->columns == 1 ? 1 : 2;
    if (gp_cell_is_blank(first)) {
        while (count < most && cells[count] == first) count++;
        memset(w->text, ' ', count);
        w->text += count;
        put_run(w, GP_RUN_BLANK, count, 1, 1);
        return count;
    }
    if (is_simple(first)) {
        count = put_ascii(cells, most, base, w->text);
        w->text += count;
        for (; count < most && is_simple(cells[count]) && cells[count] >> 32 << 32 == base; count++) {
            w->text += gp_utf8_encode((uint32_t)cells[count], w->text);
            line->flags &= (uint8_t)~GP_LINE_ASCII;
        }
        put_run(w, GP_RUN_NARROW, count, 1, 1);
        return count;
    }
    line->flags &= (uint8_t)~GP_LINE_ASCII;
    bool wide = gp_cell_kind(first) == GP_CELL_WIDE;
    if (wide) line->flags |= GP_LINE_WIDE;
    if (first & GP_CELL_CLUSTER) {
        size_t text_bytes;
        uint32_t codepoints;
        const uint8_t *text = gp_grid_text(w->grid, first, w->text, &text_bytes, &codepoints);
        memcpy(w->text, text, text_bytes);
        w->text += text_bytes;
        put_run(w, GP_RUN_CLUSTER, 1, codepoints, wide ? 2 : 1);
        return wide ? wide_columns : 1;
    }
    for (; count < most && (cells[count] >> 29 ^ base >> 29) == GP_CELL_WIDE << 1; count += wide_columns)
        w->text += gp_utf8_encode(gp_cell_content(cells[count]), w->text);
    put_run(w, GP_RUN_WIDE, count / wide_columns, 1, 2);
    return count;
}

gp_status gp_grid_append_row(gp_list *list, const gp_grid *grid, uint32_t y) {
    enum { PORTION = 64 }; /* cells, for which room is asked for at once; a cluster takes less */
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t length = gp_grid_row_length(grid, y), attribute = UINT32_MAX;
    if (grid->row[y].wrapped) length = grid->columns - (gp_cell_kind(cells[grid->columns - 1]) == GP_CELL_SPACER);
    if (!length) return GP_OK;
    bool halves = grid->columns > 1 && gp_cell_kind(cells[0]) == GP_CELL_WIDE;
    writer w = {.list = list, .grid = grid, .begins_row = list->line.row_cells + halves >= grid->columns};
    gp_status status = w.begins_row ? gp_list_begin_row(list) : GP_OK;
    if (status != GP_OK) return status;
    if (!list->line.cells) w.begins_row = false;
    take(&w);
    for (uint32_t x = 0; x < length && status == GP_OK;) {
        if (gp_cell_attribute(cells[x]) != attribute) {
            attribute = gp_cell_attribute(cells[x]);
            status = set_pen(&w, attribute);
        }
        if (status == GP_OK) status = ensure(&w, 4 * PORTION);
        if (status == GP_OK) x += put_cells(&w, cells + x, length - x < PORTION ? length - x : PORTION);
    }
    give(&w);
    return status;
}
