#include "pages/text_page.h"

#include <string.h>

#include "memory/alloc.h"

void gp_text_page_reset(gp_text_page *page, uint64_t first_line) {
    page->text_end = 0;
    page->records_end = (uint32_t)page->page.view_bytes;
    page->lines = page->dead_lines = page->widest = page->irregular = page->largest_bytes = 0;
    page->rows = page->seal = 0;
    page->first_line = first_line;
}

void gp_text_page_soil(gp_text_page *page) {
    gp_mapping *mapping = page->page.mapping;
    size_t beyond_bytes = mapping->length_bytes - page->page.view_bytes;
    gp_mapping_soil(mapping, page->text_end + GP_TEXT_AHEAD_BYTES, page->page.view_bytes - page->records_end + beyond_bytes);
}

/* ---- finding lines ------------------------------------------------------------------------------------------ */

void gp_line_read(gp_line *line) {
    const uint8_t *top = line->page->page.base + line->top;
    uint32_t head;
    memcpy(&head, top - GP_HEAD_BYTES, sizeof head);
    line->text_bytes = head >> 8;
    line->flags = (uint8_t)head;
    line->ops_bytes = 0;
    line->cells = line->text_bytes;
    if (line->flags & GP_LINE_RICH) {
        memcpy(&line->ops_bytes, top - 8, sizeof line->ops_bytes);
        memcpy(&line->cells, top - GP_RICH_HEAD_BYTES, sizeof line->cells);
    }
}

void gp_line_step(gp_line *line) {
    line->text_begin += line->text_bytes + 1;
    line->top -= (line->flags & GP_LINE_RICH ? GP_RICH_HEAD_BYTES : GP_HEAD_BYTES) + line->ops_bytes;
    if (++line->index < line->page->lines) gp_line_read(line);
}

gp_line gp_text_page_line(gp_text_page *page, uint32_t index) {
    gp_mark mark = page->marks[index / GP_MARK_LINES];
    gp_line line = {
        .page = page,
        .index = index / GP_MARK_LINES * GP_MARK_LINES,
        .text_begin = mark.text_begin,
        .top = mark.top,
    };
    if (line.index < page->lines) gp_line_read(&line);
    while (line.index < index) gp_line_step(&line);
    return line;
}

gp_runs gp_line_runs(const gp_line *line) {
    const uint8_t *base = line->page->page.base;
    bool rich = line->flags & GP_LINE_RICH;
    const uint8_t *op = base + line->top - (rich ? GP_RICH_HEAD_BYTES : GP_HEAD_BYTES);
    gp_runs runs = {
        .op = op,
        .op_end = op - line->ops_bytes,
        .text = base + line->text_begin,
        .page_end = gp_text_page_end(line->page),
        .ascii = line->flags & GP_LINE_ASCII,
    };
    if (!rich && line->cells) runs.last = (gp_run){GP_RUN_NARROW, line->cells, 1, 1};
    return runs;
}

/* ---- rows --------------------------------------------------------------------------------------------------- */

/* Where wide cells wrap early the runs have to be walked; whole rows of one run are taken at a step. */
static uint32_t rows_of_wide(uint32_t from, gp_runs runs, uint32_t columns) {
    uint32_t rows = 1, column = 0, skip = from;
    while (gp_runs_load(&runs)) {
        uint32_t width = columns == 1 ? 1 : runs.run.width;
        uint32_t cells = runs.run.cells;
        if (skip) {
            uint32_t skipped_cells = skip / runs.run.width < cells ? skip / runs.run.width : cells;
            skip -= skipped_cells * runs.run.width;
            gp_runs_skip(&runs, skipped_cells);
            if (!skipped_cells) skip = 0;
            continue;
        }
        gp_runs_skip(&runs, cells);
        uint32_t room_cells = (columns - column) / width;
        if (cells <= room_cells) {
            column += cells * width;
            continue;
        }
        cells -= room_cells;
        uint32_t row_cells = columns / width;
        rows += (cells + row_cells - 1) / row_cells;
        column = (cells - 1) % row_cells * width + width;
    }
    return rows;
}

uint32_t gp_line_rows(const gp_line *line, uint32_t from, uint32_t columns) {
    uint32_t left = line->cells - from;
    if (left <= columns) return 1;
    return line->flags & GP_LINE_WIDE ? rows_of_wide(from, gp_line_runs(line), columns)
                                      : (left + columns - 1) / columns;
}

/* Where no line is rich the heads lie side by side. Divides by multiplication, which is exact for text of 24 bits and
 * widths of 16: a nanosecond a line, where walking the records takes five. */
static uint64_t rows_of_plain(const gp_text_page *page, uint32_t columns) {
    const uint8_t *heads = gp_text_page_end(page) - (size_t)page->lines * GP_HEAD_BYTES;
    uint64_t reciprocal = (((uint64_t)1 << 40) + columns - 1) / columns, rows = 0;
    for (uint32_t i = page->lines - page->dead_lines; i; i--, heads += GP_HEAD_BYTES) {
        uint32_t head;
        memcpy(&head, heads, sizeof head);
        uint64_t cells = head >> 8;
        rows += cells ? (cells + columns - 1) * reciprocal >> 40 : 1;
    }
    return rows;
}

