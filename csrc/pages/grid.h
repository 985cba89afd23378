/* The grid: rows of cells, for a screen that is edited in place.
 *
 *     0     row             2 * rows          cells                    side_begin        view_bytes
 *     +-----+-------------+-----+-----------------+----------+-------------+-----------------+
 *     |     | row entries |     | attribute cache | 8 a cell |    free     |  <-- side store |
 *     +-----+-------------+-----+-----------------+----------+-------------+-----------------+
 *
 * A cell:
 *      63                              32 31  30  29  28                              0
 *     +----------------------------------+-------+---+--------------------------------+
 *     | attribute                        | width | C | code point, or with C cluster  |
 *     +----------------------------------+-------+---+--------------------------------+
 *
 * All zero is a blank in the default style. Attributes (style and link) and clusters lie in the side store, allocated
 * from the page's end down and never freed; a reference is a distance from the end in units of 8 bytes. When the store
 * is full what lives is copied into another page (squeezed), a larger one if it needs more (grown). Rows are reached
 * through their entries, so that scrolling moves entries, not cells; and as these have room for twice as many, what moves by
 * one row when all scroll is where they begin. */
#ifndef GP_PAGES_GRID_H
#define GP_PAGES_GRID_H

#include "pages/list.h"

typedef uint64_t gp_cell;

enum { GP_CELL_NARROW = 0, GP_CELL_WIDE = 1, GP_CELL_TAIL = 2, GP_CELL_SPACER = 3, GP_ATTRIBUTE_CACHE = 256 };

#define GP_CELL_CONTENT_MASK 0x1FFFFFFFu
#define GP_CELL_CLUSTER 0x20000000u

static inline unsigned gp_cell_kind(gp_cell cell) { return (unsigned)(cell >> 30) & 3; }
static inline uint32_t gp_cell_content(gp_cell cell) { return (uint32_t)cell & (GP_CELL_CONTENT_MASK | GP_CELL_CLUSTER); }
static inline uint32_t gp_cell_attribute(gp_cell cell) { return (uint32_t)(cell >> 32); }
static inline gp_cell gp_cell_make(uint32_t content, unsigned kind, uint32_t attribute) {
    return (uint64_t)attribute << 32 | (uint64_t)kind << 30 | content;
}
/* Nothing printed in it; it may have a background. The halves of wide cells and spacers are not blank. */
static inline bool gp_cell_is_blank(gp_cell cell) { return (uint32_t)cell == 0; }

typedef struct gp_grid_row {
    uint16_t slot; /* which row of cells */
    uint16_t used; /* from here on all cells are zero */
    bool wrapped;  /* its line goes on in the next row */
    uint8_t size;  /* gp_row_size */
    bool folded;   /* printing left it for the next row: where it is not wrapped, inside margins or behind a blank */
} gp_grid_row;

static_assert(GP_ROWS_MAX <= UINT16_MAX && GP_COLUMNS_MAX <= UINT16_MAX, "rows and cells of a row are counted in 16 bits");
static_assert(sizeof(gp_grid_row) == 8, "a row's entry is moved as one word");

typedef struct gp_attribute {
    gp_style style;
    uint32_t link;    /* distance / 8, or 0 */
    uint32_t forward; /* used while squeezing, else 0 */
} gp_attribute;

static_assert(sizeof(gp_attribute) == 24, "an attribute takes three units of the side store");

typedef struct gp_grid {
    gp_page page; /* owned; none: no grid */
    uint32_t columns, rows;
    gp_grid_row *row;    /* BORROWED(page), all below too */
    uint32_t *known;     /* attributes made lately, by hash */
    gp_cell *cells;
    size_t fixed_bytes, side_begin;
    uint32_t last_link; /* made last */
    bool squeezed;      /* what it needs was noted then */
    size_t links_bytes, clusters_bytes; /* of the side store; the rest are attributes */
} gp_grid;

/* A blank grid with room for `side_bytes` in its side store at least. */
gp_status gp_grid_acquire(gp_list *list, uint32_t columns, uint32_t rows, size_t side_bytes, gp_grid *grid);
/* The side store that recent grids with so many cells would have needed; 0: no more than any has. */
size_t gp_grid_recent_bytes(const gp_list *list, size_t cells);
void gp_grid_retire(gp_list *list, gp_grid *grid);
/* Gives memory back that lies free between cells and store. */
void gp_grid_discard(gp_grid *grid);
/* A grid of another size with the same top left; the old one is untouched. Halves of wide cells at the cut are blanked. */
gp_status gp_grid_resize(gp_list *list, gp_grid *grid, uint32_t columns, uint32_t rows, gp_grid *resized);

