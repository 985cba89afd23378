/* The usual case of putting cells: what fits into the open line's last row and into the page, inlined where it is used.
 * A quarter of the instructions that gp_list_put_narrow and gp_list_put_wide take, which do the same for all the rest. */
#ifndef GP_PAGES_LIST_APPEND_H
#define GP_PAGES_LIST_APPEND_H

#include "pages/list.h"

/* `cells` cells of one code point each, narrow (ASCII if there are as many bytes) or wide. False: nothing was done. */
static inline bool gp_list_append(gp_list *list, const uint8_t *text, size_t text_bytes, uint32_t cells, gp_run_kind kind) {
    gp_open_line *line = &list->line;
    gp_text_page *page = list->newest;
    uint32_t columns = kind == GP_RUN_WIDE ? 2 * cells : cells;
    if (columns > list->columns - line->row_cells ||
        page->records_end - page->text_end < text_bytes + 2 * GP_RECORD_RESERVE_BYTES ||
        page->text_end - line->text_begin + text_bytes > gp_list_cap_bytes(list))
        return false;
    if (line->last.kind == kind) {
        line->last.cells += cells;
    } else {
        if (line->last.cells) gp_list_end_run(list);
        line->last = (gp_run){.kind = kind, .cells = cells, .codepoints = 1, .width = kind == GP_RUN_WIDE ? 2 : 1};
    }
    gp_copy_short(page->page.base + page->text_end, text, text_bytes);
    page->text_end += (uint32_t)text_bytes;
    if (text_bytes != cells) line->flags &= (uint8_t)~GP_LINE_ASCII;
    if (kind == GP_RUN_WIDE) line->flags |= GP_LINE_WIDE;
    line->cells += columns;
    line->row_cells += columns;
    return true;
}

#endif
