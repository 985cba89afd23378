/* Printing: bytes to cells. ASCII goes in runs; the rest is decoded, measured and put in runs of equal width, and what
 * joins a cell extends it. */
#include <string.h>

#include "unicode/utf8.h"
#include "vt/screen.h"

/* ---- what both modes share ------------------------------------------------------------------------------------- */

/* Whether `columns` more columns can be printed as text. A row that comes up while there is a background has that
 * background from end to end, which text cannot say. */
static bool prints_as_text(const gp_screen *screen, size_t columns) {
    if (screen->style.background && screen->x + columns > screen->columns &&
        screen->y + 1 + (screen->x + columns) / screen->columns >= screen->rows)
        return false;
    const gp_open_line *line = &screen->list.line;
    if (screen->x == screen->columns && (line->row_cells < screen->columns || line->last.kind == GP_RUN_BLANK))
        return false; /* behind a blank nothing goes on */
    return screen->text_mode && !screen->on_alternate && screen->autowrap && !screen->insert && screen->top == 0 &&
           screen->bottom == screen->rows && screen->x >= screen->list.line.row_cells;
}

/* The pen of the list, blanks up to the cursor included. */
static gp_status ready_text(gp_screen *screen) {
    gp_list *list = &screen->list;
    gp_status status = GP_OK;
    if (screen->x > list->line.row_cells) {
        static const gp_style plain;
        static const gp_link none;
        status = gp_list_set_pen(list, &plain, &none);
        if (status == GP_OK) status = gp_list_put_blanks(list, screen->x - list->line.row_cells);
        screen->pen_stale = true;
    }
    if (status == GP_OK && screen->pen_stale) {
        status = gp_list_set_pen(list, &screen->style, &screen->link);
        if (status == GP_OK) screen->pen_stale = false;
    }
    return status;
}

static void follow_text(gp_screen *screen) {
    screen->x = screen->list.line.row_cells;
    screen->y = screen->list.tail_rows - 1;
}

/* `side_bytes` in the grid's side store, and the attribute of the pen. Another attribute fits besides, so that the blank
 * row which a wrap may need cannot make the store move between this and the writing of the cell. */
static gp_status ready_grid(gp_screen *screen, size_t side_bytes) {
    gp_grid *grid = gp_screen_grid(screen);
    static const gp_link none;
    side_bytes += gp_grid_attribute_bytes(&none);
    if (!screen->attribute_stale && gp_grid_side_free(grid) >= side_bytes) return GP_OK;
    bool moved = false;
    gp_status status =
        gp_grid_reserve(&screen->list, grid, side_bytes + gp_grid_attribute_bytes(&screen->link), &moved);
    if (status != GP_OK) return status;
    if (moved || screen->attribute_stale) {
        screen->attribute = gp_grid_attribute(grid, &screen->style, &screen->link);
        screen->attribute_stale = false;
    }
    return GP_OK;
}

/* The next cell goes to the start of the next row, in which this row's line goes on. Below the scroll region, in the
 * last row, it goes to the start of the same row. */
static gp_status wrap(gp_screen *screen) {
    gp_grid *grid = gp_screen_grid(screen);
    uint32_t y = screen->y;
    bool before = grid->row[y].wrapped, goes_on = !gp_cell_is_blank(gp_grid_row_cells(grid, y)[grid->columns - 1]);
    if (y + 1 == screen->bottom) {
        grid->row[y].wrapped = goes_on;
        gp_status status = gp_screen_scroll_wrapped(screen);
        if (status != GP_OK) {
            grid->row[y].wrapped = before;
            return status;
        }
    } else if (y + 1 < screen->rows) {
        grid->row[y].wrapped = goes_on;
        screen->y++;
    }
    screen->x = 0;
    return GP_OK;
}

