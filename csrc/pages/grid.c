#include "pages/grid.h"

#include <assert.h>
#include <string.h>

#include "unicode/utf8.h"

/* ---- birth and death ------------------------------------------------------------------------------------------ */

static size_t align8(size_t bytes) { return (bytes + 7) & ~(size_t)7; }

/* A cluster's reference has 29 bits, in units of 8 bytes; page sizes are rounded up by a quarter at most. */
#define GRID_BYTES_MAX ((size_t)3 << 30)

/* Needs of side store are told for so many cells, and this much of it every grid has. */
enum { DENSITY_CELLS = 1024, PLAIN_DENSITY = DENSITY_CELLS * (int)sizeof(gp_cell) / 5 };

static size_t fixed_size(uint32_t columns, uint32_t rows) {
    return (size_t)2 * rows * sizeof(gp_grid_row) + GP_ATTRIBUTE_CACHE * sizeof(uint32_t) +
           (size_t)columns * rows * sizeof(gp_cell);
}

static gp_grid_row *entries_begin(const gp_grid *grid) { return (gp_grid_row *)grid->page.base; }
static gp_grid_row *entries_end(const gp_grid *grid) { return entries_begin(grid) + 2 * (size_t)grid->rows; }

/* Where the parts lie in the page; the rows' entries begin with its `first`. */
static void place(gp_grid *grid, size_t first) {
    grid->row = entries_begin(grid) + first;
    grid->known = (uint32_t *)entries_end(grid);
    grid->cells = (gp_cell *)(grid->known + GP_ATTRIBUTE_CACHE);
}

size_t gp_grid_recent_bytes(const gp_list *list, size_t cells) {
    return (size_t)((uint64_t)list->grid_demand.birth * cells / DENSITY_CELLS);
}

/* A grid is born with the side store that recent ones needed, where no limit is in the way and that alone would not cost a
 * call to the kernel. */
static gp_status acquire_page(gp_list *list, size_t fixed_bytes, size_t side_bytes, size_t cells, gp_page *page) {
    gp_arena *arena = list->account->arena;
    size_t need_bytes = fixed_bytes + side_bytes;
    size_t recent_bytes = gp_grid_recent_bytes(list, cells);
    if (recent_bytes > side_bytes && recent_bytes < GRID_BYTES_MAX - fixed_bytes) {
        size_t wish_bytes = gp_arena_page_bytes(arena, fixed_bytes + recent_bytes);
        bool costs_call = !gp_arena_offers(arena, wish_bytes) && gp_arena_offers(arena, gp_arena_page_bytes(arena, need_bytes));
        if (!costs_call && gp_account_affords(list->account, wish_bytes) &&
            gp_list_acquire_page(list, wish_bytes, page) == GP_OK)
            return GP_OK;
    }
    return gp_list_acquire_page(list, need_bytes, page);
}

gp_status gp_grid_acquire(gp_list *list, uint32_t columns, uint32_t rows, size_t side_bytes, gp_grid *grid) {
    size_t fixed_bytes = fixed_size(columns, rows);
    size_t least_bytes = fixed_bytes / 5 > 2048 ? fixed_bytes / 5 : 2048;
    if (side_bytes > GRID_BYTES_MAX - fixed_bytes - fixed_bytes / 5 - 2048) return GP_ERR_NOMEM;
    gp_page page;
    gp_status status = acquire_page(list, fixed_bytes, side_bytes > least_bytes ? side_bytes : least_bytes,
                                    (size_t)columns * rows, &page);
    if (status != GP_OK) return status;
    *grid = (gp_grid){.page = page, .columns = columns, .rows = rows, .fixed_bytes = fixed_bytes};
    place(grid, 0);
    grid->side_begin = page.view_bytes & ~(size_t)7;
    for (uint32_t y = 0; y < rows; y++) grid->row[y].slot = (uint16_t)y;
    return GP_OK;
}

