/* A reading grows: what the readers of rows and of lines put their copies into, and how it is handed over. */
#ifndef GP_VT_READING_H
#define GP_VT_READING_H

#include "pages/text_page.h"

typedef struct gp_reading_builder {
    gp_reading reading;
    size_t row_capacity, cell_capacity, text_capacity, style_capacity, link_capacity, line_capacity, piece_capacity;
    size_t stretch_capacity, part_capacity;
    uint8_t *link_text; /* OWNED; goes behind the rows' text in the end */
    size_t link_text_bytes, link_text_capacity;
    bool wants_cells, wants_places;
    bool as_kept;        /* a wide cell is two wide, in a window of one column too */
    uint32_t characters; /* of the text so far, if places are wanted */
    uint32_t cell;       /* of the line so far */
    uint32_t left_out;   /* lines before the next one that are not in the reading */
    uint8_t seen;        /* the bits of all bytes of text */
    /* Styles and links looked up lately; what is not found here is entered again. */
    struct {
        gp_style style;
        uint32_t index; /* + 1 */
    } styles[64];
    struct {
        const uint8_t *uri;
        uint32_t index;
    } last_link;
} gp_reading_builder;

/* Style 0 and link 0, which all readings have. Until gp_reading_finish is called, the builder owns what it holds. */
gp_status gp_reading_begin(gp_reading_builder *b);
/* Hands over what was built if `status` is GP_OK, and lets go of it if not. *reading is OWNED(gp_reading_free). */
gp_status gp_reading_finish(gp_reading_builder *b, gp_status status, gp_reading **reading);

/* Room for `needed` items, at least doubled. */
gp_status gp_reading_grow(void **items, size_t *capacity, size_t needed, size_t item_bytes);
gp_status gp_reading_reserve_text(gp_reading_builder *b, size_t text_bytes);
gp_status gp_reading_add_text(gp_reading_builder *b, const uint8_t *text, size_t text_bytes);
gp_status gp_reading_add_style(gp_reading_builder *b, const gp_style *style, uint32_t *index);
/* If places are wanted: those of lines that are added as they lie from `text_begin` on; of one alone, which begins with a
 * cell, and each of its runs. */
gp_status gp_reading_add_lines(gp_reading_builder *b, gp_line line, uint32_t count, size_t text_begin);
gp_status gp_reading_begin_line(gp_reading_builder *b, uint32_t cell);
gp_status gp_reading_add_run(gp_reading_builder *b, uint32_t cells, uint32_t width, uint32_t codepoints);
gp_status gp_reading_add_runs(gp_reading_builder *b, gp_runs *runs, uint32_t text_bytes);
/* That many characters of text at the end of the line are not there, and the newline is. */
void gp_reading_end_line(gp_reading_builder *b, uint32_t too_many);
gp_status gp_reading_add_link(gp_reading_builder *b, const gp_link *link, uint32_t *index);

#endif
