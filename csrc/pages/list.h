/* The list: a terminal's lines, in text pages, the oldest first, the newest last.
 *
 *     oldest                                            newest
 *     +--------+     +--------+           +----------------------------+
 *     | lines  | <-> | lines  | <-> ... <-> | lines ... | the open line |
 *     +--------+     +--------+           +----------------------------+
 *     ^ cut: lines before it are gone                 tail: the last `tail_rows` rows are the screen (text mode)
 *
 * Rows are counted at `columns`, by page. A limit in rows hides what is beyond it at once and gives memory back page by
 * page; a limit in bytes makes pages go before new ones come. Every page leaves through one function (retire).
 *
 * Writing happens at the open line only. Functions that return a status may need a page; when they fail nothing has
 * changed, except that history beyond a limit may have gone. */
#ifndef GP_PAGES_LIST_H
#define GP_PAGES_LIST_H

#include "pages/demand.h"
#include "pages/layout.h"
#include "pages/text_page.h"
#include "unicode/cluster.h"

enum {
    GP_LINE_CAP_BYTES = 1 << 20, /* at the first row's end beyond it the line goes on in another record, ... */
    GP_LINE_CAP_SHARE = 8,       /* ... or beyond this part of a limit in bytes, as a line moves as a whole, ... */
    GP_LINE_CAP_LEAST = 512,     /* ... which is never less than this: lines of text stay lines whatever the limit */
    GP_LINK_CACHE = 64,
    GP_LINK_BASES = 4,
    GP_SPARES_MAX = 16,      /* pages that wait at most, ... */
    GP_SPARE_PATIENCE = 256, /* ... and while how many are born */
};

/* The line being written; its text and record end the newest page. */
typedef struct gp_open_line {
    uint32_t text_begin, top;
    uint32_t cells;
    uint32_t rows, row_cells; /* at the list's width; columns used in its last row */
    uint8_t flags;
    gp_run last; /* not yet an operation */
    gp_style style;
    uint32_t link_distance;
} gp_open_line;

/* Pages that were pruned and wait to be the next of their size. */
typedef struct gp_spares {
    gp_text_page *newest, *oldest; /* owned, all between them too */
    uint32_t pages;
    size_t bytes;
    uint64_t births; /* of pages in the list; when one was set aside is its first_line */
} gp_spares;

typedef struct gp_list {
    gp_account *account; /* BORROWED(the terminal's) */
    gp_text_page *oldest, *newest; /* owned, all between them too */
    gp_text_page *prepared;        /* owned, or NULL: the next page, acquired ahead */
    gp_spares spares;
    gp_text_page **index; /* OWNED, of the pages in order, at index_begin to index_begin + pages */
    size_t index_begin, index_capacity;
    size_t pages;
    uint32_t columns;
    bool reads_only;     /* a snapshot's: shared pages are held, not owned */
    bool rows_known;     /* every page's rows are those at `columns` */
    uint64_t rows;       /* the sum of the pages' rows */
    size_t settled_bytes; /* of content, in all pages but the newest */
    uint64_t next_line;  /* number of the open line, or of the next */
    uint64_t limit_rows; /* UINT64_MAX: none */
    gp_prune_cause pruned_by; /* the limit that history went for last, since they were set */
    uint64_t held_line;  /* pages from this line on stay, as it may be gone back to; UINT64_MAX: none */
    uint32_t cut_cells;  /* cells of the first live line that are gone */
    uint32_t tail_rows, tail_rows_max;
    uint32_t cells_put; /* by the last call that put cells, also if it failed midway */

    bool open;
    bool continues; /* the last closed line goes on in what is put next */
    gp_open_line line;

    size_t usual_bytes; /* of a page, as large as the list is at present; 0 before the first */
    gp_demand demand, grid_demand;
    uint32_t links_bytes; /* of the newest page's records */

    struct {
        uint32_t hash, distance;
    } links[GP_LINK_CACHE]; /* of the newest page */
    struct {
        const uint8_t *uri; /* BORROWED(the newest page) */
        uint32_t uri_bytes, distance;
    } link_bases[GP_LINK_BASES]; /* links that it defines in full, made lately */
    uint32_t link_base;          /* the one found or made last */
} gp_list;

void gp_list_init(gp_list *list, gp_account *account, uint32_t columns, uint64_t limit_rows);
void gp_list_deinit(gp_list *list);

/* ---- pages ---- */

/* History goes. */
void gp_list_count_pruned(gp_list *list, gp_prune_cause cause, uint64_t rows, uint64_t lines, uint64_t pages);

