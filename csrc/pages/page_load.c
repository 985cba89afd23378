#include "pages/page_load.h"

#include <string.h>

#include "memory/alloc.h"
#include "unicode/utf8.h"

/* Where links are defined in the page so far, nearest to its end first. */
typedef struct definitions {
    struct {
        uint32_t distance, target_bytes; /* 0: defined by another one's beginning */
    } *at;
    size_t count, capacity;
} definitions;

typedef struct checker {
    const uint8_t *page_end;
    const uint8_t *op, *op_end; /* of the line */
    const uint8_t *text, *text_end;
    definitions *links;
    bool failed, ascii, wide, blank_end, no_memory;
    uint64_t cells;
} checker;

static void fail_if(checker *c, bool wrong) { c->failed = c->failed || wrong; }

static uint8_t pull(checker *c) {
    if (c->op <= c->op_end) {
        c->failed = true;
        return 0;
    }
    return *--c->op;
}

static uint32_t pull_number(checker *c) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = pull(c);
        value += (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) break;
        fail_if(c, shift == 28);
    }
    fail_if(c, value > UINT32_MAX / 2);
    return c->failed ? 0 : (uint32_t)value;
}

static void skip(checker *c, uint32_t bytes) {
    fail_if(c, (size_t)(c->op - c->op_end) < bytes);
    if (!c->failed) c->op -= bytes;
}

static uint32_t pull_counted(checker *c, unsigned tag, unsigned full) {
    uint32_t value = tag & full;
    if (value == full) value += pull_number(c);
    return value;
}

/* ---- pens ---- */

static void check_color(checker *c) {
    unsigned kind = pull(c);
    fail_if(c, kind > GP_STYLE_COLOR_RGB);
    skip(c, kind == GP_STYLE_COLOR_INDEXED ? 1 : kind == GP_STYLE_COLOR_RGB ? 3 : 0);
}

static void check_style(checker *c, unsigned tag) {
    if (tag & 1) {
        gp_style style = {.attributes = (uint16_t)(pull(c) << 8)};
        style.attributes |= pull(c);
        fail_if(c, style.attributes & ~(unsigned)GP_STYLE_KNOWN);
        fail_if(c, gp_style_get_underline(&style) > GP_STYLE_UNDERLINE_DASHED);
    }
    for (unsigned bit = 2; bit <= 8; bit <<= 1)
        if (tag & bit) check_color(c);
}

static size_t find_definition(const definitions *links, uint32_t distance) {
    size_t low = 0, high = links->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (links->at[middle].distance < distance)
            low = middle + 1;
        else
            high = middle;
    }
    return low < links->count && links->at[low].distance == distance ? low : SIZE_MAX;
}

static void define(checker *c, uint32_t distance, uint32_t target_bytes) {
    definitions *links = c->links;
    if (links->count == links->capacity) {
        size_t capacity = links->capacity ? links->capacity * 2 : 64;
        void *grown = gp_realloc(links->at, capacity * sizeof *links->at);
        c->no_memory = c->no_memory || !grown;
        fail_if(c, !grown);
        if (!grown) return;
        links->at = grown;
        links->capacity = capacity;
    }
    links->at[links->count].distance = distance;
    links->at[links->count++].target_bytes = target_bytes;
}

static void check_link(checker *c, unsigned tag) {
    uint32_t distance = (uint32_t)(c->page_end - c->op), same_bytes = 0;
    if (tag == 0xE0) return;
    if (tag == 0xE1) {
        fail_if(c, find_definition(c->links, pull_number(c)) == SIZE_MAX);
        return;
    }
    fail_if(c, tag > 0xE3);
    if (tag == 0xE3) {
        size_t base = find_definition(c->links, pull_number(c));
        same_bytes = pull_number(c);
        fail_if(c, base == SIZE_MAX || same_bytes == 0 || same_bytes > c->links->at[base].target_bytes);
    }
    uint32_t rest_bytes = pull_number(c), id_bytes = pull_number(c);
    fail_if(c, rest_bytes == 0 || rest_bytes > GP_LINK_URI_MAX_BYTES - same_bytes || id_bytes > GP_LINK_ID_MAX_BYTES);
    if (c->failed) return;
    skip(c, rest_bytes + id_bytes);
    define(c, distance, same_bytes ? 0 : rest_bytes);
}

