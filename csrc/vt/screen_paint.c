/* Text into cells inside a row, the usual case in grid mode: nothing wraps, no wrap ends by it, nothing is inserted.
 * What these functions ask once, gp_screen_put_run asks for each run and gp_screen_extend_cell for each mark; these take a
 * third of the instructions, and leave all the rest to those. */
#include <string.h>

#include "pages/cells_8.h"
#include "unicode/letters.h"
#include "unicode/utf8.h"
#include "vt/screen_cells.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Whether `attribute` is that of the pen; in most cases the grid knows it from before. */
static inline bool knows_pen(gp_screen *screen, const gp_grid *grid) {
    if (screen->attribute_stale && (screen->link.uri_bytes || !gp_grid_knows(grid, &screen->style, &screen->attribute)))
        return false;
    screen->attribute_stale = false;
    return true;
}

static inline bool ready(gp_screen *screen, const gp_grid *grid) {
    return knows_pen(screen, grid) || gp_screen_ready_grid(screen, 0) == GP_OK;
}

/* Whether cells may be written from the cursor on without a look at margins and at lines that came back. */
static inline bool settled(const gp_screen *screen) { return screen->on_alternate || screen->y >= screen->settled_rows; }

static inline bool paintable(const gp_screen *screen) { return screen->edged && !screen->insert && settled(screen); }

/* Whether all rows go on as they did once letters are written from x up to `end`: no cell at an edge becomes blank meanwhile,
 * and no spacer loses the wide cell that it made room for. */
static inline bool keeps_links(const gp_screen *screen, const gp_grid *grid, uint32_t y, uint32_t x, uint32_t end) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    if (gp_cell_kind(cells[x]) == GP_CELL_TAIL || gp_cell_kind(cells[end - (end == grid->columns)]) == GP_CELL_TAIL) return false;
    if (x) return true;
    return y ? gp_cell_kind(gp_grid_row_cells(grid, y - 1)[grid->columns - 1]) != GP_CELL_SPACER : screen->on_alternate;
}

/* Half a wide cell left of x, or from x on, is blank: the other half was overwritten or will be. */
static inline void split(gp_cell *cells, uint32_t x, uint32_t columns, bool left) {
    if (x >= columns || gp_cell_kind(cells[x]) != GP_CELL_TAIL) return;
    cells[x - left] = 0;
}

/* Whether a wide cell may be cut by cells from x to `end`, exclusive; that it ends where the row does is no harm. */
static inline bool may_cut(const gp_cell *cells, uint32_t x, uint32_t end, uint32_t columns) {
    return (gp_cell_kind(cells[x]) == GP_CELL_TAIL) | (gp_cell_kind(cells[end - (end == columns)]) == GP_CELL_TAIL);
}

__attribute__((noinline)) static void split_both(gp_cell *cells, uint32_t x, uint32_t end, uint32_t columns) {
    split(cells, x, columns, true);
    split(cells, end, columns, false);
}

static inline void paint_ascii(gp_screen *screen, const uint8_t *text, uint32_t cells, bool many) {
    gp_grid *grid = gp_screen_grid(screen);
    gp_grid_row *row = &grid->row[screen->y];
    gp_cell *row_cells = gp_grid_row_cells(grid, screen->y);
    uint32_t x = screen->x, end = x + cells;
    if (x < row->used) {
        screen->plain_rows = 0; /* which are too few to learn from */
        if (may_cut(row_cells, x, end, grid->columns)) split_both(row_cells, x, end, grid->columns);
    }
    gp_cell base = gp_cell_make(0, GP_CELL_NARROW, screen->attribute);
    if (many)
        gp_cells_of_long_ascii(row_cells + x, base, text, cells);
    else
        gp_cells_of_ascii(row_cells + x, base, text, cells);
    if (end > row->used) row->used = end;
    screen->x = end;
}

/* After a look at wraps, `linked` ones, and at whether this is an edit after many plain rows. */
static inline bool paint_on_links(gp_screen *screen, const uint8_t *text, uint32_t cells, bool linked, bool many) {
    gp_grid *grid = gp_screen_grid(screen);
    uint32_t y = screen->y, x = screen->x;
    if (linked && !keeps_links(screen, grid, y, x, x + cells)) return false;
    if (x < grid->row[y].used) gp_screen_stir(screen);
    paint_ascii(screen, text, cells, many);
    return true;
}

bool gp_screen_paint_in_row(gp_screen *screen, const uint8_t *text, uint32_t cells) {
    return paintable(screen) && paint_on_links(screen, text, cells, gp_screen_linked(screen, screen->y), true);
}

static inline bool note_painted(gp_screen *screen, const uint8_t *text, uint32_t cells) {
    screen->ascii_last = text[cells - 1];
    screen->repeatable = true;
    screen->account.counters.grid_mode_bytes += cells;
    return true;
}

