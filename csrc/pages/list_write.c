/* Writing at the open line of a list. */
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "memory/alloc.h"
#include "pages/list.h"

static size_t free_bytes(const gp_text_page *page) { return page->records_end - page->text_end; }

/* In every page with an open line GP_RECORD_RESERVE_BYTES are free at all times, so that closing cannot fail. */
static inline gp_status reserve(gp_list *list, size_t bytes) {
    if (free_bytes(list->newest) >= bytes + 2 * GP_RECORD_RESERVE_BYTES) return GP_OK;
    return gp_list_make_room(list, bytes + 2 * GP_RECORD_RESERVE_BYTES);
}

gp_runs gp_list_open_runs(const gp_list *list) {
    const gp_open_line *line = &list->line;
    const uint8_t *base = list->newest->page.base;
    return (gp_runs){
        .op = base + line->top - (line->flags & GP_LINE_RICH ? GP_RICH_HEAD_BYTES : GP_HEAD_BYTES),
        .op_end = base + list->newest->records_end,
        .text = base + line->text_begin,
        .page_end = gp_text_page_end(list->newest),
        .last = line->last,
        .ascii = line->flags & GP_LINE_ASCII,
    };
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

static uint32_t room_cells(const gp_list *list, uint32_t width) {
    return (list->columns - list->line.row_cells) / width;
}

/* What gp_layout would say of `cells` more cells. */
static inline void advance(gp_list *list, uint32_t cells, uint32_t width) {
    list->line.cells += cells * width;
    if (list->columns == 1) width = 1;
    uint32_t room = room_cells(list, width);
    if (cells <= room) {
        list->line.row_cells += cells * width;
        return;
    }
    uint32_t row_cells = list->columns / width;
    cells -= room;
    list->line.row_cells = (cells - 1) % row_cells * width + width;
    gp_list_count_new_rows(list, (cells + row_cells - 1) / row_cells);
}

/* ---- operations ---------------------------------------------------------------------------------------------- */

static uint8_t *operations(gp_list *list) {
    gp_text_page *page = list->newest;
    if (!(list->line.flags & GP_LINE_RICH)) {
        list->line.flags |= GP_LINE_RICH;
        page->records_end -= GP_RICH_HEAD_BYTES - GP_HEAD_BYTES;
    }
    uint8_t *at = page->page.base + page->records_end;
    if (list->line.last.cells) at = gp_record_push_run(at, &list->line.last);
    list->line.last = (gp_run){0};
    return at;
}

static void operations_end(gp_list *list, const uint8_t *at) {
    list->newest->records_end = (uint32_t)(at - list->newest->page.base);
}

void gp_list_end_run(gp_list *list) { operations_end(list, operations(list)); }

static inline void put_run(gp_list *list, gp_run run) {
    gp_run *last = &list->line.last;
    if (last->kind == run.kind && run.kind != GP_RUN_CLUSTER) {
        last->cells += run.cells;
        return;
    }
    if (last->cells) gp_list_end_run(list);
    *last = run;
}

static inline void put_text(gp_list *list, const uint8_t *text, size_t text_bytes) {
    memcpy(list->newest->page.base + list->newest->text_end, text, text_bytes);
    list->newest->text_end += (uint32_t)text_bytes;
}

/* ---- opening and closing -------------------------------------------------------------------------------------- */

static bool mark_line(gp_text_page *page) {
    uint32_t mark = page->lines / GP_MARK_LINES;
    if (mark >= page->mark_capacity) {
        gp_mark *marks = gp_realloc(page->marks, (size_t)page->mark_capacity * 2 * sizeof *marks);
        if (!marks) return false;
        page->marks = marks;
        page->mark_capacity *= 2;
    }
    page->marks[mark] = (gp_mark){.text_begin = page->text_end, .top = page->records_end};
    return true;
}

static void begin(gp_list *list, uint8_t flags) {
    gp_text_page *page = list->newest;
    list->line = (gp_open_line){
        .text_begin = page->text_end,
        .top = page->records_end,
        .rows = 1,
        .flags = flags | GP_LINE_ASCII,
    };
    page->records_end -= GP_HEAD_BYTES;
    list->open = true;
    list->continues = false;
}

gp_status gp_list_reserve_break(gp_list *list) {
    uint32_t rows = list->line.last.cells / list->columns + 2;
    gp_status status = reserve(list, rows * (GP_HEAD_BYTES + 1) + 4 * GP_RECORD_RESERVE_BYTES);
    if (status != GP_OK) return status;
    gp_text_page *page = list->newest;
    uint32_t capacity = page->mark_capacity;
    while (page->lines + rows >= capacity * GP_MARK_LINES) capacity *= 2;
    if (capacity == page->mark_capacity) return GP_OK;
    gp_mark *marks = gp_realloc(page->marks, capacity * sizeof *marks);
    if (!marks) return GP_ERR_NOMEM;
    page->marks = marks;
    page->mark_capacity = capacity;
    return GP_OK;
}

gp_status gp_list_open_line(gp_list *list, bool continuation) {
    gp_text_page *page = list->newest;
    if (!page || free_bytes(page) < 4 * GP_RECORD_RESERVE_BYTES) {
        gp_status status = gp_list_prepare(list, 4 * GP_RECORD_RESERVE_BYTES);
        if (status != GP_OK) return status;
        gp_list_attach(list);
        page = list->newest;
    }
    if (page->lines % GP_MARK_LINES == 0 && !mark_line(page)) return GP_ERR_NOMEM;
    begin(list, continuation ? GP_LINE_CONTINUATION : 0);
    return GP_OK;
}

/* Writes the head of the open line, whose operations are in its record, and counts it. */
static void finish_line(gp_list *list, uint32_t text_bytes) {
    gp_open_line *line = &list->line;
    gp_text_page *page = list->newest;
    if (line->flags & (GP_LINE_BLANK_END | GP_LINE_CONTINUES)) page->irregular++;
    uint8_t *top = page->page.base + line->top;
    uint32_t head = text_bytes << 8 | line->flags;
    memcpy(top - GP_HEAD_BYTES, &head, sizeof head);
    if (line->flags & GP_LINE_RICH) {
        uint32_t ops_bytes = line->top - GP_RICH_HEAD_BYTES - page->records_end;
        memcpy(top - 8, &ops_bytes, sizeof ops_bytes);
        memcpy(top - GP_RICH_HEAD_BYTES, &line->cells, sizeof line->cells);
    }
    page->page.base[page->text_end++] = '\n';
    page->lines++;
    if (line->cells > page->widest) page->widest = line->cells;
    uint32_t line_bytes = text_bytes + line->top - page->records_end;
    if (line_bytes > page->largest_bytes) page->largest_bytes = line_bytes;
    if (page->rows_columns != list->columns) gp_list_page_rows(list, page); /* counts the line already */
    else page->rows += line->rows, list->rows += line->rows;
    if (list->cut_cells && page == list->oldest && page->dead_lines + 1 == page->lines && list->cut_cells == line->cells) {
        page->dead_lines++; /* all of it had been cut off */
        list->cut_cells = 0;
    }
    list->next_line++;
    list->open = false;
    list->continues = line->flags & GP_LINE_CONTINUES;
}

void gp_list_close_line(gp_list *list, bool continues) {
    gp_open_line *line = &list->line;
    gp_text_page *page = list->newest;
    uint32_t text_bytes = page->text_end - line->text_begin;
    /* Where the last run is in the record already, a line that moved, it is not looked up. */
    if (line->last.kind == GP_RUN_BLANK || (line->last.kind == GP_RUN_NONE && line->cells))
        line->flags |= GP_LINE_BLANK_END;
    if (line->flags & GP_LINE_RICH || line->cells != text_bytes || (line->last.cells && line->last.kind != GP_RUN_NARROW))
        operations_end(list, operations(list));
    if (continues) line->flags |= GP_LINE_CONTINUES;
    finish_line(list, text_bytes);
}

/* `bytes`: what will be put first into the next line. */
static gp_status next_record(gp_list *list, bool continues, size_t bytes) {
    gp_text_page *page = list->newest;
    if (free_bytes(page) < bytes + 5 * GP_RECORD_RESERVE_BYTES || page->lines + 1 >= page->mark_capacity * GP_MARK_LINES) {
        /* The slow way: what may fail comes before the line is closed. */
        bool full = free_bytes(page) < bytes + 5 * GP_RECORD_RESERVE_BYTES;
        if (full) {
            gp_status status = gp_list_prepare(list, bytes + 4 * GP_RECORD_RESERVE_BYTES);
            if (status != GP_OK) return status;
        } else {
            gp_mark *marks = gp_realloc(page->marks, (size_t)page->mark_capacity * 2 * sizeof *marks);
            if (!marks) return GP_ERR_NOMEM;
            page->marks = marks;
            page->mark_capacity *= 2;
        }
        gp_list_close_line(list, continues);
        if (full) gp_list_attach(list), page = list->newest;
    } else {
        gp_list_close_line(list, continues);
    }
    if (page->lines % GP_MARK_LINES == 0)
        page->marks[page->lines / GP_MARK_LINES] = (gp_mark){.text_begin = page->text_end, .top = page->records_end};
    begin(list, continues ? GP_LINE_CONTINUATION : 0);
    return GP_OK;
}

gp_status gp_list_next_line(gp_list *list) {
    gp_status status = next_record(list, false, 0);
    if (status == GP_OK) list->tail_rows += list->tail_rows < list->tail_rows_max;
    return status;
}

/* ---- links and pen ------------------------------------------------------------------------------------------- */

/* Sixteen bytes at a time, the last ones perhaps twice. All of them: links of one program may differ anywhere, and those that
 * are not told apart are written again each time that they take turns. */
static inline uint64_t hash_bytes(uint64_t hash, const uint8_t *bytes, size_t length_bytes) {
    uint64_t before = 0, last = 0;
    if (length_bytes >= 16) {
        const uint8_t *end = bytes + length_bytes - 16;
        for (; bytes < end; bytes += 16) {
            memcpy(&before, bytes, 8);
            memcpy(&last, bytes + 8, 8);
            hash = (((hash << 32 | hash >> 32) ^ before) + (last << 29 | last >> 35)) * 0xFF51AFD7ED558CCDu;
        }
        memcpy(&before, end, 8);
        memcpy(&last, end + 8, 8);
    } else if (length_bytes >= 8) {
        memcpy(&before, bytes, 8);
        memcpy(&last, bytes + length_bytes - 8, 8);
    } else {
        for (; length_bytes; length_bytes--) last = last << 8 | *bytes++;
    }
    hash = (hash ^ (before << 32 | before >> 32)) * 0xFF51AFD7ED558CCDu;
    hash = ((hash << 32 | hash >> 32) ^ last) * 0xFF51AFD7ED558CCDu;
    return (hash ^ hash >> 32) * 0xFF51AFD7ED558CCDu;
}

/* Never 0. Of its bits the highest depend on all of the link's. */
static inline uint32_t hash_link(const gp_link *link) {
    uint64_t hash = 0x9E3779B97F4A7C15u ^ gp_link_target_bytes(link) ^ (uint64_t)link->id_bytes << 16;
    hash = hash_bytes(hash, link->uri, link->uri_bytes);
    if (link->id_bytes) hash = hash_bytes(hash, link->id, link->id_bytes);
    return (uint32_t)(hash >> 32) | 1;
}
static inline uint32_t slot_of(uint32_t hash) { return hash / (UINT32_MAX / GP_LINK_CACHE + 1); }

static inline size_t common_bytes(const uint8_t *a, const uint8_t *b, size_t most_bytes) {
    size_t same = 0;
#if defined(__SSE2__)
    for (; same + 16 <= most_bytes; same += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(a + same));
        __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(b + same));
        unsigned others = 0xFFFF ^ (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
        if (others) return same + (size_t)__builtin_ctz(others);
    }
#endif
    for (uint64_t x, y; same + 8 <= most_bytes; same += 8) {
        memcpy(&x, a + same, 8);
        memcpy(&y, b + same, 8);
        x ^= y;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (x) return same + (size_t)__builtin_ctzll(x) / 8;
#else
        if (x) break;
#endif
    }
    while (same < most_bytes && a[same] == b[same]) same++;
    return same;
}