/* Brings the cursor to where `width` columns can be written in its row, making a spacer if need be. */
static gp_status make_place(gp_screen *screen, uint32_t width) {
    gp_grid *grid = gp_screen_grid(screen);
    gp_status status;
    if (screen->x == screen->columns) {
        if (!screen->autowrap) {
            screen->x = screen->columns - 1;
        } else {
            status = wrap(screen);
            if (status != GP_OK) return status;
        }
    }
    if (screen->x + width <= screen->columns) return GP_OK;
    if (!screen->autowrap) {
        screen->x = screen->columns - width;
        return GP_OK;
    }
    gp_edges before = gp_screen_watch(screen, screen->y);
    uint32_t y = screen->y, x = screen->x;
    gp_grid_split(grid, y, x);
    gp_cell *cell = gp_grid_row_cells(grid, y) + x;
    gp_cell was = *cell;
    uint32_t used = grid->row[y].used;
    bool goes_on = y + 1 < screen->rows || y + 1 == screen->bottom;
    *cell = goes_on ? gp_cell_make(0, GP_CELL_SPACER, 0) : 0;
    grid->row[y].used = screen->columns;
    gp_screen_mend(screen, y, before);
    status = wrap(screen);
    if (status != GP_OK) {
        gp_grid_row_cells(grid, y)[x] = was;
        grid->row[y].used = used;
    }
    return status;
}

/* ---- cells in the grid ------------------------------------------------------------------------------------------ */

/* Writes a cell of `width` columns that fits at the cursor. */
static void write_cell(gp_screen *screen, uint32_t content, uint32_t width, bool wide, uint32_t attribute) {
    gp_grid *grid = gp_screen_grid(screen);
    uint32_t y = screen->y, x = screen->x;
    gp_edges before = gp_screen_watch(screen, y);
    if (x < grid->row[y].used) screen->plain_rows = 0;
    if (screen->insert) gp_grid_insert(grid, y, x, width, 0);
    gp_grid_split(grid, y, x);
    gp_grid_split(grid, y, x + width);
    gp_cell *cell = gp_grid_row_cells(grid, y) + x;
    cell[0] = gp_cell_make(content, wide ? GP_CELL_WIDE : GP_CELL_NARROW, attribute);
    if (width == 2) cell[1] = gp_cell_make(0, GP_CELL_TAIL, attribute);
    if (x + width > grid->row[y].used) grid->row[y].used = x + width;
    screen->x = x + width;
    gp_screen_mend(screen, y, before);
}

static uint32_t shown_width(const gp_screen *screen, unsigned width) { return screen->columns == 1 ? 1 : width; }

static gp_status put_cell_in_grid(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t codepoints,
                                  unsigned width) {
    gp_status status = ready_grid(screen, gp_grid_cluster_bytes(text_bytes));
    if (status == GP_OK) status = make_place(screen, shown_width(screen, width));
    if (status != GP_OK) return status;
    uint32_t content;
    if (codepoints > 1)
        content = gp_grid_cluster(gp_screen_grid(screen), text, text_bytes, codepoints);
    else
        gp_utf8_decode(text, text + text_bytes, &content);
    write_cell(screen, content, shown_width(screen, width), width == 2, screen->attribute);
    return GP_OK;
}

static gp_status put_ascii_in_grid(gp_screen *screen, const uint8_t *text, size_t length_bytes, size_t *done_bytes) {
    gp_status status = GP_OK;
    while (*done_bytes < length_bytes) {
        status = ready_grid(screen, 0);
        if (status == GP_OK) status = make_place(screen, 1);
        if (status != GP_OK) return status;
        gp_grid *grid = gp_screen_grid(screen);
        uint32_t y = screen->y, x = screen->x, room = screen->columns - x;
        size_t left = length_bytes - *done_bytes;
        if (screen->insert || (!screen->autowrap && left > room)) {
            if (left > room && room == 1 && !screen->autowrap && !screen->insert) *done_bytes = length_bytes - 1;
            write_cell(screen, text[(*done_bytes)++], 1, false, screen->attribute);
            continue;
        }
        uint32_t count = left < room ? (uint32_t)left : room;
        gp_edges before = gp_screen_watch(screen, y);
        if (x < grid->row[y].used) screen->plain_rows = 0;
        /* Cell by cell, the last column would have been half of a wide cell, and blank for a moment. */
        if (count > 1 && x + count == screen->columns &&
            gp_cell_kind(gp_grid_row_cells(grid, y)[screen->columns - 1]) == GP_CELL_TAIL)
            gp_screen_unwrap(screen, y);
        gp_grid_split(grid, y, x);
        gp_grid_split(grid, y, x + count);
        gp_cell *cell = gp_grid_row_cells(grid, y) + x, base = gp_cell_make(0, GP_CELL_NARROW, screen->attribute);
        const uint8_t *from = text + *done_bytes;
        for (uint32_t i = 0; i < count; i++) cell[i] = base | from[i];
        if (x + count > grid->row[y].used) grid->row[y].used = x + count;
        screen->x = x + count;
        gp_screen_mend(screen, y, before);
        *done_bytes += count;
    }
    return GP_OK;
}

