/* Pages in and out of the list: birth, prune, the one way out, and the verifier. */
#include "pages/list.h"

#include <string.h>

#include "memory/alloc.h"

void gp_list_init(gp_list *list, gp_account *account, uint32_t columns, uint64_t limit_rows) {
    *list = (gp_list){.account = account, .columns = columns, .limit_rows = limit_rows, .rows_known = true,
                        .held_line = UINT64_MAX};
}

void gp_list_free_page(gp_list *list, gp_text_page *page) {
    if (!page) return;
    if (page->share && list->reads_only) {
        gp_share_drop(page->share);
    } else if (page->share) {
        gp_share_leave(list->account, page->share);
    } else {
        gp_page_retire(list->account, &page->page);
        gp_free(page->marks);
    }
    gp_free(page);
}

void gp_list_drop_prepared(gp_list *list) {
    gp_list_free_page(list, list->prepared);
    list->prepared = NULL;
}

void gp_list_deinit(gp_list *list) {
    list->open = false;
    while (list->oldest) gp_list_retire(list, list->oldest, NULL);
    gp_list_drop_prepared(list);
    if (list->account) gp_list_drop_spares(list); /* else it never began */
    gp_free(list->index);
    list->index = NULL;
    list->index_capacity = list->index_begin = 0;
}

uint64_t gp_list_page_rows(gp_list *list, gp_text_page *page) {
    if (page->rows_columns != list->columns) {
        list->rows -= page->rows;
        page->rows = gp_text_page_count_rows(page, gp_list_from(list, page, page->dead_lines), list->columns);
        page->rows_columns = list->columns;
        list->rows += page->rows;
    }
    return page->rows;
}

uint64_t gp_list_total_rows(gp_list *list) {
    if (!list->rows_known) {
        uint64_t first_row = 0;
        for (gp_text_page *page = list->oldest; page; page = page->newer) {
            page->first_row = first_row;
            first_row += gp_list_page_rows(list, page);
        }
        list->rows_known = true;
    }
    return list->rows + (list->open ? list->line.rows : 0);
}

uint64_t gp_list_history_rows(gp_list *list) {
    uint64_t rows = gp_list_total_rows(list) - list->tail_rows;
    return rows < list->limit_rows ? rows : list->limit_rows;
}

/* ---- the index ------------------------------------------------------------------------------------------------ */

static bool reserve_index(gp_list *list) {
    size_t end = list->index_begin + list->pages;
    if (end < list->index_capacity) return true;
    if (list->index_begin > list->index_capacity / 2) {
        memmove(list->index, list->index + list->index_begin, list->pages * sizeof *list->index);
        list->index_begin = 0;
        return true;
    }
    size_t capacity = list->index_capacity ? list->index_capacity * 2 : 4;
    gp_text_page **index = gp_realloc(list->index, capacity * sizeof *index);
    if (!index) return false;
    list->index = index;
    list->index_capacity = capacity;
    return true;
}

/* Pages leave at one of the ends, or near it. */
static void remove_from_index(gp_list *list, const gp_text_page *page) {
    gp_text_page **index = list->index + list->index_begin;
    if (index[0] == page) {
        list->index_begin++;
    } else {
        size_t at = list->pages - 1;
        while (index[at] != page) at--;
        memmove(index + at, index + at + 1, (list->pages - 1 - at) * sizeof *index);
    }
    if (!--list->pages) list->index_begin = 0;
}

/* ---- the way out --------------------------------------------------------------------------------------------- */

void gp_list_retire(gp_list *list, gp_text_page *page, gp_text_page **kept) {
    if (!page->share || !list->reads_only) gp_text_page_soil(page); /* whoever owns it */
    if (page == list->oldest) list->cut_cells = 0;
    if (page->newer)
        list->settled_bytes -= gp_text_page_used_bytes(page);
    else if (page->older)
        list->settled_bytes -= gp_text_page_used_bytes(page->older);
    if (page->older)
        page->older->newer = page->newer;
    else
        list->oldest = page->newer;
    if (page->newer)
        page->newer->older = page->older;
    else
        list->newest = page->older;
    page->older = page->newer = NULL;
    list->rows -= page->rows;
    remove_from_index(list, page);
    if (kept)
        *kept = page;
    else
        gp_list_free_page(list, page);
}