gp_status gp_grid_clone(const gp_grid *grid, gp_list *list, gp_grid *clone) {
    gp_page page;
    gp_status status = gp_page_acquire(list->account, grid->page.view_bytes, &page);
    if (status != GP_OK) return status;
    page.view_bytes = grid->page.view_bytes;
    memcpy(page.base, grid->page.base, grid->fixed_bytes);
    memcpy(page.base + grid->side_begin, grid->page.base + grid->side_begin, page.view_bytes - grid->side_begin);
    *clone = *grid;
    clone->page = page;
    place(clone, (size_t)(grid->row - entries_begin(grid)));
    return GP_OK;
}

/* Notes that a grid like this one needs a side store of so many bytes. */
static void note_demand(gp_list *list, const gp_grid *grid, size_t side_bytes) {
    size_t cells = (size_t)grid->columns * grid->rows, made_bytes = grid->page.view_bytes - grid->side_begin;
    assert(cells);
    gp_page_parts parts = {
        .cells_bytes = cells * sizeof(gp_cell),
        .clusters_bytes = grid->clusters_bytes,
        .links_bytes = grid->links_bytes,
        .styles_bytes = made_bytes - grid->clusters_bytes - grid->links_bytes,
    };
    gp_demand_note(&list->grid_demand, (size_t)((uint64_t)side_bytes * DENSITY_CELLS / cells), PLAIN_DENSITY, &parts, 1,
                   GP_DEMAND_GRIDS);
}

void gp_grid_retire(gp_list *list, gp_grid *grid) {
    if (!grid->page.mapping) return;
    if (!grid->squeezed) note_demand(list, grid, grid->page.view_bytes - grid->side_begin);
    size_t side_bytes = grid->page.mapping->length_bytes - grid->side_begin;
    gp_mapping_soil(grid->page.mapping, grid->fixed_bytes, side_bytes);
    gp_page_retire(list->account, &grid->page);
    *grid = (gp_grid){0};
}

void gp_grid_discard(gp_grid *grid) {
    if (!grid->page.mapping) return;
    gp_mapping_discard(grid->page.mapping, grid->fixed_bytes, grid->page.mapping->length_bytes - grid->side_begin);
}

/* ---- side store ------------------------------------------------------------------------------------------------ */

uint32_t gp_grid_make_link(gp_grid *grid, const gp_link *link) {
    size_t target_bytes = gp_link_target_bytes(link), bytes = gp_grid_link_bytes(link);
    grid->side_begin -= bytes;
    grid->links_bytes += bytes;
    gp_side_link *made = (gp_side_link *)(grid->page.base + grid->side_begin);
    *made = (gp_side_link){.uri_bytes = (uint16_t)target_bytes, .id_bytes = link->id_bytes};
    uint8_t *id = gp_link_copy_target(link, (uint8_t *)(made + 1));
    if (link->id_bytes) memcpy(id, link->id, link->id_bytes);
    return grid->last_link = gp_grid_distance(grid);
}

static uint32_t find_link(gp_grid *grid, const gp_link *link) {
    gp_link last = gp_grid_link_at(grid, grid->last_link);
    return gp_link_equal(&last, link) ? grid->last_link : gp_grid_make_link(grid, link);
}

static uint32_t hash_attribute(gp_style_words style, const gp_link *link) {
    uint64_t end = gp_link_target_bytes(link); /* where links of one program differ */
    size_t count = link->uri_bytes < 8 ? link->uri_bytes : 8;
    memcpy(&end, link->uri + link->uri_bytes - count, count);
    return (uint32_t)((gp_grid_hash_style(style) ^ end) * 0x9E3779B97F4A7C15u >> 40);
}

uint32_t gp_grid_attribute(gp_grid *grid, const gp_style *style, const gp_link *link) {
    if (!link->uri_bytes) return gp_style_is_default(style) ? 0 : gp_grid_styled(grid, gp_style_take(style));
    uint32_t *known = &grid->known[hash_attribute(gp_style_take(style), link) % GP_ATTRIBUTE_CACHE];
    if (*known) {
        const gp_attribute *attribute = gp_grid_attribute_at(grid, *known);
        gp_link known_link = gp_grid_link_at(grid, attribute->link);
        if (gp_style_equal(&attribute->style, style) && gp_link_equal(&known_link, link)) return *known;
    }
    return *known = gp_grid_make_attribute(grid, gp_style_take(style), find_link(grid, link));
}

