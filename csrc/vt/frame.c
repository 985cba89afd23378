/* Frames: a viewport's rows as arrays.
 *
 * An update reads all rows into the arrays at the back while the terminal is locked, then compares them with those in
 * front, which readers look at, and copies the rows that differ. What fails does so before anything in front has changed.
 *
 *     back   | rows, cells, clusters |  --differs?-->  front  | rows, cells, clusters |  <-- held by views too
 *
 * Clusters are kept row by row, each with its column (4 bytes), its length (2) and its text. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "memory/alloc.h"
#include "unicode/utf8.h"
#include "vt/frame_tables.h"
#include "vt/screen_rows.h"
#include "vt/terminal.h"

struct gp_frame_cells {
    atomic_uint holders;
    uint32_t columns, rows, reserved;
};

static_assert(sizeof(gp_frame_cells) == GP_FRAME_HEADER_BYTES, "what Python skips");
static_assert(sizeof(gp_style) == sizeof(gp_style_info), "styles are handed out as they lie");

enum { CLUSTER_HEAD_BYTES = 6 };

typedef struct surface {
    gp_frame_cells *cells;   /* OWNED together with those who hold it */
    gp_frame_row *row;       /* OWNED */
    uint8_t *clusters;       /* OWNED */
    size_t cluster_bytes, cluster_capacity;
} surface;

struct gp_frame {
    surface front, back;
    gp_frame_tables tables;
    size_t most_link_bytes; /* beyond it links are numbered anew */
    uint64_t numbering, resized;
    bool stale; /* to be read whatever the terminal's generation is */
    uint64_t generation;

    bool following;
    uint64_t pin_line;
    uint32_t pin_cell;

    uint32_t *numbers; /* OWNED: the rows changed, then the runs of a row */
    uint8_t *text;     /* OWNED: of a row */
    size_t text_capacity;
};

/* One row of the arrays. */
typedef struct columns {
    uint32_t *codepoints, *styles, *links;
    uint8_t *widths;
} columns;