enum { SAME_LEAST_BYTES = 12 };

static inline size_t same_as_base(const gp_list *list, uint32_t base, const gp_link *link) {
    size_t base_bytes = list->link_bases[base].uri_bytes, most_bytes = link->uri_bytes - (size_t)1;
    if (base_bytes < most_bytes) most_bytes = base_bytes;
    return common_bytes(list->link_bases[base].uri, link->uri, most_bytes);
}

static inline uint8_t *push_like(gp_list *list, uint8_t *at, const gp_link *link, uint32_t base, size_t same_bytes) {
    gp_link like = {
        .prefix_bytes = (uint16_t)same_bytes,
        .uri = link->uri + same_bytes,
        .uri_bytes = (uint16_t)(link->uri_bytes - same_bytes),
        .id = link->id,
        .id_bytes = link->id_bytes,
    };
    uint8_t *end = gp_record_push_link_like(at, &like, list->link_bases[base].distance);
    list->links_bytes += (uint32_t)(at - end);
    return end;
}

__attribute__((noinline)) static uint8_t *push_other_definition(gp_list *list, uint8_t *at, const gp_link *link) {
    for (uint32_t i = 1; i < GP_LINK_BASES && !link->prefix_bytes; i++) {
        uint32_t base = (list->link_base + i) % GP_LINK_BASES;
        size_t same_bytes = same_as_base(list, base, link);
        if (same_bytes < SAME_LEAST_BYTES) continue;
        list->link_base = base;
        return push_like(list, at, link, base, same_bytes);
    }
    list->link_base = (list->link_base + 1) % GP_LINK_BASES;
    uint32_t distance = (uint32_t)(gp_text_page_end(list->newest) - at) + 1;
    uint8_t *end = gp_record_push_link_definition(at, link);
    list->links_bytes += (uint32_t)(at - end);
    list->link_bases[list->link_base].uri = end + link->id_bytes;
    list->link_bases[list->link_base].uri_bytes = (uint32_t)gp_link_target_bytes(link);
    list->link_bases[list->link_base].distance = distance;
    return end;
}

