/* Lists that have pages in common: a terminal's and those of its snapshots. */
#include <assert.h>
#include <string.h>

#include "memory/alloc.h"
#include "pages/list.h"

/* What lies in a page of the same size, or larger, without the free part between. */
static void copy_content(const gp_text_page *page, gp_page *made) {
    const uint8_t *base = page->page.base;
    made->view_bytes = page->page.view_bytes;
    memcpy(made->base, base, page->text_end);
    memcpy(made->base + page->records_end, base + page->records_end, page->page.view_bytes - page->records_end);
}

static gp_mark *copy_marks(const gp_text_page *page) {
    gp_mark *marks = gp_alloc(page->mark_capacity * sizeof *marks);
    if (marks) memcpy(marks, page->marks, page->mark_capacity * sizeof *marks);
    return marks;
}

gp_status gp_list_make_own(gp_list *list, gp_text_page *page) {
    if (!page->share) return GP_OK;
    if (gp_share_reclaim(page->share)) {
        page->share = NULL;
        return GP_OK;
    }
    gp_mark *marks = copy_marks(page);
    if (!marks) return GP_ERR_NOMEM;
    gp_page made;
    gp_status status = gp_page_acquire(list->account, page->page.view_bytes, &made);
    if (status != GP_OK) {
        gp_free(marks);
        return status;
    }
    copy_content(page, &made);
    list->account->counters.copies++;
    list->account->counters.copied_bytes += page->text_end;
    gp_text_page_soil(page);
    gp_share_leave(list->account, page->share);
    page->share = NULL;
    page->page = made;
    page->marks = marks;
    return GP_OK;
}

static void append(gp_list *list, gp_text_page *page) {
    page->older = list->newest;
    page->newer = NULL;
    if (list->newest) {
        list->settled_bytes += gp_text_page_used_bytes(list->newest);
        list->newest->newer = page;
    } else {
        list->oldest = page;
    }
    list->newest = page;
    assert(list->pages < list->index_capacity);
    list->index[list->pages++] = page;
}

static gp_status clone_page(gp_list *list, gp_text_page *page, bool shares, gp_list *clone) {
    gp_text_page *made = gp_alloc(sizeof *made);
    if (!made) return GP_ERR_NOMEM;
    *made = *page;
    if (shares) {
        if (!page->share) page->share = gp_share_new(list->account, &page->page, page->marks);
        if (!page->share) goto fail;
        gp_share_hold(page->share);
        made->share = page->share;
        append(clone, made);
        return GP_OK;
    }
    made->share = NULL;
    made->marks = copy_marks(page);
    if (!made->marks) goto fail;
    gp_status status = gp_page_acquire(clone->account, page->page.view_bytes, &made->page);
    if (status != GP_OK) {
        gp_free(made->marks);
        gp_free(made);
        return status;
    }
    copy_content(page, &made->page);
    append(clone, made);
    return GP_OK;
fail:
    gp_free(made);
    return GP_ERR_NOMEM;
}

/* The first page of which something may still change: that of the screen's first line, or of the last line. */
static uint64_t first_changing_line(gp_list *list) {
    uint32_t found;
    uint64_t line = list->next_line;
    if (list->tail_rows) {
        gp_place place = gp_list_tail(list, list->tail_rows, &found);
        line = gp_place_line(&place);
    }
    if (!list->open && line == list->next_line && line > list->oldest->first_line) line--;
    return line;
}

gp_status gp_list_clone(gp_list *list, gp_account *account, gp_list *clone) {
    gp_list made = *list;
    made.account = account;
    made.reads_only = true;
    made.oldest = made.newest = made.prepared = NULL;
    made.spares = (gp_spares){0};
    made.pages = made.index_begin = made.settled_bytes = 0;
    made.index_capacity = list->pages;
    made.index = list->pages ? gp_alloc(list->pages * sizeof *made.index) : NULL;
    if (list->pages && !made.index) return GP_ERR_NOMEM;
    gp_status status = GP_OK;
    uint64_t changing = list->oldest ? first_changing_line(list) : 0;
    for (gp_text_page *page = list->oldest; page && status == GP_OK; page = page->newer) {
        bool shares = page->newer && page->newer->first_line <= changing;
        status = clone_page(list, page, shares, &made);
    }
    if (status != GP_OK) {
        gp_list_deinit(&made);
        return status;
    }
    *clone = made;
    return GP_OK;
}