static columns columns_of(gp_frame_cells *cells, uint32_t y) {
    size_t count = (size_t)cells->columns * cells->rows, begin = (size_t)cells->columns * y;
    uint32_t *codepoints = (uint32_t *)(cells + 1);
    return (columns){
        .codepoints = codepoints + begin,
        .styles = codepoints + count + begin,
        .links = codepoints + 2 * count + begin,
        .widths = (uint8_t *)(codepoints + 3 * count) + begin,
    };
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

static void deinit_surface(surface *of) {
    gp_frame_release(of->cells);
    gp_free(of->row);
    gp_free(of->clusters);
    *of = (surface){0};
}

static gp_status init_surface(surface *made, uint32_t width, uint32_t rows) {
    *made = (surface){0};
    made->cells = gp_alloc(sizeof *made->cells + (size_t)width * rows * 13);
    made->row = gp_alloc_zeroed(rows * sizeof *made->row);
    if (made->cells) {
        atomic_init(&made->cells->holders, 1);
        made->cells->columns = width;
        made->cells->rows = rows;
    }
    if (made->cells && made->row) return GP_OK;
    deinit_surface(made);
    return GP_ERR_NOMEM;
}

gp_status gp_frame_new(gp_frame **frame) {
    gp_frame *made = gp_alloc_zeroed(sizeof *made);
    if (!made) return GP_ERR_NOMEM;
    if (gp_frame_tables_init(&made->tables, 1) != GP_OK) {
        gp_free(made);
        return GP_ERR_NOMEM;
    }
    made->following = made->stale = true;
    *frame = made;
    return GP_OK;
}

void gp_frame_free(gp_frame *frame) {
    if (!frame) return;
    deinit_surface(&frame->front);
    deinit_surface(&frame->back);
    gp_frame_tables_deinit(&frame->tables);
    gp_free(frame->numbers);
    gp_free(frame->text);
    gp_free(frame);
}

void gp_frame_hold(gp_frame *frame, gp_frame_cells **cells) {
    if (frame->front.cells) atomic_fetch_add(&frame->front.cells->holders, 1);
    *cells = frame->front.cells;
}

void gp_frame_release(gp_frame_cells *cells) {
    if (cells && atomic_fetch_sub(&cells->holders, 1) == 1) gp_free(cells);
}

/* ---- reading rows (hot) --------------------------------------------------------------------------------------------- */

typedef struct reader {
    gp_frame_tables *tables;
    surface *to;
    uint32_t style; /* found last, but for the default */
    const uint8_t *link_page; /* the link looked up last in a text page */
    uint32_t link_distance, link;
    struct {
        uint32_t attribute, style, link;
    } known[256]; /* of a grid's attributes, by their last bits */
} reader;

static gp_status add_cluster(surface *to, uint32_t x, const uint8_t *text, size_t text_bytes) {
    size_t needed = to->cluster_bytes + CLUSTER_HEAD_BYTES + text_bytes;
    if (needed > to->cluster_capacity) {
        uint8_t *grown = gp_realloc(to->clusters, needed * 2);
        if (!grown) return GP_ERR_NOMEM;
        to->clusters = grown;
        to->cluster_capacity = needed * 2;
    }
    uint8_t *at = to->clusters + to->cluster_bytes;
    uint16_t length = (uint16_t)text_bytes;
    memcpy(at, &x, 4);
    memcpy(at + 4, &length, 2);
    memcpy(at + CLUSTER_HEAD_BYTES, text, text_bytes);
    to->cluster_bytes = needed;
    return GP_OK;
}

static void fill(uint32_t *numbers, uint32_t count, uint32_t number) {
    for (uint32_t i = 0; i < count; i++) numbers[i] = number;
}

/* Cells begin to end are blanks of the default style. */
static void blank(const columns *to, uint32_t begin, uint32_t end) {
    memset(to->codepoints + begin, 0, (end - begin) * sizeof *to->codepoints);
    memset(to->styles + begin, 0, (end - begin) * sizeof *to->styles);
    memset(to->links + begin, 0, (end - begin) * sizeof *to->links);
    memset(to->widths + begin, 1, end - begin);
}

static gp_status put_piece(reader *r, const gp_piece *piece, unsigned width, const columns *to, uint32_t x) {
    uint32_t *codepoints = to->codepoints + x;
    uint8_t *widths = to->widths + x;
    const uint8_t *text = piece->text, *end = text + piece->text_bytes;
    uint32_t cells = piece->cells;
    if (piece->ascii) {
        for (uint32_t i = 0; i < cells; i++) codepoints[i] = text[i];
        memset(widths, 1, cells);
        return GP_OK;
    }
    if (piece->kind == GP_RUN_BLANK) {
        memset(codepoints, 0, cells * sizeof *codepoints);
        memset(widths, 1, cells);
        return GP_OK;
    }
    if (width == 1) {
        memset(widths, 1, cells);
        for (uint32_t i = 0; i < cells; i++) text += gp_utf8_decode(text, end, &codepoints[i]);
    } else {
        for (uint32_t i = 0; i < cells; i++) {
            text += gp_utf8_decode(text, end, &codepoints[2 * (size_t)i]);
            codepoints[2 * (size_t)i + 1] = 0;
            widths[2 * (size_t)i] = 2;
            widths[2 * (size_t)i + 1] = 0;
        }
    }
    return piece->kind == GP_RUN_CLUSTER ? add_cluster(r->to, x, piece->text, piece->text_bytes) : GP_OK;
}

static gp_status find_link(reader *r, const uint8_t *page_end, uint32_t distance, uint32_t *number) {
    if (r->link_page != page_end || r->link_distance != distance) {
        gp_link link = gp_link_at(page_end, distance);
        gp_status status = gp_frame_tables_enter_link(r->tables, &link, &r->link);
        if (status != GP_OK) return status;
        r->link_page = page_end;
        r->link_distance = distance;
    }
    *number = r->link;
    return GP_OK;
}

/* With a style in each cell it is mostly the one that was entered after the last. */
static inline bool is_next_style(reader *r, const gp_style *style) {
    if (!gp_frame_tables_has(r->tables, r->style + 1, gp_frame_tables_seen(style))) return false;
    r->style++;
    return true;
}

static gp_status find_other_pen(reader *r, const gp_runs *runs, uint32_t *style, uint32_t *link) {
    gp_status status = gp_frame_tables_style(r->tables, &runs->style, r->style, style);
    if (*style) r->style = *style;
    *link = 0;
    return status == GP_OK && runs->link_distance ? find_link(r, runs->page_end, runs->link_distance, link) : status;
}

static inline gp_status find_pen(reader *r, const gp_runs *runs, uint32_t *style, uint32_t *link) {
    if (runs->link_distance || !is_next_style(r, &runs->style)) return find_other_pen(r, runs, style, link);
    *style = r->style;
    *link = 0;
    return GP_OK;
}

static gp_status read_text_row(reader *r, gp_layout *layout, const columns *to) {
    uint32_t x = 0, style = 0, link;
    gp_piece piece;
    uint8_t byte;
    do {
        while (gp_layout_next_byte(layout, &byte)) { /* with a style in each cell, twice as fast as by pieces */
            gp_status status = find_pen(r, &layout->runs, &style, &link);
            if (status != GP_OK) return status;
            to->codepoints[x] = byte;
            to->styles[x] = style;
            to->links[x] = link;
            to->widths[x++] = 1;
        }
        if (!gp_layout_next_piece(layout, &piece)) break;
        uint32_t count = layout->column - x;
        gp_status status = find_pen(r, &layout->runs, &style, &link);
        if (status == GP_OK) status = put_piece(r, &piece, count / piece.cells, to, x);
        if (status != GP_OK) return status;
        fill(to->styles + x, count, style);
        fill(to->links + x, count, link);
        x = layout->column;
    } while (true);
    blank(to, x, layout->columns);
    return GP_OK;
}

static gp_status look_up_other(reader *r, const gp_grid *grid, uint32_t attribute, uint32_t *style, uint32_t *link) {
    uint32_t at = attribute % (sizeof r->known / sizeof *r->known);
    if (r->known[at].attribute != attribute) {
        const gp_attribute *found = gp_grid_attribute_at(grid, attribute);
        gp_status status = gp_frame_tables_style(r->tables, &found->style, r->style, style);
        if (*style) r->style = *style;
        *link = 0;
        if (status == GP_OK && found->link) {
            gp_link seen = gp_grid_link(grid, attribute);
            status = gp_frame_tables_enter_link(r->tables, &seen, link);
        }
        if (status != GP_OK) return status;
        r->known[at].attribute = attribute;
        r->known[at].style = *style;
        r->known[at].link = *link;
    }
    *style = r->known[at].style;
    *link = r->known[at].link;
    return GP_OK;
}

static inline gp_status look_up(reader *r, const gp_grid *grid, uint32_t attribute, uint32_t *style, uint32_t *link) {
    const gp_attribute *found = gp_grid_attribute_at(grid, attribute);
    if (found->link || !is_next_style(r, &found->style)) return look_up_other(r, grid, attribute, style, link);
    *style = r->style;
    *link = 0;
    return GP_OK;
}

/* Contents and widths, cell by cell without a branch, so that compilers take several at once. Returns whether some are
 * clusters, whose content is a place. */
static bool put_cells(const gp_cell *cells, uint32_t count, uint32_t *codepoints, uint8_t *widths) {
    uint32_t all = 0;
    for (uint32_t x = 0; x < count; x++) all |= codepoints[x] = gp_cell_content(cells[x]);
    for (uint32_t x = 0; x < count; x++) {
        unsigned kind = gp_cell_kind(cells[x]);
        widths[x] = (uint8_t)(1 + (kind == GP_CELL_WIDE) - (kind == GP_CELL_TAIL));
    }
    return all & GP_CELL_CLUSTER;
}

static gp_status put_clusters(reader *r, const gp_grid *grid, const gp_cell *cells, uint32_t count, uint32_t *codepoints) {
    gp_status status = GP_OK;
    for (uint32_t x = 0; x < count && status == GP_OK; x++) {
        if (!(codepoints[x] & GP_CELL_CLUSTER)) continue;
        uint8_t scratch[4];
        size_t text_bytes;
        uint32_t cluster_codepoints;
        const uint8_t *text = gp_grid_text(grid, cells[x], scratch, &text_bytes, &cluster_codepoints);
        gp_utf8_decode(text, text + text_bytes, &codepoints[x]);
        status = add_cluster(r->to, x, text, text_bytes);
    }
    return status;
}

static gp_status read_grid_row(reader *r, const gp_grid *grid, uint32_t y, const columns *to) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t length = gp_grid_row_length(grid, y);
    if (length && gp_cell_kind(cells[length - 1]) == GP_CELL_SPACER) length--;
    gp_status status = GP_OK;
    if (put_cells(cells, length, to->codepoints, to->widths))
        status = put_clusters(r, grid, cells, length, to->codepoints);
    for (uint32_t x = 0; x < length && status == GP_OK;) {
        uint32_t attribute = gp_cell_attribute(cells[x]), style = 0, link = 0;
        if (attribute) status = look_up(r, grid, attribute, &style, &link);
        do {
            to->styles[x] = style;
            to->links[x] = link;
        } while (++x < length && gp_cell_attribute(cells[x]) == attribute);
    }
    if (status != GP_OK) return status;
    if (grid->columns == 1) to->widths[0] = 1; /* where a wide cell is shown in one column */
    blank(to, length, grid->columns);
    return GP_OK;
}

