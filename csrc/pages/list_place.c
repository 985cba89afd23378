/* Places in a list: finding rows, walking lines, cutting at either end. */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "pages/list.h"

/* ---- lines, closed and open ----------------------------------------------------------------------------------- */

/* The open line, or where it would begin. */
static gp_line open_line(const gp_list *list) {
    const gp_open_line *line = &list->line;
    const gp_text_page *page = list->newest;
    assert(page); /* as there is a line */
    if (!list->open)
        return (gp_line){.page = list->newest, .index = page->lines, .text_begin = page->text_end, .top = page->records_end};
    return (gp_line){
        .page = list->newest,
        .index = list->newest->lines,
        .text_begin = line->text_begin,
        .top = line->top,
        .text_bytes = list->newest->text_end - line->text_begin,
        .cells = line->cells,
        .flags = line->flags,
    };
}

static bool is_open(const gp_list *list, const gp_line *line) {
    return list->open && line->page == list->newest && line->index == line->page->lines;
}

void gp_list_enter(gp_list *list, const gp_place *place, gp_line *line) {
    *line = place->index < place->page->lines ? gp_text_page_line(place->page, place->index) : open_line(list);
}

bool gp_list_step(gp_list *list, gp_line *line) {
    if (is_open(list, line)) return false;
    gp_line_step(line);
    while (line->index >= line->page->lines) {
        if (line->page == list->newest) {
            if (!list->open) return false;
            *line = open_line(list);
            return true;
        }
        *line = (gp_line){.page = line->page->newer};
        if (line->page->lines) *line = gp_text_page_line(line->page, 0);
    }
    return true;
}

gp_line_view gp_list_view(gp_list *list, const gp_line *line) {
    bool open = is_open(list, line);
    return (gp_line_view){
        .runs = open ? gp_list_open_runs(list) : gp_line_runs(line),
        .cells = line->cells,
        .text_begin = line->text_begin,
        .text_bytes = line->text_bytes,
        .flags = line->flags,
        .open = open,
    };
}

static uint32_t rows_of_line(gp_list *list, const gp_line *line) {
    if (is_open(list, line)) return list->line.rows;
    return gp_line_rows(line, gp_list_from(list, line->page, line->index), list->columns);
}

/* The cell of a line at which row `row` of it begins. */
static uint32_t cell_of_row(gp_list *list, const gp_line *line, uint32_t row) {
    uint32_t from = gp_list_from(list, line->page, line->index);
    if (!(line->flags & GP_LINE_WIDE)) {
        uint64_t cell = from + (uint64_t)row * list->columns;
        return cell < line->cells ? (uint32_t)cell : line->cells; /* a wide cell to come may have left a spacer */
    }
    gp_layout layout;
    gp_layout_begin(&layout, gp_list_view(list, line).runs, from, list->columns);
    for (; row && gp_layout_next_row(&layout); row--) gp_layout_skip_row(&layout);
    return layout.cells;
}

/* ---- finding rows --------------------------------------------------------------------------------------------- */

static gp_place place_in_line(gp_list *list, const gp_line *line, uint32_t row) {
    return (gp_place){.page = line->page, .index = line->index, .cells = cell_of_row(list, line, row)};
}

/* Among the live lines from `begin` to `end` of a page: the one in which, counted from the end, row `rows` lies. */
static gp_place tail_in_lines(gp_list *list, gp_text_page *page, uint32_t begin, uint32_t end, uint32_t block_rows,
                              uint32_t rows) {
    uint32_t skip = block_rows - rows;
    gp_line line = gp_text_page_line(page, begin);
    for (; line.index < end; gp_line_step(&line)) {
        uint32_t line_rows = rows_of_line(list, &line);
        if (skip < line_rows) break;
        skip -= line_rows;
    }
    return place_in_line(list, &line, skip);
}

gp_place gp_list_tail(gp_list *list, uint32_t rows, uint32_t *found) {
    gp_place place = {.page = list->newest, .index = list->newest ? list->newest->lines : 0};
    uint32_t left = rows;
    if (list->open && left) {
        gp_line line = open_line(list);
        uint32_t taken = list->line.rows < left ? list->line.rows : left;
        place = place_in_line(list, &line, list->line.rows - taken);
        left -= taken;
    }
    for (gp_text_page *page = list->newest; page && left; page = page->older) {
        uint32_t end = page->lines;
        while (end > page->dead_lines && left) {
            uint32_t begin = (end - 1) / GP_MARK_LINES * GP_MARK_LINES;
            if (begin < page->dead_lines) begin = page->dead_lines;
            uint32_t block_rows = 0;
            gp_line line = gp_text_page_line(page, begin);
            for (; line.index < end; gp_line_step(&line)) block_rows += rows_of_line(list, &line);
            uint32_t taken = block_rows < left ? block_rows : left;
            place = tail_in_lines(list, page, begin, end, block_rows, taken);
            left -= taken;
            end = begin;
        }
    }
    *found = rows - left;
    return place;
}

