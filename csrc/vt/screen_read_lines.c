/* Reading by lines: closed ones from their pages, the open one joined with what goes on in the grid, then the screen's.
 *
 *     list        closed lines | open line       the open line goes on in the grid's first rows
 *     screen                        rows of the grid, or, in text mode, empty rows below the list's last
 *
 * Behind the alternate screen the list ends where the primary screen begins. */
#include <string.h>

#include "pages/find.h"
#include "vt/reading.h"
#include "vt/screen_read.h"

/* ---- which lines there are ----------------------------------------------------------------------------------------- */

/* Where the list's part of what is seen ends: before line `line`, of which `cells` cells are still seen if that is the
 * primary's, hidden behind the alternate screen. */
typedef struct list_end {
    uint64_t line; /* lines before it are in the list, the last of them perhaps in part */
    uint32_t cells; /* of the last, unless UINT32_MAX: all that the list has */
} list_end;

static list_end end_of_list(gp_screen *screen) {
    gp_list *list = &screen->list;
    if (!screen->on_alternate || !screen->text_mode)
        return (list_end){.line = list->next_line + list->open, .cells = UINT32_MAX};
    uint32_t found;
    gp_place top = gp_list_tail(list, list->tail_rows, &found);
    return (list_end){.line = gp_place_line(&top) + (top.cells != 0), .cells = top.cells ? top.cells : UINT32_MAX};
}

uint64_t gp_screen_first_line(gp_screen *screen) {
    if (screen->on_alternate) return end_of_list(screen).line;
    return screen->text_mode ? gp_screen_complete_line(screen) : screen->list.next_line;
}

uint64_t gp_screen_complete_line(gp_screen *screen) {
    if (!screen->text_mode) return screen->list.next_line;
    uint32_t found;
    gp_place top = gp_list_tail(&screen->list, screen->list.tail_rows, &found);
    return gp_place_line(&top);
}

static uint64_t next_line(gp_screen *screen) {
    const gp_list *list = &screen->list;
    if (gp_screen_shows_text(screen)) return list->next_line + 1 + screen->rows - list->tail_rows;
    const gp_grid *grid = gp_screen_grid(screen);
    uint64_t line = gp_screen_first_line(screen);
    for (uint32_t y = 0; y < screen->rows; y++) line += !grid->row[y].wrapped;
    return line;
}

/* Rows of the list that a limit hides. */
static uint64_t hidden_rows(gp_screen *screen) {
    gp_list *list = &screen->list;
    return gp_list_total_rows(list) - list->tail_rows - gp_list_history_rows(list);
}

void gp_screen_line_figures(gp_screen *screen, gp_line_figures *figures) {
    gp_list *list = &screen->list;
    *figures = (gp_line_figures){
        .session = screen->session,
        .first_line = list->next_line,
        .first_cell = list->open ? list->line.cells : 0,
        .complete_line = gp_screen_complete_line(screen),
        .next_line = next_line(screen),
    };
    uint64_t hidden = hidden_rows(screen), rows = gp_list_total_rows(list);
    if (screen->on_alternate) rows -= list->tail_rows;
    if (hidden < rows) {
        gp_place first = gp_list_row(list, hidden);
        figures->first_line = gp_place_line(&first);
        figures->first_cell = first.cells;
    } else if (screen->on_alternate) { /* which has no part of the line that the list ends in */
        figures->first_line = gp_screen_first_line(screen);
        figures->first_cell = 0;
    }
}

/* ---- lines as copies ------------------------------------------------------------------------------------------------ */

/* The line that is being copied. */
typedef struct copy {
    gp_reading_builder *b;
    gp_line_info info;
    size_t content_end;
    uint32_t blanks; /* characters behind it */
} copy;

static gp_status begin_line(gp_reading_builder *b, uint64_t line, uint32_t first_cell, copy *c) {
    gp_reading *r = &b->reading;
    *c = (copy){
        .b = b,
        .info = {.line = line, .first_cell = first_cell, .text_begin = (uint32_t)r->text_bytes,
                 .piece_begin = (uint32_t)r->piece_count},
        .content_end = r->text_bytes,
    };
    return gp_reading_begin_line(b, first_cell);
}

