/* Operations read one at a time, in line: for the loops that read all of them, which keep where they are in registers. */
#ifndef GP_PAGES_RECORD_READ_H
#define GP_PAGES_RECORD_READ_H

#include "pages/record.h"

static inline uint32_t gp_record_pull_number(const uint8_t **at) {
    uint32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *--*at;
        value += (uint32_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) return value;
    }
}

static inline uint32_t gp_record_pull_counted(const uint8_t **at, unsigned tag, unsigned full) {
    uint32_t value = tag & full;
    return value < full ? value : value + gp_record_pull_number(at);
}

static inline uint32_t gp_record_pull_color(const uint8_t **at) {
    const uint8_t *color = *at;
    if (color[-1] == GP_STYLE_COLOR_RGB) {
        *at -= 4;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        uint32_t value; /* lies there as it is: GCC would load it byte by byte */
        memcpy(&value, color - 4, sizeof value);
        return value;
#else
        return gp_style_rgb(color[-2], color[-3], color[-4]);
#endif
    }
    bool indexed = color[-1] == GP_STYLE_COLOR_INDEXED;
    *at -= 1 + indexed;
    return indexed ? gp_style_indexed(color[-2]) : 0;
}

/* Two colours in full, as their operation has them from `at` on. */
static inline uint64_t gp_record_colors_at(const uint8_t *at) {
    uint64_t colors;
    memcpy(&colors, at, sizeof colors);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    colors = __builtin_bswap64(colors);
#endif
    return colors << 32 | colors >> 32;
}

/* What a GP_OP_STYLE changes. */
static inline void gp_record_pull_style(const uint8_t **at, unsigned tag, gp_style_words *style) {
    if (tag == (GP_OP_STYLE | 6) && (*at)[-1] == GP_STYLE_COLOR_RGB && (*at)[-5] == GP_STYLE_COLOR_RGB) {
        style->colors = gp_record_colors_at(*at -= 8); /* as images have it, in a tenth of the instructions */
        return;
    }
    if (tag == (GP_OP_STYLE | 2) && (*at)[-1] == GP_STYLE_COLOR_RGB) {
        style->colors = style->colors >> 32 << 32 | gp_record_pull_color(at); /* as coloured text has it, in half of them */
        return;
    }
    if (tag & 1) {
        uint64_t attributes = (uint64_t)((*at)[-1] << 8 | (*at)[-2]);
        style->others = (uint32_t)style->others | attributes << 32;
        *at -= 2;
    }
    if (tag & 2) style->colors = style->colors >> 32 << 32 | gp_record_pull_color(at);
    if (tag & 4) style->colors = (uint32_t)style->colors | (uint64_t)gp_record_pull_color(at) << 32;
    if (tag & 8) style->others = style->others >> 32 << 32 | gp_record_pull_color(at);
}

/* Of a run, whose tag lies below GP_OP_STYLE: the code points of its cluster, or its cells. */
static inline uint32_t gp_record_pull_count(const uint8_t **at, unsigned tag) {
    if (tag < GP_OP_CLUSTER) return gp_record_pull_counted(at, tag, 0x3F) + 1;
    return tag < GP_OP_BLANK ? gp_record_pull_counted(at, tag, 0x0F) + 2 : gp_record_pull_counted(at, tag, 0x1F) + 1;
}

static inline void gp_record_pull_run(const uint8_t **at, unsigned tag, gp_run *run) {
    run->codepoints = run->width = 1;
    if (tag < GP_OP_WIDE) {
        run->kind = GP_RUN_NARROW;
        run->cells = gp_record_pull_counted(at, tag, 0x3F) + 1;
    } else if (tag < GP_OP_CLUSTER) {
        run->kind = GP_RUN_WIDE;
        run->width = 2;
        run->cells = gp_record_pull_counted(at, tag, 0x3F) + 1;
    } else if (tag < GP_OP_BLANK) {
        run->kind = GP_RUN_CLUSTER;
        run->width = tag & GP_OP_CLUSTER_WIDE ? 2 : 1;
        run->cells = 1;
        run->codepoints = (uint16_t)(gp_record_pull_counted(at, tag, 0x0F) + 2);
    } else {
        run->kind = GP_RUN_BLANK;
        run->cells = gp_record_pull_counted(at, tag, 0x1F) + 1;
    }
}

/* The definition whose first byte lies at `op`, of a GP_OP_LINK_HERE or LIKE; as gp_record_definition. Returns where it
 * ends. Written field by field: a link that is copied at once, right after it was made of its parts, is waited for. */
static inline const uint8_t *gp_record_pull_definition(const uint8_t *op, gp_link *link, uint32_t *like_distance) {
    const uint8_t *at = op;
    *like_distance = 0;
    link->prefix = NULL;
    link->prefix_bytes = 0;
    if (*op == GP_OP_LINK_LIKE) {
        *like_distance = gp_record_pull_number(&at);
        link->prefix_bytes = (uint16_t)gp_record_pull_number(&at);
    }
    uint32_t uri_bytes = gp_record_pull_number(&at), id_bytes = gp_record_pull_number(&at);
    link->uri_bytes = (uint16_t)uri_bytes;
    link->id_bytes = (uint16_t)id_bytes;
    link->uri = at - uri_bytes;
    return link->id = at - uri_bytes - id_bytes;
}

#endif