/* A page for `need_bytes` on the list's account; history is given back as far as its limit in bytes asks for it. */
gp_status gp_list_acquire_page(gp_list *list, size_t need_bytes, gp_page *page);
/* Makes room for `bytes` more in the newest page, or moves the open line to a page that has it. */
gp_status gp_list_make_room(gp_list *list, size_t bytes);
/* Acquires the page that is to follow the newest, with room for `bytes`. */
gp_status gp_list_prepare(gp_list *list, size_t bytes);
/* Gives it up again. */
void gp_list_drop_prepared(gp_list *list);
/* The prepared page becomes the newest. */
void gp_list_attach(gp_list *list);
/* TAKEN: a page out of the list that was pruned waits to be the next of its size, or goes. */
void gp_list_set_aside(gp_list *list, gp_text_page *page);
/* One for `need_bytes` that waits, or NULL. OWNED. */
gp_text_page *gp_list_take_spare(gp_list *list, size_t need_bytes);
bool gp_list_has_spare(const gp_list *list, size_t length_bytes);
/* A page is born: who waits too long goes. */
void gp_list_age_spares(gp_list *list);
/* None waits any more. */
void gp_list_drop_spares(gp_list *list);
const char *gp_list_check_spares(const gp_list *list);
/* Makes the memory of a page that snapshots read too the list's own, by a copy, so that it can be written to. */
gp_status gp_list_make_own(gp_list *list, gp_text_page *page);
/* A list with the same lines, to be read only: pages before the last line's are shared, the others copied. */
gp_status gp_list_clone(gp_list *list, gp_account *account, gp_list *clone);
/* The most that a line takes in another page. */
size_t gp_list_copy_bytes(gp_runs runs, size_t text_bytes);
/* A closed line of another page becomes the last, as it lies, links and all; or the open line of another list, which stays
 * open. The newest page has room for gp_list_copy_bytes of it. */
gp_status gp_list_copy_closed(gp_list *list, const gp_line *line);
gp_status gp_list_copy_open(gp_list *list, const gp_list *from);
/* What is written next makes its own definitions of links. */
static inline void gp_list_forget_links(gp_list *list) {
    memset(list->links, 0, sizeof list->links);
    memset(list->link_bases, 0, sizeof list->link_bases);
}
/* A page out of the list goes, and its memory. */
void gp_list_free_page(gp_list *list, gp_text_page *page);
/* Takes a page out of the list, with all that is counted of it. The page and its memory go, unless *kept is wanted. */
void gp_list_retire(gp_list *list, gp_text_page *page, gp_text_page **kept);
uint64_t gp_list_page_rows(gp_list *list, gp_text_page *page);
/* The first cell of a line that is not cut off. */
static inline uint32_t gp_list_from(const gp_list *list, const gp_text_page *page, uint32_t index) {
    return page == list->oldest && index == page->dead_lines ? list->cut_cells : 0;
}
gp_runs gp_list_open_runs(const gp_list *list);
/* Rows of the open line and the columns of its last. None are left of one whose cells are all cut off. */
void gp_list_measure_open(gp_list *list, uint32_t *rows, uint32_t *row_cells);

/* ---- writing ---- */

/* Where the open line is no longer than this, it may go on. */
static inline size_t gp_list_cap_bytes(const gp_list *list) {
    size_t share_bytes = list->account->limit_bytes / GP_LINE_CAP_SHARE;
    if (share_bytes >= GP_LINE_CAP_BYTES) return GP_LINE_CAP_BYTES; /* nearly always */
    return share_bytes < GP_LINE_CAP_LEAST ? GP_LINE_CAP_LEAST : share_bytes;
}

/* Whether the open line's text, or its record, has come to the cap: a link for each cell takes more than the text. */
static inline bool gp_list_at_cap(const gp_list *list) {
    size_t cap_bytes = gp_list_cap_bytes(list);
    return list->newest->text_end - list->line.text_begin >= cap_bytes || list->line.top - list->newest->records_end >= cap_bytes;
}

/* Begins a line; there must be none open. `continuation`: it goes on from the record before. */
gp_status gp_list_open_line(gp_list *list, bool continuation);
/* Ends the open line. Cannot fail: room for it was reserved. */
void gp_list_close_line(gp_list *list, bool continues);
/* Ends the open line and begins the next, both or neither. */
gp_status gp_list_next_line(gp_list *list);

/* The open line has so many more rows. */
static inline void gp_list_count_new_rows(gp_list *list, uint32_t rows) {
    list->line.rows += rows;
    uint32_t hidden_rows = list->tail_rows_max - list->tail_rows;
    list->tail_rows += rows < hidden_rows ? rows : hidden_rows;
}
/* What is put next begins a row: beyond the cap it goes on in another record. */
gp_status gp_list_begin_row(gp_list *list);
/* The pen of what is put next. No target: no link. */
gp_status gp_list_set_pen(gp_list *list, const gp_style *style, const gp_link *link);
/* The operation of a link as the pen, below `at`, in the newest page; for those who write operations themselves. The page has
 * room for gp_record_link_bytes. */
uint8_t *gp_list_push_link(gp_list *list, uint8_t *at, const gp_link *link);
/* What is put next is not of the run put last. */
void gp_list_end_run(gp_list *list);
/* Cells of one code point each. `text_bytes` is `cells` when `ascii`. */
gp_status gp_list_put_narrow(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t cells);
gp_status gp_list_put_wide(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t cells);
/* UTF-8 without controls, as far as the usual case goes, and not beyond the line's last row unless it `wraps`: *cluster is what
 * was put last, and what then. Returns the bytes put, which may be none; cannot fail (list_text.c). */
