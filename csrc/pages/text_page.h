/* A text page: closed lines, and at most one open line at its end.
 *
 *     0            text_end                records_end           view_bytes
 *     +------------+-----------------------+---------------------+
 *     | text  -->  |         free          |    <--  records     |
 *     +------------+-----------------------+---------------------+
 *
 * The text is UTF-8, each closed line ended by a newline byte, so that it can be searched and exported as it lies.
 * Records are described in record.h. Closed lines never change. Marks, on the heap, hold where every 32nd line begins;
 * a line is found from the mark before it. */
#ifndef GP_PAGES_TEXT_PAGE_H
#define GP_PAGES_TEXT_PAGE_H

#include "memory/share.h"
#include "pages/record.h"

enum {
    GP_MARK_LINES = 32,
    GP_TEXT_AHEAD_BYTES = 8, /* text is written up to so many bytes beyond its end, eight cells at a time */
};

typedef struct gp_mark {
    uint32_t text_begin, top;
} gp_mark;

typedef struct gp_text_page gp_text_page;

struct gp_text_page {
    gp_page page;    /* owned; of a snapshot's list, held through the share */
    gp_share *share; /* of a page that snapshots read too, which is not written to; it has the marks then. Else NULL */
    gp_text_page *older, *newer;
    uint32_t text_end, records_end;
    uint32_t lines;      /* closed */
    uint32_t dead_lines; /* of these, from the start on, cut off by a limit */
    uint32_t widest;     /* the most cells of a closed line: rows need no counting below that */
    uint32_t irregular;  /* at least as many lines have text that is not read as it lies: with blanks at its end, or going on */
    uint32_t largest_bytes; /* the most that a closed line takes, text and record */
    uint64_t first_line; /* number of the first line */
    uint64_t seal;       /* of a checking build, of a page that newer ones follow: the checksum of what lies in it; else 0 */
    uint64_t first_row;  /* rows of the pages before it, counted from some beginning; when the list's rows are known */
    uint64_t rows;       /* of the live closed lines, at rows_columns */
    uint32_t rows_columns;
    gp_mark *marks;      /* owned, one for each started GP_MARK_LINES lines, the open one included */
    uint32_t mark_capacity;
};

/* Where a line lies in a page, and its head. `top` is where its record begins, going down. */
typedef struct gp_line {
    gp_text_page *page; /* BORROWED */
    uint32_t index;     /* in the page */
    uint32_t text_begin, top;
    uint32_t text_bytes, ops_bytes, cells;
    uint8_t flags;
} gp_line;

static inline const uint8_t *gp_text_page_end(const gp_text_page *page) {
    return page->page.base + page->page.view_bytes;
}

/* Bytes of content. */
static inline size_t gp_text_page_used_bytes(const gp_text_page *page) {
    return page->text_end + page->page.view_bytes - page->records_end;
}

/* Whether snapshots read it too, so that giving it up frees nothing. */
static inline bool gp_text_page_is_held(const gp_text_page *page) { return page->share && gp_share_is_held(page->share); }

/* A page of `page`'s memory with nothing in it. */
void gp_text_page_reset(gp_text_page *page, uint64_t first_line);
/* Notes in the mapping how far content has reached. */
void gp_text_page_soil(gp_text_page *page);

/* The closed line `index`, in at most GP_MARK_LINES steps. */
gp_line gp_text_page_line(gp_text_page *page, uint32_t index);
/* Reads the head of the closed line that begins where `line` says. */
void gp_line_read(gp_line *line);
/* From a closed line to the next in its page, which may be the end. */
void gp_line_step(gp_line *line);

/* The runs of a closed line. */
gp_runs gp_line_runs(const gp_line *line);

/* Rows of a closed line from cell `from` on, at a width. */
uint32_t gp_line_rows(const gp_line *line, uint32_t from, uint32_t columns);
/* Rows of all live closed lines; the first of them begins at cell `from`. */
uint64_t gp_text_page_count_rows(gp_text_page *page, uint32_t from, uint32_t columns);

/* From now on nothing in the page may change, until it is sealed anew or opened again. For checking builds. */
void gp_text_page_seal(gp_text_page *page);

/* NULL, or what is violated. */
const char *gp_text_page_check(gp_text_page *page);

#endif
