/* Printing: bytes to cells. ASCII goes in runs; the rest is decoded, measured and put in runs of equal width, and what
 * joins a cell extends it. */
#include <assert.h>
#include <string.h>

#include "pages/list_append.h"
#include "unicode/letters.h"
#include "unicode/utf8.h"
#include "vt/screen_cells.h"

/* ---- what both modes share ------------------------------------------------------------------------------------- */

/* Whether `columns` more columns can be printed as text. A row that comes up while there is a background has that
 * background from end to end, which text cannot say. */
static bool prints_as_text(const gp_screen *screen, size_t columns) {
    assert(screen->columns);
    if (screen->style.background && screen->x + columns > screen->columns &&
        screen->y + 1 + (screen->x + columns) / screen->columns >= screen->rows)
        return false;
    const gp_open_line *line = &screen->list.line;
    if (screen->x == screen->columns && (line->row_cells < screen->columns || line->last.kind == GP_RUN_BLANK))
        return false; /* behind a blank nothing goes on */
    return gp_screen_shows_text(screen) && screen->plain && screen->x >= screen->list.line.row_cells;
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

/* ---- cells in either mode ---------------------------------------------------------------------------------------- */

static gp_status to_grid(gp_screen *screen) {
    return gp_screen_shows_text(screen) ? gp_screen_inflate(screen) : GP_OK;
}

/* In text mode a run from the start of a row over all that its line has takes its place, as where a program counts on one
 * line. Whether that is so, and needs no memory for which the line would have to stay. */
static bool replaces_line(const gp_screen *screen, size_t text_bytes, size_t columns) {
    const gp_list *list = &screen->list;
    const gp_open_line *line = &list->line;
    if (screen->x || !gp_screen_shows_text(screen) || !screen->plain || !line->row_cells) return false;
    size_t need_bytes = text_bytes + gp_record_link_bytes(&screen->link) + 8 * GP_RECORD_RESERVE_BYTES;
    return columns >= line->row_cells && columns <= screen->columns && screen->columns > 1 &&
           line->cells == line->row_cells && !(line->flags & GP_LINE_CONTINUATION) && !list->cut_cells &&
           list->newest->records_end - list->newest->text_end >= need_bytes && text_bytes <= gp_list_cap_bytes(list);
}

/* Cells of one code point each; *done_bytes is what of the text was printed, also on failure. */
static gp_status put_run(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t cells, unsigned width,
                         size_t *done_bytes) {
    gp_counters *counters = &screen->account.counters;
    gp_status status;
    if (replaces_line(screen, text_bytes, (size_t)cells * width)) {
        gp_list_shorten(&screen->list, 0);
        screen->pen_stale = true;
    }
    if (prints_as_text(screen, (size_t)cells * width)) {
        gp_list *list = &screen->list;
        status = screen->pen_stale || screen->x > list->line.row_cells ? ready_text(screen) : GP_OK;
        list->cells_put = 0; /* blanks before the cursor are no text */
        if (status == GP_OK)
            status = width == 2 ? gp_list_put_wide(list, text, text_bytes, cells)
                                : gp_list_put_narrow(list, text, text_bytes, cells);
        follow_text(screen);
        *done_bytes = status == GP_OK ? text_bytes : gp_text_advance(text, list->cells_put);
        counters->text_mode_bytes += *done_bytes;
    } else {
        *done_bytes = 0;
        status = to_grid(screen);
        if (status == GP_OK) status = gp_screen_put_run(screen, text, text_bytes, cells, width, done_bytes);
        counters->grid_mode_bytes += *done_bytes;
    }
    return status;
}

static gp_status put_cluster(gp_screen *screen, const uint8_t *text, size_t text_bytes, uint32_t codepoints,
                             unsigned width) {
    gp_status status;
    bool as_text = prints_as_text(screen, width);
    if (as_text) {
        status = ready_text(screen);
        if (status == GP_OK) status = gp_list_put_cluster(&screen->list, text, text_bytes, codepoints, width);
        follow_text(screen);
    } else {
        status = to_grid(screen);
        if (status == GP_OK) status = gp_screen_put_cell(screen, text, text_bytes, codepoints, width);
    }
    gp_counters *counters = &screen->account.counters;
    if (status == GP_OK) *(as_text ? &counters->text_mode_bytes : &counters->grid_mode_bytes) += text_bytes;
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
    gp_status status = to_grid(screen);
    uint32_t plain_rows = screen->plain_rows;
    screen->plain_rows = 0;
    if (status == GP_OK) status = gp_screen_extend_cell(screen, text, text_bytes, width);
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
    if (gp_screen_shows_text(screen)) {
        if (screen->x > list->line.row_cells) return GP_OK;
        if (screen->x == list->line.row_cells && gp_list_last_width(list)) {
            *has = list->line.last.kind != GP_RUN_BLANK;
            return GP_OK;
        }
        gp_status status = gp_screen_inflate(screen);
        if (status != GP_OK) return status;
    }
    *has = gp_screen_left_cell(screen, &x) != NULL;
    return GP_OK;
}

/* Dropped where there is no cell for it. A joiner is not: it begins a cluster of UAX #29, as a mark does. */
static bool is_format(uint32_t codepoint, gp_cluster alone) {
    return alone.state == 0 || codepoint == 0x200C || (codepoint >= 0xE0000 && codepoint <= 0xE007F);
}

static const uint8_t replacement[3] = {0xEF, 0xBF, 0xBD};

/* ---- text ------------------------------------------------------------------------------------------------------- */

/* Cells that are decoded but not yet put: some of one code point each, or one cluster. */
typedef struct in_hand {
    const uint8_t *text, *last; /* of the first cell and of the last */
    uint32_t cells;
    uint32_t codepoints; /* of the last cell; more than one only if it is the first too */
    unsigned width;
    gp_cluster before;    /* what a code point at `text` might have joined, ... */
    const uint8_t *prior; /* ... unless this is not NULL: then it is the single code point here */
} in_hand;

/* The code point that ends at `at`. */
static const uint8_t *before_of(const uint8_t *at) {
    do at--;
    while ((*at & 0xC0) == 0x80);
    return at;
}

static gp_cluster cluster_of(const uint8_t *text, const uint8_t *end) {
    uint32_t codepoint;
    gp_cluster cluster = {0};
    gp_utf8_decode(text, end, &codepoint);
    gp_cluster_join(&cluster, gp_properties_of(codepoint));
    return cluster;
}

/* Puts what is in hand, up to `end`. On failure the hand holds what is left. */
static gp_status put_down(gp_screen *screen, in_hand *hand, const uint8_t *end) {
    if (!hand->cells) return GP_OK;
    if (hand->codepoints > 1) {
        gp_status status = put_cluster(screen, hand->text, (size_t)(end - hand->text), hand->codepoints, hand->width);
        if (status == GP_OK) hand->cells = 0;
        return status;
    }
    size_t done_bytes;
    gp_status status = put_run(screen, hand->text, (size_t)(end - hand->text), hand->cells, hand->width, &done_bytes);
    if (status == GP_OK) {
        hand->cells = 0;
    } else if (done_bytes) {
        hand->text += done_bytes;
        hand->prior = before_of(hand->text);
    }
    return status;
}

/* Whether what is printed next can only be appended, in text mode. */
static bool appends(const gp_screen *screen) { return !screen->style.background && prints_as_text(screen, 0); }

/* Where a code point without width goes that joins nothing: to a cell on the left, nowhere, or into a cell of its own. */
static gp_status put_widthless(gp_screen *screen, uint32_t codepoint, const uint8_t *text, size_t text_bytes,
                               gp_cluster *cluster) {
    bool has = false, alone = screen->graphemes && gp_conjoins(codepoint);
    gp_status status = alone ? GP_OK : has_left_cell(screen, &has);
    if (status != GP_OK) return status;
    if (has) {
        status = join(screen, text, text_bytes, 0);
        if (status == GP_OK) *cluster = (gp_cluster){0};
        return status;
    }
    if (is_format(codepoint, *cluster)) {
        *cluster = (gp_cluster){0};
        return GP_OK;
    }
    size_t done_bytes;
    cluster->width = 1;
    return put_run(screen, text, text_bytes, 1, 1, &done_bytes);
}

/* For the rest of a character, which comes with the next input. */
static void wait(gp_screen *screen, const uint8_t *bytes, size_t length_bytes) {
    screen->pending_bytes = (uint8_t)length_bytes;
    memcpy(screen->pending, bytes, length_bytes);
}

/* Prints UTF-8. Stops behind a C1 control. Whatever happens, *printed_bytes and the screen's cluster say where it got
 * to, so that the rest can be printed later. */
static gp_status print_text(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, size_t *printed_bytes,
                            uint8_t *c1) {
    const uint8_t *at = bytes, *end = bytes + length_bytes;
    in_hand hand = {0};
    gp_status status = GP_OK;
    gp_screen_wake_cluster(screen);
    gp_cluster cluster = screen->cluster, before;
    /* A cluster is gathered before it is put, where that comes to the same as letting its cell grow: one that becomes
     * wide may overwrite other cells on its way. */
    bool gathers = screen->autowrap && !screen->insert;
    while (at < end) {
        if (*at < 0xF0 && !gp_cluster_takes_letters(cluster)) {
            uint32_t count;
            unsigned width;
            const uint8_t *to = gp_letters_skip(at, end, &width, &count);
            if (count) {
                if (hand.cells && (hand.width != width || hand.codepoints > 1)) {
                    status = put_down(screen, &hand, at);
                    if (status != GP_OK) goto fail;
                }
                if (!hand.cells) hand = (in_hand){.text = at, .width = width, .codepoints = 1, .before = cluster};
                hand.cells += count;
                hand.last = before_of(to);
                cluster = cluster_of(hand.last, end);
                at = to;
                continue;
            }
        }
        uint32_t codepoint;
        size_t step = gp_utf8_decode(at, end, &codepoint);
        before = cluster;
        if (!step) { /* at most three bytes */
            status = put_down(screen, &hand, at);
            if (status != GP_OK) goto fail;
            wait(screen, at, (size_t)(end - at));
            at = end;
            break;
        }
        gp_properties properties = gp_properties_of(codepoint);
        unsigned width = gp_properties_width(properties);
        bool malformed = codepoint == GP_UTF8_REPLACEMENT && !(step == 3 && at[0] == 0xEF), joins = false;
        if (gp_properties_plain(properties) && !gp_cluster_takes_plain(cluster)) {
            gp_cluster_reset_plain(&cluster, width);
        } else if (codepoint >= 0x80 && codepoint < 0xA0) {
            status = put_down(screen, &hand, at);
            if (status != GP_OK) goto fail;
            at += step;
            *c1 = (uint8_t)codepoint;
            break;
        } else {
            if (!screen->graphemes) cluster = (gp_cluster){0};
            joins = gp_cluster_join(&cluster, properties);
        }
        if (!joins && width && !malformed) {
            if (hand.width != width || !hand.cells || hand.codepoints > 1) {
                status = put_down(screen, &hand, at);
                if (status != GP_OK) goto fail;
                hand = (in_hand){.text = at, .width = width, .codepoints = 1, .before = before};
            }
            hand.last = at;
            hand.cells++;
            at += step;
            continue;
        }
        bool grows = cluster.width != hand.width;
        if (joins && gathers && !malformed && hand.cells && hand.codepoints < GP_CELL_CODEPOINTS_MAX &&
            (!grows || (cluster.width > hand.width && appends(screen)))) {
            if (hand.cells > 1) {
                const uint8_t *last = hand.last, *prior = before_of(last);
                hand.cells--;
                status = put_down(screen, &hand, last);
                if (status != GP_OK) goto fail;
                hand = (in_hand){.text = last, .last = last, .cells = 1, .codepoints = 1, .prior = prior};
            }
            hand.width = cluster.width;
            hand.codepoints++;
            at += step;
            continue;
        }
        status = put_down(screen, &hand, at);
        if (status != GP_OK) goto fail;
        const uint8_t *text = malformed ? replacement : at;
        size_t text_bytes = malformed ? sizeof replacement : step, done_bytes;
        if (joins)
            status = join(screen, text, text_bytes, cluster.width);
        else if (width)
            status = put_run(screen, text, text_bytes, 1, width, &done_bytes);
        else
            status = put_widthless(screen, codepoint, text, text_bytes, &cluster);
        if (status != GP_OK) {
            hand = (in_hand){.text = at, .before = before};
            goto fail;
        }
        at += step;
    }
    status = put_down(screen, &hand, at);
    if (status != GP_OK) goto fail;
    screen->cluster = cluster;
    *printed_bytes = (size_t)(at - bytes);
    return GP_OK;
fail:
    screen->cluster = hand.prior ? cluster_of(hand.prior, end) : hand.before;
    *printed_bytes = (size_t)(hand.text - bytes);
    return status;
}

/* As much as can be taken the fast way. */
size_t gp_screen_print_quickly(gp_screen *screen, const uint8_t *bytes, size_t length_bytes) {
    gp_list *list = &screen->list;
    size_t printed_bytes;
    if (!screen->graphemes) return 0;
    if (gp_screen_shows_text(screen)) {
        gp_screen_wake_cluster(screen);
        if (!screen->plain || screen->x != list->line.row_cells) return 0;
        bool wraps = !screen->style.background && list->line.last.kind != GP_RUN_BLANK; /* as in prints_as_text */
        if (screen->pen_stale && ready_text(screen) != GP_OK) return 0;
        printed_bytes = gp_list_append_text(list, bytes, length_bytes, wraps, &screen->cluster);
        follow_text(screen);
        screen->account.counters.text_mode_bytes += printed_bytes;
    } else {
        printed_bytes = gp_screen_paint_text(screen, bytes, length_bytes);
    }
    return printed_bytes;
}

/* Bytes of a portion: at least so many, if there are, and no sequence is cut. */
static size_t portion_of(const uint8_t *bytes, size_t length_bytes, size_t least_bytes) {
    uint32_t codepoint;
    for (size_t portion_bytes = least_bytes; portion_bytes < length_bytes; portion_bytes++) {
        const uint8_t *last = bytes + portion_bytes - 1;
        while (bytes + portion_bytes - last < 4 && (*last & 0xC0) == 0x80) last--;
        if (gp_utf8_decode(last, bytes + portion_bytes, &codepoint)) return portion_bytes;
    }
    return length_bytes;
}

/* What the fast way leaves goes the general one, some of it at a time. */
static gp_status print_mixed(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, size_t *printed_bytes, uint8_t *c1) {
    gp_status status = GP_OK;
    *printed_bytes = gp_screen_print_quickly(screen, bytes, length_bytes);
    while (*printed_bytes < length_bytes && status == GP_OK && !*c1) {
        const uint8_t *at = bytes + *printed_bytes;
        size_t left_bytes = length_bytes - *printed_bytes, printed;
        uint32_t codepoint;
        /* as in print_text, in 30 instructions, not 250 */
        if (left_bytes < 4 && !gp_utf8_decode(at, at + left_bytes, &codepoint)) {
            wait(screen, at, left_bytes);
            *printed_bytes = length_bytes;
            break;
        }
        status = print_text(screen, at, portion_of(at, left_bytes, 24), &printed, c1);
        *printed_bytes += printed;
        if (status == GP_OK && !*c1) *printed_bytes += gp_screen_print_quickly(screen, at + printed, left_bytes - printed);
    }
    return status;
}

static gp_status print_ascii(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, size_t *printed_bytes) {
    gp_status status = put_run(screen, bytes, length_bytes, (uint32_t)length_bytes, 1, printed_bytes);
    if (*printed_bytes) screen->ascii_last = bytes[*printed_bytes - 1];
    return status;
}

/* A single shift was for one character. */
static void end_single_shift(gp_screen *screen) {
    if (!screen->charsets.single) return;
    screen->charsets.single = 0;
    gp_screen_sum_up(screen);
}

/* Characters below 0x80 that stand for others, some at a time, so that what was printed can be told exactly. */
__attribute__((noinline)) static gp_status print_translated(gp_screen *screen, const uint8_t *bytes, size_t length_bytes,
                                                            size_t *printed_bytes, uint8_t *c1) {
    enum { AT_ONCE = 64 };
    uint8_t text[4 * AT_ONCE];
    *printed_bytes = 0;
    while (*printed_bytes < length_bytes && !*c1) {
        size_t text_bytes = 0, taken = 0, printed;
        const uint8_t *from = bytes + *printed_bytes;
        size_t left = length_bytes - *printed_bytes;
        if (from[0] >= 0x80) {
            while (taken < left && from[taken] >= 0x80) taken++;
            end_single_shift(screen);
            gp_status status = print_text(screen, from, taken, &printed, c1);
            *printed_bytes += printed;
            if (status == GP_OK && !*c1 && taken < left) status = gp_screen_end_text(screen);
            if (status != GP_OK) return status;
            continue;
        }
        size_t most = screen->charsets.single ? 1 : AT_ONCE;
        for (; taken < left && taken < most && from[taken] < 0x80; taken++)
            text_bytes += gp_utf8_encode(gp_charsets_of(&screen->charsets, from[taken]), text + text_bytes);
        gp_status status = print_text(screen, text, text_bytes, &printed, c1);
        assert(printed <= text_bytes);
        for (size_t i = 0; i < printed; i++) *printed_bytes += (text[i] & 0xC0) != 0x80; /* a character each */
        if (status != GP_OK) return status;
        end_single_shift(screen);
    }
    return GP_OK;
}

static gp_status print(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, bool ascii, size_t *printed_bytes,
                       uint8_t *c1) {
    if (__builtin_expect(screen->translates, false)) return print_translated(screen, bytes, length_bytes, printed_bytes, c1);
    if (!ascii) return print_mixed(screen, bytes, length_bytes, printed_bytes, c1);
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
    end_single_shift(screen);
    bool malformed = codepoint == GP_UTF8_REPLACEMENT; /* even if it was well-formed: it prints the same */
    gp_status status = GP_OK;
    if (malformed)
        status = print_text(screen, replacement, sizeof replacement, &printed, c1);
    else if (!gp_screen_print_quickly(screen, joined, step))
        status = print_text(screen, joined, step, &printed, c1);
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

gp_status gp_screen_repeat(gp_screen *screen, uint32_t *times) {
    if (!screen->repeatable) return GP_OK;
    gp_list *list = &screen->list;
    uint8_t text[GP_CELL_CODEPOINTS_MAX * 4];
    const uint8_t *cell_text;
    size_t text_bytes;
    uint32_t codepoints;
    unsigned width;
    gp_status status = GP_OK;
    if (gp_screen_shows_text(screen) && (screen->x != list->line.row_cells || !gp_list_last_width(list)))
        status = gp_screen_inflate(screen);
    if (status != GP_OK) return status;
    if (gp_screen_shows_text(screen)) {
        codepoints = gp_list_last_codepoints(list);
        width = gp_list_last_width(list);
        const uint8_t *end = list->newest->page.base + list->newest->text_end;
        cell_text = end;
        for (uint32_t left = codepoints; left; left -= (*cell_text & 0xC0) != 0x80) cell_text--;
        text_bytes = (size_t)(end - cell_text);
        memcpy(text, cell_text, text_bytes);
    } else {
        uint32_t x;
        gp_cell *cell = gp_screen_left_cell(screen, &x);
        if (!cell) return GP_OK;
        cell_text = gp_grid_text(gp_screen_grid(screen), *cell, text, &text_bytes, &codepoints);
        memmove(text, cell_text, text_bytes);
        width = gp_cell_kind(*cell) == GP_CELL_WIDE ? 2 : 1;
    }
    if (!text_bytes) return GP_OK;
    if (codepoints > 1) {
        for (; *times && status == GP_OK; *times -= status == GP_OK)
            status = put_cluster(screen, text, text_bytes, codepoints, width);
        return status;
    }
    uint8_t many[256] = {0};
    uint32_t most = (uint32_t)(sizeof many / text_bytes);
    for (uint32_t i = 0; i < most && i < *times; i++) memcpy(many + i * text_bytes, text, text_bytes);
    while (*times && status == GP_OK) {
        size_t done_bytes;
        uint32_t portion = *times < most ? *times : most;
        status = put_run(screen, many, portion * text_bytes, portion, width, &done_bytes);
        *times -= (uint32_t)(done_bytes / text_bytes);
    }
    return status;
}
