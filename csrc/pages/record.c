#include "pages/record_read.h"

#include <string.h>

/* ---- writing ------------------------------------------------------------------------------------------------ */

static uint8_t *push_color(uint8_t *at, uint32_t color) {
    *--at = (uint8_t)gp_style_color_kind(color);
    switch (gp_style_color_kind(color)) {
    case GP_STYLE_COLOR_INDEXED: *--at = (uint8_t)color; break;
    case GP_STYLE_COLOR_RGB:
        *--at = (uint8_t)(color >> 16);
        *--at = (uint8_t)(color >> 8);
        *--at = (uint8_t)color;
        break;
    }
    return at;
}

uint8_t *gp_record_push_style(uint8_t *at, const gp_style *from, const gp_style *to) {
    if (gp_style_is_default(to)) {
        *--at = GP_OP_STYLE_DEFAULT;
        return at;
    }
    uint8_t *tag = --at;
    unsigned changed = 0;
    if (from->attributes != to->attributes) {
        changed |= 1;
        *--at = (uint8_t)(to->attributes >> 8);
        *--at = (uint8_t)to->attributes;
    }
    if (from->foreground != to->foreground) changed |= 2, at = push_color(at, to->foreground);
    if (from->background != to->background) changed |= 4, at = push_color(at, to->background);
    if (from->underline_color != to->underline_color) changed |= 8, at = push_color(at, to->underline_color);
    *tag = (uint8_t)(GP_OP_STYLE | changed);
    return at;
}

uint8_t *gp_record_push_link_reference(uint8_t *at, uint32_t distance) {
    *--at = distance ? GP_OP_LINK_AT : GP_OP_LINK_NONE;
    return distance ? gp_record_push_number(at, distance) : at;
}

uint8_t *gp_record_push_link_definition(uint8_t *at, const gp_link *link) {
    *--at = GP_OP_LINK_HERE;
    at = gp_record_push_number(at, (uint32_t)gp_link_target_bytes(link));
    at = gp_record_push_number(at, link->id_bytes);
    at -= gp_link_target_bytes(link);
    gp_link_copy_target(link, at);
    return gp_record_push_bytes(at, link->id, link->id_bytes);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

/* The definition whose first byte lies below `op`; its last is that of the id, or of what is before it. */
gp_link gp_record_definition(const uint8_t *op, uint32_t *like_distance) {
    gp_link link;
    gp_record_pull_definition(op - 1, &link, like_distance);
    return link;
}

static gp_link read_link(const uint8_t *page_end, const uint8_t *op) {
    uint32_t like_distance, none;
    gp_link link = gp_record_definition(op, &like_distance);
    if (like_distance) link.prefix = gp_record_definition(page_end - like_distance + 1, &none).uri;
    return link;
}

/* Returns where it has come to. Not part of the loop below, which then does with fewer registers. */
__attribute__((noinline)) static const uint8_t *pull_link(const uint8_t *at, unsigned tag, gp_runs *runs) {
    switch (tag) {
    case GP_OP_LINK_AT: runs->link_distance = gp_record_pull_number(&at); break;
    case GP_OP_LINK_HERE:
    case GP_OP_LINK_LIKE:
        runs->link_distance = (uint32_t)(runs->page_end - at);
        at = read_link(runs->page_end, at + 1).id;
        break;
    default: runs->link_distance = 0;
    }
    return at;
}

/* Where it has come to is kept in a variable: bytes may alias runs->op, which would be written for each of them. */
bool gp_runs_load_next(gp_runs *runs) {
    const uint8_t *at = runs->op, *end = runs->op_end;
    while (at > end) {
        unsigned tag = *--at;
        if (tag < GP_OP_STYLE) {
            gp_record_pull_run(&at, tag, &runs->run);
            runs->op = at;
            return true;
        }
        if (tag < GP_OP_STYLE_DEFAULT) {
            gp_style_words style = gp_style_take(&runs->style);
            gp_record_pull_style(&at, tag, &style);
            runs->style = gp_style_of(style);
        } else if (tag < GP_OP_LINK_NONE) {
            runs->style = (gp_style){0};
        } else {
            at = pull_link(at, tag, runs);
        }
    }
    runs->op = at;
    runs->run = runs->last;
    runs->last = (gp_run){0};
    return runs->run.cells != 0;
}

void gp_runs_take_link(gp_runs *runs) { runs->op = pull_link(runs->op - 1, runs->op[-1], runs); }

/* Whether some byte is one that an operation of a link begins with, if it begins one: a line without an end has hundreds of
 * thousands of operations, and one by one they took a fifth of the time that printing it took. */
static bool may_have_link(const uint8_t *op, const uint8_t *op_end) {
    for (uint64_t bytes; op - op_end >= 8; op -= 8) {
        memcpy(&bytes, op - 8, 8);
        if (bytes & bytes << 1 & bytes << 2 & UINT64_C(0x8080808080808080)) return true;
    }
    while (op > op_end && op[-1] < GP_OP_LINK_NONE) op--;
    return op > op_end;
}

const uint8_t *gp_record_find_link(const uint8_t *op, const uint8_t *op_end) {
    if (!may_have_link(op, op_end)) return op_end;
    gp_run run;
    gp_style_words style = {0};
    while (op > op_end) {
        const uint8_t *at = op - 1;
        if (*at >= GP_OP_LINK_NONE) return op;
        if (*at < GP_OP_STYLE)
            gp_record_pull_run(&at, *at, &run);
        else if (*at < GP_OP_STYLE_DEFAULT)
            gp_record_pull_style(&at, *at, &style);
        op = at;
    }
    return op_end;
}

gp_link gp_link_at(const uint8_t *page_end, uint32_t distance) {
    return distance ? read_link(page_end, page_end - distance + 1) : (gp_link){0};
}

/* Targets may be divided differently, the first no later than the second. */
static bool target_equal(const gp_link *a, const gp_link *b) {
    uint32_t between = b->prefix_bytes - a->prefix_bytes;
    return (!a->prefix_bytes || memcmp(a->prefix, b->prefix, a->prefix_bytes) == 0) &&
           (!between || memcmp(a->uri, b->prefix + a->prefix_bytes, between) == 0) &&
           memcmp(a->uri + between, b->uri, b->uri_bytes) == 0;
}

bool gp_link_equal(const gp_link *a, const gp_link *b) {
    if (gp_link_target_bytes(a) != gp_link_target_bytes(b) || a->id_bytes != b->id_bytes) return false;
    if (!a->uri_bytes) return true;
    if (a->uri[a->uri_bytes - 1] != b->uri[b->uri_bytes - 1]) return false; /* links of one program differ at their end */
    bool whole = !a->prefix_bytes && !b->prefix_bytes;
    return (whole ? memcmp(a->uri, b->uri, a->uri_bytes) == 0
            : a->prefix_bytes <= b->prefix_bytes ? target_equal(a, b) : target_equal(b, a)) &&
           (!a->id_bytes || memcmp(a->id, b->id, a->id_bytes) == 0);
}
