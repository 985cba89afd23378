/* Rectangles (DEC STD 070, VT420 manual): filled, erased, copied, and their attributes changed. */
#include "unicode/utf8.h"
#include "vt/screen.h"

static uint64_t cells_of(gp_rectangle area) { return (uint64_t)(area.bottom - area.top) * (area.right - area.left + 16); }

/* Around an edit of row y; what rows are wrapped may change. */
#define EDIT_ROW(screen, y, edit)                     \
    do {                                              \
        gp_edges before_ = gp_screen_watch(screen, y); \
        edit;                                         \
        gp_screen_mend(screen, y, before_);           \
    } while (0)

gp_status gp_screen_fill(gp_screen *screen, gp_rectangle area, uint32_t codepoint) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_grid *grid = gp_screen_grid(screen);
    bool moved = false, wide = gp_unicode_width(codepoint) == 2 && screen->columns > 1;
    static const gp_link none;
    status = gp_grid_reserve(&screen->list, grid, gp_grid_attribute_bytes(&none), &moved);
    if (status != GP_OK) return status;
    if (moved) screen->attribute_stale = true;
    uint32_t attribute = gp_grid_attribute(grid, &screen->style, &none);
    gp_cell cell = gp_cell_make(codepoint, wide ? GP_CELL_WIDE : GP_CELL_NARROW, attribute);
    screen->work += cells_of(area);
    for (uint32_t y = area.top; y < area.bottom; y++) {
        gp_edges before = gp_screen_watch(screen, y);
        gp_grid_clear(grid, y, area.left, area.right, wide ? gp_cell_make(0, GP_CELL_NARROW, attribute) : cell);
        gp_cell *cells = gp_grid_row_cells(grid, y);
        for (uint32_t x = area.left; wide && x + 2 <= area.right; x += 2) {
            cells[x] = cell;
            cells[x + 1] = gp_cell_make(0, GP_CELL_TAIL, attribute);
        }
        if (grid->row[y].used < area.right) grid->row[y].used = area.right;
        gp_screen_mend(screen, y, before);
    }
    return GP_OK;
}

/* DECSERA leaves the attributes of what it erases. */
static void wipe_row(gp_screen *screen, uint32_t y, gp_rectangle area) {
    gp_grid *grid = gp_screen_grid(screen);
    gp_cell *cells = gp_grid_row_cells(grid, y);
    bool spares = screen->protection == GP_PROTECTION_DEC;
    for (uint32_t x = area.left; x < area.right; x++) {
        if (spares && gp_screen_protected(grid, cells[x])) continue;
        gp_grid_split(grid, y, x);
        gp_grid_split(grid, y, x + 1);
        cells[x] = gp_cell_make(0, GP_CELL_NARROW, gp_cell_attribute(cells[x]));
    }
}

gp_status gp_screen_wipe(gp_screen *screen, gp_rectangle area, bool selective) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_cell blank = gp_screen_blank(screen, &status);
    if (status != GP_OK) return status;
    screen->work += cells_of(area);
    for (uint32_t y = area.top; y < area.bottom; y++) {
        if (selective)
            EDIT_ROW(screen, y, wipe_row(screen, y, area));
        else
            EDIT_ROW(screen, y, gp_grid_clear(gp_screen_grid(screen), y, area.left, area.right, blank));
    }
    return GP_OK;
}

gp_status gp_screen_copy(gp_screen *screen, gp_rectangle from, uint32_t y, uint32_t x) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_grid *grid = gp_screen_grid(screen);
    uint32_t rows = from.bottom - from.top, cells = from.right - from.left;
    if (rows > screen->rows - y) rows = screen->rows - y;
    if (cells > screen->columns - x) cells = screen->columns - x;
    screen->work += cells_of(from);
    for (uint32_t i = 0; i < rows; i++) { /* in the order in which nothing is overwritten before it is copied */
        uint32_t row = y <= from.top ? i : rows - 1 - i, to = y + row;
        gp_edges before = gp_screen_watch(screen, to);
        gp_grid_copy(grid, from.top + row, from.left, to, x, cells);
        gp_screen_mend(screen, to, before);
    }
    return GP_OK;
}

