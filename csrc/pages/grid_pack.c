/* The rows of a grid to lines: what pack does with each row, and what a row that scrolls off the grid becomes.
 *
 * The end of the open line is kept in registers while a row is put there, and given back to the list behind the row: 60
 * instructions a run, where asking the list for each took 150. */
#include <string.h>

#include "pages/cells_8.h"
#include "pages/list_append.h"
#include "pages/run_writer.h"
#include "unicode/utf8.h"

/* The end of the open line while a row is put there. It is handed on by value where a function is not in line, so that it
 * stays in registers. */
typedef struct line_end {
    uint8_t *text;
    gp_run_writer runs;
    uint64_t ahead; /* of the cells from here on whose text is written already, a bit each: a run ends behind it */
    bool linked;    /* the pen has a link */
    bool ascii;     /* what the list does not know of */
} line_end;

enum {
    PORTION = 64, /* cells, for which room is asked for at once; a cluster takes less */
    PORTION_BYTES = 4 * PORTION,
    AHEAD = 56, /* cells whose text is written at once whatever their pens are */
};

typedef struct packer {
    gp_list *list;
    const gp_grid *grid;
    const uint8_t *origin; /* of distances in the grid */
    uint32_t given;        /* cells of the row that the list knows of */
    bool begins_row;       /* the row is another one of its line */
    bool is_image;         /* the pen changed as in images */
    uint32_t image_cells;
    gp_status status;
} packer;

static inline uint8_t *operations(const gp_list *list) {
    uint8_t *op = list->newest->page.base + list->newest->records_end;
    return list->line.flags & GP_LINE_RICH ? op : op - (GP_RICH_HEAD_BYTES - GP_HEAD_BYTES); /* which may not be needed */
}

static inline line_end take(const gp_list *list) {
    return (line_end){
        .text = list->newest->page.base + list->newest->text_end,
        .runs = gp_run_writer_begin(&list->line.last, operations(list)),
        .linked = list->line.link_distance,
        .ascii = true,
    };
}

/* The list has the row up to cell `x`. */
static inline void give(packer *p, line_end end, uint32_t x) {
    gp_list *list = p->list;
    gp_open_line *line = &list->line;
    list->newest->text_end = (uint32_t)(end.text - list->newest->page.base);
    gp_mapping_soil(list->newest->page.mapping, list->newest->text_end + AHEAD + GP_TEXT_AHEAD_BYTES, 0);
    if (end.runs.op != operations(list)) {
        line->flags |= GP_LINE_RICH;
        list->newest->records_end = (uint32_t)(end.runs.op - list->newest->page.base);
    }
    line->last = gp_run_of(end.runs.tag, end.runs.count);
    if (!end.ascii) line->flags &= (uint8_t)~GP_LINE_ASCII;
    if (end.runs.seen & (GP_OP_WIDE | GP_OP_CLUSTER_WIDE)) line->flags |= GP_LINE_WIDE;
    if (x == p->given) return;
    if (p->begins_row) {
        gp_list_count_new_rows(list, 1);
        line->row_cells = 0;
        p->begins_row = false;
    }
    line->row_cells += x - p->given;
    line->cells += p->grid->columns > 1 ? x - p->given : line->last.width; /* of one column a wide cell takes one */
    p->given = x;
}

/* The list makes room, for which the line may move. */
__attribute__((noinline)) static line_end make_room(packer *p, line_end end, uint32_t x, size_t bytes) {
    give(p, end, x);
    p->status = gp_list_make_room(p->list, bytes);
    return take(p->list);
}

static inline bool ensure(packer *p, line_end *end, uint32_t x, size_t bytes) {
    bytes += 2 * GP_RECORD_RESERVE_BYTES;
    if ((size_t)(end->runs.op - end->text) >= bytes) return true;
    *end = make_room(p, *end, x, bytes);
    return p->status == GP_OK;
}

/* ---- pens ---------------------------------------------------------------------------------------------------------- */

static inline void end_run(line_end *end) {
    gp_run_writer_end(&end->runs);
    end->runs.tag = GP_OP_NONE;
}

static bool is_current(const packer *p, const gp_link *link) {
    gp_link current = gp_link_at(gp_text_page_end(p->list->newest), p->list->line.link_distance);
    return gp_link_equal(&current, link);
}

static inline bool set_link(packer *p, line_end *end, uint32_t x, uint32_t distance) {
    gp_link link = gp_grid_link_at(p->grid, distance);
    if (!ensure(p, end, x, gp_record_link_bytes(&link) + PORTION_BYTES)) return false;
    if (end->linked && is_current(p, &link)) return true;
    end_run(end);
    end->runs.op = gp_list_push_link(p->list, end->runs.op, &link);
    end->linked = true;
    return true;
}

/* Whether from one style to the other both colours change to others in full, and nothing else does, as in images. */
static inline bool is_image_step(gp_style_words before, gp_style_words after) {
    uint64_t changed = before.colors ^ after.colors, rgb = (uint64_t)GP_STYLE_COLOR_RGB << 24;
    return before.others == after.others && (uint32_t)changed && changed >> 32 &&
           (after.colors & UINT64_C(0xFF000000FF000000)) == (rgb << 32 | rgb);
}

