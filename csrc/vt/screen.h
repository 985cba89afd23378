/* The screen: a cursor and a pen over a list of lines and, when edited in place, a grid.
 *
 *     text mode:  the screen is the last `list.tail_rows` rows of the list; the cursor is in the last of them, at or
 *                 beside the end of the open line. Printing there appends; nothing else can be done.
 *     grid mode:  the screen is the grid; rows that scroll off its top are appended to the list.
 *
 * Anything text mode cannot do inflates the screen into the grid first; after a screenful of plain lines the grid is
 * packed again. Which of the two holds the screen cannot be told from what any function returns.
 *
 * Functions that return a status have, on failure, changed nothing that is seen. */
#ifndef GP_VT_SCREEN_H
#define GP_VT_SCREEN_H

#include "pages/grid.h"
#include "unicode/cluster.h"
#include "vt/charsets.h"

/* Where a row's wrap is concerned, "blank" is a cell without text, whatever its background. */

typedef struct gp_saved_cursor {
    uint32_t x, y; /* x == columns: pending wrap */
    gp_style style;
    gp_charsets charsets;
    bool at_margin, origin, valid;
} gp_saved_cursor;

enum { GP_REWINDS_MAX = 8, GP_PATIENCES = 7 };

typedef struct gp_rewinds {
    uint64_t serial; /* of the last */
    uint32_t count;
    struct {
        uint64_t serial, line;
    } kept[GP_REWINDS_MAX];
} gp_rewinds;
/* Whom erasing spares (xterm): SPA protects from all of it, DECSCA from selective erasing alone. */
typedef enum gp_protection { GP_PROTECTION_NONE, GP_PROTECTION_ISO, GP_PROTECTION_DEC } gp_protection;

typedef struct gp_screen {
    gp_account account;
    gp_list list;
    gp_grid primary;   /* in grid mode */
    gp_grid alternate; /* once it was switched to, until it is left cleared */
    gp_screen_mode mode;
    bool text_mode, on_alternate;

    uint32_t columns, rows;
    uint32_t x, y; /* x == columns: the last column is written and the next cell wraps */
    uint32_t primary_x, primary_y; /* the cursor where it left the primary screen */
    uint32_t top, bottom;          /* scroll region, bottom exclusive */
    uint32_t left, right;          /* and its columns, right exclusive; all of them unless `margins` */
    bool at_margin; /* x == right - 1 is written and the next cell wraps, inside the screen */
    gp_saved_cursor saved[2];      /* primary, alternate */

    gp_style style;
    gp_link link; /* bytes in link_bytes */
    uint8_t *link_bytes; /* OWNED, or NULL */
    size_t link_capacity;
    bool pen_stale;       /* the list does not have style and link yet */
    bool attribute_stale; /* `attribute` is not that of style and link */
    uint32_t attribute;   /* in the grid that is shown */

    /* The cell printed last, while nothing but printing has happened since. */
    gp_cluster cluster;
    uint8_t ascii_last; /* it was this byte, and `cluster` does not know yet; 0: none */
    bool repeatable;    /* REP has something to repeat */
    uint8_t pending[4]; /* an incomplete UTF-8 sequence */
    uint8_t pending_bytes;

    bool autowrap, insert, origin, newline;
    bool margins;       /* DECLRMM: left and right margins may be set */
    bool reverse_wrap;  /* to the left of a row that was left by printing is its end, ... */
    bool reverse_any;   /* ... or of any row */
    bool graphemes;     /* a cell holds a grapheme cluster, not a code point and its marks */
    bool tab_wraps;     /* a tab behind the last column wraps first */
    bool rectangular;   /* DECSACE: attributes are changed in rectangles, not in streams */
    uint8_t protection; /* gp_protection */
    gp_charsets charsets;
    /* What printing asks before each run; gp_screen_sum_up computes them anew when what they say may have changed. */
    bool plain;      /* it appends, wraps at the screen's edge and scrolls all of it */
    bool doubled;    /* some row may be of double width */
    bool edged;      /* every row ends at the screen's edge: no left and right margins, no row of double width */
    bool translates; /* ASCII stands for something else */
    bool straight;   /* ASCII stands for itself, and goes into the row up to the screen's edge: edged, and nothing is inserted */
    uint8_t *tabs;              /* OWNED, a bit a column */
    /* When a grid becomes text again (gp_screen_calm). Nothing that is seen depends on it, and no file has it. */
    uint32_t plain_rows; /* scrolled in grid mode since the last edit */
    uint8_t patience;    /* so many screenfuls of them are waited for, as a power of 2 */
    bool packed;         /* what is text was packed; `plain_line` was the last line before the plain rows */
    uint64_t plain_line;
    uint32_t costs[GP_PATIENCES]; /* of each patience, as things went, in rows */
    uint64_t generation;

    /* Lines that a resize brought back from history (screen_settle.c). */
    uint64_t settled_line; /* lines before it were above the screen once, and have not changed since */
    uint32_t settled_rows; /* the first rows of the primary grid, which such lines are in */
    gp_rewinds rewinds;
    uint64_t skipped; /* numbers that no line in history ever had */
    uint64_t session; /* unlike any other screen's in this process */
    uint64_t work; /* about how many cells were written or moved by single sequences, for feeding to stop in time */
} gp_screen;

