#include "pages/layout.h"

void gp_layout_begin(gp_layout *layout, gp_runs runs, uint32_t from, uint32_t columns) {
    *layout = (gp_layout){.runs = runs, .columns = columns, .cells = from};
    gp_piece piece;
    while (from && gp_runs_load(&layout->runs)) {
        uint32_t cells = from / layout->runs.run.width;
        if (!cells) break;
        gp_runs_take(&layout->runs, cells, &piece);
        from -= piece.cells * piece.width;
    }
}

bool gp_layout_next_row(gp_layout *layout) {
    if (layout->begun && !layout->more) return false;
    layout->begun = true;
    layout->more = layout->spacer = false;
    layout->column = 0;
    return true;
}

void gp_layout_skip_row(gp_layout *layout) {
    gp_piece piece;
    while (gp_layout_next_piece(layout, &piece)) {}
}
