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

gp_status gp_frame_tables_enter_style(gp_frame_tables *tables, gp_style_words seen, uint32_t *number);
gp_status gp_frame_tables_enter_link(gp_frame_tables *tables, const gp_link *link, uint32_t *number);

/* Of a style what shows. */
static inline gp_style_words gp_frame_tables_seen(const gp_style *style) {
    gp_style_words words = gp_style_take(style);
    words.others &= ~((uint64_t)GP_STYLE_PROTECTED << 32);
    return words;
}
static inline bool gp_frame_tables_has(const gp_frame_tables *tables, uint32_t number, gp_style_words seen) {
    return number < tables->style_count && gp_style_words_equal(gp_style_take(&tables->styles[number]), seen);
}

/* `hint` is the number found last, or any: the next one is often the same, or the one entered after it. */
static inline gp_status gp_frame_tables_style(gp_frame_tables *tables, const gp_style *style, uint32_t hint,
                                              uint32_t *number) {
    gp_style_words seen = gp_frame_tables_seen(style);
    if (!(seen.colors | seen.others))
        hint = 0;
    else if (!gp_frame_tables_has(tables, hint, seen) && !gp_frame_tables_has(tables, ++hint, seen))
        return gp_frame_tables_enter_style(tables, seen, number);
    *number = hint;
    return GP_OK;
}

/* NULL, or what is violated. */
const char *gp_frame_tables_check(const gp_frame_tables *tables);

#endif
