/* The cells of a reading as runs, for those who write rows down in another form: they look at each run, not at each cell.
 * What a terminal would make of the text, were it printed again, is judged here, as it takes the tables of clusters. */
#include "ghostpage.h"
#include "unicode/cluster.h"
#include "unicode/utf8.h"

enum { NO_BREAK_SPACE = 0xA0 }; /* what a mark in a cell of its own is printed on */

/* The text up to a cell, as far as what is printed next depends on it. */
typedef struct gp_trail {
    gp_cluster cluster;
    uint8_t ascii; /* the last cell is this byte, which `cluster` does not know yet; 0: none */
} gp_trail;

static bool join(gp_trail *trail, uint32_t codepoint) {
    return gp_cluster_join(&trail->cluster, gp_properties_of(codepoint));
}

/* Of a code point that joins nothing. */
static unsigned width_of(uint32_t codepoint) {
    return gp_conjoins(codepoint) ? 1 : gp_properties_width(gp_properties_of(codepoint));
}

/* Adds the text of a cell, and says what there is to say of it as a run. */
static void follow(gp_trail *trail, const uint8_t *text, const gp_cell_info *cell, bool narrow_window, bool at_edge,
                   gp_run_info *run) {
    if (cell->text_bytes == 1 && !gp_cluster_takes_plain(trail->cluster)) {
        trail->ascii = *text;
        return;
    }
    if (trail->ascii) {
        trail->cluster = (gp_cluster){0};
        join(trail, trail->ascii);
        trail->ascii = 0;
    }
    const uint8_t *end = text + cell->text_bytes;
    uint32_t codepoint;
    text += gp_utf8_decode(text, end, &codepoint);
    run->joins = join(trail, codepoint);
    run->mark = !width_of(codepoint);
    if (run->joins || run->mark) trail->cluster = (gp_cluster){0};
    if (run->mark) join(trail, NO_BREAK_SPACE);
    if ((run->joins || run->mark) && !join(trail, codepoint) && run->mark) trail->cluster = (gp_cluster){0};
    if (gp_conjoins(codepoint)) trail->cluster.width = 1;
    unsigned width = trail->cluster.width;
    bool wider = width_of(codepoint) > cell->width;
    while (text < end) {
        text += gp_utf8_decode(text, end, &codepoint);
        unsigned own_width = width_of(codepoint);
        wider |= own_width > cell->width;
        if (own_width) run->mark = false;
        if (join(trail, codepoint))
            width = trail->cluster.width;
        else if (!own_width)
            trail->cluster = (gp_cluster){0}; /* it joins the cell all the same, having no width */
        else
            run->odd = true;
    }
    if (!run->mark && (width != cell->width || (wider && at_edge)) && !narrow_window) run->odd = true;
    if (run->odd) trail->cluster = (gp_cluster){0};
}

size_t gp_reading_runs(const gp_reading *reading, uint32_t *row_ends, gp_run_info *runs) {
    size_t count = 0;
    gp_trail trail = {0};
    bool narrow_window = reading->columns == 1;
    for (size_t i = 0; i < reading->row_count; i++) {
        const gp_row_info *row = &reading->rows[i];
        gp_run_info *last = NULL;
        if (i == 0 || !reading->rows[i - 1].wrapped) trail.cluster = (gp_cluster){0}, trail.ascii = 0;
        for (uint32_t at = 0; at < row->cell_count; at++) {
            const gp_cell_info *cell = &reading->cells[row->cell_begin + at];
            if (!cell->width && last) {
                last->columns++;
                continue;
            }
            gp_run_info run = {
                .text_begin = cell->text_begin,
                .text_bytes = cell->text_bytes ? cell->text_bytes : 1,
                .columns = 1,
                .style = cell->style,
                .link = cell->link,
                .blank = !cell->text_bytes,
            };
            if (run.blank)
                trail.cluster = (gp_cluster){0}, trail.ascii = 0;
            else
                follow(&trail, reading->text + cell->text_begin, cell, narrow_window,
                       at + 1 == reading->columns && !row->wrapped, &run);
            bool goes_on = last && last->style == run.style && last->link == run.link && last->blank == run.blank &&
                           !run.joins && !run.mark && !run.odd && !last->mark && !last->odd;
            bool first_in_background =
                last && last == &runs[i ? row_ends[i - 1] : 0] && reading->styles[run.style].background;
            if (goes_on && !first_in_background) {
                last->text_bytes += run.text_bytes;
                last->columns++;
            } else {
                last = &runs[count++];
                *last = run;
            }
        }
        row_ends[i] = (uint32_t)count;
    }
    return count;
}