uint64_t gp_text_page_count_rows(gp_text_page *page, uint32_t from, uint32_t columns) {
    if (page->dead_lines == page->lines) return 0;
    if (page->widest <= columns) return page->lines - page->dead_lines;
    bool plain = page->records_end + page->lines * GP_HEAD_BYTES == page->page.view_bytes;
    if (plain && !from && columns > 1) return rows_of_plain(page, columns);
    uint64_t rows = 0;
    gp_line line = gp_text_page_line(page, page->dead_lines);
    for (; line.index < page->lines; gp_line_step(&line), from = 0) rows += gp_line_rows(&line, from, columns);
    return rows;
}

/* ---- seals --------------------------------------------------------------------------------------------------- */

static uint64_t sum_bytes(uint64_t sum, const uint8_t *bytes, size_t length_bytes) {
    for (; length_bytes >= 8; bytes += 8, length_bytes -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
        sum ^= sum >> 29;
    }
    while (length_bytes--) sum = (sum ^ *bytes++) * 0x100000001B3u;
    return sum;
}

static uint64_t checksum(const gp_text_page *page) {
    uint64_t sum = sum_bytes(page->lines, page->page.base, page->text_end);
    sum = sum_bytes(sum, page->page.base + page->records_end, page->page.view_bytes - page->records_end);
    return sum ? sum : 1;
}

#ifdef GP_CHECKED
void gp_text_page_seal(gp_text_page *page) { page->seal = checksum(page); }
#else
void gp_text_page_seal(gp_text_page *page) { (void)page; }
#endif

/* ---- the verifier ------------------------------------------------------------------------------------------- */

static const char *check_line(const gp_line *line) {
    gp_runs runs = gp_line_runs(line);
    uint32_t cells = 0, text_bytes = 0;
    bool wide = false, ends_in_blanks = false;
    while (gp_runs_load(&runs)) {
        gp_piece piece;
        if (runs.op < runs.op_end) return "text page: an operation reaches beyond its line";
        gp_runs_take(&runs, runs.run.cells, &piece);
        cells += piece.cells * piece.width;
        text_bytes += piece.text_bytes;
        wide = wide || piece.width == 2;
        ends_in_blanks = piece.kind == GP_RUN_BLANK;
        if (text_bytes > line->text_bytes) return "text page: the runs of a line have more text than the line";
        if (piece.link_distance > line->page->page.view_bytes) return "text page: a link lies outside the page";
    }
    if (runs.op != runs.op_end) return "text page: operations do not end where their line does";
    if (cells != line->cells) return "text page: a line's cells do not add up";
    if (text_bytes != line->text_bytes) return "text page: a line's text does not add up";
    if (ends_in_blanks && !(line->flags & GP_LINE_BLANK_END)) return "text page: a line hides the blanks at its end";
    if (wide && !(line->flags & GP_LINE_WIDE)) return "text page: a line hides its wide cells";
    if (line->page->page.base[line->text_begin + line->text_bytes] != '\n')
        return "text page: a line does not end in a newline";
    return NULL;
}

const char *gp_text_page_check(gp_text_page *page) {
    if (page->page.view_bytes > page->page.mapping->length_bytes) return "text page: the view exceeds its mapping";
    if (page->text_end > page->records_end) return "text page: text and records overlap";
    if (page->records_end > page->page.view_bytes) return "text page: records end beyond the page";
    if (page->dead_lines > page->lines) return "text page: more lines are dead than there are";
    if (page->seal && page->seal != checksum(page)) return "text page: what was closed has changed";
    uint32_t widest = 0, irregular = 0;
    bool goes_on = false;
    if (page->lines) {
        gp_line line = gp_text_page_line(page, 0);
        if (line.text_begin != 0 || line.top != page->page.view_bytes)
            return "text page: the first line is not at the ends";
        for (; line.index < page->lines; gp_line_step(&line)) {
            if (line.index % GP_MARK_LINES == 0) {
                gp_mark mark = page->marks[line.index / GP_MARK_LINES];
                if (mark.text_begin != line.text_begin || mark.top != line.top)
                    return "text page: a mark points beside its line";
            }
            if (line.text_begin + line.text_bytes >= page->text_end + 1u)
                return "text page: a line reaches beyond the text";
            const char *violation = check_line(&line);
            if (violation) return violation;
            if (line.index > page->dead_lines && goes_on != ((line.flags & GP_LINE_CONTINUATION) != 0))
                return "text page: a line goes on in none, or from none";
            goes_on = line.flags & GP_LINE_CONTINUES;
            if (line.cells > widest) widest = line.cells;
            irregular += (line.flags & (GP_LINE_BLANK_END | GP_LINE_CONTINUES)) != 0;
        }
        if (line.text_begin > page->text_end) return "text page: the lines exceed the text";
        if (line.top < page->records_end) return "text page: the records exceed their end";
    }
    if (widest > page->widest) return "text page: a line is wider than the widest";
    if (irregular > page->irregular) return "text page: a line's text does not read as it lies";
    return NULL;
}
