/* Records: what a text page keeps of a line besides its text.
 *
 * A page's records grow down from its end; what is written later lies at a lower address, so everything is pushed at a
 * falling offset and read the same way. One line's record:
 *
 *     higher   | head  4 | text bytes (24 bits) and flags (8): all there is for a line of ASCII without attributes
 *        |     | ops   4 | length of the operations in bytes   \  only with GP_LINE_RICH
 *        |     | cells 4 | columns the line takes unwrapped     /
 *        v     | operation, operation, ...
 *     lower
 *
 * Operations say in order what the cells are made of; between them they change the pen (style and link), which is
 * default at the start of each line:
 *
 *     00nnnnnn  n+1 narrow cells of one code point each         (63: 64 + a varint)
 *     01nnnnnn  n+1 wide cells of one code point each           (63: 64 + a varint)
 *     100wnnnn  one cell, narrow or wide, of n+2 code points    (15: 17 + a varint)
 *     101nnnnn  n+1 blanks, each a space in the text            (31: 32 + a varint)
 *     1100ubfa  pen: attributes (2 bytes), foreground, background, underline colour, those whose bit is set;
 *               a colour is its kind in a byte, then 0, 1 or 3 bytes
 *     11010000  pen: default style
 *     11100000  pen: no link
 *     11100001  pen: the link that is defined at a distance
 *     11100010  pen: a link, defined here: bytes of target and of id, target, id
 *     11100011  pen: a link whose target begins as that of another, which is defined in full: at which distance, how many
 *               bytes are the same, bytes of the rest and of id, rest, id. 267 bytes a row of emoji and links became 231.
 *
 * Numbers are varints. Distances are from the page's end to an operation's first byte, so records survive the move into a
 * larger page. */
#ifndef GP_PAGES_RECORD_H
#define GP_PAGES_RECORD_H

#include <string.h>

#include "ghostpage.h"
#include "pages/copy_short.h"
#include "pages/style.h"

enum {
    GP_LINE_RICH = 1,
    GP_LINE_CONTINUES = 2,    /* the line was too long for one record and goes on in the next */
    GP_LINE_CONTINUATION = 4, /* it goes on from the record before */
    GP_LINE_WIDE = 8,         /* has wide cells, so that where it wraps depends on them */
    GP_LINE_ASCII = 16,       /* a byte of text is a cell */
    GP_LINE_BLANK_END = 32,   /* may end in blanks, which are not part of what is read as its text */
    GP_LINE_SIZE_SHIFT = 6,   /* from bit 6 on: its gp_row_size */

    GP_HEAD_BYTES = 4,
    GP_RICH_HEAD_BYTES = 12,
    GP_TEXT_BITS = 24,

    /* The most that any one step of the writer pushes, link definitions apart: the rich head, a run, two pens, a link,
     * a run, and the next line's head and newline. */
    GP_RECORD_RESERVE_BYTES = 80,
    GP_LINK_URI_MAX_BYTES = 4096,
    GP_LINK_ID_MAX_BYTES = 256,
    GP_CELL_CODEPOINTS_MAX = 32,
};

/* First bytes of operations, less the numbers in them. */
enum {
    GP_OP_WIDE = 0x40,
    GP_OP_CLUSTER = 0x80,
    GP_OP_CLUSTER_WIDE = 0x10, /* a bit of it */
    GP_OP_BLANK = 0xA0,
    GP_OP_STYLE = 0xC0,
    GP_OP_STYLE_DEFAULT = 0xD0,
    GP_OP_LINK_NONE = 0xE0,
    GP_OP_LINK_AT = 0xE1,
    GP_OP_LINK_HERE = 0xE2,
    GP_OP_LINK_LIKE = 0xE3,
    GP_OP_NONE = 0xFF,
};

/* DECSWL, DECDWL and DECDHL: of a row that is not single only the left half of the columns shows. Its line is this row
 * alone. */
typedef enum gp_row_size { GP_ROW_SINGLE, GP_ROW_DOUBLE, GP_ROW_TOP, GP_ROW_BOTTOM } gp_row_size;

/* The least columns of a window with such rows, so that a wide cell fits in half of it. */
#define GP_ROW_COLUMNS_LEAST 4u

/* What a line of `cells` cells is shown as in a window of `columns` columns: what does not fit in half of them is single,
 * so that where lines wrap does not depend on it. */
static inline gp_row_size gp_line_size(uint8_t flags, uint32_t cells, uint32_t columns) {
    bool fits = columns >= GP_ROW_COLUMNS_LEAST && cells <= columns / 2;
    return fits ? (gp_row_size)(flags >> GP_LINE_SIZE_SHIFT) : GP_ROW_SINGLE;
}