uint32_t gp_grid_restyled(gp_grid *grid, uint32_t attribute, const gp_style *style) {
    uint32_t link = gp_grid_attribute_at(grid, attribute)->link;
    if (gp_style_is_default(style) && !link) return 0;
    return gp_grid_make_attribute(grid, gp_style_take(style), link);
}

const uint8_t *gp_grid_text(const gp_grid *grid, gp_cell cell, uint8_t *scratch, size_t *text_bytes,
                            uint32_t *codepoints) {
    uint32_t content = gp_cell_content(cell);
    if (content & GP_CELL_CLUSTER) {
        const gp_side_cluster *cluster = gp_grid_at_distance(grid, content & GP_CELL_CONTENT_MASK);
        *text_bytes = cluster->text_bytes;
        *codepoints = cluster->codepoints;
        return (const uint8_t *)(cluster + 1);
    }
    *codepoints = content != 0;
    *text_bytes = content ? gp_utf8_encode(content, scratch) : 0;
    return scratch;
}

/* ---- squeezing, growing and resizing: all a copy of what lives into another page -------------------------------- */

enum { MARKED = 1 }; /* a forward that is a mark; real ones are 2 and more, as no record is smaller than 16 bytes */

static uint32_t kept(const gp_grid *grid, uint32_t y, uint32_t columns) {
    return grid->row[y].used < columns ? grid->row[y].used : columns;
}

/* An upper bound for the live part of the side store, each attribute and link marked and counted once. */
static size_t live_bytes(gp_grid *grid, uint32_t columns, uint32_t rows) {
    size_t bytes = 0;
    for (uint32_t y = 0; y < rows; y++) {
        const gp_cell *cells = gp_grid_row_cells(grid, y);
        uint32_t end = kept(grid, y, columns);
        for (uint32_t x = 0; x < end; x++) {
            if (cells[x] & GP_CELL_CLUSTER) {
                const gp_side_cluster *cluster = gp_grid_at_distance(grid, (uint32_t)cells[x] & GP_CELL_CONTENT_MASK);
                bytes += gp_grid_cluster_bytes(cluster->text_bytes);
            }
            uint32_t id = gp_cell_attribute(cells[x]);
            if (!id) continue;
            gp_attribute *attribute = gp_grid_at_distance(grid, id);
            if (attribute->forward) continue;
            attribute->forward = MARKED;
            bytes += sizeof *attribute;
            if (!attribute->link) continue;
            gp_side_link *link = gp_grid_at_distance(grid, attribute->link);
            if (!link->forward) bytes += align8(sizeof *link + link->uri_bytes + link->id_bytes);
            link->forward = MARKED;
        }
    }
    return bytes;
}

static void unmark(gp_grid *grid) {
    for (uint32_t y = 0; y < grid->rows; y++) {
        const gp_cell *cells = gp_grid_row_cells(grid, y);
        for (uint32_t x = 0; x < grid->row[y].used; x++) {
            uint32_t id = gp_cell_attribute(cells[x]);
            if (!id) continue;
            gp_attribute *attribute = gp_grid_at_distance(grid, id);
            attribute->forward = 0;
            if (attribute->link) ((gp_side_link *)gp_grid_at_distance(grid, attribute->link))->forward = 0;
        }
    }
}

static uint32_t forward_attribute(gp_grid *from, gp_grid *to, uint32_t id) {
    gp_attribute *attribute = gp_grid_at_distance(from, id);
    if (attribute->forward > MARKED) return attribute->forward;
    uint32_t link_id = 0;
    if (attribute->link) {
        gp_side_link *link = gp_grid_at_distance(from, attribute->link);
        if (link->forward <= MARKED) {
            gp_link view = gp_grid_link_at(from, attribute->link);
            link->forward = gp_grid_make_link(to, &view);
        }
        link_id = link->forward;
    }
    return attribute->forward = gp_grid_make_attribute(to, gp_style_take(&attribute->style), link_id);
}