void gp_list_count_pruned(gp_list *list, gp_prune_cause cause, uint64_t rows, uint64_t lines, uint64_t pages) {
    gp_counters *counters = &list->account->counters;
    counters->pages_pruned += pages;
    counters->rows_pruned += rows;
    counters->lines_pruned += lines;
    if (rows && cause != GP_PRUNE_CLEAR) list->pruned_by = cause;
    switch (cause) {
    case GP_PRUNE_NONE: break;
    case GP_PRUNE_LINES: counters->rows_pruned_lines += rows; break;
    case GP_PRUNE_BYTES: counters->rows_pruned_bytes += rows; break;
    case GP_PRUNE_BUDGET: counters->rows_pruned_budget += rows; break;
    case GP_PRUNE_CLEAR: counters->rows_pruned_clear += rows; break;
    }
}

/* Whether the oldest page can go with the screen still whole and `limit_rows` rows of history left. */
static bool oldest_may_go(gp_list *list, uint64_t limit_rows) {
    gp_text_page *page = list->oldest;
    if (!page || page == list->newest || page->newer->first_line > list->held_line) return false;
    uint64_t rows = gp_list_total_rows(list) - gp_list_page_rows(list, page);
    return rows >= list->tail_rows && rows - list->tail_rows >= limit_rows;
}

static void prune_oldest(gp_list *list, gp_prune_cause cause, gp_text_page **kept) {
    gp_text_page *page = list->oldest;
    gp_list_count_pruned(list, cause, gp_list_page_rows(list, page), page->lines - page->dead_lines, 1);
    gp_list_retire(list, page, kept);
}

/* Whether the memory of a page out of the list is free to become another page. */
static bool recycle(gp_list *list, gp_text_page *page, size_t need_bytes) {
    if (page->share && gp_share_reclaim(page->share)) page->share = NULL;
    return !page->share && gp_page_recycle(list->account, &page->page, need_bytes);
}

void gp_list_shed(gp_list *list) {
    if (gp_account_excess(list->account)) gp_list_drop_spares(list);
    while (gp_account_excess(list->account) && oldest_may_go(list, 0)) prune_oldest(list, GP_PRUNE_BYTES, NULL);
}

size_t gp_list_give(gp_list *list, size_t need_bytes, size_t floor_bytes) {
    size_t freed_bytes = list->spares.bytes;
    gp_list_drop_spares(list);
    size_t left_bytes = list->account->member->mapped_bytes;
    uint64_t rows = gp_list_total_rows(list);
    uint32_t pages = 0, count = 0; /* the first `count` of those looked at go: the last of them is worth it */
    for (gp_text_page *page = list->oldest; page && page != list->newest; page = page->newer) {
        size_t page_bytes = page->page.mapping->length_bytes;
        rows -= gp_list_page_rows(list, page);
        if (rows < list->tail_rows || page->newer->first_line > list->held_line) break;
        if (left_bytes < floor_bytes + page_bytes || freed_bytes >= need_bytes) break;
        left_bytes -= page_bytes;
        pages++;
        if (gp_text_page_is_held(page)) continue;
        freed_bytes += page_bytes;
        count = pages;
    }
    while (count--) prune_oldest(list, GP_PRUNE_BUDGET, NULL);
    return freed_bytes;
}

/* ---- the way in ---------------------------------------------------------------------------------------------- */

gp_status gp_list_acquire_page(gp_list *list, size_t need_bytes, gp_page *page) {
    while (gp_account_exceeds(list->account, need_bytes) && oldest_may_go(list, 0))
        prune_oldest(list, GP_PRUNE_BYTES, NULL);
    gp_status status = gp_page_acquire(list->account, need_bytes, page);
    if (status == GP_OK || !list->spares.pages) return status;
    gp_list_drop_spares(list);
    return gp_page_acquire(list->account, need_bytes, page);
}

