/* Lines to the rows of a grid: what inflate does with each row.
 *
 * The operations of a line are read and its text is decoded in one loop, which keeps where it is in registers, and what
 * was looked up once is at hand: 40 instructions a run, where reading runs and looking up their pens took 120. A screen of
 * 120x40 has 5,000 cells, and is to take less than 10 us. */
#include <assert.h>
#include <string.h>

#include "pages/cells_8.h"
#include "pages/record_read.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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
            if (runs.run.kind == GP_RUN_CLUSTER) bytes += gp_grid_cluster_bytes((size_t)runs.run.codepoints * 4);
            if (gp_style_equal(&runs.style, &style) && runs.link_distance == link_distance) continue;
            style = runs.style;
            link_distance = runs.link_distance;
            gp_link link = gp_link_at(runs.page_end, link_distance);
            if (link_distance || !gp_style_is_default(&style)) bytes += gp_grid_attribute_bytes(&link);
        }
        from = 0;
    } while (gp_list_step(list, &line));
    return bytes;
}

/* ---- pens ---------------------------------------------------------------------------------------------------------- */

enum { LINKS_KNOWN = 64 };

/* The pen, and what is known of the page that the line lies in. */
typedef struct inflater {
    gp_grid *grid;
    const uint8_t *page_end;
    gp_style_words style;
    uint32_t link_distance, attribute;
    /* The definition read last: of it no more is looked up, as most links in a screen are defined there. */
    gp_link defined;
    uint32_t defined_distance, like_distance;
    /* The one that others begin as, mostly the same. */
    const uint8_t *base_uri;
    uint32_t base_distance;
    /* Attributes with a link, by where that is defined. */
    struct {
        uint32_t distance, attribute;
    } known[LINKS_KNOWN];
} inflater;

/* The link of the pen, if its definition is the one read last: completed where it lies. */
static const gp_link *defined_link(inflater *in) {
    if (in->like_distance && in->like_distance != in->base_distance) {
        uint32_t none;
        in->base_uri = gp_record_definition(in->page_end - in->like_distance + 1, &none).uri;
        in->base_distance = in->like_distance;
    }
    if (in->like_distance) in->defined.prefix = in->base_uri;
    return &in->defined;
}

static bool find_linked(inflater *in) {
    gp_grid *grid = in->grid;
    uint32_t slot = in->link_distance * 0x9E3779B1u >> 26, link = 0;
    if (in->known[slot].distance == in->link_distance) {
        const gp_attribute *known = gp_grid_attribute_at(grid, in->known[slot].attribute);
        in->attribute = in->known[slot].attribute;
        if (gp_style_words_equal(gp_style_take(&known->style), in->style)) return true;
        link = known->link;
    }
    size_t link_bytes = 0;
    gp_link read;
    const gp_link *made = &read;
    if (!link) {
        if (in->link_distance == in->defined_distance)
            made = defined_link(in);
        else
            read = gp_link_at(in->page_end, in->link_distance);
        link_bytes = gp_grid_link_bytes(made);
    }
    if (gp_grid_side_free(grid) < sizeof(gp_attribute) + link_bytes) return false;
    if (!link) link = gp_grid_make_link(grid, made);
    in->attribute = gp_grid_make_attribute(grid, in->style, link);
    in->known[slot].distance = in->link_distance;
    in->known[slot].attribute = in->attribute;
    return true;
}

/* The attribute of the pen; false if there is no room for it. */
static inline bool find_attribute(inflater *in) {
    in->attribute = 0;
    if (in->link_distance) return find_linked(in);
    if (!(in->style.colors | in->style.others)) return true;
    if (gp_grid_side_free(in->grid) < sizeof(gp_attribute)) return false;
    in->attribute = gp_grid_styled(in->grid, in->style);
    return true;
}

/* The operation of a link whose tag lies at `op`; returns where it ends. */
static const uint8_t *pull_link(inflater *in, const uint8_t *op) {
    switch (*op) {
    case GP_OP_LINK_AT: in->link_distance = gp_record_pull_number(&op); return op;
    case GP_OP_LINK_HERE:
    case GP_OP_LINK_LIKE:
        in->defined_distance = in->link_distance = (uint32_t)(in->page_end - op);
        return gp_record_pull_definition(op, &in->defined, &in->like_distance);
    default: in->link_distance = 0; return op;
    }
}