/* The cell left of the cursor, or under it when the last column is written; NULL when there is none with text. */
static gp_cell *left_cell(gp_screen *screen, uint32_t *x) {
    if (screen->x == 0) return NULL;
    gp_cell *cells = gp_grid_row_cells(gp_screen_grid(screen), screen->y);
    *x = screen->x - 1;
    if (gp_cell_kind(cells[*x]) == GP_CELL_TAIL) --*x;
    return gp_cell_content(cells[*x]) ? cells + *x : NULL;
}

/* Adds a code point to the cell left of the cursor, whose width becomes `width` (0: stays). */
static gp_status extend_in_grid(gp_screen *screen, const uint8_t *text, size_t text_bytes, unsigned width) {
    uint32_t x;
    gp_cell *cell = left_cell(screen, &x);
    if (!cell) return GP_OK;
    uint8_t whole[GP_CELL_CODEPOINTS_MAX * 4];
    size_t whole_bytes;
    uint32_t codepoints;
    const uint8_t *before = gp_grid_text(gp_screen_grid(screen), *cell, whole, &whole_bytes, &codepoints);
    if (codepoints >= GP_CELL_CODEPOINTS_MAX) {
        screen->account.counters.codepoints_dropped++;
        return GP_OK;
    }
    memmove(whole, before, whole_bytes);
    memcpy(whole + whole_bytes, text, text_bytes);
    whole_bytes += text_bytes;
    gp_status status = ready_grid(screen, gp_grid_cluster_bytes(whole_bytes));
    if (status != GP_OK) return status;

    gp_grid *grid = gp_screen_grid(screen);
    cell = gp_grid_row_cells(grid, screen->y) + x;
    unsigned was = gp_cell_kind(*cell) == GP_CELL_WIDE ? 2 : 1;
    uint32_t attribute = gp_cell_attribute(*cell);
    bool at_edge = x + 1 == screen->columns && screen->columns > 1;
    if (!width || (width == 2 && at_edge && !screen->autowrap)) width = was;
    if (width > was && at_edge) {
        uint32_t home = screen->x;
        screen->x = x;
        status = make_place(screen, 2); /* leaves a spacer where the cell was */
        if (status != GP_OK) {
            screen->x = home;
            return status;
        }
        grid = gp_screen_grid(screen);
        bool insert = screen->insert;
        screen->insert = false;
        write_cell(screen, gp_grid_cluster(grid, whole, whole_bytes, codepoints + 1), 2, true, attribute);
        screen->insert = insert;
        return GP_OK;
    }
    uint32_t content = gp_grid_cluster(grid, whole, whole_bytes, codepoints + 1);
    if (width == was || screen->columns == 1) {
        *cell = gp_cell_make(content, width == 2 ? GP_CELL_WIDE : GP_CELL_NARROW, attribute);
    } else if (width == 2) {
        bool insert = screen->insert;
        screen->insert = false;
        screen->x = x;
        write_cell(screen, content, 2, true, attribute);
        screen->insert = insert;
    } else {
        gp_edges edges = gp_screen_watch(screen, screen->y);
        cell[0] = gp_cell_make(content, GP_CELL_NARROW, attribute);
        cell[1] = 0;
        screen->x = x + 1;
        gp_screen_mend(screen, screen->y, edges);
    }
    return GP_OK;
}

/* ---- cells in either mode ---------------------------------------------------------------------------------------- */