/* Pages are small while the list is, and grow with it: a terminal of a few lines has a page of the system's, and what lies
 * free is a third of the whole at most. Powers of two, doubled and halved so far apart that pages go on to be recycled. */
static size_t usual_size(gp_list *list) {
    size_t used_bytes = gp_list_used_bytes(list), cap_bytes = gp_account_page_cap(list->account);
    size_t least_bytes = gp_os_page_bytes();
    if (used_bytes / 3 >= list->usual_bytes)
        list->usual_bytes *= 2;
    else if (used_bytes < list->usual_bytes)
        list->usual_bytes /= 2;
    if (list->usual_bytes > cap_bytes) list->usual_bytes = cap_bytes;
    if (list->usual_bytes < least_bytes) list->usual_bytes = least_bytes;
    return list->usual_bytes;
}

/* Whether the oldest page is one for `need_bytes`, and may go where `limit_rows` rows of history are left. */
static bool oldest_suits(gp_list *list, size_t need_bytes, uint64_t limit_rows) {
    const gp_text_page *page = list->oldest;
    return page && page->page.mapping->length_bytes == gp_arena_page_bytes(list->account->arena, need_bytes) &&
           oldest_may_go(list, limit_rows);
}

/* Whether a page for `need_bytes` can be had without asking the kernel. */
static bool at_hand(gp_list *list, size_t need_bytes) {
    gp_arena *arena = list->account->arena;
    size_t length_bytes = gp_arena_page_bytes(arena, need_bytes);
    return gp_list_has_spare(list, length_bytes) || gp_arena_offers(arena, length_bytes) ||
           (list->limit_rows != UINT64_MAX && oldest_suits(list, need_bytes, list->limit_rows));
}

/* What the next page is born with, `least_bytes` or more. A line that moves and has an eighth of a standard page already is
 * taken for one of the long ones: through all sizes between it would be copied at each. With the adaptive policy every page
 * is to hold what recent ones needed for their largest line. Neither is to cost history, nor the latter a call to the
 * kernel, that the least would not. */
static size_t birth_size(gp_list *list, size_t need_bytes, size_t least_bytes) {
    gp_account *account = list->account;
    size_t recent_bytes = list->demand.birth;
    bool moves = need_bytes > account->arena->standard_bytes / 8 + 4 * GP_RECORD_RESERVE_BYTES;
    bool adapts = account->arena->policy == GP_POLICY_ADAPTIVE;
    if (least_bytes >= recent_bytes || (!moves && !adapts)) return least_bytes;
    bool oldest_goes = !gp_account_affords(account, least_bytes) && oldest_suits(list, recent_bytes, 0);
    if (!oldest_goes && !gp_account_affords(account, recent_bytes)) return least_bytes;
    if (moves) return recent_bytes;
    return oldest_goes || at_hand(list, recent_bytes) || !at_hand(list, least_bytes) ? recent_bytes : least_bytes;
}

static void learn_from(gp_list *list, const gp_text_page *left) {
    size_t standard_bytes = list->account->arena->standard_bytes, weight = left->page.view_bytes / standard_bytes;
    size_t records_bytes = left->page.view_bytes - left->records_end;
    gp_page_parts parts = {.text_bytes = left->text_end};
    parts.links_bytes = list->links_bytes < records_bytes ? list->links_bytes : records_bytes; /* some may be gone */
    parts.styles_bytes = records_bytes - parts.links_bytes;
    if (!left->lines) return; /* outgrown by the line that it was for */
    weight = weight < 1 ? 1 : weight < GP_DEMAND_PAGE_WEIGHT ? weight : GP_DEMAND_PAGE_WEIGHT;
    gp_demand_note(&list->demand, left->largest_bytes + 8 * GP_RECORD_RESERVE_BYTES,
                   standard_bytes + 4 * GP_RECORD_RESERVE_BYTES, &parts, (uint32_t)weight, GP_DEMAND_TEXT_PAGES);
}

static void reset_page(gp_list *list, gp_text_page *page) {
    gp_text_page_reset(page, list->next_line);
    page->rows_columns = list->columns;
}