/* The pen of the next run: reads up to it, and returns where it is; NULL if there is no room for an attribute. `last`: the
 * line ends in a run that is no operation. */
__attribute__((noinline)) static const uint8_t *take_any_pen(inflater *in, const uint8_t *op, const uint8_t *op_end, bool last) {
    while (op > op_end && op[-1] >= GP_OP_STYLE) {
        unsigned tag = *--op;
        if (tag < GP_OP_STYLE_DEFAULT)
            gp_record_pull_style(&op, tag, &in->style);
        else if (tag < GP_OP_LINK_NONE)
            in->style = (gp_style_words){0};
        else
            op = pull_link(in, op);
    }
    return (op == op_end && !last) || find_attribute(in) ? op : NULL;
}

/* The same from an operation on that defines a link, before a run. */
__attribute__((noinline)) static const uint8_t *take_definition(inflater *in, const uint8_t *op, const uint8_t *op_end,
                                                                bool last) {
    const uint8_t *at = gp_record_pull_definition(op - 1, &in->defined, &in->like_distance);
    in->defined_distance = in->link_distance = (uint32_t)(in->page_end - (op - 1));
    const gp_link *link = defined_link(in);
    size_t bytes = sizeof(gp_attribute) + gp_grid_link_bytes(link);
    if (at <= op_end || at[-1] >= GP_OP_STYLE || gp_grid_side_free(in->grid) < bytes)
        return take_any_pen(in, op, op_end, last);
    in->attribute = gp_grid_make_attribute(in->grid, in->style, gp_grid_make_link(in->grid, link));
    uint32_t slot = in->link_distance * 0x9E3779B1u >> 26;
    in->known[slot].distance = in->link_distance;
    in->known[slot].attribute = in->attribute;
    return at;
}

/* The same from an operation on that ends a link or defines one, before a run: as text with links has it. */
__attribute__((noinline)) static const uint8_t *take_link(inflater *in, const uint8_t *op, const uint8_t *op_end, bool last) {
    const uint8_t *at = op - 1;
    if (*at > GP_OP_LINK_AT) return take_definition(in, op, op_end, last);
    if (*at != GP_OP_LINK_NONE || at <= op_end || at[-1] >= GP_OP_STYLE || in->style.colors | in->style.others)
        return take_any_pen(in, op, op_end, last);
    in->link_distance = in->attribute = 0;
    return at;
}

/* The same from a pen's operation on, for what is usual: another style, without a link, before a run. None of these is
 * part of the loop below, which then does with the registers there are. */
__attribute__((noinline)) static const uint8_t *take_pen(inflater *in, const uint8_t *op, const uint8_t *op_end, bool last) {
    if (op[-1] >= GP_OP_LINK_NONE || in->link_distance) return take_link(in, op, op_end, last);
    gp_style_words style = in->style;
    const uint8_t *at = op - 1;
    unsigned tag = *at;
    if (tag < GP_OP_STYLE_DEFAULT)
        gp_record_pull_style(&at, tag, &style);
    else
        style = (gp_style_words){0};
    if (at <= op_end || at[-1] >= GP_OP_STYLE || gp_grid_side_free(in->grid) < sizeof(gp_attribute))
        return take_any_pen(in, op, op_end, last);
    in->style = style;
    in->attribute = style.colors | style.others ? gp_grid_styled(in->grid, style) : 0;
    return at;
}

/* ---- cells --------------------------------------------------------------------------------------------------------- */

/* Text in a page is well-formed. */
static inline const uint8_t *decode(const uint8_t *text, uint32_t *codepoint) {
    uint32_t lead = text[0];
    if (lead < 0x80) {
        *codepoint = lead;
        return text + 1;
    }
    if (lead < 0xE0) {
        *codepoint = (lead & 0x1F) << 6 | (text[1] & 0x3F);
        return text + 2;
    }
    if (lead < 0xF0) {
        *codepoint = (lead & 0x0F) << 12 | (text[1] & 0x3Fu) << 6 | (text[2] & 0x3F);
        return text + 3;
    }
    *codepoint = (lead & 0x07) << 18 | (text[1] & 0x3Fu) << 12 | (text[2] & 0x3Fu) << 6 | (text[3] & 0x3F);
    return text + 4;
}