/* The last page for which `key` is at most `value`. */
static gp_text_page *page_of(const gp_list *list, size_t key_offset, uint64_t value) {
    gp_text_page *const *index = list->index + list->index_begin;
    size_t low = 0, high = list->pages;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        uint64_t key;
        memcpy(&key, (const char *)index[middle] + key_offset, sizeof key);
        if (key <= value)
            low = middle;
        else
            high = middle;
    }
    return index[low];
}

gp_place gp_list_row(gp_list *list, uint64_t row) {
    gp_list_total_rows(list); /* every page's rows are known afterwards */
    gp_text_page *page = page_of(list, offsetof(gp_text_page, first_row), list->oldest->first_row + row);
    row -= page->first_row - list->oldest->first_row;
    if (row >= page->rows) {
        gp_line line = open_line(list);
        return place_in_line(list, &line, (uint32_t)(row - page->rows));
    }
    bool rows_are_lines = page->widest <= list->columns;
    gp_line line = gp_text_page_line(page, page->dead_lines + (rows_are_lines ? (uint32_t)row : 0));
    if (rows_are_lines) return place_in_line(list, &line, 0);
    for (;; gp_line_step(&line)) {
        uint32_t rows = rows_of_line(list, &line);
        if (row < rows) return place_in_line(list, &line, (uint32_t)row);
        row -= rows;
    }
}

uint64_t gp_list_rows_before(gp_list *list, const gp_place *place) {
    gp_list_total_rows(list); /* every page's rows are known afterwards */
    gp_text_page *page = place->page;
    uint64_t rows = page->first_row - list->oldest->first_row;
    if (page->widest <= list->columns) return rows + place->index - page->dead_lines;
    gp_line line = gp_text_page_line(page, page->dead_lines);
    for (; line.index < place->index; gp_line_step(&line)) rows += rows_of_line(list, &line);
    return rows;
}

gp_place gp_list_place_of(gp_list *list, uint64_t line, uint32_t cells) {
    gp_text_page *page = page_of(list, offsetof(gp_text_page, first_line), line);
    return (gp_place){.page = page, .index = (uint32_t)(line - page->first_line), .cells = cells};
}

/* ---- the tail end --------------------------------------------------------------------------------------------- */

/* Where the operation of the last run begins: pens before it stay, the run itself becomes the one not yet written. */
static const uint8_t *run_operation(const gp_runs *before) {
    gp_runs runs = *before;
    for (;;) {
        const uint8_t *at = runs.op;
        gp_runs one = runs;
        one.op_end = one.op - 1; /* a single operation */
        if (one.op <= runs.op_end) return at;
        one.last = (gp_run){0};
        if (gp_runs_load(&one)) return at;
        runs.op = one.op;
    }
}

void gp_list_measure_open(gp_list *list, uint32_t *rows, uint32_t *row_cells) {
    uint32_t from = gp_list_from(list, list->newest, list->newest->lines);
    *rows = 0;
    *row_cells = list->columns;
    if (from && from == list->line.cells) return;
    gp_layout layout;
    gp_layout_begin(&layout, gp_list_open_runs(list), from, list->columns);
    for (; gp_layout_next_row(&layout); ++*rows) gp_layout_skip_row(&layout);
    *row_cells = layout.column;
}

static void reopen(gp_list *list, const gp_place *place, const gp_line *line) {
    gp_text_page *page = place->page;
    gp_runs runs = gp_list_view(list, line).runs;
    const uint8_t *records_end = runs.op;
    gp_open_line open = {
        .text_begin = line->text_begin,
        .top = line->top,
        .flags = line->flags & (uint8_t)~(GP_LINE_CONTINUES | GP_LINE_BLANK_END),
    };
    while (open.cells < place->cells) {
        gp_piece piece;
        const uint8_t *operation = run_operation(&runs);
        if (!gp_runs_load(&runs)) break;
        records_end = operation;
        uint32_t cells = (place->cells - open.cells) / runs.run.width;
        gp_runs_take(&runs, cells ? cells : 1, &piece);
        open.last = (gp_run){piece.kind, piece.cells, piece.codepoints, piece.width};
        open.cells += piece.cells * piece.width;
        open.style = runs.style;
        open.link_distance = runs.link_distance;
    }
    page->records_end = (uint32_t)(records_end - page->page.base);
    page->text_end = (uint32_t)(runs.text - page->page.base);
    page->lines = place->index;
    list->line = open;
    list->open = true;
    list->continues = false;
    gp_list_measure_open(list, &list->line.rows, &list->line.row_cells);
}