static gp_status end_line(copy *c) {
    gp_reading *r = &c->b->reading;
    if (c->info.continues) { /* blanks there are not at the line's end */
        c->content_end = r->text_bytes;
        c->blanks = 0;
    }
    r->in_records |= c->info.continues || c->info.continuation;
    if (c->b->wants_cells) {
        gp_status status =
            gp_reading_grow((void **)&r->lines, &c->b->line_capacity, r->line_count + 1, sizeof *r->lines);
        if (status != GP_OK) return status;
        c->info.text_bytes = (uint32_t)(c->content_end - c->info.text_begin);
        c->info.piece_count = (uint32_t)(r->piece_count - c->info.piece_begin);
        r->lines[r->line_count] = c->info;
    } else {
        r->text_bytes = c->content_end;
    }
    gp_reading_end_line(c->b, c->blanks);
    r->line_count++;
    return gp_reading_add_text(c->b, (const uint8_t *)"\n", 1);
}

/* The pen is given on its own: it is looked up only where pieces are wanted. */
static gp_status add_piece(copy *c, gp_piece_info piece, const gp_style *style, const gp_link *link) {
    gp_reading_builder *b = c->b;
    gp_reading *r = &b->reading;
    gp_status status = gp_reading_grow((void **)&r->pieces, &b->piece_capacity, r->piece_count + 1, sizeof *r->pieces);
    if (status == GP_OK) status = gp_reading_add_style(b, style, &piece.style);
    if (status == GP_OK) status = gp_reading_add_link(b, link, &piece.link);
    if (status == GP_OK) r->pieces[r->piece_count++] = piece;
    return status;
}

static void note_content(copy *c, bool blank, uint32_t cells) {
    if (!blank) c->content_end = c->b->reading.text_bytes;
    c->blanks = blank ? c->blanks + cells : 0;
}

/* Cells `from` to `to` of a line in the list. */
static gp_status add_from_list(copy *c, const gp_line_view *view, uint32_t from, uint32_t to) {
    gp_reading *r = &c->b->reading;
    bool whole = from == 0 && to >= view->cells, ends_in_text = !view->open && !(view->flags & GP_LINE_BLANK_END);
    if (whole && ends_in_text && !c->b->wants_cells) {
        gp_status status = gp_reading_add_text(c->b, view->runs.text, view->text_bytes);
        c->content_end = r->text_bytes;
        gp_runs runs = view->runs;
        return status == GP_OK ? gp_reading_add_runs(c->b, &runs, view->text_bytes) : status;
    }
    gp_layout layout;
    gp_layout_begin(&layout, view->runs, from, GP_COLUMNS_MAX);
    gp_runs *runs = &layout.runs;
    for (uint32_t cell = from; cell < to && gp_runs_load(runs);) {
        uint32_t cells = (to - cell) / runs->run.width;
        gp_piece piece;
        gp_runs_take(runs, cells ? cells : 1, &piece);
        cell += piece.cells * piece.width;
        gp_piece_info info = {
            .text_begin = (uint32_t)r->text_bytes,
            .text_bytes = piece.text_bytes,
            .cells = piece.cells,
            .width = piece.width,
            .cluster = piece.kind == GP_RUN_CLUSTER,
            .blank = piece.kind == GP_RUN_BLANK,
        };
        gp_status status = gp_reading_add_text(c->b, piece.text, piece.text_bytes);
        if (status == GP_OK && c->b->wants_cells) {
            gp_link link = gp_link_at(runs->page_end, piece.link_distance);
            status = add_piece(c, info, piece.style, &link);
        }
        if (status == GP_OK) status = gp_reading_add_run(c->b, piece.cells, piece.width, piece.codepoints);
        if (status != GP_OK) return status;
        note_content(c, info.blank, info.cells);
    }
    return GP_OK;
}

static uint32_t row_length(const gp_grid *grid, uint32_t y) {
    if (!grid->row[y].wrapped) return gp_grid_row_length(grid, y);
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    return grid->columns - (gp_cell_kind(cells[grid->columns - 1]) == GP_CELL_SPACER);
}

