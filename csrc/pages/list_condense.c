/* Giving memory back while the lines stay: what is cut off in the oldest page, and what lies free in every page. */
#include <string.h>

#include "memory/alloc.h"
#include "pages/list.h"

/* The live lines of the oldest page, in a list of one page. */
static gp_status copy_live(gp_list *list, gp_text_page *page, gp_line line, size_t need_bytes, gp_list *copy) {
    copy->next_line = page->first_line + page->dead_lines;
    gp_status status = gp_list_prepare(copy, need_bytes);
    if (status != GP_OK) return status;
    gp_list_attach(copy);
    for (; line.index < page->lines && status == GP_OK; gp_line_step(&line)) status = gp_list_copy_closed(copy, &line);
    if (status == GP_OK && page == list->newest && list->open) status = gp_list_copy_open(copy, list);
    return status;
}

/* The copy takes the place of the oldest page. */
static void replace_oldest(gp_list *list, gp_list *copy) {
    gp_text_page *page = list->oldest, *made = copy->oldest;
    copy->oldest = copy->newest = NULL;
    copy->pages = 0;
    made->newer = page->newer;
    made->first_row = page->first_row;
    list->oldest = list->index[list->index_begin] = made;
    if (page == list->newest) {
        list->newest = made;
        list->line = copy->line;
        memcpy(list->links, copy->links, sizeof list->links);
        memcpy(list->link_bases, copy->link_bases, sizeof list->link_bases);
        list->link_base = copy->link_base;
        list->links_bytes = copy->links_bytes;
    } else {
        made->newer->older = made;
        list->settled_bytes += gp_text_page_used_bytes(made) - gp_text_page_used_bytes(page);
        gp_text_page_seal(made);
    }
    list->rows -= page->rows;
    made->rows = 0;
    made->rows_columns = 0; /* some of its first line may be cut off */
    gp_list_page_rows(list, made);
    gp_text_page_soil(page);
    gp_list_free_page(list, page);
}

void gp_list_condense(gp_list *list) {
    gp_list_drop_spares(list);
    gp_text_page *page = list->oldest;
    if (!page || gp_text_page_is_held(page)) return;
    gp_place first = {.page = page, .index = page->dead_lines};
    gp_line begin;
    gp_list_enter(list, &first, &begin);
    size_t dead_bytes = begin.text_begin + page->page.view_bytes - begin.top;
    if (dead_bytes < 2 * gp_os_page_bytes()) return;
    size_t need_bytes = 4 * GP_RECORD_RESERVE_BYTES;
    for (gp_line line = begin; line.index < page->lines; gp_line_step(&line))
        need_bytes += gp_list_copy_bytes(gp_line_runs(&line), line.text_bytes);
    if (page == list->newest && list->open)
        need_bytes += gp_list_copy_bytes(gp_list_open_runs(list), page->text_end - list->line.text_begin);
    size_t length_bytes = gp_arena_page_bytes(list->account->arena, need_bytes);
    if (length_bytes >= page->page.mapping->length_bytes || gp_account_exceeds(list->account, need_bytes)) return;
    gp_list copy;
    gp_list_init(&copy, list->account, list->columns, UINT64_MAX);
    if (copy_live(list, page, begin, need_bytes, &copy) == GP_OK) {
        replace_oldest(list, &copy);
        list->account->counters.copies++;
        list->account->counters.copied_bytes += list->oldest->text_end;
    }
    gp_list_deinit(&copy);
}

void gp_list_discard(gp_list *list) {
    gp_list_drop_spares(list);
    for (gp_text_page *page = list->oldest; page; page = page->newer) {
        size_t beyond_bytes = page->page.mapping->length_bytes - page->page.view_bytes;
        if (!gp_text_page_is_held(page))
            gp_mapping_discard(page->page.mapping, page->text_end, page->page.view_bytes - page->records_end + beyond_bytes);
    }
}