static bool last_line_continues(gp_list *list) {
    gp_text_page *page = list->newest;
    while (page && !page->lines) page = page->older;
    if (!page || page->dead_lines == page->lines) return false;
    return gp_text_page_line(page, page->lines - 1).flags & GP_LINE_CONTINUES;
}

void gp_list_truncate(gp_list *list, const gp_place *place) {
    gp_text_page *page = place->page;
    while (list->newest != page) gp_list_retire(list, list->newest, NULL);
    page->seal = 0;
    gp_text_page_soil(page);
    gp_list_page_rows(list, page);
    gp_line line;
    bool was_open = list->open && place->index == page->lines;
    gp_list_enter(list, place, &line);
    if (!was_open) {
        uint64_t rows = 0;
        for (gp_line each = line; each.index < page->lines; gp_line_step(&each))
            if (each.index >= page->dead_lines) rows += rows_of_line(list, &each);
        page->rows -= rows;
        list->rows -= rows;
    }
    if (place->cells) {
        if (page->dead_lines > place->index) { /* all of it had been cut off, which closing it made a dead line */
            page->dead_lines = place->index;
            list->cut_cells = place->cells;
        }
        reopen(list, place, &line);
    } else {
        page->text_end = line.text_begin;
        page->records_end = line.top;
        page->lines = place->index;
        list->open = false;
    }
    if (page->dead_lines > page->lines) page->dead_lines = page->lines;
    gp_list_forget_links(list); /* old definitions may lie where the next line's head will */
    list->next_line = gp_place_line(place);
    if (!list->open) list->continues = last_line_continues(list);
}

static void end_open_line(gp_list *list, uint32_t cells) {
    gp_text_page *page = list->newest;
    gp_place end = {.page = page, .index = page->lines, .cells = cells};
    gp_line line = open_line(list);
    gp_text_page_soil(page);
    gp_list_forget_links(list);
    reopen(list, &end, &line);
    if (cells) return;
    page->records_end = line.top - GP_HEAD_BYTES; /* nothing is left that makes it rich */
    list->line.flags = GP_LINE_ASCII;
}

/* As end_open_line with no cells: what a bar that is drawn over itself does each time, with 100 instructions less. */
static void empty_open_line(gp_list *list) {
    gp_text_page *page = list->newest;
    const gp_open_line *line = &list->line;
    gp_text_page_soil(page);
    gp_list_forget_links(list);
    page->text_end = line->text_begin;
    page->records_end = line->top - GP_HEAD_BYTES;
    list->line = (gp_open_line){.text_begin = line->text_begin, .top = line->top, .rows = 1, .flags = GP_LINE_ASCII};
    list->continues = false;
}

void gp_list_shorten(gp_list *list, uint32_t cells) {
    static const gp_style plain;
    if (!cells && !list->cut_cells) {
        empty_open_line(list);
        return;
    }
    uint32_t kept = 0;
    gp_runs runs = gp_list_open_runs(list);
    while (kept < cells && gp_runs_load(&runs)) {
        uint32_t most = (cells - kept) / runs.run.width, count = runs.run.cells < most ? runs.run.cells : most;
        if (!count) break;
        kept += count * runs.run.width;
        gp_runs_skip(&runs, count);
    }
    end_open_line(list, kept);
    const gp_open_line *line = &list->line;
    while (line->last.kind == GP_RUN_BLANK && gp_style_equal(&line->style, &plain) && !line->link_distance)
        end_open_line(list, line->cells - line->last.cells);
}

/* Rows of blanks at the end of the open line become lines of their own, so that a closed line always ends in content
 * and its rows are what its text says. Under a budget they cost the list's own history, as others cannot be asked here. */
static void close_before_blanks(gp_list *list) {
    static const gp_style plain;
    const gp_open_line *line = &list->line;
    uint32_t rows = line->rows, from = gp_list_from(list, list->newest, list->newest->lines);
    uint32_t blanks = line->last.cells;
    if (line->cells - blanks < from) blanks = line->cells - from;
    bool plain_blanks = line->last.kind == GP_RUN_BLANK && gp_style_equal(&line->style, &plain) && !line->link_distance;
    if (plain_blanks && blanks) {
        gp_place content = {.page = list->newest, .index = list->newest->lines, .cells = line->cells - blanks};
        gp_list_truncate(list, &content);
    }
    uint32_t left_rows = rows;
    if (list->open) {
        left_rows -= list->line.rows;
        gp_list_close_line(list, false);
    }
    for (; left_rows; left_rows--) {
        gp_status status;
        while ((status = gp_list_open_line(list, false)) == GP_ERR_LIMIT && gp_list_give(list, 1, 0)) {}
        if (status != GP_OK) return;
        gp_list_close_line(list, false);
    }
}