/* The same grid in memory of another list's account. */
gp_status gp_grid_clone(const gp_grid *grid, gp_list *list, gp_grid *clone);

static inline gp_cell *gp_grid_row_cells(const gp_grid *grid, uint32_t y) {
    return grid->cells + (size_t)grid->row[y].slot * grid->columns;
}

/* Bytes of content; none of a grid that is not there. */
static inline size_t gp_grid_used_bytes(const gp_grid *grid) {
    return grid->page.mapping ? grid->fixed_bytes + grid->page.view_bytes - grid->side_begin : 0;
}

/* ---- side store ---- */

static inline size_t gp_grid_link_bytes(const gp_link *link) {
    return (8u + gp_link_target_bytes(link) + link->id_bytes + 7u) & ~(size_t)7;
}
static inline size_t gp_grid_attribute_bytes(const gp_link *link) {
    return sizeof(gp_attribute) + (link->uri_bytes ? gp_grid_link_bytes(link) : 0);
}
static inline size_t gp_grid_cluster_bytes(size_t text_bytes) { return (4u + text_bytes + 7u) & ~(size_t)7; }
static inline size_t gp_grid_side_free(const gp_grid *grid) { return grid->side_begin - grid->fixed_bytes; }
/* Makes sure that `bytes` can be allocated; *moved is set if that gave every attribute and cluster another reference. */
gp_status gp_grid_reserve(gp_list *list, gp_grid *grid, size_t bytes, bool *moved);

static inline void *gp_grid_at_distance(const gp_grid *grid, uint32_t distance) {
    return grid->page.base + (grid->page.view_bytes & ~(size_t)7) - (size_t)distance * 8;
}
/* Of what was allocated last. */
static inline uint32_t gp_grid_distance(const gp_grid *grid) {
    return (uint32_t)(((grid->page.view_bytes & ~(size_t)7) - grid->side_begin) / 8);
}
static inline const gp_attribute *gp_grid_attribute_at(const gp_grid *grid, uint32_t attribute) {
    static const gp_attribute none;
    return attribute ? gp_grid_at_distance(grid, attribute) : &none;
}

/* A link in the side store: how many bytes there are of target and id; target, id. */
typedef struct gp_side_link {
    uint16_t uri_bytes, id_bytes;
    uint32_t forward;
} gp_side_link;

static inline gp_link gp_grid_link_at(const gp_grid *grid, uint32_t distance) {
    if (!distance) return (gp_link){0};
    const gp_side_link *link = gp_grid_at_distance(grid, distance);
    const uint8_t *uri = (const uint8_t *)(link + 1);
    return (gp_link){.uri = uri, .id = uri + link->uri_bytes, .uri_bytes = link->uri_bytes, .id_bytes = link->id_bytes};
}
static inline gp_link gp_grid_link(const gp_grid *grid, uint32_t attribute) {
    return gp_grid_link_at(grid, gp_grid_attribute_at(grid, attribute)->link);
}

/* For all of these room was reserved. */
uint32_t gp_grid_attribute(gp_grid *grid, const gp_style *style, const gp_link *link);
/* The attribute with another style and the same link; room for a gp_attribute. */
uint32_t gp_grid_restyled(gp_grid *grid, uint32_t attribute, const gp_style *style);

/* The bytes of a cluster in the side store: how many there are of text, code points, text. */
typedef struct gp_side_cluster {
    uint16_t text_bytes, codepoints;
} gp_side_cluster;

static inline uint32_t gp_grid_cluster(gp_grid *grid, const uint8_t *text, size_t text_bytes, uint32_t codepoints) {
    grid->side_begin -= gp_grid_cluster_bytes(text_bytes);
    grid->clusters_bytes += gp_grid_cluster_bytes(text_bytes);
    gp_side_cluster *made = (gp_side_cluster *)(grid->page.base + grid->side_begin);
    *made = (gp_side_cluster){.text_bytes = (uint16_t)text_bytes, .codepoints = (uint16_t)codepoints};
    gp_copy_short((uint8_t *)(made + 1), text, text_bytes);
    return gp_grid_distance(grid) | GP_CELL_CLUSTER;
}