gp_status gp_screen_init(gp_screen *screen, gp_arena *arena, gp_member *member, const gp_terminal_options *options);
void gp_screen_deinit(gp_screen *screen);
/* The same screen, to be read only, as a member of its own; history is shared. */
gp_status gp_screen_clone(gp_screen *screen, gp_member *member, gp_screen *clone);
/* As after gp_screen_init, history gone. */
gp_status gp_screen_reset(gp_screen *screen);

/* Number of the line that the first row shown is part of, or that it will have. */
uint64_t gp_screen_first_line(gp_screen *screen);
/* Lines before it lie above the primary screen altogether. */
uint64_t gp_screen_complete_line(gp_screen *screen);

/* To be called after a change of margins, charsets, autowrap or insert mode. */
void gp_screen_sum_up(gp_screen *screen);
/* The scroll region is the whole screen, and DECLRMM off. */
void gp_screen_free_margins(gp_screen *screen);
/* DECLRMM: without it the margins are the screen's edges, with it there are no rows of double width. */
void gp_screen_set_margin_mode(gp_screen *screen, bool on);
/* Back to what DECSTR leaves of modes, margins, pen and charsets. */
void gp_screen_soften(gp_screen *screen);

/* Whether the scroll region is all of the screen. */
static inline bool gp_screen_whole(const gp_screen *screen) {
    return screen->top == 0 && screen->bottom == screen->rows && screen->left == 0 && screen->right == screen->columns;
}
/* Whether rows scroll and wrap from edge to edge. */
static inline bool gp_screen_full_width(const gp_screen *screen) {
    return screen->left == 0 && screen->right == screen->columns;
}
/* The column the cursor is seen in. */
static inline uint32_t gp_screen_column(const gp_screen *screen) {
    return screen->x < screen->columns ? screen->x : screen->columns - 1;
}
/* Whether what is shown is the list's tail. */
static inline bool gp_screen_shows_text(const gp_screen *screen) { return screen->text_mode && !screen->on_alternate; }

/* ---- places in lines (screen_place.c) ---- */

/* Cells of its line that a row takes which goes on in the next. */
uint32_t gp_screen_row_cells(const gp_grid *grid, uint32_t y);
/* The cell of its line at which the first row of the grid that is shown begins. */
uint32_t gp_screen_first_cell(const gp_screen *screen);
/* Line and cell of the primary screen's cursor, shown or not; behind the last cell of its row if a wrap is pending. */
void gp_screen_cursor_place(const gp_screen *screen, uint64_t *line, uint32_t *cell);

/* ---- modes of the screen (screen_mode.c) ---- */

static inline gp_grid *gp_screen_grid(gp_screen *screen) {
    return screen->on_alternate ? &screen->alternate : &screen->primary;
}
/* Makes the shown screen a grid that may be edited. */
gp_status gp_screen_edit(gp_screen *screen);
gp_status gp_screen_inflate(gp_screen *screen);
/* Turns the grid into text if that can say the same; without memory for it, or if not, nothing happens. */
void gp_screen_pack(gp_screen *screen);
/* Whether so much was printed without an edit that it pays to pack. */
static inline bool gp_screen_calm(const gp_screen *screen) {
    return screen->plain_rows >= screen->rows << screen->patience && screen->mode == GP_SCREEN_AUTO;
}
/* Notes how many plain rows there were before an edit. */
void gp_screen_learn(gp_screen *screen, uint64_t rows);
static inline void gp_screen_stir(gp_screen *screen) {
    if (screen->plain_rows >= screen->rows) gp_screen_learn(screen, screen->plain_rows);
    screen->plain_rows = 0;
}
/* Appends row y of the primary grid to the list. */
gp_status gp_screen_append_row(gp_screen *screen, uint32_t y);
/* Appends rows 0 to y of the primary grid, which become the list's tail; the line of row y stays open. */
gp_status gp_screen_append_tail(gp_screen *screen, uint32_t y);
/* The list ends at cell `cells` of line `line` again. */
void gp_screen_take_back(gp_screen *screen, uint64_t line, uint32_t cells);