/* ---- runs ---- */

static void take_text(checker *c, uint64_t codepoints, bool blanks) {
    for (; codepoints && !c->failed; codepoints--) {
        uint32_t codepoint = 0;
        size_t bytes = c->text < c->text_end ? gp_utf8_decode(c->text, c->text_end, &codepoint) : 0;
        bool malformed = codepoint == GP_UTF8_REPLACEMENT && (bytes != 3 || c->text[0] != 0xEF);
        fail_if(c, !bytes || malformed || codepoint < 0x20 || (codepoint >= 0x7F && codepoint < 0xA0));
        fail_if(c, blanks && codepoint != ' ');
        c->ascii = c->ascii && codepoint < 0x80;
        c->text += bytes;
    }
}

static void check_run(checker *c, unsigned tag) {
    uint64_t cells = 1, width = 1, codepoints;
    if (tag < 0x80) {
        codepoints = cells = (uint64_t)pull_counted(c, tag, 0x3F) + 1;
        width = tag & 0x40 ? 2 : 1;
    } else if (tag < 0xA0) {
        codepoints = (uint64_t)pull_counted(c, tag, 0x0F) + 2;
        width = tag & 0x10 ? 2 : 1;
        fail_if(c, codepoints > GP_CELL_CODEPOINTS_MAX);
        c->ascii = false;
    } else {
        codepoints = cells = (uint64_t)pull_counted(c, tag, 0x1F) + 1;
    }
    take_text(c, codepoints, tag >= 0xA0);
    c->wide = c->wide || width == 2;
    c->blank_end = tag >= 0xA0;
    c->cells += cells * width;
}

static void check_operations(checker *c) {
    while (c->op > c->op_end && !c->failed) {
        unsigned tag = *--c->op;
        if (tag < 0xC0)
            check_run(c, tag);
        else if (tag < 0xD0)
            check_style(c, tag);
        else if (tag == 0xD0)
            continue;
        else
            check_link(c, tag);
    }
}

/* ---- lines ---- */

/* The line that begins where `line` says, as gp_line_read reads it, but within what is there. */
static bool check_line(gp_line *line, uint32_t records_begin, uint32_t text_end, definitions *links, bool *no_memory) {
    const uint8_t *base = line->page->page.base;
    uint32_t room_bytes = line->top - records_begin;
    if (room_bytes < GP_HEAD_BYTES) return false;
    bool rich = base[line->top - GP_HEAD_BYTES] & GP_LINE_RICH;
    if (rich && room_bytes < GP_RICH_HEAD_BYTES) return false;
    gp_line_read(line);
    if (line->text_bytes >= text_end - line->text_begin) return false;
    const uint8_t *text = base + line->text_begin, *end = text + line->text_bytes;
    if (*end != '\n') return false;
    uint32_t head_bytes = rich ? GP_RICH_HEAD_BYTES : GP_HEAD_BYTES;
    if (line->ops_bytes > room_bytes - head_bytes) return false;
    const uint8_t *op = base + line->top - head_bytes;
    checker c = {
        .page_end = gp_text_page_end(line->page),
        .op = op,
        .op_end = op - line->ops_bytes,
        .text = text,
        .text_end = end,
        .links = links,
        .ascii = true,
    };
    if (rich) {
        check_operations(&c);
    } else {
        take_text(&c, line->text_bytes, false);
        c.cells = line->text_bytes;
        fail_if(&c, !c.ascii);
    }
    *no_memory = c.no_memory;
    fail_if(&c, c.text != end || c.cells != line->cells);
    fail_if(&c, (c.wide && !(line->flags & GP_LINE_WIDE)) || (!c.ascii && line->flags & GP_LINE_ASCII));
    fail_if(&c, c.blank_end && !(line->flags & GP_LINE_BLANK_END));
    return !c.failed;
}

