/* Spares: pages that were pruned at a limit in rows and do not suit as the next one as they lie. They wait for a page of their
 * size in the terminal that wrote them, so that nothing need be wiped, locked or allocated for it. What comes and goes in
 * turns, long lines among short ones, took a third longer through the arena's pool on pages of 4 KiB. */
#include "pages/list.h"

static void unlink_spare(gp_spares *spares, gp_text_page *page) {
    if (page->newer)
        page->newer->older = page->older;
    else
        spares->newest = page->older;
    if (page->older)
        page->older->newer = page->newer;
    else
        spares->oldest = page->newer;
    page->older = page->newer = NULL;
    spares->pages--;
    spares->bytes -= page->page.mapping->length_bytes;
    gp_mapping_show(page->page.mapping);
}

static void drop_oldest(gp_list *list) {
    gp_text_page *page = list->spares.oldest;
    unlink_spare(&list->spares, page);
    gp_list_free_page(list, page);
}

void gp_list_drop_spares(gp_list *list) {
    while (list->spares.oldest) drop_oldest(list);
    gp_account_return(list->account);
}

void gp_list_set_aside(gp_list *list, gp_text_page *page) {
    gp_spares *spares = &list->spares;
    size_t page_bytes = page->page.mapping->length_bytes;
    /* Small pages are those that a young history began with: none is born again. */
    bool may_wait = !page->share && page->page.mapping->kind != GP_MAPPING_SMALL &&
                    gp_account_borrow(list->account, page_bytes);
    while (may_wait && spares->oldest &&
           (spares->pages == GP_SPARES_MAX || !gp_account_borrow(list->account, spares->bytes + page_bytes)))
        drop_oldest(list);
    if (!may_wait || !gp_account_borrow(list->account, spares->bytes + page_bytes)) {
        gp_list_free_page(list, page);
        return;
    }
    page->first_line = spares->births;
    page->older = spares->newest;
    page->newer = NULL;
    if (spares->newest)
        spares->newest->newer = page;
    else
        spares->oldest = page;
    spares->newest = page;
    spares->pages++;
    spares->bytes += page_bytes;
    gp_mapping_hide(page->page.mapping);
}

gp_text_page *gp_list_take_spare(gp_list *list, size_t need_bytes) {
    if (!list->spares.pages) return NULL;
    size_t wanted_bytes = gp_arena_page_bytes(list->account->arena, need_bytes);
    for (gp_text_page *page = list->spares.newest; page; page = page->older) {
        if (!gp_page_reuse(list->account, &page->page, wanted_bytes)) continue;
        unlink_spare(&list->spares, page);
        return page;
    }
    return NULL;
}

bool gp_list_has_spare(const gp_list *list, size_t length_bytes) {
    const gp_text_page *page = list->spares.newest;
    while (page && page->page.mapping->length_bytes != length_bytes) page = page->older;
    return page;
}

void gp_list_age_spares(gp_list *list) {
    list->spares.births++;
    while (list->spares.oldest && list->spares.births - list->spares.oldest->first_line > GP_SPARE_PATIENCE) drop_oldest(list);
}

const char *gp_list_check_spares(const gp_list *list) {
    size_t bytes = 0;
    uint32_t pages = 0;
    const gp_text_page *newer = NULL;
    for (const gp_text_page *page = list->spares.newest; page; newer = page, page = page->older, pages++) {
        if (page->newer != newer) return "list: links of spares disagree";
        if (page->share) return "list: a spare is shared";
        bytes += page->page.mapping->length_bytes;
    }
    if (list->spares.oldest != newer) return "list: spares do not end at the oldest";
    if (pages != list->spares.pages || pages > GP_SPARES_MAX) return "list: spares are miscounted";
    if (bytes != list->spares.bytes) return "list: bytes of spares do not add up";
    if (bytes > list->account->member->lent_bytes) return "list: spares take more than was lent";
    return NULL;
}