static gp_status read_rows(gp_frame_tables *tables, gp_screen *screen, uint64_t first, surface *to) {
    gp_rows rows;
    reader r = {.tables = tables, .to = to};
    gp_status status = GP_OK;
    to->cluster_bytes = 0;
    gp_rows_begin(&rows, screen, first);
    for (uint32_t y = 0; y < screen->rows && status == GP_OK && gp_rows_next(&rows); y++) {
        columns at = columns_of(to->cells, y);
        uint32_t cluster_begin = (uint32_t)to->cluster_bytes;
        uint64_t line = rows.line;
        uint32_t cell = rows.cell;
        switch (rows.kind) {
        case GP_ROW_TEXT: status = read_text_row(&r, &rows.layout, &at); break;
        case GP_ROW_GRID: status = read_grid_row(&r, rows.grid, rows.y, &at); break;
        case GP_ROW_BLANK: blank(&at, 0, screen->columns); break;
        }
        to->row[y] = (gp_frame_row){
            .line = line,
            .cell = cell,
            .cluster_begin = cluster_begin,
            .cluster_bytes = (uint32_t)to->cluster_bytes - cluster_begin,
            .wrapped = gp_rows_wrapped(&rows),
        };
    }
    return status;
}

/* ---- updating ------------------------------------------------------------------------------------------------------- */