/* The operation of such a step: what the colours are, in a quarter of the instructions. */
static inline uint8_t *push_image_step(uint8_t *op, gp_style_words after) {
    uint64_t colors = after.colors << 32 | after.colors >> 32;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    colors = __builtin_bswap64(colors);
#endif
    op[-1] = GP_OP_STYLE | 6;
    memcpy(op - 9, &colors, sizeof colors);
    return op - 9;
}

static inline const gp_attribute *attribute_at(const uint8_t *origin, uint32_t attribute) {
    return (const gp_attribute *)(const void *)(origin - (size_t)attribute * 8);
}

static inline bool set_pen(packer *p, line_end *end, uint32_t x, uint32_t attribute) {
    static const gp_attribute none;
    gp_open_line *line = &p->list->line;
    const gp_attribute *made = attribute ? attribute_at(p->origin, attribute) : &none;
    if (!ensure(p, end, x, PORTION_BYTES)) return false;
    gp_style_words before = gp_style_take(&line->style), after = gp_style_take(&made->style);
    if (!gp_style_words_equal(before, after)) {
        end_run(end);
        p->is_image = is_image_step(before, after);
        end->runs.op = p->is_image ? push_image_step(end->runs.op, after)
                                   : gp_record_push_style(end->runs.op, &line->style, &made->style);
        line->style = made->style;
    }
    if (made->link) return set_link(p, end, x, made->link);
    if (end->linked) {
        end_run(end);
        *--end->runs.op = GP_OP_LINK_NONE;
        line->link_distance = 0;
        end->linked = false;
    }
    return true;
}

/* ---- cells --------------------------------------------------------------------------------------------------------- */

/* Cells of ASCII at the start of `most` cells. Behind a grid's cells is its side store, so that 8 may be read in any case. */
static inline uint32_t put_ascii(const gp_cell *cells, uint32_t most, gp_cell base, uint8_t *text) {
    for (uint32_t count = 0; count < most; count += 8) {
        unsigned others = gp_cells_to_8(cells + count, base, text + count);
        if (!others) continue;
        count += (uint32_t)__builtin_ctz(others);
        return count < most ? count : most;
    }
    return most;
}

/* Whether a cell has one code point in one column, in the pen of `base`. */
static inline bool is_narrow(gp_cell cell, gp_cell base) { return (cell ^ base) - 1 < GP_CELL_CLUSTER - 1; }

static inline uint32_t put_narrow(line_end *end, const gp_cell *cells, uint32_t most, gp_cell base) {
    uint32_t count = 0;
    do {
        uint32_t content = (uint32_t)cells[count];
        if (content < 0x80) {
            uint32_t ascii = put_ascii(cells + count, most - count, base, end->text);
            end->text += ascii;
            count += ascii;
        } else {
            end->text += gp_utf8_encode(content, end->text);
            end->ascii = false;
            count++;
        }
    } while (count < most && is_narrow(cells[count], base));
    gp_run_writer_put(&end->runs, 0, count);
    return count;
}

static inline uint32_t put_wide(const gp_grid *grid, line_end *end, const gp_cell *cells, uint32_t most, gp_cell base) {
    uint32_t count = 0, columns = grid->columns == 1 ? 1 : 2;
    end->ascii = false;
    for (; count < most && (cells[count] >> 29 ^ base >> 29) == GP_CELL_WIDE << 1; count += columns)
        end->text += gp_utf8_encode(gp_cell_content(cells[count]), end->text);
    gp_run_writer_put(&end->runs, GP_OP_WIDE, count / columns);
    return count;
}

static inline uint32_t put_cluster(const gp_grid *grid, line_end *end, gp_cell cell) {
    unsigned width = gp_cell_kind(cell) == GP_CELL_WIDE ? 2 : 1;
    size_t text_bytes;
    uint32_t codepoints;
    const uint8_t *text = gp_grid_text(grid, cell, NULL, &text_bytes, &codepoints);
    gp_copy_short(end->text, text, text_bytes);
    end->text += text_bytes;
    end->ascii = false;
    gp_run_writer_put_cluster(&end->runs, width, codepoints);
    return grid->columns == 1 ? 1 : width;
}

/* Puts what begins at a cell, in one pen, of at most `most` cells; returns how many. */
static inline uint32_t put_cells(const gp_grid *grid, line_end *end, const gp_cell *cells, uint32_t most) {
    gp_cell first = cells[0], base = first >> 32 << 32;
    if (is_narrow(first, base)) return put_narrow(end, cells, most, base);
    if (first & GP_CELL_CLUSTER) return put_cluster(grid, end, first);
    if (!gp_cell_is_blank(first)) return put_wide(grid, end, cells, most, base);
    uint32_t count = 0;
    for (; count < most && cells[count] == first; count++) end->text[count] = ' ';
    end->text += count;
    gp_run_writer_put(&end->runs, GP_OP_BLANK, count);
    return count;
}

