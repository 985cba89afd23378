/* The fast path of most output: whole lines of ASCII in text mode.
 *
 * A line "text CR LF" in the default pen that fits into what is left of its row needs no cells, no operations and no rows
 * beyond its own: it is copied while it is scanned for its end, and gets a head. That takes 8 to 15 ns a line against 60
 * to 70 through the parser and gp_screen_print, which do the same for input that comes in other pieces. Everything that
 * is not exactly so is left where it is. */
#include <string.h>

#include "vt/screen.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { STRIDE = 16 };

/* Copies printable ASCII from `from` to `to`, at most `most` bytes, in strides that may go beyond the end of both runs by
 * STRIDE - 1 bytes; `from` has `readable` bytes. Returns how long the run is, or most + 1 if it is longer. */
static size_t copy_printable(uint8_t *to, const uint8_t *from, size_t readable, size_t most) {
    size_t at = 0;
#if defined(__SSE2__)
    const __m128i space = _mm_set1_epi8(0x20), del = _mm_set1_epi8(0x7F);
    for (; at <= most && readable - at >= STRIDE; at += STRIDE) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(from + at));
        /* signed: what is below a space is a control or has its high bit set */
        int other = _mm_movemask_epi8(_mm_or_si128(_mm_cmplt_epi8(bytes, space), _mm_cmpeq_epi8(bytes, del)));
        _mm_storeu_si128((__m128i *)(to + at), bytes);
        if (other) {
            at += (size_t)__builtin_ctz((unsigned)other);
            return at <= most ? at : most + 1;
        }
    }
#endif
    for (; at <= most && at < readable; at++) {
        if (from[at] < 0x20 || from[at] >= 0x7F) return at;
        to[at] = from[at];
    }
    return at <= most ? at : most + 1;
}

static bool suits(const gp_screen *screen) {
    const gp_list *list = &screen->list;
    const gp_open_line *line = &list->line;
    return screen->plain && !screen->newline && !screen->translates && screen->x == line->row_cells &&
           !screen->pending_bytes && !list->cut_cells &&
           gp_style_is_default(&screen->style) && !screen->link.uri_bytes && !(line->flags & GP_LINE_RICH) &&
           (line->last.kind == GP_RUN_NARROW || line->last.kind == GP_RUN_NONE) && line->flags & GP_LINE_ASCII &&
           line->rows == 1 && list->newest->rows_columns == list->columns &&
           (screen->ascii_last || !gp_cluster_takes_plain(screen->cluster));
}

const uint8_t *gp_screen_print_lines(gp_screen *screen, const uint8_t *at, const uint8_t *end) {
    if (!suits(screen)) return at;
    gp_list *list = &screen->list;
    gp_text_page *page = list->newest;
    uint8_t *base = page->page.base;
    const size_t columns = list->columns, need_bytes = columns + 6 * GP_RECORD_RESERVE_BYTES;
    uint32_t text_begin = list->line.text_begin, text_end = page->text_end, lines = page->lines;
    uint32_t records_end = page->records_end, top = list->line.top, widest = page->widest;
    const uint8_t *start = at;
    while (records_end - text_end >= need_bytes && lines + 1 < page->mark_capacity * GP_MARK_LINES) {
        uint32_t before = text_end - text_begin; /* cells that the line has already */
        size_t length = copy_printable(base + text_end, at, (size_t)(end - at), columns - before);
        if (length > columns - before || (size_t)(end - at) < length + 2 || at[length] != '\r' || at[length + 1] != '\n')
            break;
        at += length + 2;
        text_end += (uint32_t)length;
        uint32_t text_bytes = text_end - text_begin, head = text_bytes << 8 | list->line.flags;
        memcpy(base + top - GP_HEAD_BYTES, &head, sizeof head);
        base[text_end++] = '\n';
        if (text_bytes > widest) widest = text_bytes;
        text_begin = text_end;
        top = records_end;
        if (++lines % GP_MARK_LINES == 0)
            page->marks[lines / GP_MARK_LINES] = (gp_mark){.text_begin = text_begin, .top = top};
        records_end -= GP_HEAD_BYTES;
        list->line.flags = GP_LINE_ASCII; /* only the first may have been a continuation */
    }
    /* What was copied ahead may end up in another page or in the grid. */
    gp_mapping_soil(page->page.mapping, text_begin + columns + 2 * STRIDE, 0);
    uint32_t closed = lines - page->lines;
    if (!closed) return at;
    page->text_end = text_end;
    page->records_end = records_end;
    page->lines = lines;
    page->widest = widest;
    page->rows += closed;
    list->rows += closed;
    list->next_line += closed;
    list->continues = false;
    list->line = (gp_open_line){.text_begin = text_begin, .top = top, .rows = 1, .flags = GP_LINE_ASCII};
    uint32_t room = list->tail_rows_max - list->tail_rows;
    list->tail_rows += closed < room ? closed : room;
    screen->x = 0;
    screen->y = list->tail_rows - 1;
    screen->pen_stale = true;
    screen->repeatable = false;
    screen->account.counters.text_mode_bytes += (uint64_t)(at - start) - 2 * (uint64_t)closed;
    gp_screen_stop_joining(screen);
    return at;
}