/* Bytes of a cluster: its last code point is found without a look at those before. Behind the text of a page are its
 * records, so that it may be read in steps as far as the page's end. */
static inline size_t cluster_bytes(const uint8_t *text, const uint8_t *end, uint32_t codepoints) {
#if defined(__SSE2__)
    if (end - text >= 32) {
        const __m128i least_lead = _mm_set1_epi8((char)0xC0), *from = (const __m128i *)(const void *)text;
        uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(_mm_loadu_si128(from), least_lead));
        uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(_mm_loadu_si128(from + 1), least_lead));
        uint32_t leads = ~(high << 16 | low);
        for (uint32_t i = 1; i < codepoints; i++) leads &= leads - 1;
        if (leads) {
            size_t last = (size_t)__builtin_ctz(leads);
            return last + gp_text_advance(text + last, 1);
        }
    }
#endif
    return gp_text_advance(text, codepoints);
}

/* The row that is laid out. Cells are written eight at a time, and what lies behind its end is blanked then. */
typedef struct row_writer {
    gp_grid *grid;
    gp_cell *cell, *end;
    uint32_t y;
} row_writer;

static inline void begin_row(row_writer *row) {
    row->cell = gp_grid_row_cells(row->grid, row->y);
    row->end = row->cell + row->grid->columns;
}

static inline void end_row(row_writer *row, bool wrapped, uint8_t size) {
    gp_grid_row *entry = &row->grid->row[row->y++];
    entry->used = row->grid->columns - (uint32_t)(row->end - row->cell);
    entry->wrapped = entry->folded = wrapped;
    entry->size = size;
    for (uint32_t i = 0; i < 8 && row->cell < row->end; i++) *row->cell++ = 0;
}

/* The line goes on in the next row; false if there is none. */
static inline bool wrap(row_writer *row, uint8_t size) {
    end_row(row, true, size);
    if (row->y == row->grid->rows) return false;
    begin_row(row);
    return true;
}

/* `count` cells that fit in the row. */
static inline const uint8_t *expand_narrow(row_writer *row, gp_cell base, uint32_t count, const uint8_t *text, const uint8_t *end) {
    gp_cell *to = row->cell + count;
    while (row->cell < to) {
        if (*text < 0x80 && row->end - row->cell >= 8 && end - text >= 8) {
            uint32_t ascii = gp_cells_of_8(row->cell, base, text), most = (uint32_t)(to - row->cell);
            if (ascii == 8 && most >= 8) { /* a constant: the next eight need not wait for how many these are */
                row->cell += 8;
                text += 8;
                continue;
            }
            if (ascii > most) ascii = most;
            row->cell += ascii;
            text += ascii;
        } else {
            uint32_t codepoint;
            text = decode(text, &codepoint);
            *row->cell++ = base | codepoint;
        }
    }
    return text;
}

static inline const uint8_t *expand_wide(row_writer *row, gp_cell base, uint32_t count, const uint8_t *text, bool two_cells) {
    gp_cell wide = base | (gp_cell)GP_CELL_WIDE << 30, tail = base | (gp_cell)GP_CELL_TAIL << 30;
    for (uint32_t codepoint; count; count--) {
        text = decode(text, &codepoint);
        *row->cell++ = wide | codepoint;
        if (two_cells) *row->cell++ = tail;
    }
    return text;
}

/* Single cells of which each changes both colours in full, as images have them: a quarter of the instructions. Hardly one of
 * their pens is like another, so only each eighth is looked for among those made, and the next while they are found. Returns
 * where the operations do not go on like that. */