static void set_continues(gp_list *list, bool continues) {
    gp_text_page *page = list->newest;
    while (page && !page->lines) page = page->older;
    list->continues = false;
    if (!page) return; /* what it went on from is gone */
    gp_line line = gp_text_page_line(page, page->lines - 1);
    uint8_t *top = page->page.base + line.top;
    uint32_t head;
    memcpy(&head, top - GP_HEAD_BYTES, sizeof head);
    head = continues ? head | GP_LINE_CONTINUES : head & ~(uint32_t)GP_LINE_CONTINUES;
    memcpy(top - GP_HEAD_BYTES, &head, sizeof head);
    list->continues = continues;
    if (page != list->newest) gp_text_page_seal(page);
}

void gp_list_break(gp_list *list) {
    if (list->open)
        close_before_blanks(list);
    else if (list->continues)
        set_continues(list, false);
}

void gp_list_rejoin(gp_list *list) { set_continues(list, true); }

/* ---- the front end -------------------------------------------------------------------------------------------- */

void gp_list_set_columns(gp_list *list, uint32_t columns) {
    if (columns == list->columns) return;
    list->columns = columns;
    list->rows_known = false;
    if (!list->open) return;
    gp_list_measure_open(list, &list->line.rows, &list->line.row_cells);
}

void gp_list_cut(gp_list *list, uint64_t limit_rows, gp_prune_cause cause) {
    if (limit_rows == UINT64_MAX) return;
    uint64_t history_rows = gp_list_total_rows(list) - list->tail_rows;
    if (history_rows <= limit_rows) return;
    uint64_t excess = history_rows - limit_rows;
    gp_list_count_pruned(list, cause, excess, 0, 0);
    while (list->oldest != list->newest && list->oldest->rows <= excess) {
        excess -= list->oldest->rows;
        gp_list_count_pruned(list, cause, 0, list->oldest->lines - list->oldest->dead_lines, 1);
        gp_list_retire(list, list->oldest, NULL);
    }
    gp_text_page *page = list->oldest;
    gp_place place = {.page = page, .index = page->dead_lines};
    gp_line line;
    gp_list_enter(list, &place, &line);
    while (excess) {
        uint32_t rows = rows_of_line(list, &line);
        uint32_t gone = excess < rows ? (uint32_t)excess : rows;
        bool closed = line.index < page->lines;
        if (gone < rows || !closed) {
            list->cut_cells = cell_of_row(list, &line, gone);
        } else {
            list->cut_cells = 0;
            page->dead_lines++;
            gp_list_count_pruned(list, cause, 0, 1, 0);
        }
        if (closed) {
            page->first_row += gone;
            page->rows -= gone;
            list->rows -= gone;
        } else {
            list->line.rows -= gone;
        }
        excess -= gone;
        if (gone < rows || !closed) break;
        if (!gp_list_step(list, &line)) break;
        page = line.page;
    }
    if (list->open && list->cut_cells) gp_list_measure_open(list, &list->line.rows, &list->line.row_cells);
}

/* The newest page is all that is left then, and nothing in it is seen: it is emptied as it is, for which no memory is
 * needed. Where the screen's first row goes on from a line of history, as many blanks take that part's place, so that
 * positions in the line stay what they are; they take no more room than what was there. */
void gp_list_wipe(gp_list *list) {
    gp_list_cut(list, 0, GP_PRUNE_CLEAR);
    gp_list_drop_prepared(list);
    gp_list_drop_spares(list);
    gp_text_page *page = list->newest;
    if (!page) return;
    uint32_t cells = list->open ? list->line.cells : 0;
    uint8_t flags = list->open ? list->line.flags & (uint8_t)(GP_LINE_CONTINUATION | 3 << GP_LINE_SIZE_SHIFT) : 0;
    bool open = list->open;
    gp_text_page_soil(page);
    gp_mapping_wipe(page->page.mapping);
    list->rows -= page->rows;
    list->open = list->continues = false;
    list->cut_cells = 0;
    gp_text_page_reset(page, list->next_line);
    page->rows_columns = list->columns;
    gp_list_forget_links(list);
    if (!open || gp_list_open_line(list, false) != GP_OK) return;
    list->line.flags |= flags;
    static const gp_style plain;
    static const gp_link none;
    if (gp_list_set_pen(list, &plain, &none) == GP_OK) gp_list_put_blanks(list, cells);
    list->cut_cells = list->line.cells;
    gp_list_measure_open(list, &list->line.rows, &list->line.row_cells);
}