typedef struct run_in_hand {
    const uint8_t *text, *last; /* the last code point's first byte */
    uint32_t cells;
    unsigned width;
} run_in_hand;

static gp_status put_run(gp_screen *screen, run_in_hand *run, const uint8_t *end) {
    if (!run->cells) return GP_OK;
    gp_counters *counters = &screen->account.counters;
    gp_status status;
    if (prints_as_text(screen, (size_t)run->cells * run->width)) {
        screen->list.cells_put = 0;
        status = ready_text(screen);
        if (status == GP_OK)
            status = run->width == 2 ? gp_list_put_wide(&screen->list, run->text, (size_t)(end - run->text), run->cells)
                                     : gp_list_put_narrow(&screen->list, run->text, (size_t)(end - run->text), run->cells);
        follow_text(screen);
        if (status == GP_OK)
            counters->text_mode_bytes += (uint64_t)(end - run->text);
        else
            run->text += gp_text_advance(run->text, screen->list.cells_put);
    } else {
        status = screen->on_alternate || !screen->text_mode ? GP_OK : gp_screen_inflate(screen);
        for (const uint8_t *text = run->text; text < end && status == GP_OK;) {
            size_t bytes = gp_text_advance(text, 1);
            status = put_cell_in_grid(screen, text, bytes, 1, run->width);
            if (status == GP_OK) run->text = text += bytes;
            counters->grid_mode_bytes += status == GP_OK ? bytes : 0;
        }
    }
    if (status == GP_OK) run->cells = 0;
    return status;
}

/* A code point joins the cell printed last. */
static gp_status join(gp_screen *screen, const uint8_t *text, size_t text_bytes, unsigned width) {
    gp_list *list = &screen->list;
    if (prints_as_text(screen, 1) && screen->x == list->line.row_cells && gp_list_last_width(list)) {
        unsigned was = gp_list_last_width(list);
        if (!width) width = was;
        bool may_go_back = width < was && screen->x == was && list->line.rows > 1;
        if (gp_list_last_codepoints(list) >= GP_CELL_CODEPOINTS_MAX) {
            screen->account.counters.codepoints_dropped++;
            return GP_OK;
        }
        if (!may_go_back || screen->columns == 1) {
            gp_status status = gp_list_extend(list, text, text_bytes, width);
            follow_text(screen);
            if (status == GP_OK) screen->account.counters.text_mode_bytes += text_bytes;
            return status;
        }
    }
    gp_status status = screen->on_alternate || !screen->text_mode ? GP_OK : gp_screen_inflate(screen);
    uint32_t plain_rows = screen->plain_rows;
    if (status == GP_OK) status = extend_in_grid(screen, text, text_bytes, width);
    screen->plain_rows = plain_rows; /* it was no edit */
    if (status == GP_OK) screen->account.counters.grid_mode_bytes += text_bytes;
    return status;
}

/* Whether a code point without width can go to a cell at the cursor's left. */
static gp_status has_left_cell(gp_screen *screen, bool *has) {
    gp_list *list = &screen->list;
    uint32_t x;
    *has = false;
    if (screen->x == 0) return GP_OK;
    if (screen->text_mode && !screen->on_alternate) {
        if (screen->x > list->line.row_cells) return GP_OK;
        if (screen->x == list->line.row_cells && gp_list_last_width(list)) {
            *has = list->line.last.kind != GP_RUN_BLANK;
            return GP_OK;
        }
        gp_status status = gp_screen_inflate(screen);
        if (status != GP_OK) return status;
    }
    *has = left_cell(screen, &x) != NULL;
    return GP_OK;
}

static bool is_format(uint32_t codepoint, gp_cluster alone) {
    return alone.state == 0 || codepoint == 0x200C || codepoint == 0x200D ||
           (codepoint >= 0xE0000 && codepoint <= 0xE007F);
}

static inline void wake_cluster(gp_screen *screen) {
    if (!screen->ascii_last) return;
    screen->cluster = (gp_cluster){0};
    gp_cluster_join(&screen->cluster, screen->ascii_last, gp_properties_of(screen->ascii_last));
    screen->ascii_last = 0;
}