static void copy_row(gp_grid *from, gp_grid *to, uint32_t y) {
    const gp_cell *source = gp_grid_row_cells(from, y);
    gp_cell *target = gp_grid_row_cells(to, y);
    uint32_t end = kept(from, y, to->columns);
    for (uint32_t x = 0; x < end; x++) {
        gp_cell cell = source[x];
        uint32_t content = gp_cell_content(cell), id = gp_cell_attribute(cell);
        if (content & GP_CELL_CLUSTER) {
            uint8_t scratch[4];
            size_t text_bytes;
            uint32_t codepoints;
            const uint8_t *text = gp_grid_text(from, cell, scratch, &text_bytes, &codepoints);
            content = gp_grid_cluster(to, text, text_bytes, codepoints);
        }
        target[x] = gp_cell_make(content, gp_cell_kind(cell), id ? forward_attribute(from, to, id) : 0);
    }
    to->row[y].used = end;
    to->row[y].size = from->row[y].size;
    if (to->columns == from->columns) {
        to->row[y].wrapped = from->row[y].wrapped;
        to->row[y].folded = from->row[y].folded;
    } else if (end) {
        gp_cell *last = &target[end - 1];
        bool two_in_one = from->columns == 1 && gp_cell_kind(*last) == GP_CELL_WIDE;
        if (two_in_one) {
            last[1] = gp_cell_make(0, GP_CELL_TAIL, gp_cell_attribute(*last));
            to->row[y].used = 2;
        } else if (gp_cell_kind(*last) == GP_CELL_WIDE || gp_cell_kind(*last) == GP_CELL_SPACER) {
            *last = 0;
        }
    }
}

/* `more_bytes` of free side store besides what lives. */
static gp_status copy(gp_list *list, gp_grid *grid, uint32_t columns, uint32_t rows, size_t more_bytes, gp_grid *made) {
    uint32_t common_rows = rows < grid->rows ? rows : grid->rows;
    size_t need_bytes = live_bytes(grid, columns, common_rows) + more_bytes;
    size_t had_bytes = grid->page.view_bytes - grid->fixed_bytes;
    /* Half empty at least after a squeeze, so that copies stay rare however the store is used. */
    size_t side_bytes = 2 * need_bytes;
    if (columns == grid->columns && rows == grid->rows && side_bytes < had_bytes) side_bytes = had_bytes;
    /* Where the store is in demand it gets the rest of a page of full size. */
    size_t page_bytes = more_bytes ? gp_account_page_cap(list->account) : 0;
    if (grid->fixed_bytes + side_bytes < page_bytes) side_bytes = page_bytes - grid->fixed_bytes;
    gp_status status = gp_grid_acquire(list, columns, rows, side_bytes, made);
    if (status != GP_OK) {
        unmark(grid);
        return status;
    }
    for (uint32_t y = 0; y < common_rows; y++) copy_row(grid, made, y);
    unmark(grid);
    if (rows < grid->rows && made->row[rows - 1].wrapped) {
        gp_cell *last = gp_grid_row_cells(made, rows - 1) + columns - 1;
        if (gp_cell_kind(*last) == GP_CELL_SPACER) *last = 0;
        made->row[rows - 1].wrapped = false;
    }
    made->last_link = 0;
    list->account->counters.copies++;
    list->account->counters.copied_bytes += made->fixed_bytes + made->page.view_bytes - made->side_begin;
    return GP_OK;
}

gp_status gp_grid_resize(gp_list *list, gp_grid *grid, uint32_t columns, uint32_t rows, gp_grid *resized) {
    return copy(list, grid, columns, rows, 0, resized);
}

gp_status gp_grid_reserve(gp_list *list, gp_grid *grid, size_t bytes, bool *moved) {
    if (gp_grid_side_free(grid) >= bytes) return GP_OK;
    gp_grid made;
    gp_status status = copy(list, grid, grid->columns, grid->rows, bytes, &made);
    if (status != GP_OK) return status;
    bool grew = made.page.view_bytes > grid->page.view_bytes;
    *(grew ? &list->account->counters.pages_grown : &list->account->counters.grids_squeezed) += 1;
    note_demand(list, &made, 2 * (made.page.view_bytes - made.side_begin + bytes));
    made.squeezed = grid->squeezed = true;
    gp_grid_retire(list, grid);
    *grid = made;
    *moved = true;
    return GP_OK;
}

/* ---- editing ---------------------------------------------------------------------------------------------------- */