static gp_status check_lines(gp_text_page *page, const gp_saved_page *saved) {
    definitions links = {0};
    gp_line line = {.page = page, .top = (uint32_t)page->page.view_bytes};
    uint32_t records_begin = line.top - (uint32_t)saved->records_bytes, text_end = (uint32_t)saved->text_bytes;
    bool no_memory = false, sound = true;
    for (; line.index < saved->lines && sound; line.index++) {
        if (line.index % GP_MARK_LINES == 0)
            page->marks[line.index / GP_MARK_LINES] = (gp_mark){.text_begin = line.text_begin, .top = line.top};
        sound = check_line(&line, records_begin, text_end, &links, &no_memory);
        if (!sound) break;
        uint32_t record_bytes = (line.flags & GP_LINE_RICH ? GP_RICH_HEAD_BYTES : GP_HEAD_BYTES) + line.ops_bytes;
        if (line.cells > page->widest) page->widest = line.cells;
        page->irregular += (line.flags & (GP_LINE_BLANK_END | GP_LINE_CONTINUES)) != 0;
        if (line.text_bytes + record_bytes > page->largest_bytes) page->largest_bytes = line.text_bytes + record_bytes;
        line.text_begin += line.text_bytes + 1;
        line.top -= record_bytes;
    }
    gp_free(links.at);
    if (no_memory) return GP_ERR_NOMEM;
    if (!sound || line.text_begin != text_end || line.top != records_begin) return GP_ERR_FORMAT;
    page->lines = saved->lines;
    page->dead_lines = saved->dead_lines;
    page->text_end = text_end;
    page->records_end = records_begin;
    return GP_OK;
}

gp_status gp_list_load_page(gp_list *list, const gp_saved_page *saved) {
    const size_t most_bytes = UINT32_MAX / 4;
    if (saved->text_bytes > most_bytes || saved->records_bytes > most_bytes) return GP_ERR_FORMAT;
    if (saved->lines > saved->text_bytes || saved->dead_lines > saved->lines) return GP_ERR_FORMAT;
    if (saved->dead_lines && list->oldest) return GP_ERR_FORMAT;
    if (list->oldest && saved->first_line != list->next_line) return GP_ERR_FORMAT;
    if (saved->first_line > UINT64_MAX / 2) return GP_ERR_FORMAT;
    gp_status status = gp_list_prepare(list, saved->text_bytes + saved->records_bytes + 4 * GP_RECORD_RESERVE_BYTES);
    if (status != GP_OK) return status;
    gp_text_page *page = list->prepared;
    size_t marks = saved->lines / GP_MARK_LINES + 1;
    if (marks > page->mark_capacity) {
        gp_mark *grown = gp_realloc(page->marks, marks * sizeof *grown);
        if (!grown) return GP_ERR_NOMEM;
        page->marks = grown;
        page->mark_capacity = (uint32_t)marks;
    }
    list->next_line = saved->first_line;
    gp_list_attach(list);
    if (saved->text_bytes) memcpy(page->page.base, saved->text, saved->text_bytes);
    if (saved->records_bytes)
        memcpy(page->page.base + page->page.view_bytes - saved->records_bytes, saved->records, saved->records_bytes);
    page->text_end = (uint32_t)saved->text_bytes; /* which is how far it has to be wiped, whatever it is */
    page->records_end = (uint32_t)(page->page.view_bytes - saved->records_bytes);
    status = check_lines(page, saved);
    if (status != GP_OK) return status;
    uint32_t from = gp_list_from(list, page, page->dead_lines);
    if (from) {
        if (page->dead_lines == page->lines || from > gp_text_page_line(page, page->dead_lines).cells) return GP_ERR_FORMAT;
    }
    page->rows = gp_text_page_count_rows(page, from, list->columns);
    page->rows_columns = list->columns;
    list->rows += page->rows;
    list->next_line += page->lines;
    return GP_OK;
}