/* A definition; where another target begins alike it is pointed to, which is mostly that of the one before. */
static inline uint8_t *push_definition(gp_list *list, uint8_t *at, const gp_link *link) {
    size_t same_bytes = link->prefix_bytes ? 0 : same_as_base(list, list->link_base, link);
    return same_bytes < SAME_LEAST_BYTES ? push_other_definition(list, at, link)
                                         : push_like(list, at, link, list->link_base, same_bytes);
}

/* A reference to where the page defines the link already, or a definition. The cache only proposes: what lies there is
 * compared. */
uint8_t *gp_list_push_link(gp_list *list, uint8_t *at, const gp_link *link) {
    const uint8_t *end = gp_text_page_end(list->newest);
    if (!link->uri_bytes) {
        list->line.link_distance = 0;
        return gp_record_push_link_reference(at, 0);
    }
    uint32_t hash = hash_link(link);
    uint32_t *known_hash = &list->links[slot_of(hash)].hash;
    uint32_t *known_distance = &list->links[slot_of(hash)].distance;
    if (*known_hash == hash && *known_distance <= (size_t)(end - at)) {
        gp_link known = gp_link_at(end, *known_distance);
        if (gp_link_equal(&known, link)) {
            list->line.link_distance = *known_distance;
            return gp_record_push_link_reference(at, *known_distance);
        }
    }
    *known_hash = hash;
    *known_distance = list->line.link_distance = (uint32_t)(end - at) + 1;
    return push_definition(list, at, link);
}