/* ---- printing (screen_print.c) ---- */

/* Prints bytes >= 0x20 but 0x7F. Stops behind a C1 control in UTF-8, which *c1 then is, and 0 otherwise. *printed_bytes
 * is what was consumed, also on failure. */
gp_status gp_screen_print(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, bool ascii,
                          size_t *printed_bytes, uint8_t *c1);
/* The same for ASCII that does not reach beyond its row, at least a byte of it (screen_short.c). False: nothing was printed,
 * and gp_screen_print is to be asked. */
bool gp_screen_print_ascii(gp_screen *screen, const uint8_t *bytes, size_t length_bytes);
/* The same for other text, as far as the usual case goes; letters of one width are quicker still. Returns the bytes printed,
 * which may be none. */
size_t gp_screen_print_letters(gp_screen *screen, const uint8_t *bytes, size_t length_bytes);
/* The same for any text, where nothing is pending and ASCII stands for itself (screen_print.c). */
size_t gp_screen_print_quickly(gp_screen *screen, const uint8_t *bytes, size_t length_bytes);
/* As many whole lines of plain ASCII as can be taken the fast way (screen_lines.c), in text mode; returns where that ends. The
 * parser is in its ground state. */
const uint8_t *gp_screen_print_lines(gp_screen *screen, const uint8_t *at, const uint8_t *end);
/* Ends an incomplete UTF-8 sequence as a replacement character: something else came. */
gp_status gp_screen_end_text(gp_screen *screen);
/* Repeats the cell printed last; *times is what is left to do, 0 on success. */
gp_status gp_screen_repeat(gp_screen *screen, uint32_t *times);
/* Nothing joins the cell printed last from now on. */
static inline void gp_screen_stop_joining(gp_screen *screen) {
    screen->cluster = (gp_cluster){0};
    screen->ascii_last = 0;
}
/* `cluster` is that of the cell printed last. */
static inline void gp_screen_wake_cluster(gp_screen *screen) {
    if (!screen->ascii_last) return;
    screen->cluster = (gp_cluster){0};
    gp_cluster_join(&screen->cluster, gp_properties_of(screen->ascii_last));
    screen->ascii_last = 0;
}

/* ---- lines that come back (screen_settle.c) ---- */

/* After a resize, before which lines before `complete_line` lay above the screen. */
void gp_screen_settle(gp_screen *screen, uint64_t complete_line);
void gp_screen_count_settled(gp_screen *screen);
/* The line of row y, in the grid, and those below it change. */
void gp_screen_unsettle(gp_screen *screen, uint32_t y);
void gp_screen_unsettle_all(gp_screen *screen, uint64_t complete_line);
/* Where a reader goes on who had come to `line` when `serial` was the last rewind's. */
uint64_t gp_screen_rewound(const gp_screen *screen, uint64_t line, uint64_t serial);
/* Before anything in row y of the grid that is shown changes, or moves to another row than history's last. */
static inline void gp_screen_touch(gp_screen *screen, uint32_t y) {
    if (y < screen->settled_rows && !screen->on_alternate) gp_screen_unsettle(screen, y);
}

/* ---- wraps (screen_wrap.c): a row is marked as wrapped only while its line really goes on ---- */

/* Whether row y goes on in the next, or the one above in it. */
static inline bool gp_screen_linked(const gp_screen *screen, uint32_t y) {
    const gp_grid_row *row = (screen->on_alternate ? &screen->alternate : &screen->primary)->row + y;
    return row->wrapped || (y ? row[-1].wrapped : !screen->on_alternate && gp_list_joined(&screen->list));
}
/* What of row y the wraps around it depend on; taken before an edit of the row, held against it after. */
typedef enum gp_edges {
    GP_EDGES_NONE = 0, /* it is linked to no other */
    GP_EDGES_WATCHED = 1,
    GP_EDGES_FIRST_BLANK = 2,
    GP_EDGES_LAST_BLANK = 4,
} gp_edges;
gp_edges gp_screen_edges(gp_screen *screen, uint32_t y);
static inline gp_edges gp_screen_watch(gp_screen *screen, uint32_t y) {
    gp_screen_touch(screen, y);
    return gp_screen_linked(screen, y) ? gp_screen_edges(screen, y) : GP_EDGES_NONE;
}
void gp_screen_mend_wraps(gp_screen *screen, uint32_t y, gp_edges before);
static inline void gp_screen_mend(gp_screen *screen, uint32_t y, gp_edges before) {
    if (before) gp_screen_mend_wraps(screen, y, before);
}
/* Row y's line ends in row y; -1 is the newest row of history. Returns the first row of those whose line ended, which are
 * more than one where empty rows follow; y + 1 if none did. What edits has called gp_screen_prepare_break before. */