static bool ensure_mark(gp_text_page *page, uint32_t index) {
    uint32_t needed = index / GP_MARK_LINES + 1;
    if (needed <= page->mark_capacity) return true;
    uint32_t capacity = page->mark_capacity ? page->mark_capacity * 2 : 4;
    gp_mark *marks = gp_realloc(page->marks, capacity * sizeof *marks);
    if (!marks) return false;
    page->marks = marks;
    page->mark_capacity = capacity;
    return true;
}

/* Prunes the oldest page; *page is its memory if that suits, and none was found before. */
static void recycle_oldest(gp_list *list, gp_prune_cause cause, size_t need_bytes, gp_text_page **page) {
    gp_text_page *left;
    prune_oldest(list, cause, &left);
    if (!*page && recycle(list, left, need_bytes))
        *page = left;
    else
        gp_list_set_aside(list, left);
}

/* A page without content for `need_bytes`: the oldest of the list as it lies where a limit lets it go and its memory is
 * of the right kind, else one that waits for that, else one from the arena. */
static gp_status bear_page(gp_list *list, size_t need_bytes, gp_text_page **born) {
    gp_text_page *page = NULL;
    gp_status status = GP_ERR_NOMEM;
    while (list->limit_rows != UINT64_MAX && oldest_may_go(list, list->limit_rows))
        recycle_oldest(list, GP_PRUNE_LINES, need_bytes, &page);
    while (!page && gp_account_exceeds(list->account, need_bytes) && oldest_may_go(list, 0))
        recycle_oldest(list, GP_PRUNE_BYTES, need_bytes, &page);
    while (!page && oldest_may_go(list, 0) && !gp_text_page_is_held(list->oldest) &&
           gp_account_gives(list->account, &list->oldest->page, need_bytes))
        recycle_oldest(list, GP_PRUNE_BUDGET, need_bytes, &page);
    if (!page) page = gp_list_take_spare(list, need_bytes);
    if (!page) {
        page = gp_alloc_zeroed(sizeof *page);
        if (!page) return GP_ERR_NOMEM;
        status = gp_list_acquire_page(list, need_bytes, &page->page);
        if (status != GP_OK) goto fail;
    }
    if (!ensure_mark(page, 0)) {
        status = GP_ERR_NOMEM;
        goto fail;
    }
    gp_list_age_spares(list);
    *born = page;
    return GP_OK;
fail:
    gp_list_free_page(list, page);
    return status;
}

gp_status gp_list_prepare(gp_list *list, size_t bytes) {
    if (!reserve_index(list)) return GP_ERR_NOMEM;
    if (list->prepared && list->prepared->page.view_bytes >= bytes) return GP_OK;
    gp_text_page *page;
    size_t usual_bytes = usual_size(list), least_bytes = bytes > usual_bytes ? bytes : usual_bytes;
    size_t birth_bytes = birth_size(list, bytes, least_bytes);
    gp_status status = bear_page(list, birth_bytes, &page);
    if (status != GP_OK && birth_bytes > least_bytes) status = bear_page(list, least_bytes, &page);
    if (status != GP_OK) return status;
    gp_list_free_page(list, list->prepared);
    list->prepared = page;
    return GP_OK;
}

void gp_list_attach(gp_list *list) {
    gp_text_page *page = list->prepared;
    list->prepared = NULL;
    if (list->newest) {
        learn_from(list, list->newest);
        list->settled_bytes += gp_text_page_used_bytes(list->newest);
        gp_text_page_seal(list->newest);
    }
    reset_page(list, page);
    page->first_row = list->newest ? list->newest->first_row + list->newest->rows : 0;
    page->older = list->newest;
    page->newer = NULL;
    if (list->newest)
        list->newest->newer = page;
    else
        list->oldest = page;
    list->newest = page;
    list->index[list->index_begin + list->pages++] = page;
    list->links_bytes = 0;
    gp_list_forget_links(list);
}

/* ---- the verifier -------------------------------------------------------------------------------------------- */