static const uint8_t replacement[3] = {0xEF, 0xBF, 0xBD};

/* Prints decoded text. Stops behind a C1 control. */
static gp_status print_text(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, size_t *printed_bytes,
                            uint8_t *c1) {
    const uint8_t *at = bytes, *end = bytes + length_bytes;
    run_in_hand run = {0};
    gp_status status = GP_OK;
    wake_cluster(screen);
    gp_cluster cluster = screen->cluster;
    *printed_bytes = 0;
    while (at < end) {
        uint32_t codepoint;
        size_t step = gp_utf8_decode(at, end, &codepoint);
        if (!step) { /* at most three bytes; the rest comes with the next input */
            screen->pending_bytes = (uint8_t)(end - at);
            memcpy(screen->pending, at, (size_t)(end - at));
            break;
        }
        bool malformed = codepoint == GP_UTF8_REPLACEMENT && !(step == 3 && at[0] == 0xEF);
        gp_properties properties = gp_properties_of(codepoint);
        unsigned width = gp_properties_width(properties);
        if (gp_properties_plain(properties) && !gp_cluster_takes_plain(cluster) && !malformed) {
            gp_cluster_reset_plain(&cluster, width);
            if (run.width != width || !run.cells) {
                status = put_run(screen, &run, at);
                if (status != GP_OK) goto fail;
                screen->cluster = cluster;
                *printed_bytes = (size_t)(at - bytes);
                run = (run_in_hand){.text = at, .width = width};
            }
            run.cells++;
            at += step;
            continue;
        }
        if (codepoint >= 0x80 && codepoint < 0xA0) {
            status = put_run(screen, &run, at);
            if (status != GP_OK) goto fail;
            *printed_bytes = (size_t)(at + step - bytes);
            *c1 = (uint8_t)codepoint;
            return GP_OK;
        }
        bool joins = gp_cluster_join(&cluster, codepoint, properties);
        if (!joins && width && !malformed) {
            if (run.width != width || !run.cells) {
                status = put_run(screen, &run, at);
                if (status != GP_OK) goto fail;
                *printed_bytes = (size_t)(at - bytes);
                run = (run_in_hand){.text = at, .width = width};
            }
            run.cells++;
            at += step;
            continue;
        }
        const uint8_t *text = malformed ? replacement : at;
        size_t text_bytes = malformed ? sizeof replacement : step;
        status = put_run(screen, &run, at);
        if (status != GP_OK) goto fail;
        *printed_bytes = (size_t)(at - bytes);
        if (joins) {
            status = join(screen, text, text_bytes, cluster.width);
        } else if (width) {
            run = (run_in_hand){.text = text, .width = width, .cells = 1};
            status = put_run(screen, &run, text + text_bytes);
        } else {
            bool has;
            status = has_left_cell(screen, &has);
            if (status != GP_OK) goto fail;
            if (has) {
                status = join(screen, text, text_bytes, 0);
                cluster = (gp_cluster){0};
            } else if (is_format(codepoint, cluster)) {
                cluster = (gp_cluster){0};
            } else {
                cluster.width = 1;
                run = (run_in_hand){.text = text, .width = 1, .cells = 1};
                status = put_run(screen, &run, text + text_bytes);
            }
        }
        if (status != GP_OK) { run.cells = 0; goto fail; }
        at += step;
        *printed_bytes = (size_t)(at - bytes);
    }
    status = put_run(screen, &run, at);
    if (status == GP_OK) {
        *printed_bytes = length_bytes;
        screen->cluster = cluster;
        return GP_OK;
    }
fail:
    /* What of the run is done is not to be fed again. The bytes of a replacement are not the input's. */
    if (run.cells && run.text >= bytes && run.text <= end) *printed_bytes = (size_t)(run.text - bytes);
    screen->cluster = (gp_cluster){0};
    screen->pending_bytes = 0;
    return status;
}