static bool row_differs(const surface *a, const surface *b, uint32_t y) {
    const gp_frame_row *row = &a->row[y], *other = &b->row[y];
    size_t count = a->cells->columns;
    columns x = columns_of(a->cells, y), z = columns_of(b->cells, y);
    return row->wrapped != other->wrapped || row->cluster_bytes != other->cluster_bytes ||
           memcmp(x.codepoints, z.codepoints, count * sizeof *x.codepoints) != 0 ||
           memcmp(x.styles, z.styles, count * sizeof *x.styles) != 0 ||
           memcmp(x.links, z.links, count * sizeof *x.links) != 0 || memcmp(x.widths, z.widths, count) != 0 ||
           (row->cluster_bytes && memcmp(a->clusters + row->cluster_begin, b->clusters + other->cluster_begin,
                                         row->cluster_bytes) != 0);
}

static void copy_row(const surface *from, surface *to, uint32_t y) {
    size_t count = from->cells->columns;
    columns source = columns_of(from->cells, y), target = columns_of(to->cells, y);
    memcpy(target.codepoints, source.codepoints, count * sizeof *source.codepoints);
    memcpy(target.styles, source.styles, count * sizeof *source.styles);
    memcpy(target.links, source.links, count * sizeof *source.links);
    memcpy(target.widths, source.widths, count);
}