/* New ones, wherever there may be others alike: the distances of the link, which has a target, and of the attribute. */
uint32_t gp_grid_make_link(gp_grid *grid, const gp_link *link);
static inline uint32_t gp_grid_make_attribute(gp_grid *grid, gp_style_words style, uint32_t link) {
    grid->side_begin -= sizeof(gp_attribute);
    gp_attribute *made = (gp_attribute *)(grid->page.base + grid->side_begin);
    made->style = gp_style_of(style);
    made->link = link;
    made->forward = 0;
    return gp_grid_distance(grid);
}
static inline uint64_t gp_grid_hash_style(gp_style_words style) {
    return (style.colors ^ style.others << 7 ^ style.others >> 57) * 0x9E3779B97F4A7C15u;
}
static inline uint32_t *gp_grid_known(const gp_grid *grid, gp_style_words style) {
    return &grid->known[(gp_grid_hash_style(style) >> 40) % GP_ATTRIBUTE_CACHE];
}
/* The attribute of this style without a link, if it was made lately. */
static inline bool gp_grid_knows(const gp_grid *grid, const gp_style *style, uint32_t *attribute) {
    gp_style_words words = gp_style_take(style);
    uint32_t known = 0;
    if (!gp_style_is_default(style)) {
        known = *gp_grid_known(grid, words);
        const gp_attribute *found = gp_grid_attribute_at(grid, known);
        if (found->link || !gp_style_words_equal(gp_style_take(&found->style), words)) return false;
    }
    *attribute = known;
    return true;
}
/* The attribute of a style that is not the default, without a link. The cache proposes, the comparison decides; a second
 * copy of an attribute does no harm. */
static inline uint32_t gp_grid_styled(gp_grid *grid, gp_style_words style) {
    uint32_t *known = gp_grid_known(grid, style);
    if (*known) {
        const gp_attribute *attribute = gp_grid_at_distance(grid, *known);
        if (gp_style_words_equal(gp_style_take(&attribute->style), style) && !attribute->link) return *known;
    }
    return *known = gp_grid_make_attribute(grid, style, 0);
}

/* The text of a cell with a cluster or a code point; `scratch` of 4 bytes holds the latter. */
const uint8_t *gp_grid_text(const gp_grid *grid, gp_cell cell, uint8_t *scratch, size_t *text_bytes,
                            uint32_t *codepoints);

/* ---- editing ---- */

/* No wide cell lies across the left edge of column x afterwards; what did is blank. */
void gp_grid_split(gp_grid *grid, uint32_t y, uint32_t x);
/* Cells x0 to x1 become `blank`. */
void gp_grid_fill(gp_grid *grid, uint32_t y, uint32_t x0, uint32_t x1, gp_cell blank);
void gp_grid_clear_row(gp_grid *grid, uint32_t y, gp_cell blank);
/* The same; wide cells at the edges are split first. */
void gp_grid_clear(gp_grid *grid, uint32_t y, uint32_t x0, uint32_t x1, gp_cell blank);
/* Rows top to bottom (exclusive) move up or down by `rows`, at most all of them; those that become free are `blank`. */
void gp_grid_scroll_up(gp_grid *grid, uint32_t top, uint32_t bottom, uint32_t rows, gp_cell blank);
void gp_grid_scroll_down(gp_grid *grid, uint32_t top, uint32_t bottom, uint32_t rows, gp_cell blank);

/* ---- parts of rows (grid_block.c): cells from x to `right`, exclusive; wide cells at the edges are split first ---- */

void gp_grid_insert(gp_grid *grid, uint32_t y, uint32_t x, uint32_t right, uint32_t cells, gp_cell blank);
void gp_grid_delete(gp_grid *grid, uint32_t y, uint32_t x, uint32_t right, uint32_t cells, gp_cell blank);
/* As gp_grid_scroll_up and down, of columns left to right alone. No row of them is wrapped. */
void gp_grid_scroll_block(gp_grid *grid, uint32_t top, uint32_t bottom, uint32_t left, uint32_t right, uint32_t rows,
                          bool down, gp_cell blank);
/* `cells` cells of row `from_y` also at column x of row y. */
void gp_grid_copy(gp_grid *grid, uint32_t from_y, uint32_t from_x, uint32_t y, uint32_t x, uint32_t cells);

/* Cells up to and including the last that is not a default blank. */
uint32_t gp_grid_row_length(const gp_grid *grid, uint32_t y);

/* ---- lines (grid_inflate.c, grid_pack.c) ---- */

/* A grid of the rows from a place on, which is the start of one. */
gp_status gp_grid_lay_out(gp_list *list, const gp_place *place, uint32_t columns, uint32_t rows, gp_grid *grid);
/* Puts the cells of row y at the end of the open line, as a row of it. On failure some may be there. */
gp_status gp_grid_append_row(gp_list *list, const gp_grid *grid, uint32_t y);

size_t gp_grid_claim(gp_grid *grid, const gp_member *member);
const char *gp_grid_check(gp_grid *grid);

#endif