/* A view of a hyperlink, BORROWED from the page or buffer it was read from. Its target is prefix and uri together; of a
 * link there is a uri at least. */
typedef struct gp_link {
    const uint8_t *prefix, *uri, *id;
    uint16_t prefix_bytes, uri_bytes, id_bytes;
} gp_link;

static inline size_t gp_link_target_bytes(const gp_link *link) { return (size_t)link->prefix_bytes + link->uri_bytes; }
/* Copies the target; returns where it ends. */
static inline uint8_t *gp_link_copy_target(const gp_link *link, uint8_t *at) {
    gp_copy_short(at, link->prefix, link->prefix_bytes);
    gp_copy_short(at + link->prefix_bytes, link->uri, link->uri_bytes);
    return at + gp_link_target_bytes(link);
}

typedef enum gp_run_kind { GP_RUN_NONE, GP_RUN_NARROW, GP_RUN_WIDE, GP_RUN_CLUSTER, GP_RUN_BLANK } gp_run_kind;

/* Cells of one kind in a row. A cluster is a run of one cell. */
typedef struct gp_run {
    gp_run_kind kind;
    uint32_t cells;
    uint16_t codepoints; /* of a cluster */
    uint8_t width;       /* of each cell: 1 or 2 */
} gp_run;

/* A run as its operation has it: the tag, and its cells or the code points of its cluster. */
static inline unsigned gp_run_tag(const gp_run *run) {
    static const uint8_t tags[] = {[GP_RUN_NONE] = GP_OP_NONE, [GP_RUN_WIDE] = GP_OP_WIDE, [GP_RUN_CLUSTER] = GP_OP_CLUSTER,
                                   [GP_RUN_BLANK] = GP_OP_BLANK};
    return (unsigned)tags[run->kind] | (run->kind == GP_RUN_CLUSTER && run->width == 2 ? GP_OP_CLUSTER_WIDE : 0);
}
static inline uint32_t gp_run_count(const gp_run *run) {
    return run->kind == GP_RUN_CLUSTER ? run->codepoints : run->cells;
}
static inline gp_run gp_run_of(unsigned tag, uint32_t count) {
    if (tag == GP_OP_NONE) return (gp_run){0};
    if (tag == GP_OP_BLANK) return (gp_run){GP_RUN_BLANK, count, 1, 1};
    if (tag >= GP_OP_CLUSTER) return (gp_run){GP_RUN_CLUSTER, 1, (uint16_t)count, tag & GP_OP_CLUSTER_WIDE ? 2 : 1};
    if (tag == GP_OP_WIDE) return (gp_run){GP_RUN_WIDE, count, 1, 2};
    return (gp_run){GP_RUN_NARROW, count, 1, 1};
}

/* Reads the runs of one line in order. Text pointers move along; the pen is that of the current run. */
typedef struct gp_runs {
    const uint8_t *op, *op_end; /* the next operation lies just below op */
    const uint8_t *text;        /* of the current run's first cell left */
    const uint8_t *page_end;
    gp_run run;  /* what is left of the current run */
    gp_run last; /* of an open line: not yet an operation */
    gp_style style;
    uint32_t link_distance; /* 0: none */
    bool ascii;
} gp_runs;

/* Some cells of a line with what they need to be shown. BORROWED from the page. */
typedef struct gp_piece {
    gp_run_kind kind;
    uint8_t width;       /* of each cell; in a window of one column wide ones show in that one all the same */
    uint16_t codepoints; /* of a cluster */
    uint32_t cells;
    const uint8_t *text;
    uint32_t text_bytes;
    bool ascii;
    const gp_style *style;
    uint32_t link_distance;
} gp_piece;

/* Loads the next run when the current one is used up; false at the end of the line. */
bool gp_runs_load_next(gp_runs *runs);
static inline bool gp_runs_load(gp_runs *runs) { return runs->run.cells || gp_runs_load_next(runs); }
/* Bytes of text that hold `cells` code points from `text` on. */
static inline size_t gp_text_advance(const uint8_t *text, uint32_t cells) {
    const uint8_t *start = text;
    for (; cells; cells--) text += *text < 0x80 ? 1 : *text < 0xE0 ? 2 : *text < 0xF0 ? 3 : 4;
    return (size_t)(text - start);
}