/* What is at the back comes to the front. Returns how many rows changed. */
static uint32_t show(gp_frame *frame, bool all) {
    surface *front = &frame->front, *back = &frame->back;
    uint32_t count = 0;
    for (uint32_t y = 0; y < front->cells->rows; y++) {
        if (!all && !row_differs(front, back, y)) continue;
        copy_row(back, front, y);
        frame->numbers[count++] = y;
    }
    surface read = *back;
    back->row = front->row, back->clusters = front->clusters, back->cluster_capacity = front->cluster_capacity;
    front->row = read.row, front->clusters = read.clusters, front->cluster_capacity = read.cluster_capacity;
    front->cluster_bytes = read.cluster_bytes;
    return count;
}

/* A third at least of what the tables have is of cells that are no longer there. With half of it, a film with new styles in all
 * cells takes 5 to 8 % longer: its tables then have three screens of them instead of two. */
static bool has_garbage(const gp_frame *frame) {
    const gp_frame_tables *tables = &frame->tables;
    if (!frame->front.cells) return false;
    size_t cells = (size_t)frame->front.cells->columns * frame->front.cells->rows, most = cells + cells / 2 + 1024;
    return tables->style_count > most || tables->link_count > most || tables->link_text_bytes > frame->most_link_bytes;
}

/* What takes the place of what a frame has, if its update succeeds. */
typedef struct renewal {
    bool resized, renumbered;
    surface front, back;
    uint32_t *numbers;
    gp_frame_tables tables;
} renewal;

static gp_status prepare(const gp_frame *frame, uint32_t width, uint32_t rows, renewal *new) {
    const gp_frame_cells *cells = frame->front.cells;
    *new = (renewal){.resized = !cells || cells->columns != width || cells->rows != rows};
    gp_status status = GP_OK;
    if (new->resized) {
        size_t runs = 4 * (size_t)width;
        new->numbers = gp_alloc((runs > rows ? runs : rows) * sizeof *new->numbers);
        status = new->numbers ? init_surface(&new->front, width, rows) : GP_ERR_NOMEM;
        if (status == GP_OK) status = init_surface(&new->back, width, rows);
    }
    if (status == GP_OK && has_garbage(frame)) {
        new->renumbered = true;
        status = gp_frame_tables_init(&new->tables, frame->tables.style_count / 2); /* a style for each cell, if those are many */
    }
    return status;
}

static void discard(renewal *new) {
    deinit_surface(&new->front);
    deinit_surface(&new->back);
    gp_free(new->numbers);
    gp_frame_tables_deinit(&new->tables);
}

static void renew(gp_frame *frame, renewal *new) {
    if (new->resized) {
        surface front = frame->front, back = frame->back;
        uint32_t *numbers = frame->numbers;
        frame->front = new->front, frame->back = new->back, frame->numbers = new->numbers;
        new->front = front, new->back = back, new->numbers = numbers;
        frame->resized++;
    }
    if (new->renumbered) {
        gp_frame_tables tables = frame->tables;
        frame->tables = new->tables;
        new->tables = tables;
        frame->numbering++;
    }
    if (new->renumbered || !frame->most_link_bytes) frame->most_link_bytes = 2 * frame->tables.link_text_bytes + (1 << 20);
    discard(new);
}

static void look(gp_frame *frame, gp_frame_view *view) {
    const gp_frame_tables *tables = &frame->tables;
    view->columns = frame->front.cells->columns;
    view->rows = frame->front.cells->rows;
    view->changed = frame->numbers;
    view->numbering = frame->numbering;
    view->resized = frame->resized;
    view->row = frame->front.row;
    view->style_count = tables->style_count;
    view->styles = (const gp_style_info *)tables->styles;
    view->link_count = tables->link_count;
    view->links = tables->links;
    view->link_text = tables->link_text;
    view->link_text_bytes = tables->link_text_bytes;
    view->clusters = frame->front.clusters;
}

static uint64_t viewport(const gp_frame *frame, gp_screen *screen, uint64_t history_rows) {
    return frame->following ? history_rows : gp_screen_find_row(screen, frame->pin_line, frame->pin_cell);
}