size_t gp_list_append_text(gp_list *list, const uint8_t *text, size_t text_bytes, bool wraps, gp_cluster *cluster);
/* One cell of two code points or more. */
gp_status gp_list_put_cluster(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t codepoints,
                              unsigned width);
/* Blanks, in the pen given before. */
gp_status gp_list_put_blanks(gp_list *list, uint32_t cells);
/* Adds a code point to the last cell put, which becomes `width` wide. It may only become narrow where it does not begin a
 * row: it might have to go back to the row before. */
gp_status gp_list_extend(gp_list *list, const uint8_t *text, size_t text_bytes, unsigned width);
/* Width of the last cell of the open line, and how many code points it has; 0 when it cannot be told. */
unsigned gp_list_last_width(const gp_list *list);
unsigned gp_list_last_codepoints(const gp_list *list);

/* ---- places ---- */

/* A row's start: cell `cells` of line `index` in `page`; index == page->lines: the open line. */
typedef struct gp_place {
    gp_text_page *page;
    uint32_t index, cells;
} gp_place;

/* Where the last `rows` rows begin, or the first row if there are fewer; *found: how many lie from there on. */
gp_place gp_list_tail(gp_list *list, uint32_t rows, uint32_t *found);
/* Where row `row` of all begins; row < gp_list_total_rows. */
gp_place gp_list_row(gp_list *list, uint64_t row);
/* Cell `cells` of a line that is not older than the oldest. */
gp_place gp_list_place_of(gp_list *list, uint64_t line, uint32_t cells);
/* Rows before the line that a place is in. */
uint64_t gp_list_rows_before(gp_list *list, const gp_place *place);
/* Number of the line. */
static inline uint64_t gp_place_line(const gp_place *place) { return place->page->first_line + place->index; }
/* The line at a place, closed or open, and its runs. `from`: its first live cell. */
typedef struct gp_line_view {
    gp_runs runs;
    uint32_t cells, text_begin, text_bytes;
    uint8_t flags;
    bool open;
} gp_line_view;
gp_line_view gp_list_view(gp_list *list, const gp_line *line);
/* For walking lines on from a place: `line` is set to its line; step goes on, false behind the last. */
void gp_list_enter(gp_list *list, const gp_place *place, gp_line *line);
bool gp_list_step(gp_list *list, gp_line *line);

/* Rows of all live lines, the open one's included: the part of the screen that is text is in it. */
uint64_t gp_list_total_rows(gp_list *list);
/* Rows before the screen that a reader sees. */
uint64_t gp_list_history_rows(gp_list *list);

/* ---- changing ---- */

/* Removes everything from a place on. A line cut in its middle is open afterwards, else none is. */
void gp_list_truncate(gp_list *list, const gp_place *place);
/* The open line, of one row, ends before cell `cells`, and before blanks of the default style that are its last then; half
 * a wide cell is a blank. */
void gp_list_shorten(gp_list *list, uint32_t cells);
/* Whether what is put next goes on from the last row. */
static inline bool gp_list_joined(const gp_list *list) { return list->open || list->continues; }
/* Ends the last line where its content ends; rows of blanks behind that are empty lines. Where such blanks may be, room for
 * these lines was made sure of before (gp_list_prepare_break): it cannot fail. */
void gp_list_break(gp_list *list);
gp_status gp_list_reserve_break(gp_list *list);
static inline gp_status gp_list_prepare_break(gp_list *list) {
    return list->open && list->line.last.kind == GP_RUN_BLANK ? gp_list_reserve_break(list) : GP_OK;
}
/* The last line, which a break has ended, goes on again. */
void gp_list_rejoin(gp_list *list);
void gp_list_set_columns(gp_list *list, uint32_t columns);
/* Cuts what lies beyond `limit_rows` rows of history for good. */
void gp_list_cut(gp_list *list, uint64_t limit_rows, gp_prune_cause cause);
/* Cuts all of it and overwrites what lies there, that of earlier cuts too. All must be history: there is no tail. */
void gp_list_wipe(gp_list *list);
/* Gives pages of history back until the account is within its limit, as far as the screen allows. */
void gp_list_shed(gp_list *list);
/* Gives the oldest pages up for the arena's budget until `need_bytes` came free, as long as the account keeps `floor_bytes`;
 * none if nothing would come free, as snapshots read them too. Returns the bytes. */
size_t gp_list_give(gp_list *list, size_t need_bytes, size_t floor_bytes);

/* Bytes of content in all pages; walks none. */
static inline size_t gp_list_used_bytes(const gp_list *list) {
    return list->settled_bytes + (list->newest ? gp_text_page_used_bytes(list->newest) : 0);
}

/* Gives memory back that holds nothing any more: lines cut off in the oldest page, whose others move to a page of their size if
 * there is memory for it, and what lies free in each page. */
void gp_list_condense(gp_list *list);
void gp_list_discard(gp_list *list);

/* Counts a claim for each mapping; returns their bytes. */
size_t gp_list_claim(gp_list *list);
/* NULL, or what is violated. */
const char *gp_list_check(gp_list *list);

#endif