void gp_grid_split(gp_grid *grid, uint32_t y, uint32_t x) {
    if (x == 0 || x >= grid->columns) return;
    gp_cell *cells = gp_grid_row_cells(grid, y);
    if (gp_cell_kind(cells[x]) == GP_CELL_TAIL) cells[x - 1] = cells[x] = 0;
}

void gp_grid_fill(gp_grid *grid, uint32_t y, uint32_t x0, uint32_t x1, gp_cell blank) {
    gp_grid_row *row = &grid->row[y];
    gp_cell *cells = gp_grid_row_cells(grid, y);
    if (blank == 0) {
        uint32_t end = x1 < row->used ? x1 : row->used;
        if (x0 < end) memset(cells + x0, 0, (end - x0) * sizeof *cells);
        if (x1 >= row->used && x0 < row->used) row->used = x0;
    } else {
        for (uint32_t x = x0; x < x1; x++) cells[x] = blank;
        if (x1 > row->used) row->used = x1;
    }
}

void gp_grid_clear(gp_grid *grid, uint32_t y, uint32_t x0, uint32_t x1, gp_cell blank) {
    gp_grid_split(grid, y, x0);
    gp_grid_split(grid, y, x1);
    gp_grid_fill(grid, y, x0, x1, blank);
}

static inline void clear_row(gp_grid *grid, uint32_t y, gp_cell blank) {
    gp_grid_row *row = &grid->row[y];
    if (row->used && !blank) memset(gp_grid_row_cells(grid, y), 0, row->used * sizeof(gp_cell));
    *row = (gp_grid_row){.slot = row->slot};
    if (blank) gp_grid_fill(grid, y, 0, grid->columns, blank);
}

void gp_grid_clear_row(gp_grid *grid, uint32_t y, gp_cell blank) { clear_row(grid, y, blank); }

static void reverse(gp_grid_row *rows, uint32_t count) {
    for (uint32_t i = 0; i < count / 2; i++) {
        gp_grid_row other = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = other;
    }
}

/* The first `rows` entries go behind the others. */
static void rotate(gp_grid_row *entries, uint32_t count, uint32_t rows) {
    reverse(entries, rows);
    reverse(entries + rows, count - rows);
    reverse(entries, count);
}

static inline void move(gp_grid_row *to, const gp_grid_row *from, uint32_t rows) {
    if (rows == 1) /* a line of status */
        *to = *from;
    else if (rows)
        memmove(to, from, rows * sizeof *to);
}

/* The entries may begin one before or after where they do. */
static void make_room(gp_grid *grid) {
    if (grid->row != entries_begin(grid) && grid->row + grid->rows != entries_end(grid)) return;
    gp_grid_row *middle = entries_begin(grid) + (grid->rows + 1) / 2;
    move(middle, grid->row, grid->rows);
    grid->row = middle;
}

/* Rows top + 1 to bottom move up by one, and row `top` goes below them. Either their entries move or all others. */
static void lift(gp_grid *grid, uint32_t top, uint32_t bottom) {
    const gp_grid_row first = grid->row[top];
    if (2 * (bottom - top) <= grid->rows + 1) {
        move(grid->row + top, grid->row + top + 1, bottom - top - 1);
    } else {
        make_room(grid);
        gp_grid_row *row = grid->row++;
        move(row + bottom + 1, row + bottom, grid->rows - bottom);
        move(row + 1, row, top);
    }
    grid->row[bottom - 1] = first;
}

/* The other way. */
static void lower(gp_grid *grid, uint32_t top, uint32_t bottom) {
    const gp_grid_row last = grid->row[bottom - 1];
    if (2 * (bottom - top) <= grid->rows + 1) {
        move(grid->row + top + 1, grid->row + top, bottom - top - 1);
    } else {
        make_room(grid);
        gp_grid_row *row = grid->row--;
        move(row - 1, row, top);
        move(row - 1 + bottom, row + bottom, grid->rows - bottom);
    }
    grid->row[top] = last;
}

__attribute__((noinline)) static void lift_all(gp_grid *grid, uint32_t top, uint32_t bottom, uint32_t rows, gp_cell blank) {
    rotate(grid->row + top, bottom - top, rows);
    for (uint32_t y = bottom - rows; y < bottom; y++) gp_grid_clear_row(grid, y, blank);
}