size_t gp_list_claim(gp_list *list) {
    size_t bytes = 0;
    uint64_t serial = list->account->member->serial;
    for (gp_text_page *page = list->oldest; page; page = page->newer) {
        if (page->share && list->reads_only) continue;
        gp_mapping_claim(page->page.mapping, GP_OWNER_TEXT, serial, gp_text_page_used_bytes(page));
        bytes += page->page.mapping->length_bytes;
    }
    if (list->prepared) {
        gp_mapping_claim(list->prepared->page.mapping, GP_OWNER_TEXT, serial, 0);
        bytes += list->prepared->page.mapping->length_bytes;
    }
    for (gp_text_page *page = list->spares.oldest; page; page = page->newer)
        gp_mapping_claim(page->page.mapping, GP_OWNER_TEXT, serial, 0);
    return bytes + list->spares.bytes;
}

static const char *check_open_line(gp_list *list) {
    const gp_open_line *line = &list->line;
    gp_text_page *page = list->newest;
    if (!page) return "list: a line is open without a page";
    if (line->text_begin > page->text_end) return "list: the open line begins behind the text";
    if (line->top < page->records_end) return "list: the open line's record begins behind the records";
    uint32_t rows, row_cells;
    gp_list_measure_open(list, &rows, &row_cells);
    if (rows != line->rows) return "list: the open line's rows do not add up";
    if (row_cells != line->row_cells) return "list: the open line's last row does not add up";
    uint32_t cells = 0;
    gp_runs runs = gp_list_open_runs(list);
    while (gp_runs_load(&runs)) {
        gp_piece piece;
        gp_runs_take(&runs, runs.run.cells, &piece);
        cells += piece.cells * piece.width;
    }
    if (cells != line->cells) return "list: the open line's cells do not add up";
    if (runs.text != page->page.base + page->text_end) return "list: the open line's text does not add up";
    return NULL;
}

const char *gp_list_check(gp_list *list) {
    uint64_t rows = 0, next_line = list->oldest ? list->oldest->first_line : list->next_line;
    size_t pages = 0, used_bytes = 0;
    bool goes_on = false, any = false;
    gp_text_page *older = NULL;
    for (gp_text_page *page = list->oldest; page; older = page, page = page->newer, pages++) {
        if (page->older != older) return "list: links disagree";
        if (pages >= list->pages || list->index[list->index_begin + pages] != page) return "list: the index disagrees";
        if (list->rows_known && older && page->first_row != older->first_row + older->rows)
            return "list: a page's first row is off";
        if (page->first_line != next_line) return "list: line numbers do not go on from page to page";
        const char *violation = gp_text_page_check(page);
        if (violation) return violation;
        if (page != list->oldest && page->dead_lines) return "list: dead lines behind the oldest page";
        if (page->lines) {
            bool continuation = gp_text_page_line(page, 0).flags & GP_LINE_CONTINUATION;
            if (any && goes_on != continuation) return "list: a line goes on from page to page in none, or from none";
            goes_on = gp_text_page_line(page, page->lines - 1).flags & GP_LINE_CONTINUES;
            any = page->lines > page->dead_lines; /* a dead line goes on in nothing that counts */
        }
        if (page->rows_columns == list->columns &&
            page->rows != gp_text_page_count_rows(page, gp_list_from(list, page, page->dead_lines), list->columns))
            return "list: a page's rows are not those of its lines";
        rows += page->rows;
        next_line += page->lines;
        used_bytes += gp_text_page_used_bytes(page);
    }
    const char *violation = gp_list_check_spares(list);
    if (violation) return violation;
    if (older != list->newest) return "list: the newest page is not the last";
    if (older && older->share) return "list: the newest page is shared";
    if (any && goes_on != (list->open ? (list->line.flags & GP_LINE_CONTINUATION) != 0 : list->continues))
        return "list: what the last line goes on in is not there, or from nothing";
    if (pages != list->pages) return "list: pages are miscounted";
    if (used_bytes != gp_list_used_bytes(list)) return "list: bytes of content are not the sum of the pages'";
    if (rows != list->rows) return "list: rows are not the sum of the pages'";
    if (next_line != list->next_line) return "list: the next line's number is off";
    if (list->tail_rows > list->tail_rows_max) return "list: the tail is longer than the screen";
    return list->open ? check_open_line(list) : NULL;
}
