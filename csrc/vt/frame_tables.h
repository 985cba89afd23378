/* The styles and links of a frame, each with a number that it keeps: 0 is the default style, or no link.
 *
 * Styles that look the same have the same number: protection from erasure does not show, and is left out. */
#ifndef GP_VT_FRAME_TABLES_H
#define GP_VT_FRAME_TABLES_H

#include "pages/record.h"

typedef struct gp_frame_tables {
    gp_style *styles;      /* OWNED, as all below */
    uint32_t *style_slots; /* a hash table of numbers; 0 where there is none */
    uint32_t style_count, style_capacity, style_slot_count;

    gp_link_info *links; /* places in link_text */
    uint8_t *link_text;
    uint32_t *link_slots;
    uint32_t link_count, link_capacity, link_slot_count;
    size_t link_text_bytes, link_text_capacity;
} gp_frame_tables;

/* With room for so many styles. */
gp_status gp_frame_tables_init(gp_frame_tables *tables, uint32_t styles);
void gp_frame_tables_deinit(gp_frame_tables *tables);

gp_status gp_frame_tables_enter_style(gp_frame_tables *tables, const gp_style *style, uint32_t *number);
gp_status gp_frame_tables_enter_link(gp_frame_tables *tables, const gp_link *link, uint32_t *number);

/* Field by field: a whole word cannot be read at once while its halves are still on their way to memory, as they are behind
 * the decoder of records. It took two thirds of the time of an update with a style in each cell. */
static inline bool gp_frame_tables_has(const gp_frame_tables *tables, uint32_t number, const gp_style *style) {
    const gp_style *known = &tables->styles[number];
    return known->foreground == style->foreground && known->background == style->background &&
           known->underline_color == style->underline_color &&
           known->attributes == (style->attributes & ~(unsigned)GP_STYLE_PROTECTED);
}

/* `hint` is the number found last, or any: the next one is often the same, or the one entered after it. */
static inline gp_status gp_frame_tables_style(gp_frame_tables *tables, const gp_style *style, uint32_t hint,
                                              uint32_t *number) {
    if (!(style->foreground | style->background | style->underline_color | style->attributes)) {
        *number = 0;
        return GP_OK;
    }
    if (!gp_frame_tables_has(tables, hint, style))
        if (++hint >= tables->style_count || !gp_frame_tables_has(tables, hint, style))
            return gp_frame_tables_enter_style(tables, style, number);
    *number = hint;
    return GP_OK;
}

/* NULL, or what is violated. */
const char *gp_frame_tables_check(const gp_frame_tables *tables);

#endif