/* Out of line, as what follows it, so that a few cells in a pen that is known need no stack. */
__attribute__((noinline)) static bool paint_many(gp_screen *screen, const uint8_t *text, uint32_t cells) {
    return ready(screen, gp_screen_grid(screen)) &&
           paint_on_links(screen, text, cells, gp_screen_linked(screen, screen->y), true) &&
           note_painted(screen, text, cells);
}

__attribute__((noinline)) static bool paint_carefully(gp_screen *screen, const uint8_t *text, uint32_t cells, bool linked) {
    return ready(screen, gp_screen_grid(screen)) && paint_on_links(screen, text, cells, linked, false) &&
           note_painted(screen, text, cells);
}

bool gp_screen_paint_ascii(gp_screen *screen, const uint8_t *text, uint32_t cells) {
    enum { MANY = 32 };
    if (!settled(screen)) return false;
    if (cells >= MANY) return paint_many(screen, text, cells);
    bool linked = gp_screen_linked(screen, screen->y);
    if (linked || screen->plain_rows >= screen->rows || !knows_pen(screen, gp_screen_grid(screen)))
        return paint_carefully(screen, text, cells, linked);
    paint_ascii(screen, text, cells, false);
    return note_painted(screen, text, cells);
}

/* ---- all of UTF-8 --------------------------------------------------------------------------------------------------- */

typedef struct cell_painter {
    gp_grid *grid;
    gp_cell *cells; /* of the row */
    uint32_t x, attribute;
    gp_cluster cluster;
    const uint8_t *last; /* text of the last cell; NULL: it was there before */
    uint32_t codepoints; /* of it */
} cell_painter;

/* The last cell was painted with its first code point; the others have come up to `end`. */
static inline void finish_cluster(cell_painter *painter, const uint8_t *end) {
    if (painter->codepoints < 2) return;
    uint32_t x = painter->x - painter->cluster.width;
    uint32_t content = gp_grid_cluster(painter->grid, painter->last, (size_t)(end - painter->last), painter->codepoints);
    painter->cells[x] = gp_cell_make(content, painter->cluster.width == 2 ? GP_CELL_WIDE : GP_CELL_NARROW, painter->attribute);
    if (painter->cluster.width == 2) painter->cells[x + 1] = gp_cell_make(0, GP_CELL_TAIL, painter->attribute);
}

static inline bool join(cell_painter *painter, gp_cluster with) {
    unsigned grows = with.width - painter->cluster.width;
    static const gp_link none;
    size_t room_bytes = gp_grid_cluster_bytes(GP_CELL_CODEPOINTS_MAX * 4) + gp_grid_attribute_bytes(&none);
    if (!painter->last || with.width < painter->cluster.width || grows > painter->grid->columns - painter->x ||
        painter->codepoints == GP_CELL_CODEPOINTS_MAX || gp_grid_side_free(painter->grid) < room_bytes)
        return false;
    painter->codepoints++;
    painter->x += grows;
    return true;
}

static inline bool begin_cell(cell_painter *painter, const uint8_t *at, uint32_t codepoint, unsigned width) {
    if (!width || width > painter->grid->columns - painter->x) return false;
    gp_cell *cell = painter->cells + painter->x;
    cell[0] = gp_cell_make(codepoint, width == 2 ? GP_CELL_WIDE : GP_CELL_NARROW, painter->attribute);
    if (width == 2) cell[1] = gp_cell_make(0, GP_CELL_TAIL, painter->attribute);
    painter->x += width;
    painter->last = at;
    painter->codepoints = 1;
    return true;
}

/* Nothing joins the last cell any more. */
static inline void leave_cell(cell_painter *painter, const uint8_t *end) {
    finish_cluster(painter, end);
    painter->codepoints = 1;
}

/* Copies the cell before as often as the letter at `at` comes again behind it, five at a time; returns how often. */
static inline uint32_t paint_same(gp_cell *cell, uint32_t room, const uint8_t *at, const uint8_t *end) {
    uint32_t count = 0;
#if defined(__SSE2__)
    for (at += 3; end - at >= 16 && room - count >= 5; at += 15, count += 5) {
        __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(at - 3));
        __m128i equal = _mm_cmpeq_epi8(before, _mm_loadu_si128((const __m128i *)(const void *)at));
        if ((_mm_movemask_epi8(equal) & 0x7FFF) != 0x7FFF) break;
        for (uint32_t i = 0; i < 5; i++) cell[count + i] = cell[-1];
    }
#endif
    return count;
}