__attribute__((noinline)) static void lower_all(gp_grid *grid, uint32_t top, uint32_t bottom, uint32_t rows, gp_cell blank) {
    rotate(grid->row + top, bottom - top, bottom - top - rows);
    for (uint32_t y = top; y < top + rows; y++) gp_grid_clear_row(grid, y, blank);
}

void gp_grid_scroll_up(gp_grid *grid, uint32_t top, uint32_t bottom, uint32_t rows, gp_cell blank) {
    if (rows != 1) {
        lift_all(grid, top, bottom, rows, blank);
    } else {
        lift(grid, top, bottom);
        clear_row(grid, bottom - 1, blank);
    }
}

void gp_grid_scroll_down(gp_grid *grid, uint32_t top, uint32_t bottom, uint32_t rows, gp_cell blank) {
    if (rows != 1) {
        lower_all(grid, top, bottom, rows, blank);
    } else {
        lower(grid, top, bottom);
        clear_row(grid, top, blank);
    }
}

uint32_t gp_grid_row_length(const gp_grid *grid, uint32_t y) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t length = grid->row[y].used;
    while (length && !cells[length - 1]) length--;
    return length;
}

/* ---- the verifier ------------------------------------------------------------------------------------------------ */

size_t gp_grid_claim(gp_grid *grid, const gp_member *member) {
    if (!grid->page.mapping) return 0;
    gp_mapping_claim(grid->page.mapping, GP_OWNER_GRID, member->serial, gp_grid_used_bytes(grid));
    return grid->page.mapping->length_bytes;
}

static const char *check_row(const gp_grid *grid, uint32_t y) {
    const gp_cell *cells = gp_grid_row_cells(grid, y);
    size_t side_bytes = (grid->page.view_bytes & ~(size_t)7) - grid->side_begin;
    for (uint32_t x = 0; x < grid->columns; x++) {
        unsigned kind = gp_cell_kind(cells[x]);
        if (x >= grid->row[y].used && cells[x]) return "grid: a cell beyond the used ones is not zero";
        if (kind == GP_CELL_WIDE && grid->columns > 1 &&
            (x + 1 == grid->columns || gp_cell_kind(cells[x + 1]) != GP_CELL_TAIL))
            return "grid: a wide cell has no second half";
        if (kind == GP_CELL_TAIL && (x == 0 || gp_cell_kind(cells[x - 1]) != GP_CELL_WIDE))
            return "grid: half a wide cell";
        if (kind == GP_CELL_SPACER && (x + 1 != grid->columns || !grid->row[y].wrapped))
            return "grid: a spacer that does not end a wrapped row";
        if ((size_t)gp_cell_attribute(cells[x]) * 8 > side_bytes) return "grid: an attribute outside the side store";
        if (gp_cell_attribute(cells[x]) && gp_grid_attribute_at(grid, gp_cell_attribute(cells[x]))->forward)
            return "grid: an attribute is still marked";
        if (cells[x] & GP_CELL_CLUSTER && ((size_t)(cells[x] & GP_CELL_CONTENT_MASK)) * 8 > side_bytes)
            return "grid: a cluster outside the side store";
    }
    return NULL;
}

const char *gp_grid_check(gp_grid *grid) {
    if (!grid->page.mapping) return NULL;
    if (grid->side_begin < grid->fixed_bytes) return "grid: the side store overlaps the cells";
    if (grid->row < entries_begin(grid) || grid->row + grid->rows > entries_end(grid))
        return "grid: the entries of its rows lie elsewhere";
    uint64_t slots = 0;
    for (uint32_t y = 0; y < grid->rows; y++) {
        if (grid->row[y].slot >= grid->rows) return "grid: a row lies outside the grid";
        if (grid->row[y].used > grid->columns) return "grid: a row is longer than the grid is wide";
        slots += grid->row[y].slot;
        const char *violation = check_row(grid, y);
        if (violation) return violation;
    }
    if (slots != (uint64_t)grid->rows * (grid->rows - 1) / 2) return "grid: two rows share their cells";
    return NULL;
}