gp_status gp_frame_update(gp_frame *frame, gp_terminal *terminal, gp_frame_view *view) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_screen *screen = &terminal->screen;
    if (!frame->stale && frame->generation == screen->generation) {
        pthread_mutex_unlock(&terminal->member.lock);
        view->changed_count = 0;
        return GP_OK;
    }
    renewal new;
    gp_status status = prepare(frame, screen->columns, screen->rows, &new);
    uint64_t history_rows = gp_screen_rows_above(screen).history, first = viewport(frame, screen, history_rows);
    gp_frame_tables *tables = new.renumbered ? &new.tables : &frame->tables;
    surface *to = new.resized ? &new.back : &frame->back;
    if (status == GP_OK) status = read_rows(tables, screen, first, to);
    if (status != GP_OK) {
        pthread_mutex_unlock(&terminal->member.lock);
        discard(&new);
        return status;
    }
    frame->generation = screen->generation;
    frame->stale = false;
    view->offset_rows = history_rows - first;
    view->total_rows = history_rows + screen->rows;
    view->cursor = gp_terminal_cursor(terminal);
    pthread_mutex_unlock(&terminal->member.lock);

    bool all = new.resized || new.renumbered;
    renew(frame, &new);
    view->changed_count = show(frame, all);
    look(frame, view);
    return GP_OK;
}

/* ---- the viewport --------------------------------------------------------------------------------------------------- */

void gp_frame_follow(gp_frame *frame) { frame->following = frame->stale = true; }

void gp_frame_pin(gp_frame *frame, uint64_t line, uint32_t cell) {
    frame->following = false;
    frame->pin_line = line;
    frame->pin_cell = cell;
    frame->stale = true;
}

bool gp_frame_scroll(gp_frame *frame, gp_terminal *terminal, int64_t rows) {
    pthread_mutex_lock(&terminal->member.lock);
    gp_screen *screen = &terminal->screen;
    uint64_t history_rows = gp_screen_rows_above(screen).history, first = viewport(frame, screen, history_rows);
    if (rows < 0)
        first = first > (uint64_t)-rows ? first - (uint64_t)-rows : 0;
    else
        first = history_rows - first > (uint64_t)rows ? first + (uint64_t)rows : history_rows;
    frame->following = first == history_rows;
    frame->stale = true;
    gp_rows walk;
    if (!frame->following) {
        gp_rows_begin(&walk, screen, first);
        gp_rows_next(&walk);
        frame->pin_line = walk.line;
        frame->pin_cell = walk.cell;
    }
    pthread_mutex_unlock(&terminal->member.lock);
    return frame->following;
}

/* ---- runs and text -------------------------------------------------------------------------------------------------- */

static uint8_t *put_text(uint8_t *text, uint32_t codepoint, uint32_t x, const uint8_t **cluster, const uint8_t *end) {
    uint32_t cluster_x;
    uint16_t length;
    if (*cluster < end && (memcpy(&cluster_x, *cluster, 4), cluster_x == x)) {
        memcpy(&length, *cluster + 4, 2);
        memcpy(text, *cluster + CLUSTER_HEAD_BYTES, length);
        *cluster += CLUSTER_HEAD_BYTES + length;
        return text + length;
    }
    if (codepoint < 0x80) {
        *text = codepoint ? (uint8_t)codepoint : ' ';
        return text + 1;
    }
    return text + gp_utf8_encode(codepoint, text);
}

static gp_status reserve_text(gp_frame *frame, uint32_t y) {
    size_t needed = 5 * (size_t)frame->front.cells->columns + frame->front.row[y].cluster_bytes;
    if (needed <= frame->text_capacity) return GP_OK;
    uint8_t *text = gp_realloc(frame->text, needed);
    if (!text) return GP_ERR_NOMEM;
    frame->text = text;
    frame->text_capacity = needed;
    return GP_OK;
}