/* Takes at most `cells` cells (at least one) of the loaded run. */
static inline void gp_runs_take(gp_runs *runs, uint32_t cells, gp_piece *piece) {
    if (cells > runs->run.cells) cells = runs->run.cells;
    size_t text_bytes = cells;
    if (runs->run.kind == GP_RUN_CLUSTER)
        text_bytes = gp_text_advance(runs->text, runs->run.codepoints);
    else if (!runs->ascii && runs->run.kind != GP_RUN_BLANK)
        text_bytes = gp_text_advance(runs->text, cells);
    *piece = (gp_piece){
        .kind = runs->run.kind,
        .width = runs->run.width,
        .codepoints = runs->run.codepoints,
        .cells = cells,
        .text = runs->text,
        .text_bytes = (uint32_t)text_bytes,
        .ascii = text_bytes == cells && runs->run.kind == GP_RUN_NARROW,
        .style = &runs->style,
        .link_distance = runs->link_distance,
    };
    runs->text += text_bytes;
    runs->run.cells -= cells;
}

/* As gp_runs_take where only the columns matter: the text is not followed. */
static inline void gp_runs_skip(gp_runs *runs, uint32_t cells) { runs->run.cells -= cells; }

/* For a copy of operations as they lie: where those between `op` and `op_end` next change the link, or `op_end`; takes such
 * an operation at runs->op, alone; the definition at `op`, of whose prefix only the length is told if it begins as another
 * one, at *like_distance, else 0. */
const uint8_t *gp_record_find_link(const uint8_t *op, const uint8_t *op_end);
void gp_runs_take_link(gp_runs *runs);
gp_link gp_record_definition(const uint8_t *op, uint32_t *like_distance);

/* The link defined at a distance from the page's end. */
gp_link gp_link_at(const uint8_t *page_end, uint32_t distance);
bool gp_link_equal(const gp_link *a, const gp_link *b);

/* The writer's side: each pushes below `at` and returns the new lowest address. */
static inline uint8_t *gp_record_push_number(uint8_t *at, uint32_t value) {
    for (; value >= 0x80; value >>= 7) *--at = (uint8_t)(value | 0x80);
    *--at = (uint8_t)value;
    return at;
}
static inline uint8_t *gp_record_push_bytes(uint8_t *at, const uint8_t *bytes, size_t length_bytes) {
    at -= length_bytes;
    gp_copy_short(at, bytes, length_bytes);
    return at;
}
static inline uint8_t *gp_record_push_counted(uint8_t *at, unsigned tag, unsigned full, uint32_t value) {
    *--at = (uint8_t)(tag | (value < full ? value : full));
    return value < full ? at : gp_record_push_number(at, value - full);
}
static inline uint8_t *gp_record_push_run(uint8_t *at, const gp_run *run) {
    switch (run->kind) {
    case GP_RUN_NARROW: return gp_record_push_counted(at, 0, 0x3F, run->cells - 1);
    case GP_RUN_WIDE: return gp_record_push_counted(at, GP_OP_WIDE, 0x3F, run->cells - 1);
    case GP_RUN_CLUSTER:
        return gp_record_push_counted(at, GP_OP_CLUSTER | (run->width == 2 ? 0x10u : 0u), 0x0F, run->codepoints - 2u);
    case GP_RUN_BLANK: return gp_record_push_counted(at, GP_OP_BLANK, 0x1F, run->cells - 1);
    case GP_RUN_NONE: break;
    }
    return at;
}
uint8_t *gp_record_push_style(uint8_t *at, const gp_style *from, const gp_style *to);
uint8_t *gp_record_push_link_reference(uint8_t *at, uint32_t distance);
/* Where the definition lies is `at - 1`. */
uint8_t *gp_record_push_link_definition(uint8_t *at, const gp_link *link);
/* A definition without the link's prefix, which is the beginning of the link defined in full at a distance. */
static inline uint8_t *gp_record_push_link_like(uint8_t *at, const gp_link *link, uint32_t distance) {
    *--at = GP_OP_LINK_LIKE;
    at = gp_record_push_number(at, distance);
    at = gp_record_push_number(at, link->prefix_bytes);
    at = gp_record_push_number(at, link->uri_bytes);
    at = gp_record_push_number(at, link->id_bytes);
    at = gp_record_push_bytes(at, link->uri, link->uri_bytes);
    return gp_record_push_bytes(at, link->id, link->id_bytes);
}
/* Bytes of a definition, at most. */
static inline size_t gp_record_link_bytes(const gp_link *link) {
    return 12u + gp_link_target_bytes(link) + link->id_bytes;
}

#endif
