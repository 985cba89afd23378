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

bool gp_layout_next_piece(gp_layout *layout, gp_piece *piece) {
    if (!gp_runs_load(&layout->runs)) return false;
    uint32_t width = layout->columns == 1 ? 1 : layout->runs.run.width;
    uint32_t room_cells = (layout->columns - layout->column) / width;
    if (!room_cells) {
        layout->more = true;
        layout->spacer = layout->column < layout->columns;
        return false;
    }
    gp_runs_take(&layout->runs, room_cells, piece);
    layout->cells += piece->cells * piece->width;
    layout->column += piece->cells * width;
    return true;
}

void gp_layout_skip_row(gp_layout *layout) {
    gp_piece piece;
    while (gp_layout_next_piece(layout, &piece)) {}
}
