/* Text to the open line, clusters and all: it is copied as it is, and gets its runs while it is looked at. Nothing is put cell
 * by cell, which takes three times as many instructions. What is malformed, has no width, or makes a wide cell narrow is left
 * to the functions of list_write.c. */
#include <string.h>

#include "pages/list.h"
#include "pages/run_step.h"
#include "unicode/letters.h"
#include "unicode/utf8.h"

typedef struct text_writer {
    gp_run_writer runs;
    uint32_t room;    /* columns left in the row */
    uint32_t columns; /* of a row to come; 0: there may be none */
    uint32_t rows;    /* begun, ... */
    uint32_t taken;   /* ... and columns of those before, less the ones that the line had */
} text_writer;

/* Cells of one code point each. */
static inline void put_cells(text_writer *writer, uint32_t cells, unsigned width) {
    gp_run_writer_put(&writer->runs, width == 2 ? GP_OP_WIDE : 0, cells);
    writer->room -= cells * width;
}

/* A code point joins the last cell, which becomes so wide. False: not here. */
static inline bool join(text_writer *writer, unsigned width) {
    gp_run_writer *runs = &writer->runs;
    if (runs->tag == (GP_OP_CLUSTER | (width == 2 ? GP_OP_CLUSTER_WIDE : 0))) { /* another mark, mostly */
        if (runs->count == GP_CELL_CODEPOINTS_MAX) return false;
        runs->count++;
        return true;
    }
    bool simple = runs->tag < GP_OP_CLUSTER;
    unsigned was = 1 + (runs->tag >> (simple ? 6 : 4) & 1);
    if (runs->tag >= GP_OP_BLANK || width < was || width - was > writer->room) return false;
    if (simple) {
        if (--runs->count) gp_run_writer_end(runs);
        runs->count = 1;
    } else if (runs->count == GP_CELL_CODEPOINTS_MAX) {
        return false;
    }
    writer->room -= width - was;
    runs->tag = GP_OP_CLUSTER | (width == 2 ? GP_OP_CLUSTER_WIDE : 0);
    runs->seen |= runs->tag;
    runs->count++;
    return true;
}

/* Letters as wide as `width` says, those that fit: of narrow ones, which are of one to three bytes, not all of them at once. */
static inline const uint8_t *put_letters(text_writer *writer, const uint8_t *at, const uint8_t *end, unsigned width) {
    uint32_t count = 0;
    size_t most_bytes = width == 2 ? (size_t)(writer->room / 2) * 3 : writer->room;
    if ((size_t)(end - at) > most_bytes) end = at + most_bytes;
    const uint8_t *to = width == 2 ? gp_letters_of_3(at, end, 1, &count) : gp_letters_narrow(at, end, &count);
    if (count) put_cells(writer, count, width);
    return to;
}

static inline void begin_row(text_writer *writer) {
    writer->taken += writer->columns - writer->room;
    writer->room = writer->columns;
    writer->rows++;
}

/* A code point, whatever it is. Returns where it ends, or `at`: not here. */
__attribute__((noinline)) static const uint8_t *put_codepoint(text_writer *writer, const uint8_t *at, const uint8_t *end,
                                                              gp_cluster *cluster) {
    uint32_t codepoint;
    size_t step = gp_utf8_decode(at, end, &codepoint);
    if (!step || codepoint == GP_UTF8_REPLACEMENT) return at;
    gp_cluster with = *cluster;
    if (gp_cluster_join(&with, gp_properties_of(codepoint))) {
        if (!join(writer, with.width)) return at;
    } else {
        if (!with.width || (with.width > writer->room && !writer->columns)) return at;
        if (with.width > writer->room) begin_row(writer);
        put_cells(writer, 1, with.width);
    }
    *cluster = with;
    return at + step;
}

/* Letters, marks and emoji in any order, one code point after the other without a branch that depends on which it is, and a
 * word of ASCII at once: half the instructions and half the time. Up to where a run gets long or something is not for it. */