static gp_status add_from_grid(copy *c, const gp_grid *grid, uint32_t y) {
    gp_reading *r = &c->b->reading;
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t length = row_length(grid, y), known = 0;
    gp_piece_info *last = NULL;
    for (uint32_t x = 0; x < length; x++) {
        unsigned kind = gp_cell_kind(cells[x]);
        if (kind == GP_CELL_TAIL || kind == GP_CELL_SPACER) continue;
        uint8_t scratch[4];
        size_t text_bytes;
        uint32_t codepoints, attribute = gp_cell_attribute(cells[x]);
        const uint8_t *text = gp_grid_text(grid, cells[x], scratch, &text_bytes, &codepoints);
        gp_piece_info info = {
            .text_begin = (uint32_t)r->text_bytes,
            .text_bytes = text_bytes ? (uint32_t)text_bytes : 1,
            .cells = 1,
            .width = kind == GP_CELL_WIDE ? 2 : 1,
            .cluster = codepoints > 1,
            .blank = !text_bytes,
        };
        gp_status status = gp_reading_add_text(c->b, text_bytes ? text : (const uint8_t *)" ", info.text_bytes);
        if (status == GP_OK && c->b->wants_cells) {
            if (last && attribute == known && last->width == info.width && last->blank == info.blank &&
                !last->cluster && !info.cluster) {
                last->cells++;
                last->text_bytes += info.text_bytes;
            } else {
                gp_link link = gp_grid_link(grid, attribute);
                status = add_piece(c, info, &gp_grid_attribute_at(grid, attribute)->style, &link);
                if (status == GP_OK) last = &r->pieces[r->piece_count - 1];
                known = attribute;
            }
        }
        if (status == GP_OK) status = gp_reading_add_run(c->b, 1, info.width, info.cluster ? codepoints : 1);
        if (status != GP_OK) return status;
        note_content(c, info.blank, 1);
    }
    return GP_OK;
}

/* ---- walking them --------------------------------------------------------------------------------------------------- */

typedef struct span {
    uint64_t at, stop;
    size_t max_bytes;
    size_t text_begin; /* of the reading's text, where the span's begins */
} span;

static bool wanted(const span *s, const gp_reading_builder *b) {
    return s->at < s->stop && b->reading.text_bytes - s->text_begin < s->max_bytes;
}

/* Whole lines of a page at once, where each reads as it lies; returns how many. */
static gp_status copy_of_page(gp_reading_builder *b, const gp_line *line, uint64_t most, uint32_t *lines) {
    gp_text_page *page = line->page;
    *lines = 0;
    if (b->wants_cells || page->irregular || line->index >= page->lines) return GP_OK;
    uint32_t count = page->lines - line->index < most ? page->lines - line->index : (uint32_t)most;
    gp_line last = gp_text_page_line(page, line->index + count - 1);
    size_t text_bytes = last.text_begin + last.text_bytes + 1 - line->text_begin;
    gp_status status = gp_reading_add_text(b, page->page.base + line->text_begin, text_bytes);
    if (status != GP_OK) return status;
    if (b->wants_places) status = gp_reading_add_lines(b, *line, count, b->reading.text_bytes - text_bytes);
    if (status != GP_OK) return status;
    b->reading.line_count += count;
    b->reading.in_records |= line->flags & GP_LINE_CONTINUATION; /* only the first: a line that continues is irregular */
    *lines = count;
    return GP_OK;
}

static void fill_flags(copy *c, uint8_t flags, bool closed) {
    c->info.continues = closed && flags & GP_LINE_CONTINUES;
    c->info.continuation = flags & GP_LINE_CONTINUATION;
}

/* Room for the text of lines `from` to `stop` of the list as it lies there: growing by doubling would copy it twice. */
static gp_status reserve(gp_reading_builder *b, gp_text_page *page, uint64_t from, const span *s) {
    size_t bytes = 0;
    for (; page && page->first_line < s->stop && bytes < s->max_bytes; page = page->newer) {
        uint64_t end = page->first_line + page->lines;
        uint64_t begin = from > page->first_line ? from : page->first_line, stop = end < s->stop ? end : s->stop;
        if (begin >= stop) continue;
        gp_line first = gp_text_page_line(page, (uint32_t)(begin - page->first_line));
        gp_line last = gp_text_page_line(page, (uint32_t)(stop - 1 - page->first_line));
        bytes += last.text_begin + last.text_bytes + 1 - first.text_begin;
    }
    return gp_reading_reserve_text(b, b->reading.text_bytes + bytes);
}