/* Where pens change, the text of ASCII is written in advance, whatever the pens, and only runs are left to be told: two thirds
 * of the instructions that words take each by itself. Returns what line_end has of it. The text goes up to AHEAD bytes beyond
 * its end; where the line moves before it has come so far, it is written again. */
__attribute__((noinline)) static uint64_t put_ahead(uint8_t *text, const gp_cell *cells, uint32_t most) {
    uint64_t ends = 0;
    if (most > AHEAD) most = AHEAD;
    for (uint32_t count = 0; count < most; count += 8) {
        unsigned changes, others = gp_cells_to_8_of_any_pen(cells + count, text + count, &changes);
        ends |= (uint64_t)changes << count;
        if (others && count + (uint32_t)__builtin_ctz(others) < most) most = count + (uint32_t)__builtin_ctz(others);
    }
    uint64_t last = (UINT64_C(1) << most) >> 1;
    return (ends | last) & (last - 1 + last);
}

static inline uint32_t take_ahead(line_end *end) {
    uint32_t count = (uint32_t)__builtin_ctzll(end->ahead) + 1;
    end->ahead >>= count;
    end->text += count;
    gp_run_writer_put(&end->runs, 0, count);
    return count;
}

/* Single narrow cells with such a step before each: in a third of the instructions. The cell behind them is looked at too.
 * p->image_cells is how many there are, as far as there is room. */
__attribute__((noinline)) static line_end put_image(packer *p, line_end end, const gp_cell *cells, uint32_t most) {
    enum { CELL_BYTES = 9 + 1 + 4 }; /* of a step, a run and text */
    gp_style_words style = gp_style_take(&p->list->line.style);
    const uint8_t *origin = p->origin;
    ptrdiff_t room = (end.runs.op - end.text - 2 * GP_RECORD_RESERVE_BYTES) / CELL_BYTES;
    if (room < most) most = room < 0 ? 0 : (uint32_t)room;
    const gp_cell *cell = cells, *cells_end = cells + most;
    uint32_t content = UINT32_MAX; /* of no cell; then the one before, which is often the same as the next, and is that letter */
    uint32_t letter = 0;
    size_t letter_bytes = 0;
    uint8_t *text = end.text, *op = end.runs.op;
    for (; cell < cells_end; cell++) {
        uint32_t attribute = gp_cell_attribute(*cell);
        const gp_attribute *made = attribute_at(origin, attribute);
        if (!attribute || !((*cell ^ cell[1]) >> 32)) break;
        gp_style_words next = gp_style_take(&made->style);
        if (made->link || !is_image_step(style, next)) break;
        if ((uint32_t)*cell != content) {
            if (!is_narrow(*cell, *cell >> 32 << 32)) break;
            content = (uint32_t)*cell;
            letter_bytes = gp_utf8_encode(content, (uint8_t *)&letter);
        }
        memcpy(text, &letter, sizeof letter);
        text += letter_bytes;
        if (cell == cells) {
            end_run(&end);
            op = end.runs.op;
        }
        style.colors = next.colors; /* the others are the same */
        op = push_image_step(op, next);
        *--op = 0; /* the run */
    }
    p->image_cells = (uint32_t)(cell - cells);
    if (!p->image_cells) return end;
    p->list->line.style = gp_style_of(style);
    end.ahead = 0;
    end.ascii &= (size_t)(text - end.text) == p->image_cells;
    end.text = text;
    end.runs.op = op;
    return end;
}

gp_status gp_grid_append_row(gp_list *list, const gp_grid *grid, uint32_t y) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t length = gp_grid_row_length(grid, y), attribute = UINT32_MAX;
    if (grid->row[y].wrapped) length = grid->columns - (gp_cell_kind(cells[grid->columns - 1]) == GP_CELL_SPACER);
    if (!length) return GP_OK;
    bool halves = grid->columns > 1 && gp_cell_kind(cells[0]) == GP_CELL_WIDE;
    packer p = {.list = list, .grid = grid, .origin = gp_grid_at_distance(grid, 0)};
    p.begins_row = list->line.row_cells + halves >= grid->columns;
    if (p.begins_row) p.status = gp_list_begin_row(list);
    if (p.status != GP_OK) return p.status;
    if (!list->line.cells) p.begins_row = false;
    line_end end = take(list);
    uint32_t x = 0;
    while (x < length) {
        if (gp_cell_attribute(cells[x]) != attribute) {
            if (p.is_image && !end.linked) {
                end = put_image(&p, end, cells + x, length - 1 - x);
                x += p.image_cells;
            }
        pen:
            attribute = gp_cell_attribute(cells[x]);
            if (!set_pen(&p, &end, x, attribute)) break;
            if (!end.ahead && x && !p.is_image && (uint32_t)cells[x] - 1 < 0x7F)
                end.ahead = put_ahead(end.text, cells + x, length - x);
            if (end.ahead) {
                x += take_ahead(&end);
                if (end.ahead && !p.is_image) goto pen;
                continue;
            }
        } else if (!ensure(&p, &end, x, PORTION_BYTES)) {
            break;
        }
        x += put_cells(grid, &end, cells + x, length - x < PORTION ? length - x : PORTION);
    }
    give(&p, end, x);
    return p.status;
}