__attribute__((noinline)) static const uint8_t *put_mixed(text_writer *writer, const uint8_t *at, const uint8_t *end,
                                                          gp_cluster *last) {
    gp_run_writer *runs = &writer->runs;
    unsigned run, cluster = gp_cluster_packed(*last), seen = 0;
    if (!gp_run_step_begin(runs, &run)) return at;
    uint32_t most = writer->room < GP_RUN_STEP_NONE ? writer->room : GP_RUN_STEP_NONE - 1, room = most;
    uint8_t *op = runs->op;
    const uint8_t *stop = end - at < 4 ? at : end - 3;
    while (at < stop) {
        uint32_t four;
        memcpy(&four, at, 4);
        if (!(four & 0x80808080)) {
            unsigned count = stop - at < 5 ? 4 : gp_letters_ascii_of_8(at);
            unsigned with = gp_run_step_narrow(run) ? run + count : count - 1;
            if (with > GP_RUN_STEP_MOST || count > room || gp_cluster_takes_plain(gp_cluster_unpacked(cluster))) break;
            room -= count;
            op[-1] = gp_run_steps[run][1].op;
            op -= gp_run_steps[run][1].ended;
            run = with;
            at += count;
            cluster = gp_cluster_next(0, gp_properties_of(at[-1]));
            continue;
        }
        gp_properties properties;
        size_t length_bytes;
        if (!gp_properties_at(at, &properties, &length_bytes)) break;
        unsigned next = gp_cluster_next(cluster, properties);
        const gp_run_step *step = &gp_run_steps[run][next >> GP_UNICODE_WIDTH_SHIFT];
        if (step->columns > room) break;
        room -= step->columns;
        op[-1] = step->op;
        op -= step->ended;
        run = step->run;
        seen |= cluster = next;
        at += length_bytes;
    }
    op[-1] = 0; /* which is no operation yet */
    *last = gp_cluster_unpacked(cluster);
    writer->room -= most - room;
    runs->op = op;
    if (seen & 2 << GP_UNICODE_WIDTH_SHIFT) runs->seen |= GP_OP_WIDE;
    gp_run_step_end(runs, run);
    return at;
}

/* Returns where it stops. */
static const uint8_t *put_text(text_writer *writer, const uint8_t *at, const uint8_t *end, gp_cluster *last) {
    gp_cluster cluster = *last;
    while (at < end) {
        const uint8_t *begin = at;
        unsigned width = *at < 0xE3 ? 1 : 2; /* of letters, if it is one: nearly always */
        if (*at < 0xF0 && !gp_cluster_takes_letters(cluster)) at = put_letters(writer, at, end, width);
        if (at != begin) {
            cluster = gp_letters_cluster(at, width);
            continue;
        }
        at = put_mixed(writer, at, end, &cluster);
        if (at == begin) at = put_codepoint(writer, at, end, &cluster);
        if (at == begin) break;
    }
    *last = cluster;
    return at;
}

size_t gp_list_append_text(gp_list *list, const uint8_t *text, size_t text_bytes, bool wraps, gp_cluster *cluster) {
    gp_open_line *line = &list->line;
    gp_text_page *page = list->newest;
    size_t free_bytes = page->records_end - page->text_end, line_bytes = page->text_end - line->text_begin;
    size_t cap_bytes = gp_list_cap_bytes(list), record_bytes = line->top - page->records_end;
    if (!text_bytes || free_bytes < 4 * GP_RECORD_RESERVE_BYTES || line_bytes >= cap_bytes || record_bytes >= cap_bytes) return 0;
    /* Text and operations, which are no longer than it, fit. */
    size_t most_bytes = free_bytes / 2 - GP_RECORD_RESERVE_BYTES;
    if (most_bytes > cap_bytes - line_bytes) most_bytes = cap_bytes - line_bytes;
    if (most_bytes > cap_bytes - record_bytes) most_bytes = cap_bytes - record_bytes;
    if (most_bytes > text_bytes) most_bytes = text_bytes;
    uint8_t *op = page->page.base + page->records_end;
    if (!(line->flags & GP_LINE_RICH)) op -= GP_RICH_HEAD_BYTES - GP_HEAD_BYTES; /* which may not be needed */
    text_writer writer = {
        .runs = gp_run_writer_begin(&line->last, op),
        .room = list->columns - line->row_cells,
        .columns = wraps && list->columns > 1 ? list->columns : 0,
        .taken = 0 - line->row_cells,
    };
    size_t put_bytes = (size_t)(put_text(&writer, text, text + most_bytes, cluster) - text);
    uint32_t row_cells = list->columns - writer.room;
    memcpy(page->page.base + page->text_end, text, put_bytes);
    page->text_end += (uint32_t)put_bytes;
    if (writer.runs.op != op) {
        line->flags |= GP_LINE_RICH;
        page->records_end = (uint32_t)(writer.runs.op - page->page.base);
    }
    line->last = gp_run_of(writer.runs.tag, writer.runs.count);
    line->cells += writer.taken + row_cells;
    line->row_cells = row_cells;
    if (writer.rows) gp_list_count_new_rows(list, writer.rows);
    line->flags &= (uint8_t)~GP_LINE_ASCII;
    if (writer.runs.seen & (GP_OP_WIDE | GP_OP_CLUSTER_WIDE)) line->flags |= GP_LINE_WIDE;
    return put_bytes;
}