/* A line of the list, its cells `from` to `to`. */
static gp_status add_list_line(gp_list *list, gp_reading_builder *b, const gp_line *line, uint64_t number, uint32_t from,
                               uint32_t to) {
    gp_line_view view = gp_list_view(list, line);
    copy c;
    gp_status status = begin_line(b, number, from, &c);
    fill_flags(&c, view.flags, !view.open);
    if (status == GP_OK) status = add_from_list(&c, &view, from, to);
    return status == GP_OK ? end_line(&c) : status;
}

/* Lines that are in the list, the one that goes on in the grid apart. */
static gp_status add_list_lines(gp_screen *screen, gp_reading_builder *b, span *s, list_end end) {
    gp_list *list = &screen->list;
    const gp_line_figures *figures = &b->reading.figures;
    uint64_t stop = end.line;
    if (list->open && !screen->text_mode && !screen->on_alternate) stop--;
    if (s->at >= stop || !wanted(s, b)) return GP_OK;
    gp_place place = gp_list_place_of(list, s->at, 0);
    gp_line line;
    gp_status reserved = reserve(b, place.page, s->at, s);
    if (reserved != GP_OK) return reserved;
    gp_list_enter(list, &place, &line);
    do {
        bool partly = (s->at == figures->first_line && figures->first_cell) || (s->at + 1 == end.line && end.cells != UINT32_MAX);
        uint64_t most = (s->stop < stop ? s->stop : stop) - s->at;
        uint32_t lines = 0;
        if (end.cells != UINT32_MAX && most == end.line - s->at) most--;
        gp_status status = partly ? GP_OK : copy_of_page(b, &line, most, &lines);
        if (status == GP_OK && !lines) {
            uint32_t from = s->at == figures->first_line ? figures->first_cell : 0;
            status = add_list_line(list, b, &line, s->at, from, s->at + 1 == end.line ? end.cells : UINT32_MAX);
            lines = 1;
        }
        if (status != GP_OK) return status;
        s->at += lines;
        if (s->at >= stop || !wanted(s, b)) break;
        if (lines > 1) {
            place = gp_list_place_of(list, s->at - 1, 0);
            gp_list_enter(list, &place, &line);
        }
    } while (gp_list_step(list, &line));
    return GP_OK;
}

/* Lines on the grid, with what the list has of the first. */
static gp_status add_grid_lines(gp_screen *screen, gp_reading_builder *b, span *s) {
    gp_list *list = &screen->list;
    const gp_grid *grid = gp_screen_grid(screen);
    const gp_line_figures *figures = &b->reading.figures;
    uint64_t first = gp_screen_first_line(screen), line = first;
    bool joined = !screen->on_alternate && list->open;
    for (uint32_t y = 0; y < screen->rows && wanted(s, b); line++) {
        uint32_t begin = y;
        while (y < screen->rows && grid->row[y].wrapped) y++;
        y++;
        if (line < s->at) continue;
        copy c;
        gp_status status = begin_line(b, line, line == figures->first_line ? figures->first_cell : 0, &c);
        if (status == GP_OK && line == first && joined) {
            gp_line_view view;
            gp_place place = {.page = list->newest, .index = list->newest->lines};
            gp_line open;
            gp_list_enter(list, &place, &open);
            view = gp_list_view(list, &open);
            fill_flags(&c, view.flags, false);
            status = add_from_list(&c, &view, c.info.first_cell, UINT32_MAX);
        } else if (line == first && !screen->on_alternate) {
            c.info.continuation = list->continues;
        }
        for (uint32_t row = begin; row < y && row < screen->rows && status == GP_OK; row++)
            status = add_from_grid(&c, grid, row);
        if (status == GP_OK) status = end_line(&c);
        if (status != GP_OK) return status;
        s->at++;
    }
    return GP_OK;
}

/* As far as the span goes; its `at` is where that ended. The figures are those of the reading. */
static gp_status add_lines(gp_screen *screen, gp_reading_builder *b, span *s) {
    gp_status status = add_list_lines(screen, b, s, end_of_list(screen));
    if (status != GP_OK || !gp_screen_shows_text(screen)) return status == GP_OK ? add_grid_lines(screen, b, s) : status;
    for (; status == GP_OK && wanted(s, b) && s->at > screen->list.next_line; s->at++) {
        copy c;
        status = begin_line(b, s->at, 0, &c);
        if (status == GP_OK) status = end_line(&c);
    }
    return status;
}

