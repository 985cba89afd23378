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
    uint32_t style_hint; /* found last: the next one is often the same, or the one entered after it */

    gp_link_info *links; /* places in link_text */
    uint8_t *link_text;
    uint32_t *link_slots;
    uint32_t link_count, link_capacity, link_slot_count;
    size_t link_text_bytes, link_text_capacity;
} gp_frame_tables;

gp_status gp_frame_tables_init(gp_frame_tables *tables);
void gp_frame_tables_deinit(gp_frame_tables *tables);

gp_status gp_frame_tables_enter_style(gp_frame_tables *tables, const gp_style *style, uint32_t *number);
gp_status gp_frame_tables_enter_link(gp_frame_tables *tables, const gp_link *link, uint32_t *number);

static inline gp_status gp_frame_tables_style(gp_frame_tables *tables, const gp_style *style, uint32_t *number) {
    if (gp_style_is_default(style)) {
        *number = 0;
        return GP_OK;
    }
    gp_style seen = *style;
    seen.attributes &= (uint16_t)~GP_STYLE_PROTECTED;
    uint32_t hint = tables->style_hint;
    if (!gp_style_equal(&tables->styles[hint], &seen)) {
        if (++hint >= tables->style_count || !gp_style_equal(&tables->styles[hint], &seen))
            return gp_frame_tables_enter_style(tables, &seen, number);
        tables->style_hint = hint;
    }
    *number = hint;
    return GP_OK;
}

/* NULL, or what is violated. */
const char *gp_frame_tables_check(const gp_frame_tables *tables);

#endif