/* ---- attributes --------------------------------------------------------------------------------------------------------- */

static bool changes(const gp_screen *screen, gp_cell cell) { return screen->rectangular || !gp_cell_is_blank(cell); }

/* The columns of row y that an area has: of a stream, rows between the first and the last have all. Wide cells at the edges
 * belong to it with both halves, as they have one style. */
static void columns_of(gp_screen *screen, gp_rectangle area, uint32_t y, uint32_t *left, uint32_t *right) {
    const gp_cell *cells = gp_grid_row_cells(gp_screen_grid(screen), y);
    *left = screen->rectangular || y == area.top ? area.left : 0;
    *right = screen->rectangular || y + 1 == area.bottom ? area.right : screen->columns;
    if (gp_cell_kind(cells[*left]) == GP_CELL_TAIL) --*left;
    if (*right < screen->columns && gp_cell_kind(cells[*right]) == GP_CELL_TAIL) ++*right;
}

/* How often the attribute changes from cell to cell: at most so many new ones are made. */
static size_t count_attributes(gp_screen *screen, gp_rectangle area) {
    size_t count = 0;
    for (uint32_t y = area.top; y < area.bottom; y++) {
        const gp_cell *cells = gp_grid_row_cells(gp_screen_grid(screen), y);
        uint32_t left, right, last = 0;
        columns_of(screen, area, y, &left, &right);
        for (uint32_t x = left; x < right; x++) {
            if (!changes(screen, cells[x])) continue;
            count += count == 0 || gp_cell_attribute(cells[x]) != last;
            last = gp_cell_attribute(cells[x]);
        }
    }
    return count + area.bottom - area.top;
}

static void change_row(gp_screen *screen, uint32_t y, uint32_t left, uint32_t right, gp_attribute_change change) {
    gp_grid *grid = gp_screen_grid(screen);
    gp_cell *cells = gp_grid_row_cells(grid, y);
    uint32_t known = 0, made = 0;
    for (uint32_t x = left; x < right; x++) {
        if (!changes(screen, cells[x])) continue;
        uint32_t attribute = gp_cell_attribute(cells[x]);
        if (x == left || attribute != known || !made) {
            gp_style style = gp_grid_attribute_at(grid, attribute)->style;
            uint16_t kept = (uint16_t)(style.attributes & ~change.clear);
            style.attributes = (uint16_t)((kept | change.set) ^ change.reverse);
            /* What is underlined in another way is so no more, and underlined once when reversed again. */
            if (change.reverse & GP_STYLE_UNDERLINE_MASK)
                gp_style_set_underline(&style, kept & GP_STYLE_UNDERLINE_MASK ? GP_STYLE_UNDERLINE_NONE
                                                                              : GP_STYLE_UNDERLINE_SINGLE);
            known = attribute;
            made = gp_grid_restyled(grid, attribute, &style);
        }
        uint32_t content = gp_cell_content(cells[x]);
        if (!content && gp_cell_kind(cells[x]) == GP_CELL_NARROW) content = ' '; /* it counts as written from now on */
        if (gp_cell_kind(cells[x]) != GP_CELL_SPACER) cells[x] = gp_cell_make(content, gp_cell_kind(cells[x]), made);
        if (x + 1 > grid->row[y].used) grid->row[y].used = x + 1;
    }
}

gp_status gp_screen_change_attributes(gp_screen *screen, gp_rectangle area, gp_attribute_change change) {
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_grid *grid = gp_screen_grid(screen);
    bool moved = false;
    screen->work += cells_of(area);
    status = gp_grid_reserve(&screen->list, grid, count_attributes(screen, area) * sizeof(gp_attribute), &moved);
    if (status != GP_OK) return status;
    if (moved) screen->attribute_stale = true;
    for (uint32_t y = area.top; y < area.bottom; y++) {
        uint32_t left, right;
        columns_of(screen, area, y, &left, &right);
        EDIT_ROW(screen, y, change_row(screen, y, left, right, change));
    }
    return GP_OK;
}