gp_status gp_screen_read_lines(gp_screen *screen, uint64_t first_line, uint64_t stop_line, size_t max_bytes,
                               gp_line_details details, gp_reading **reading) {
    gp_reading_builder b = {.wants_cells = details == GP_LINES_CELLS, .wants_places = details == GP_LINES_PLACES};
    gp_line_figures *figures = &b.reading.figures;
    gp_screen_line_figures(screen, figures);
    gp_status status = gp_reading_begin(&b);
    span s = {
        .at = first_line > figures->first_line ? first_line : figures->first_line,
        .stop = stop_line < figures->next_line ? stop_line : figures->next_line,
        .max_bytes = max_bytes,
    };
    b.reading.begin_line = s.at;
    if (status == GP_OK && s.at < s.stop) status = add_lines(screen, &b, &s);
    return gp_reading_finish(&b, status, reading);
}

/* ---- lines that have a text ------------------------------------------------------------------------------------------- */

/* Whether lines `from` to `stop` of a page are in part records of longer ones. */
static bool has_records(gp_text_page *page, uint32_t from, uint32_t stop) {
    gp_line line = gp_text_page_line(page, from);
    if (line.flags & GP_LINE_CONTINUATION) return true;
    for (; page->irregular && line.index < stop; gp_line_step(&line))
        if (line.flags & GP_LINE_CONTINUES) return true;
    return false;
}

/* Of lines `from` to `stop` of a page those that have all needles; some are missing if it is *many, more than every fourth. */
static gp_status add_found(gp_screen *screen, gp_reading_builder *b, gp_text_page *page, uint32_t from, uint32_t stop,
                           const gp_needles *needles, bool *many) {
    const gp_line_figures *figures = &b->reading.figures;
    gp_line line = gp_text_page_line(page, from), last = gp_text_page_line(page, stop - 1);
    size_t text_end = last.text_begin + last.text_bytes;
    uint32_t most = (stop - from) / 4 + 1;
    uint32_t rarest = gp_find_rarest(page->page.base + line.text_begin, text_end - line.text_begin, needles);
    while (gp_find_line(&line, text_end, needles, rarest)) {
        uint64_t number = page->first_line + line.index;
        *many = !most--;
        if (*many) break;
        b->left_out = (uint32_t)(number - b->reading.begin_line - b->reading.line_count);
        uint32_t first_cell = number == figures->first_line ? figures->first_cell : 0;
        gp_status status = add_list_line(&screen->list, b, &line, number, first_cell, UINT32_MAX);
        if (status != GP_OK || line.index + 1 == stop) return status;
        gp_line_step(&line);
    }
    return GP_OK;
}

/* As if nothing had been added since `before`. */
static void take_back(gp_reading_builder *b, const gp_reading_builder *before) {
    gp_reading *r = &b->reading;
    r->text_bytes = before->reading.text_bytes;
    r->line_count = before->reading.line_count;
    r->stretch_count = before->reading.stretch_count;
    r->part_count = before->reading.part_count;
    b->characters = before->characters;
    b->seen = before->seen;
}