__attribute__((noinline)) static const uint8_t *expand_image(inflater *in, row_writer *row, const uint8_t *op,
                                                             const uint8_t *op_end, const uint8_t **text) {
    enum { OP_BYTES = 10, LOOKED_FOR = 8 }; /* a pen with two colours of four bytes, and a run */
    gp_grid *grid = in->grid;
    gp_style_words style = in->style;
    gp_cell *cell = row->cell, *end = row->end, *look = cell;
    const uint8_t *from = *text, *least = op_end + OP_BYTES;
    size_t most = gp_grid_side_free(grid) / sizeof(gp_attribute);
    gp_attribute *made = (gp_attribute *)(grid->page.base + grid->side_begin);
    gp_cell made_pen = (gp_cell)gp_grid_distance(grid) << 32;
    const gp_cell pen_step = (gp_cell)(sizeof *made / 8) << 32;
    if (most < (size_t)(end - cell)) end = cell + most;
    for (; cell < end; op -= OP_BYTES, cell++) {
        if (op < least || op[-1] != (GP_OP_STYLE | 6) || op[-2] != GP_STYLE_COLOR_RGB ||
            op[-6] != GP_STYLE_COLOR_RGB || op[-OP_BYTES] != 0)
            break;
        uint32_t codepoint;
        style.colors = gp_record_colors_at(op - 9);
        from = decode(from, &codepoint);
        if (cell == look) {
            gp_attribute *last = made;
            grid->side_begin = (size_t)((uint8_t *)made - grid->page.base);
            uint32_t attribute = gp_grid_styled(grid, style);
            made = (gp_attribute *)(grid->page.base + grid->side_begin);
            *cell = (gp_cell)attribute << 32 | codepoint;
            if (made != last) made_pen += pen_step;
            look += made == last ? 1 : LOOKED_FOR;
        } else {
            --made;
            made->style = gp_style_of(style);
            made->link = made->forward = 0;
            *cell = (made_pen += pen_step) | codepoint;
        }
    }
    if (cell > row->cell) in->attribute = gp_cell_attribute(cell[-1]);
    grid->side_begin = (size_t)((uint8_t *)made - grid->page.base);
    in->style = style;
    row->cell = cell;
    *text = from;
    return op;
}

/* A line, or what `runs` says is left of it, in rows from *y on, which becomes the row behind it. False if the side store
 * is too small. */
static bool lay_out_line(inflater *in, const gp_runs *runs, uint32_t *y, bool continues, uint8_t size) {
    row_writer row = {.grid = in->grid, .y = *y};
    const uint8_t *op = runs->op, *op_end = runs->op_end, *text = runs->text, *end = runs->page_end;
    gp_run first = runs->run, last = runs->last;
    bool two_cells = row.grid->columns > 1;
    unsigned tag;
    uint32_t count;
    in->style = gp_style_take(&runs->style);
    in->link_distance = runs->link_distance;
    begin_row(&row);
    if (first.cells) {
        if (!find_attribute(in)) return false;
        tag = gp_run_tag(&first);
        count = gp_run_count(&first);
        goto run;
    }
    op = take_any_pen(in, op, op_end, last.cells);
    if (!op) return false;
    for (;;) {
        if (op > op_end) {
            tag = *--op;
            if (tag >= GP_OP_STYLE) {
                op = take_pen(in, op + 1, op_end, last.cells);
                if (!op) return false;
                continue;
            }
            count = gp_record_pull_count(&op, tag);
        } else if (last.cells) { /* of an open line, or one without operations */
            tag = gp_run_tag(&last);
            count = gp_run_count(&last);
            last.cells = 0;
        } else {
            break;
        }
    run:;
        gp_cell base = (gp_cell)in->attribute << 32;
        if (!tag && row.cell < row.end && count == 1) { /* half of all runs are */
            uint32_t codepoint;
            text = decode(text, &codepoint);
            *row.cell++ = base | codepoint;
            if (op > op_end && op[-1] == (GP_OP_STYLE | 6) && op[-2] == GP_STYLE_COLOR_RGB && !in->link_distance) {
                row_writer held = row; /* which stays in registers elsewhere, and `text` too */
                const uint8_t *at = text;
                op = expand_image(in, &held, op, op_end, &at);
                row = held;
                text = at;
            }
            continue;
        }
        if (tag < GP_OP_WIDE || tag >= GP_OP_BLANK) {
            while (count) {
                if (row.cell == row.end && !wrap(&row, size)) goto full;
                uint32_t room = (uint32_t)(row.end - row.cell), part = count < room ? count : room;
                count -= part;
                if (tag < GP_OP_WIDE) {
                    text = expand_narrow(&row, base, part, text, end);
                } else {
                    text += part;
                    while (part--) *row.cell++ = base;
                }
            }
        } else if (tag < GP_OP_CLUSTER) {
            while (count) {
                uint32_t room = (uint32_t)(row.end - row.cell) >> two_cells, part = count < room ? count : room;
                if (part) {
                    count -= part;
                    text = expand_wide(&row, base, part, text, two_cells);
                    continue;
                }
                if (row.cell < row.end) *row.cell++ = gp_cell_make(0, GP_CELL_SPACER, 0);
                if (!wrap(&row, size)) goto full;
            }
        } else {
            bool wide = tag & GP_OP_CLUSTER_WIDE, halves = wide && two_cells;
            if (row.end - row.cell <= halves) {
                if (row.cell < row.end) *row.cell++ = gp_cell_make(0, GP_CELL_SPACER, 0);
                if (!wrap(&row, size)) goto full;
            }
            size_t text_bytes = cluster_bytes(text, end, count);
            if (gp_grid_side_free(row.grid) < gp_grid_cluster_bytes(text_bytes)) return false;
            if (wide) base |= (gp_cell)GP_CELL_WIDE << 30;
            *row.cell++ = base | gp_grid_cluster(row.grid, text, text_bytes, count);
            if (halves) *row.cell++ = gp_cell_make(0, GP_CELL_TAIL, in->attribute);
            text += text_bytes;
        }
    }
    end_row(&row, continues, size);
full:
    *y = row.y;
    return true;
}