int64_t gp_screen_unwrap_from(gp_screen *screen, int64_t y);
static inline int64_t gp_screen_unwrap(gp_screen *screen, int64_t y) {
    bool ends = y < 0 ? screen->on_alternate : !gp_screen_grid(screen)->row[y].wrapped;
    return ends ? y + 1 : gp_screen_unwrap_from(screen, y);
}
static inline gp_status gp_screen_prepare_break(gp_screen *screen) {
    return screen->text_mode || screen->on_alternate ? GP_OK : gp_list_prepare_break(&screen->list);
}

/* Clears the history so that nothing of it is left in memory (screen_wipe.c). */
gp_status gp_screen_wipe_history(gp_screen *screen);

/* ---- moving (screen_move.c) ---- */

static inline bool gp_screen_in_rows(const gp_screen *screen) {
    return screen->y >= screen->top && screen->y < screen->bottom;
}
static inline bool gp_screen_in_columns(const gp_screen *screen) {
    uint32_t x = gp_screen_column(screen);
    return x >= screen->left && x < screen->right;
}
/* The columns of the cursor's row if it is of double width, else 0. There are no such rows where margins may be set. */
uint32_t gp_screen_half(const gp_screen *screen);
/* Whether the last column is written and the next cell wraps. */
static inline bool gp_screen_wraps_next(const gp_screen *screen) {
    return screen->x == screen->columns || screen->at_margin;
}
/* Where the row ends for a cell at x. */
uint32_t gp_screen_inner_end(const gp_screen *screen, uint32_t x);
static inline uint32_t gp_screen_end(const gp_screen *screen, uint32_t x) {
    return screen->edged ? screen->columns : gp_screen_inner_end(screen, x);
}
/* DECSWL, DECDWL, DECDHL: the cursor's row. It is a line of its own, and what does not show of it is gone. In a window of
 * less than four columns there are no such rows. */
gp_status gp_screen_set_size(gp_screen *screen, gp_row_size size);
/* After another size: which rows are still of double width. One whose content does not fit in half the columns is single,
 * as lines are (gp_line_size). */
void gp_screen_find_doubled(gp_screen *screen);
/* No row is of double width any more. */
void gp_screen_undouble(gp_screen *screen);
/* On the screen; beyond its edges is at its edges. */
gp_status gp_screen_go(gp_screen *screen, uint32_t x, uint32_t y);
/* The same within the margins in origin mode. */
gp_status gp_screen_address(gp_screen *screen, uint32_t column, uint32_t row);
/* The cursor as gp_screen_address has it. */
void gp_screen_relative(const gp_screen *screen, uint32_t *column, uint32_t *row);
gp_status gp_screen_up(gp_screen *screen, uint32_t rows);
gp_status gp_screen_down(gp_screen *screen, uint32_t rows);
gp_status gp_screen_forward(gp_screen *screen, uint32_t columns);
gp_status gp_screen_back(gp_screen *screen, uint32_t columns);
static inline void gp_screen_return(gp_screen *screen) {
    screen->x = screen->origin || gp_screen_column(screen) >= screen->left ? screen->left : 0;
    screen->at_margin = false;
}
gp_status gp_screen_tab_forward(gp_screen *screen, uint32_t stops);
void gp_screen_tab_back(gp_screen *screen, uint32_t stops);
void gp_screen_set_tab(gp_screen *screen, uint32_t x, bool on);
void gp_screen_reset_tabs(gp_screen *screen, bool on);
/* Rows top to bottom - 1; what is no region is ignored. */
gp_status gp_screen_set_rows(gp_screen *screen, uint32_t top, uint32_t bottom);
gp_status gp_screen_set_columns(gp_screen *screen, uint32_t left, uint32_t right);
void gp_screen_save_cursor(gp_screen *screen);
gp_status gp_screen_restore_cursor(gp_screen *screen);
gp_status gp_screen_switch(gp_screen *screen, bool alternate);
/* After it switching to the primary screen cannot fail, nor restoring the cursor there, if it `restores` it. */
gp_status gp_screen_prepare_to_leave(gp_screen *screen, bool restores);