gp_status gp_screen_read_found(gp_screen *screen, uint64_t *first_line, uint64_t *stop_line, const gp_needles *needles,
                               bool backwards, size_t max_bytes, gp_found_end *end, gp_reading **reading) {
    gp_list *list = &screen->list;
    gp_reading_builder b = {.wants_places = true};
    gp_line_figures *figures = &b.reading.figures;
    gp_screen_line_figures(screen, figures);
    uint64_t first = *first_line > figures->first_line ? *first_line : figures->first_line;
    uint64_t stop = *stop_line < figures->complete_line ? *stop_line : figures->complete_line;
    if (stop < first) stop = first;
    gp_found_end ended = GP_FOUND_SOME;

    /* Lines `from` to `to`, of whole pages. */
    uint64_t from = backwards ? stop : first, to = from;
    gp_text_page *page = first < stop ? gp_list_place_of(list, backwards ? stop - 1 : first, 0).page : NULL;
    for (size_t bytes = 0; page && bytes < max_bytes; page = backwards ? page->older : page->newer) {
        uint64_t begin = page->first_line > first ? page->first_line : first, last = page->first_line + page->lines;
        if (last > stop) last = stop;
        if (begin >= last) break;
        if (has_records(page, (uint32_t)(begin - page->first_line), (uint32_t)(last - page->first_line))) {
            ended = GP_FOUND_RECORDS;
            break;
        }
        if (backwards)
            from = begin;
        else
            to = last;
        bytes += page->text_end;
    }

    gp_status status = gp_reading_begin(&b);
    b.reading.begin_line = from;
    page = from < to ? gp_list_place_of(list, from, 0).page : NULL;
    gp_reading_builder before = b;
    for (uint64_t at = from; status == GP_OK && at < to; page = page->newer) {
        uint64_t last = page->first_line + page->lines < to ? page->first_line + page->lines : to;
        bool many = false;
        if (!backwards) before = b;
        uint32_t begin = (uint32_t)(at - page->first_line), end_index = (uint32_t)(last - page->first_line);
        status = add_found(screen, &b, page, begin, end_index, needles, &many);
        if (many) {
            ended = GP_FOUND_MANY;
            take_back(&b, &before);
            if (!backwards) {
                to = at;
                break;
            }
            b.reading.begin_line = from = last;
        }
        at = last;
    }
    status = gp_reading_finish(&b, status, reading);
    if (status != GP_OK) return status;
    *end = ended;
    *first_line = backwards ? first : to;
    *stop_line = backwards ? from : stop;
    return GP_OK;
}

/* ---- readers of complete lines --------------------------------------------------------------------------------------- */

gp_status gp_screen_read_since(gp_screen *screen, gp_line_cursor *cursor, size_t max_bytes, bool tail, uint64_t *dropped,
                               gp_reading **reading) {
    gp_reading_builder b = {0};
    gp_line_figures *figures = &b.reading.figures;
    gp_screen_line_figures(screen, figures);
    uint64_t complete = figures->complete_line;
    /* A line that is seen in part is gone as a whole. */
    uint64_t whole = figures->first_line + (figures->first_cell != 0);
    if (whole > complete) whole = complete;
    gp_line_cursor at = *cursor;
    if (!at.session) at = (gp_line_cursor){screen->session, whole, screen->rewinds.serial, screen->skipped};
    if (at.session != screen->session || at.rewinds > screen->rewinds.serial || at.skipped > screen->skipped)
        return GP_ERR_ARGUMENT;
    at.line = gp_screen_rewound(screen, at.line, at.rewinds);
    if (at.line > complete && at.line > screen->settled_line) return GP_ERR_ARGUMENT;
    uint64_t gone = whole > at.line ? whole - at.line : 0, skipped = screen->skipped - at.skipped;

    span s = {.at = at.line > whole ? at.line : whole, .stop = complete, .max_bytes = max_bytes};
    b.reading.begin_line = s.at;
    gp_status status = gp_reading_begin(&b);
    if (status == GP_OK && s.at < s.stop) status = add_lines(screen, &b, &s);
    size_t lines = b.reading.line_count;
    uint64_t end = s.at;
    if (status == GP_OK && tail && s.at >= complete) {
        uint64_t first = complete > figures->first_line ? complete : figures->first_line;
        s = (span){.at = first, .stop = figures->next_line, .max_bytes = SIZE_MAX, .text_begin = b.reading.text_bytes};
        status = add_lines(screen, &b, &s);
    }
    b.reading.tail_count = b.reading.line_count - lines;
    b.reading.line_count = lines;
    status = gp_reading_finish(&b, status, reading);
    if (status != GP_OK) return status;
    *cursor = (gp_line_cursor){screen->session, end, screen->rewinds.serial, screen->skipped};
    *dropped = gone > skipped ? gone - skipped : 0;
    return GP_OK;
}

/* ---- places ----------------------------------------------------------------------------------------------------------- */

/* Cells of the line that row y of a grid takes. */
static uint32_t row_cells(const gp_grid *grid, uint32_t y) {
    bool two_in_one = grid->columns == 1 && gp_cell_kind(*gp_grid_row_cells(grid, y)) == GP_CELL_WIDE;
    return two_in_one ? 2 : row_length(grid, y);
}