static bool lay_out_lines(gp_list *list, const gp_place *place, gp_grid *grid) {
    gp_line line;
    uint32_t from = place->cells, y = 0;
    inflater in = {.grid = grid};
    gp_list_enter(list, place, &line);
    do {
        gp_line_view view = gp_list_view(list, &line);
        gp_runs runs = from ? runs_from(list, &line, from) : view.runs;
        if (runs.page_end != in.page_end) in = (inflater){.grid = grid, .page_end = runs.page_end};
        uint8_t size = (uint8_t)gp_line_size(view.flags, view.cells, list->columns);
        if (!lay_out_line(&in, &runs, &y, view.flags & GP_LINE_CONTINUES && !view.open, size)) return false;
        from = 0;
    } while (y < grid->rows && gp_list_step(list, &line));
    grid->row[grid->rows - 1].wrapped = grid->row[grid->rows - 1].folded = false;
    return true;
}

/* Into a new grid with a side store of so many bytes at least; not *fits: that is too small, and there is none. There is room
 * for one more attribute, so that what is to follow at once (DECCOLM erases) cannot fail. */
static gp_status lay_out_in(gp_list *list, const gp_place *place, uint32_t columns, uint32_t rows, size_t side_bytes,
                            gp_grid *grid, bool *fits) {
    gp_grid made;
    gp_status status = gp_grid_acquire(list, columns, rows, side_bytes, &made);
    if (status != GP_OK) return status;
    *fits = lay_out_lines(list, place, &made) && gp_grid_side_free(&made) >= sizeof(gp_attribute);
    if (*fits)
        *grid = made;
    else
        gp_grid_retire(list, &made);
    return GP_OK;
}

/* What a page has room for anyway is enough almost always; only where it is not the lines are measured. What recent grids
 * needed is tried before what this one needs at most, so that the page it takes is one that the next is born with: where the
 * two differed, with 256 colours in single cells, every screen was laid out twice. */
gp_status gp_grid_lay_out(gp_list *list, const gp_place *place, uint32_t columns, uint32_t rows, gp_grid *grid) {
    bool fits;
    gp_status status = lay_out_in(list, place, columns, rows, 0, grid, &fits);
    if (status != GP_OK || fits) return status;
    size_t recent_bytes = gp_grid_recent_bytes(list, (size_t)columns * rows);
    size_t most_bytes = side_bytes_from(list, place) + sizeof(gp_attribute);
    if (recent_bytes && recent_bytes < most_bytes) {
        status = lay_out_in(list, place, columns, rows, recent_bytes, grid, &fits);
        if (status != GP_OK || fits) return status;
    }
    status = lay_out_in(list, place, columns, rows, most_bytes, grid, &fits);
    assert(status != GP_OK || fits);
    return status;
}