static gp_status print_ascii(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, size_t *printed_bytes) {
    gp_counters *counters = &screen->account.counters;
    gp_status status;
    *printed_bytes = 0;
    if (prints_as_text(screen, length_bytes)) {
        screen->list.cells_put = 0;
        status = screen->pen_stale || screen->x > screen->list.line.row_cells ? ready_text(screen) : GP_OK;
        if (status == GP_OK)
            status = gp_list_put_narrow(&screen->list, bytes, length_bytes, (uint32_t)length_bytes);
        follow_text(screen);
        *printed_bytes = status == GP_OK ? length_bytes : screen->list.cells_put;
        counters->text_mode_bytes += *printed_bytes;
        if (status != GP_OK) return status;
    } else {
        status = screen->on_alternate || !screen->text_mode ? GP_OK : gp_screen_inflate(screen);
        if (status == GP_OK) status = put_ascii_in_grid(screen, bytes, length_bytes, printed_bytes);
        counters->grid_mode_bytes += *printed_bytes;
        if (status != GP_OK) return status;
    }
    screen->ascii_last = bytes[length_bytes - 1];
    return GP_OK;
}

/* DEC special graphics (VT100 manual, table 3-9): 0x5F to 0x7E. */
static const uint16_t special_graphics[32] = {
    0x00A0, 0x25C6, 0x2592, 0x2409, 0x240C, 0x240D, 0x240A, 0x00B0, 0x00B1, 0x2424, 0x240B,
    0x2518, 0x2510, 0x250C, 0x2514, 0x253C, 0x23BA, 0x23BB, 0x2500, 0x23BC, 0x23BD, 0x251C,
    0x2524, 0x2534, 0x252C, 0x2502, 0x2264, 0x2265, 0x03C0, 0x2260, 0x00A3, 0x00B7,
};

static gp_status print_translated(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, size_t *printed_bytes,
                                  uint8_t *c1) {
    uint8_t text[3 * 64];
    *printed_bytes = 0;
    while (*printed_bytes < length_bytes && !*c1) {
        size_t text_bytes = 0, taken = 0;
        const uint8_t *from = bytes + *printed_bytes;
        size_t left = length_bytes - *printed_bytes, printed;
        /* One code point at a time where it is not ASCII, so that what was printed can be told exactly. */
        if (from[0] >= 0x80 || screen->pending_bytes) {
            while (taken < left && from[taken] >= 0x80) taken++;
            gp_status status = print_text(screen, from, taken, &printed, c1);
            *printed_bytes += printed;
            if (status != GP_OK) return status;
            continue;
        }
        bool special = from[0] >= 0x5F && from[0] <= 0x7E;
        while (taken < left && taken < 64 && from[taken] < 0x80 && (from[taken] >= 0x5F && from[taken] <= 0x7E) == special) {
            if (special)
                text_bytes += gp_utf8_encode(special_graphics[from[taken] - 0x5F], text + text_bytes);
            taken++;
        }
        gp_status status = special ? print_text(screen, text, text_bytes, &printed, c1)
                                   : print_text(screen, from, taken, &printed, c1);
        if (status != GP_OK) return status;
        *printed_bytes += taken;
    }
    return GP_OK;
}

static gp_status print(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, bool ascii, size_t *printed_bytes,
                       uint8_t *c1) {
    if (screen->charsets[screen->shift] == '0') return print_translated(screen, bytes, length_bytes, printed_bytes, c1);
    if (!ascii) return print_text(screen, bytes, length_bytes, printed_bytes, c1);
    if (!gp_cluster_takes_plain(screen->cluster) || screen->ascii_last)
        return print_ascii(screen, bytes, length_bytes, printed_bytes);
    /* after a prepended mark the first character joins */
    gp_status status = print_text(screen, bytes, 1, printed_bytes, c1);
    size_t printed = 0;
    if (status == GP_OK && length_bytes > 1) status = print_ascii(screen, bytes + 1, length_bytes - 1, &printed);
    *printed_bytes += printed;
    return status;
}