gp_status gp_list_set_pen(gp_list *list, const gp_style *style, const gp_link *link) {
    gp_open_line *line = &list->line;
    gp_status status = reserve(list, gp_record_link_bytes(link));
    if (status != GP_OK) return status;
    if (!gp_style_equal(&line->style, style)) {
        uint8_t *at = operations(list);
        operations_end(list, gp_record_push_style(at, &line->style, style));
        line->style = *style;
    }
    if (!line->link_distance && !link->uri_bytes) return GP_OK;
    if (line->link_distance && link->uri_bytes) {
        gp_link current = gp_link_at(gp_text_page_end(list->newest), line->link_distance);
        if (gp_link_equal(&current, link)) return GP_OK;
    }
    uint8_t *at = operations(list);
    operations_end(list, gp_list_push_link(list, at, link));
    return GP_OK;
}

/* ---- cells --------------------------------------------------------------------------------------------------- */

/* At a row's end beyond the cap the line goes on in a record of its own, with the same pen, and with room for `bytes`, as
 * from here on nothing may fail any more. */
static gp_status break_record(gp_list *list, size_t bytes) {
    gp_style style = list->line.style;
    gp_link link = gp_link_at(gp_text_page_end(list->newest), list->line.link_distance);
    gp_status status = next_record(list, true, gp_record_link_bytes(&link) + bytes);
    if (status != GP_OK) return status;
    list->tail_rows += list->tail_rows < list->tail_rows_max;
    return gp_list_set_pen(list, &style, &link); /* its room was asked for */
}

