/* One cell in its place, whatever the cursor, the pen and the modes are, which stay. */
#include "unicode/utf8.h"
#include "vt/screen.h"

/* What the text of a cell is: how many code points and how wide. */
static unsigned measure(const uint8_t *text, size_t text_bytes, uint32_t *first, uint32_t *codepoints) {
    const uint8_t *at = text, *end = text + text_bytes;
    gp_cluster cluster = {0};
    unsigned width = 1;
    for (*codepoints = 0; at < end; ++*codepoints) {
        uint32_t codepoint;
        at += gp_utf8_decode_careful(at, end, &codepoint);
        if (!*codepoints) *first = codepoint;
        gp_cluster_join(&cluster, gp_properties_of(codepoint));
        if (cluster.width > width) width = cluster.width;
    }
    return width;
}

gp_status gp_screen_put_at(gp_screen *screen, uint32_t x, uint32_t y, const uint8_t *text, size_t text_bytes,
                           const gp_style *style, const gp_link *link) {
    uint32_t codepoint = 0, codepoints, content;
    unsigned width = measure(text, text_bytes, &codepoint, &codepoints);
    if (codepoints > GP_CELL_CODEPOINTS_MAX) return GP_ERR_ARGUMENT;
    gp_status status = gp_screen_edit(screen);
    if (status != GP_OK) return status;
    gp_grid *grid = gp_screen_grid(screen);
    if (!text_bytes && gp_cell_kind(gp_grid_row_cells(grid, y)[x]) == GP_CELL_TAIL) return GP_OK;
    bool moved = false, wide = width == 2 && screen->columns > 1;
    status = gp_grid_reserve(&screen->list, grid, gp_grid_attribute_bytes(link) + gp_grid_cluster_bytes(text_bytes), &moved);
    if (status != GP_OK) return status;
    if (moved) screen->attribute_stale = true;
    static const gp_style plain;
    bool styled = memcmp(style, &plain, sizeof plain) != 0 || gp_link_target_bytes(link);
    uint32_t attribute = styled ? gp_grid_attribute(grid, style, link) : 0;
    if (wide && x + 1 == screen->columns) codepoints = 0, codepoint = 0, wide = false; /* half of it would be beyond */
    content = codepoints > 1 ? gp_grid_cluster(grid, text, text_bytes, codepoints) : codepoint;
    gp_edges before = gp_screen_watch(screen, y);
    gp_grid_split(grid, y, x);
    gp_grid_split(grid, y, x + 1 + wide);
    gp_cell *cell = gp_grid_row_cells(grid, y) + x;
    cell[0] = gp_cell_make(content, width == 2 && content ? GP_CELL_WIDE : GP_CELL_NARROW, attribute);
    if (wide) cell[1] = gp_cell_make(0, GP_CELL_TAIL, attribute);
    if (x + 1 + wide > grid->row[y].used) grid->row[y].used = x + 1 + wide;
    gp_screen_mend(screen, y, before);
    return GP_OK;
}