gp_status gp_screen_print(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, bool ascii,
                          size_t *printed_bytes, uint8_t *c1) {
    *c1 = 0;
    *printed_bytes = 0;
    screen->repeatable = true;
    if (!screen->pending_bytes) return print(screen, bytes, length_bytes, ascii, printed_bytes, c1);

    /* The sequence begun by an earlier input, with what belongs to it of this one. */
    uint8_t joined[8];
    uint8_t kept = screen->pending_bytes;
    size_t more = length_bytes < 4 ? length_bytes : 4, printed, rest = 0;
    memcpy(joined, screen->pending, kept);
    memcpy(joined + kept, bytes, more);
    uint32_t codepoint;
    size_t step = gp_utf8_decode(joined, joined + kept + more, &codepoint);
    if (!step) {
        memcpy(screen->pending + kept, bytes, more);
        screen->pending_bytes = (uint8_t)(kept + more);
        *printed_bytes = more;
        return GP_OK;
    }
    screen->pending_bytes = 0;
    bool malformed = step == kept && codepoint == GP_UTF8_REPLACEMENT;
    gp_status status = malformed ? print_text(screen, replacement, sizeof replacement, &printed, c1)
                                 : print_text(screen, joined, step, &printed, c1);
    if (status != GP_OK) {
        memcpy(screen->pending, joined, kept);
        screen->pending_bytes = kept;
        return status;
    }
    *printed_bytes = step - kept; /* a malformed start ends where it began to be malformed, not before */
    if (*c1 || *printed_bytes == length_bytes) return GP_OK;
    status = print(screen, bytes + *printed_bytes, length_bytes - *printed_bytes, ascii, &rest, c1);
    *printed_bytes += rest;
    return status;
}

gp_status gp_screen_end_text(gp_screen *screen) {
    if (!screen->pending_bytes) return GP_OK;
    uint8_t kept = screen->pending_bytes;
    size_t printed;
    uint8_t c1;
    screen->pending_bytes = 0;
    gp_status status = print_text(screen, replacement, sizeof replacement, &printed, &c1);
    if (status != GP_OK) screen->pending_bytes = kept;
    return status;
}

gp_status gp_screen_repeat(gp_screen *screen, uint32_t times) {
    if (!screen->repeatable) return GP_OK;
    gp_list *list = &screen->list;
    uint8_t text[GP_CELL_CODEPOINTS_MAX * 4];
    const uint8_t *cell_text;
    size_t text_bytes;
    uint32_t codepoints;
    unsigned width;
    gp_status status = GP_OK;
    if (screen->text_mode && !screen->on_alternate && (screen->x != list->line.row_cells || !gp_list_last_width(list)))
        status = gp_screen_inflate(screen);
    if (status != GP_OK) return status;
    if (screen->text_mode && !screen->on_alternate) {
        codepoints = gp_list_last_codepoints(list);
        width = gp_list_last_width(list);
        const uint8_t *end = list->newest->page.base + list->newest->text_end;
        cell_text = end;
        for (uint32_t left = codepoints; left; left -= (*cell_text & 0xC0) != 0x80) cell_text--;
        text_bytes = (size_t)(end - cell_text);
        memcpy(text, cell_text, text_bytes);
    } else {
        uint32_t x;
        gp_cell *cell = left_cell(screen, &x);
        if (!cell) return GP_OK;
        cell_text = gp_grid_text(gp_screen_grid(screen), *cell, text, &text_bytes, &codepoints);
        memmove(text, cell_text, text_bytes);
        width = gp_cell_kind(*cell) == GP_CELL_WIDE ? 2 : 1;
    }
    for (; times && status == GP_OK; times--) {
        if (prints_as_text(screen, width)) {
            status = ready_text(screen);
            if (status == GP_OK && codepoints > 1)
                status = gp_list_put_cluster(list, text, text_bytes, codepoints, width);
            else if (status == GP_OK)
                status = width == 2 ? gp_list_put_wide(list, text, text_bytes, 1)
                                    : gp_list_put_narrow(list, text, text_bytes, 1);
            follow_text(screen);
        } else {
            status = screen->on_alternate || !screen->text_mode ? GP_OK : gp_screen_inflate(screen);
            if (status == GP_OK) status = put_cell_in_grid(screen, text, text_bytes, codepoints, width);
        }
    }
    return status;
}