gp_status gp_list_begin_row(gp_list *list) {
    return gp_list_at_cap(list) ? break_record(list, 0) : GP_OK;
}

/* Where the cap is near, only what goes up to the end of a row is put at once. */
static gp_status portion_near_cap(gp_list *list, const uint8_t *text, size_t text_bytes, size_t left_bytes, uint32_t width,
                                  uint32_t *cells) {
    if (list->columns == 1) width = 1;
    uint32_t room = room_cells(list, width);
    bool row_ends = !room;
    if (row_ends) room = list->columns / width;
    if (*cells > room) {
        *cells = room;
        text_bytes = gp_text_advance(text, room);
    }
    return row_ends && !left_bytes ? break_record(list, text_bytes) : GP_OK;
}

/* Cells that may be put at once: all, almost always. */
static inline gp_status next_portion(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t width,
                                     uint32_t *cells) {
    size_t line_bytes = list->newest->text_end - list->line.text_begin, most_bytes = gp_list_cap_bytes(list);
    size_t record_bytes = list->line.top - list->newest->records_end;
    if (line_bytes + text_bytes <= most_bytes && record_bytes < most_bytes) return GP_OK;
    size_t left_bytes = gp_list_at_cap(list) ? 0 : most_bytes - line_bytes;
    return portion_near_cap(list, text, text_bytes, left_bytes, width, cells);
}

static gp_status put_simple(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t cells, gp_run_kind kind,
                            uint32_t width) {
    list->cells_put = 0;
    while (cells) {
        uint32_t portion = cells;
        gp_status status = next_portion(list, text, text_bytes, width, &portion);
        size_t bytes = portion == cells ? text_bytes : text_bytes == cells ? portion : gp_text_advance(text, portion);
        if (status == GP_OK) status = reserve(list, bytes);
        if (status != GP_OK) return status;
        put_text(list, text, bytes);
        put_run(list, (gp_run){.kind = kind, .cells = portion, .codepoints = 1, .width = (uint8_t)width});
        if (bytes != portion) list->line.flags &= (uint8_t)~GP_LINE_ASCII;
        if (width == 2) list->line.flags |= GP_LINE_WIDE;
        advance(list, portion, width);
        text += bytes, text_bytes -= bytes, cells -= portion;
        list->cells_put += portion;
    }
    return GP_OK;
}

gp_status gp_list_put_narrow(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t cells) {
    return put_simple(list, text, text_bytes, cells, GP_RUN_NARROW, 1);
}

gp_status gp_list_put_wide(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t cells) {
    return put_simple(list, text, text_bytes, cells, GP_RUN_WIDE, 2);
}

gp_status gp_list_put_cluster(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t codepoints,
                              unsigned width) {
    uint32_t cells = 1;
    gp_status status = next_portion(list, text, text_bytes, width, &cells);
    if (status == GP_OK) status = reserve(list, text_bytes);
    if (status != GP_OK) return status;
    put_text(list, text, text_bytes);
    put_run(list, (gp_run){.kind = GP_RUN_CLUSTER, .cells = 1, .codepoints = (uint16_t)codepoints, .width = (uint8_t)width});
    list->line.flags &= (uint8_t)~GP_LINE_ASCII;
    if (width == 2) list->line.flags |= GP_LINE_WIDE;
    advance(list, 1, width);
    return GP_OK;
}

gp_status gp_list_put_blanks(gp_list *list, uint32_t cells) {
    static const char spaces[] = "                                                                ";
    const uint32_t most = sizeof spaces - 1;
    while (cells) {
        uint32_t portion = cells < most ? cells : most;
        gp_status status = put_simple(list, (const uint8_t *)spaces, portion, portion, GP_RUN_BLANK, 1);
        if (status != GP_OK) return status;
        cells -= portion;
    }
    return GP_OK;
}

gp_status gp_list_extend(gp_list *list, const uint8_t *text, size_t text_bytes, unsigned width) {
    gp_status status = reserve(list, text_bytes);
    if (status != GP_OK) return status;
    gp_open_line *line = &list->line;
    gp_run cluster = {.kind = GP_RUN_CLUSTER, .cells = 1, .codepoints = 2, .width = (uint8_t)width};
    unsigned before = line->last.width;
    if (line->last.kind == GP_RUN_CLUSTER) {
        cluster.codepoints = line->last.codepoints + 1;
    } else if (line->last.cells > 1) {
        line->last.cells--;
        operations_end(list, operations(list));
    }
    line->last = cluster;
    put_text(list, text, text_bytes);
    line->flags &= (uint8_t)~GP_LINE_ASCII;
    if (width == 2) line->flags |= GP_LINE_WIDE;
    line->cells += width - before;
    if (list->columns == 1) return GP_OK;
    if (width > before && line->row_cells == list->columns) { /* it leaves a spacer and begins the next row */
        line->row_cells = width;
        gp_list_count_new_rows(list, 1);
    } else {
        line->row_cells += width - before;
    }
    return GP_OK;
}