gp_status gp_screen_position(gp_screen *screen, int64_t row, uint32_t x, uint64_t *line, uint32_t *cell) {
    gp_list *list = &screen->list;
    int64_t rows = (int64_t)gp_list_history_rows(list) + screen->rows;
    if (row < 0) row += rows;
    if (row < 0 || row >= rows || x >= screen->columns) return GP_ERR_ARGUMENT;
    bool text = gp_screen_shows_text(screen);
    uint64_t at = hidden_rows(screen) + (uint64_t)row, list_rows = gp_list_total_rows(list);
    if (!text) list_rows -= list->tail_rows;
    if (at < list_rows) {
        gp_place place = gp_list_row(list, at);
        gp_line start;
        gp_layout layout;
        gp_list_enter(list, &place, &start);
        gp_line_view view = gp_list_view(list, &start);
        gp_layout_begin(&layout, view.runs, place.cells, list->columns);
        gp_layout_next_row(&layout);
        gp_layout_skip_row(&layout);
        bool goes_on = layout.more || (view.open && !screen->text_mode);
        *line = gp_place_line(&place);
        *cell = place.cells + x;
        if (goes_on && *cell > layout.cells) *cell = layout.cells;
        return GP_OK;
    }
    uint32_t y = (uint32_t)(at - list_rows), begin = 0;
    if (text) {
        *line = list->next_line + 1 + y;
        *cell = x;
        return GP_OK;
    }
    const gp_grid *grid = gp_screen_grid(screen);
    uint64_t number = gp_screen_first_line(screen);
    if (!screen->on_alternate && list->open) begin = list->line.cells;
    for (uint32_t above = 0; above < y; above++) {
        begin += row_cells(grid, above);
        if (!grid->row[above].wrapped) number++, begin = 0;
    }
    *line = number;
    *cell = begin + x;
    if (grid->row[y].wrapped && x > row_cells(grid, y)) *cell = begin + row_cells(grid, y);
    return GP_OK;
}

static uint32_t column_of(const gp_screen *screen, uint32_t cells) {
    return cells < screen->columns ? cells : screen->columns - 1;
}

gp_status gp_screen_locate(gp_screen *screen, uint64_t line, uint32_t cell, uint64_t *row, uint32_t *x) {
    gp_list *list = &screen->list;
    gp_line_figures figures;
    gp_screen_line_figures(screen, &figures);
    if (line < figures.first_line || line >= figures.next_line) return GP_ERR_ARGUMENT;
    if (line == figures.first_line && cell < figures.first_cell) return GP_ERR_ARGUMENT;
    bool text = gp_screen_shows_text(screen);
    list_end end = end_of_list(screen);
    uint64_t hidden = hidden_rows(screen), list_rows = gp_list_total_rows(list);
    if (!text) list_rows -= list->tail_rows;
    if (line < end.line) {
        gp_place place = gp_list_place_of(list, line, 0);
        uint64_t at = gp_list_rows_before(list, &place);
        gp_line start;
        gp_layout layout;
        gp_list_enter(list, &place, &start);
        gp_line_view view = gp_list_view(list, &start);
        gp_layout_begin(&layout, view.runs, gp_list_from(list, start.page, start.index), list->columns);
        bool goes_on = view.open && !screen->text_mode && !screen->on_alternate;
        for (; at < list_rows && gp_layout_next_row(&layout); at++) {
            uint32_t begin = layout.cells;
            gp_layout_skip_row(&layout);
            bool last = !goes_on && (!layout.more || at + 1 == list_rows);
            if (cell >= layout.cells && !last) continue;
            *row = at - hidden;
            *x = column_of(screen, cell - begin);
            return GP_OK;
        }
    }
    if (text) { /* an empty row below the list's last */
        *row = list_rows + (line - list->next_line - 1) - hidden;
        *x = column_of(screen, cell);
        return GP_OK;
    }
    const gp_grid *grid = gp_screen_grid(screen);
    uint64_t number = gp_screen_first_line(screen);
    uint32_t begin = !screen->on_alternate && list->open ? list->line.cells : 0;
    for (uint32_t y = 0; y < screen->rows; y++) {
        uint32_t cells = row_cells(grid, y);
        bool wrapped = grid->row[y].wrapped;
        if (number == line && (cell < begin + cells || !wrapped)) {
            *row = list_rows + y - hidden;
            *x = column_of(screen, cell - begin);
            return GP_OK;
        }
        begin += cells;
        if (!wrapped) number++, begin = 0;
    }
    return GP_ERR_ARGUMENT;
}