/* Letters of one to three bytes from `at` on, as far as there is room. */
static inline const uint8_t *paint_letters(cell_painter *painter, const uint8_t *at, const uint8_t *end) {
    const gp_cell narrow = gp_cell_make(0, GP_CELL_NARROW, painter->attribute);
    const uint8_t *begin = at;
    gp_cell *cells = painter->cells;
    uint32_t x = painter->x, columns = painter->grid->columns, last = 0; /* a narrow letter, in the cell before x */
    while (at < end && x < columns) {
        if (*at < 0x80) {
            const uint8_t *stop = (size_t)(end - at) < columns - x ? end : at + (columns - x);
            uint32_t count = (uint32_t)(gp_letters_of_1(at, stop) - at);
            gp_cells_of_ascii(cells + x, narrow, at, count);
            x += count;
            at += count;
            last = 0;
            continue;
        }
        uint32_t bytes = gp_letters_load_some(at, end), word = gp_letters_word_of_3(bytes), bit = bytes >> 16 & 0x3F;
        if ((bytes & 0xFFFFFF) == last) { /* lines and bars */
            cells[x] = cells[x - 1];
            uint32_t more = paint_same(cells + x + 1, columns - x - 1, at, end);
            x += 1 + more;
            at += 3 * (size_t)(1 + more);
        } else if ((bytes & 0xC0C0F0) != 0x8080E0) {
            word = GP_UNICODE_LETTERS_OF_2 + (bytes & 0x1F);
            bit = bytes >> 8 & 0x3F;
            if ((bytes & 0xC0E0) != 0x80C0 || !gp_letters_has(word, 0, bit)) break;
            cells[x++] = narrow | (bytes & 0x1F) << 6 | bit;
            at += 2;
            last = 0;
        } else if (gp_letters_has(word, 0, bit)) {
            cells[x++] = narrow | word << 6 | bit;
            at += 3;
            last = bytes & 0xFFFFFF;
        } else if (gp_letters_has(word, 1, bit) && columns - x >= 2) {
            cells[x++] = gp_cell_make(word << 6 | bit, GP_CELL_WIDE, painter->attribute);
            cells[x++] = gp_cell_make(0, GP_CELL_TAIL, painter->attribute);
            at += 3;
            last = 0;
        } else {
            break;
        }
    }
    if (at == begin) return at;
    painter->x = x;
    painter->last = at - 1;
    while ((*painter->last & 0xC0) == 0x80) painter->last--;
    painter->codepoints = 1;
    bool was_wide = gp_cell_kind(cells[x - 1]) == GP_CELL_TAIL;
    painter->cluster = gp_letters_cluster(at, 1 + was_wide);
    return at;
}

/* Returns where it stops. */
static const uint8_t *paint(cell_painter *painter, const uint8_t *at, const uint8_t *end) {
    while (at < end) {
        if (painter->codepoints < 2 && *at < 0xF0 && !gp_cluster_takes_letters(painter->cluster)) {
            const uint8_t *to = paint_letters(painter, at, end);
            if (to != at) {
                at = to;
                continue;
            }
        }
        uint32_t codepoint;
        size_t step = gp_utf8_decode(at, end, &codepoint);
        if (!step || codepoint == GP_UTF8_REPLACEMENT) break;
        gp_properties properties = gp_properties_of(codepoint);
        gp_cluster with = painter->cluster;
        if (gp_cluster_join(&with, properties)) {
            if (!join(painter, with)) break;
            painter->cluster = with;
            at += step;
            continue;
        }
        leave_cell(painter, at);
        if (!begin_cell(painter, at, codepoint, gp_properties_width(properties))) break;
        painter->cluster = with;
        at += step;
    }
    finish_cluster(painter, at);
    return at;
}

size_t gp_screen_paint_text(gp_screen *screen, const uint8_t *text, size_t text_bytes) {
    if (screen->columns < 2 || screen->x == screen->columns || !text_bytes || !paintable(screen)) return 0;
    gp_grid *grid = gp_screen_grid(screen);
    if (gp_screen_linked(screen, screen->y) || !ready(screen, grid)) return 0;
    gp_screen_wake_cluster(screen);
    gp_grid_row *row = &grid->row[screen->y];
    cell_painter painter = {
        .grid = grid,
        .cells = gp_grid_row_cells(grid, screen->y),
        .x = screen->x,
        .attribute = screen->attribute,
        .cluster = screen->cluster,
    };
    uint32_t before = painter.x;
    gp_cell was = painter.cells[before];
    const uint8_t *to = paint(&painter, text, text + text_bytes);
    if (to == text) return 0;
    if (before < row->used) {
        gp_screen_stir(screen);
        if (gp_cell_kind(was) == GP_CELL_TAIL) painter.cells[before - 1] = 0;
        split(painter.cells, painter.x, grid->columns, false);
    }
    if (painter.x > row->used) row->used = painter.x;
    screen->x = painter.x;
    screen->cluster = painter.cluster;
    screen->repeatable = true;
    screen->account.counters.grid_mode_bytes += (size_t)(to - text);
    return (size_t)(to - text);
}