unsigned gp_list_last_width(const gp_list *list) { return list->line.last.cells ? list->line.last.width : 0; }

unsigned gp_list_last_codepoints(const gp_list *list) {
    return list->line.last.kind == GP_RUN_CLUSTER ? list->line.last.codepoints : list->line.last.cells ? 1 : 0;
}

/* ---- moving the open line ------------------------------------------------------------------------------------ */

/* An upper bound for the open line in another page: links defined by earlier lines, or with their help, have to be defined
 * again, in full. */
static size_t moved_bytes(const gp_list *list) {
    const gp_text_page *page = list->newest;
    size_t bytes = page->text_end - list->line.text_begin + list->line.top - page->records_end;
    uint32_t line_distance = (uint32_t)page->page.view_bytes - list->line.top, like_distance;
    gp_runs runs = gp_list_open_runs(list);
    while ((runs.op = gp_record_find_link(runs.op, runs.op_end)) > runs.op_end) {
        gp_link link = {0};
        switch (runs.op[-1]) {
        case GP_OP_LINK_LIKE:
            link = gp_record_definition(runs.op, &like_distance);
            runs.op = link.id;
            break;
        case GP_OP_LINK_AT:
            gp_runs_take_link(&runs);
            if (runs.link_distance <= line_distance) link = gp_link_at(runs.page_end, runs.link_distance);
            break;
        default: gp_runs_take_link(&runs);
        }
        if (link.uri_bytes) bytes += gp_record_link_bytes(&link);
    }
    return bytes;
}

/* Links that others begin as: at which distance one was, at which one lies now that is defined in full, and how much of
 * their targets is the same. */
typedef struct moved_bases {
    struct {
        uint32_t from, to, same_bytes;
    } base[GP_LINK_BASES];
    uint32_t next;
} moved_bases;

static void note_base(moved_bases *bases, uint32_t from, uint32_t to, uint32_t same_bytes) {
    uint32_t i = 0;
    while (i < GP_LINK_BASES && bases->base[i].from != from) i++;
    if (i == GP_LINK_BASES) i = bases->next++ % GP_LINK_BASES;
    bases->base[i].from = from;
    bases->base[i].to = to;
    bases->base[i].same_bytes = same_bytes;
}

/* The link of the operation at runs->op, in the newest page. */
static uint8_t *copy_link(gp_list *list, uint8_t *at, gp_runs *runs, moved_bases *bases) {
    uint32_t like_distance = 0, same_bytes = UINT32_MAX;
    uint32_t distance = (uint32_t)(gp_text_page_end(list->newest) - at) + 1;
    if (runs->op[-1] == GP_OP_LINK_LIKE) {
        gp_link like = gp_record_definition(runs->op, &like_distance);
        same_bytes = like.prefix_bytes;
        for (uint32_t i = 0; i < GP_LINK_BASES; i++) {
            if (bases->base[i].from != like_distance || bases->base[i].same_bytes < same_bytes) continue;
            uint32_t hash = hash_link(&like);
            list->links[slot_of(hash)].hash = hash;
            list->links[slot_of(hash)].distance = list->line.link_distance = distance;
            uint8_t *end = gp_record_push_link_like(at, &like, bases->base[i].to);
            list->links_bytes += (uint32_t)(at - end);
            runs->op = like.id;
            return end;
        }
    }
    gp_runs_take_link(runs);
    gp_link link = gp_link_at(runs->page_end, runs->link_distance);
    uint8_t *end = gp_list_push_link(list, at, &link);
    if (at[-1] == GP_OP_LINK_HERE) note_base(bases, like_distance ? like_distance : runs->link_distance, distance, same_bytes);
    return end;
}

/* The line that was open before, as it lies but for its links, whose distances are others here. 11 instructions a byte for
 * emoji and links, where run by run it took 56. */