gp_status gp_frame_read_runs(gp_frame *frame, uint32_t y, gp_frame_runs *runs) {
    gp_status status = reserve_text(frame, y);
    if (status != GP_OK) return status;
    const gp_frame_row *row = &frame->front.row[y];
    columns at = columns_of(frame->front.cells, y);
    uint32_t width = frame->front.cells->columns, length = width, count = 0, linked = 0;
    while (length && !(at.codepoints[length - 1] | at.styles[length - 1] | at.links[length - 1]) &&
           at.widths[length - 1] == 1)
        length--;
    uint32_t *begins = frame->numbers, *widths = begins + width, *styles = widths + width, *links = styles + width;
    uint8_t *text = frame->text;
    const uint8_t *cluster = frame->front.clusters + row->cluster_begin, *end = cluster + row->cluster_bytes;
    for (uint32_t x = 0; x < length; x++) {
        uint32_t style = at.styles[x], link = at.links[x];
        if (!count || style != styles[count - 1] || link != links[count - 1]) {
            if (count) {
                widths[count - 1] = x - begins[count - 1];
                *text++ = '\n';
            }
            begins[count] = x;
            styles[count] = style;
            links[count++] = link;
            linked |= link;
        }
        if (at.widths[x]) text = put_text(text, at.codepoints[x], x, &cluster, end);
    }
    if (count) widths[count - 1] = length - begins[count - 1];
    *runs = (gp_frame_runs){
        .count = count,
        .single = count == length,
        .linked = linked != 0,
        .x = begins,
        .width = widths,
        .style = styles,
        .link = links,
        .text = frame->text,
        .text_bytes = (size_t)(text - frame->text),
    };
    return GP_OK;
}

gp_status gp_frame_read_text(gp_frame *frame, uint32_t y, gp_frame_runs *runs) {
    gp_status status = reserve_text(frame, y);
    if (status != GP_OK) return status;
    const gp_frame_row *row = &frame->front.row[y];
    columns at = columns_of(frame->front.cells, y);
    uint32_t length = frame->front.cells->columns;
    while (length && !at.codepoints[length - 1]) length--;
    uint8_t *text = frame->text;
    const uint8_t *cluster = frame->front.clusters + row->cluster_begin, *end = cluster + row->cluster_bytes;
    for (uint32_t x = 0; x < length; x++)
        if (at.widths[x]) text = put_text(text, at.codepoints[x], x, &cluster, end);
    *runs = (gp_frame_runs){.text = frame->text, .text_bytes = (size_t)(text - frame->text)};
    return GP_OK;
}

/* ---- the verifier --------------------------------------------------------------------------------------------------- */

static const char *check_row(const gp_frame *frame, uint32_t y) {
    columns at = columns_of(frame->front.cells, y);
    uint32_t width = frame->front.cells->columns;
    for (uint32_t x = 0; x < width; x++) {
        if (at.styles[x] >= frame->tables.style_count) return "frame: a style without a number";
        if (at.links[x] >= frame->tables.link_count) return "frame: a link without a number";
        if (at.widths[x] == 2 && (x + 1 == width || at.widths[x + 1])) return "frame: a wide cell without its second half";
        if (!at.widths[x] && (!x || at.widths[x - 1] != 2)) return "frame: half a wide cell";
        if (!at.widths[x] && at.codepoints[x]) return "frame: text in the second half of a wide cell";
    }
    const gp_frame_row *row = &frame->front.row[y];
    if (row->cluster_begin + row->cluster_bytes > frame->front.cluster_bytes) return "frame: a row beyond the clusters";
    const uint8_t *cluster = frame->front.clusters + row->cluster_begin, *end = cluster + row->cluster_bytes;
    for (uint32_t next = 0; cluster < end; next++) {
        uint32_t x;
        uint16_t length;
        memcpy(&x, cluster, 4);
        memcpy(&length, cluster + 4, 2);
        if (x < next || x >= width || !at.widths[x]) return "frame: a cluster beside its cell";
        next = x;
        cluster += CLUSTER_HEAD_BYTES + length;
    }
    return cluster == end ? NULL : "frame: a cluster beyond its row";
}

const char *gp_frame_check(gp_frame *frame) {
    const char *violation = gp_frame_tables_check(&frame->tables);
    if (!frame->front.cells) return violation;
    for (uint32_t y = 0; !violation && y < frame->front.cells->rows; y++) violation = check_row(frame, y);
    return violation;
}