/* ---- scrolling (screen_scroll.c), within the margins ---- */

gp_status gp_screen_scroll_up(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows, bool into_history);
gp_status gp_screen_scroll_down(gp_screen *screen, uint32_t top, uint32_t bottom, uint32_t rows);
/* As a line feed at the bottom margin, whose row goes on in the new one. */
gp_status gp_screen_scroll_wrapped(gp_screen *screen);
gp_status gp_screen_index(gp_screen *screen);
gp_status gp_screen_reverse_index(gp_screen *screen);
/* A column to the left, or the region's columns to the right; and the other way (DECBI, DECFI). */
gp_status gp_screen_back_index(gp_screen *screen);
gp_status gp_screen_forward_index(gp_screen *screen);
/* From the cursor on, or of the whole region: columns of its rows are inserted or deleted (DECIC, DECDC, SR, SL). */
gp_status gp_screen_insert_columns(gp_screen *screen, uint32_t columns, bool whole);
gp_status gp_screen_delete_columns(gp_screen *screen, uint32_t columns, bool whole);
gp_status gp_screen_insert_rows(gp_screen *screen, uint32_t rows);
gp_status gp_screen_delete_rows(gp_screen *screen, uint32_t rows);

/* ---- editing (screen_edit.c) ---- */

gp_cell gp_screen_blank(gp_screen *screen, gp_status *status); /* in the current background */
static inline bool gp_screen_protected(const gp_grid *grid, gp_cell cell) {
    return gp_grid_attribute_at(grid, gp_cell_attribute(cell))->style.attributes & GP_STYLE_PROTECTED;
}
/* `selective`: what DECSCA protects stays. */
gp_status gp_screen_erase_in_line(gp_screen *screen, unsigned part, bool selective);
gp_status gp_screen_erase_in_display(gp_screen *screen, unsigned part, bool selective);
gp_status gp_screen_erase(gp_screen *screen, uint32_t cells);
gp_status gp_screen_insert(gp_screen *screen, uint32_t cells);
gp_status gp_screen_delete(gp_screen *screen, uint32_t cells);
gp_status gp_screen_align(gp_screen *screen); /* DECALN */
static inline void gp_screen_set_pen(gp_screen *screen, const gp_style *style) {
    if (gp_style_equal(&screen->style, style)) return;
    screen->style = *style;
    screen->pen_stale = screen->attribute_stale = true;
}
gp_status gp_screen_hyperlink(gp_screen *screen, const uint8_t *uri, size_t uri_bytes, const uint8_t *id,
                              size_t id_bytes);
/* Clears the alternate screen, which is shown. */
gp_status gp_screen_clear_alternate(gp_screen *screen);

/* A cell of the screen shows this text (screen_put.c); no text: a blank, or still the right half of a wide cell. Where a wide
 * one does not fit it is a blank. GP_ERR_ARGUMENT: more than GP_CELL_CODEPOINTS_MAX code points. */
gp_status gp_screen_put_at(gp_screen *screen, uint32_t x, uint32_t y, const uint8_t *text, size_t text_bytes,
                           const gp_style *style, const gp_link *link);

/* ---- rectangles (screen_rectangle.c) ---- */

/* Columns left to right and rows top to bottom, exclusive, on the screen and not empty. */
typedef struct gp_rectangle {
    uint32_t top, left, bottom, right;
} gp_rectangle;

gp_status gp_screen_fill(gp_screen *screen, gp_rectangle area, uint32_t codepoint);
gp_status gp_screen_wipe(gp_screen *screen, gp_rectangle area, bool selective);
/* To where `y` and `x` say; what would lie beyond the screen is left out. */
gp_status gp_screen_copy(gp_screen *screen, gp_rectangle from, uint32_t y, uint32_t x);
/* Attributes are set and cleared, or reversed. */
typedef struct gp_attribute_change {
    uint16_t clear, set, reverse;
} gp_attribute_change;
gp_status gp_screen_change_attributes(gp_screen *screen, gp_rectangle area, gp_attribute_change change);

/* ---- size (screen_resize.c) ---- */

gp_status gp_screen_resize(gp_screen *screen, uint32_t columns, uint32_t rows);

const char *gp_screen_check(gp_screen *screen);

#endif