static void copy_line(gp_list *list, gp_runs runs, size_t text_bytes, const gp_open_line *saved) {
    moved_bases bases = {0};
    put_text(list, runs.text, text_bytes);
    if (saved->flags & GP_LINE_RICH) {
        uint8_t *at = operations(list);
        while (runs.op > runs.op_end) {
            const uint8_t *link_op = gp_record_find_link(runs.op, runs.op_end);
            at -= runs.op - link_op;
            memcpy(at, link_op, (size_t)(runs.op - link_op));
            runs.op = link_op;
            if (link_op > runs.op_end) at = copy_link(list, at, &runs, &bases);
        }
        operations_end(list, at);
    }
    gp_open_line *line = &list->line;
    line->flags = saved->flags;
    line->cells = saved->cells;
    line->rows = saved->rows;
    line->row_cells = saved->row_cells;
    line->last = saved->last;
    line->style = saved->style;
}

size_t gp_list_copy_bytes(gp_runs runs, size_t text_bytes) {
    size_t bytes = text_bytes + 1 + GP_RICH_HEAD_BYTES + (size_t)(runs.op - runs.op_end);
    while ((runs.op = gp_record_find_link(runs.op, runs.op_end)) > runs.op_end) {
        gp_runs_take_link(&runs);
        gp_link link = gp_link_at(runs.page_end, runs.link_distance);
        if (link.uri_bytes) bytes += gp_record_link_bytes(&link);
    }
    return bytes;
}

gp_status gp_list_copy_closed(gp_list *list, const gp_line *line) {
    gp_open_line saved = {.flags = line->flags, .cells = line->cells, .rows = gp_line_rows(line, 0, list->columns)};
    if (list->newest->lines % GP_MARK_LINES == 0 && !mark_line(list->newest)) return GP_ERR_NOMEM;
    begin(list, 0);
    copy_line(list, gp_line_runs(line), line->text_bytes, &saved);
    finish_line(list, line->text_bytes);
    return GP_OK;
}

gp_status gp_list_copy_open(gp_list *list, const gp_list *from) {
    if (list->newest->lines % GP_MARK_LINES == 0 && !mark_line(list->newest)) return GP_ERR_NOMEM;
    begin(list, 0);
    copy_line(list, gp_list_open_runs(from), from->newest->text_end - from->line.text_begin, &from->line);
    return GP_OK;
}

gp_status gp_list_make_room(gp_list *list, size_t bytes) {
    gp_text_page *left = list->newest;
    bool grows = left->lines == 0; /* the line has the page to itself already */
    size_t need_bytes = moved_bytes(list) + bytes + 4 * GP_RECORD_RESERVE_BYTES;
    size_t wish_bytes = need_bytes;
    if (grows && need_bytes < 2 * left->page.view_bytes && left->page.view_bytes < 4 * GP_LINE_CAP_BYTES)
        wish_bytes = 2 * left->page.view_bytes;
    if (wish_bytes > UINT32_MAX / 2) return GP_ERR_NOMEM;
    gp_status status = gp_list_prepare(list, wish_bytes);
    if (status == GP_ERR_LIMIT && wish_bytes > need_bytes) status = gp_list_prepare(list, need_bytes);
    if (status != GP_OK) return status;

    gp_open_line saved = list->line;
    gp_runs runs = gp_list_open_runs(list);
    uint32_t cut_cells = list->cut_cells;
    bool cut_here = gp_list_from(list, left, left->lines) != 0;
    gp_list_attach(list);
    list->newest->marks[0] = (gp_mark){.text_begin = 0, .top = list->newest->records_end};
    begin(list, saved.flags & GP_LINE_CONTINUATION);
    copy_line(list, runs, left->text_end - saved.text_begin, &saved);
    list->account->counters.copies++;
    list->account->counters.copied_bytes += list->newest->text_end;

    gp_text_page_soil(left);
    list->settled_bytes -= gp_text_page_used_bytes(left);
    left->text_end = saved.text_begin;
    left->records_end = saved.top;
    list->settled_bytes += gp_text_page_used_bytes(left);
    gp_text_page_seal(left);
    if (grows) {
        list->account->counters.pages_grown++;
        gp_list_retire(list, left, NULL);
    } else if (cut_here) { /* all its closed lines are dead */
        gp_list_retire(list, left, NULL);
    }
    if (cut_here) list->cut_cells = cut_cells;
    return GP_OK;
}
