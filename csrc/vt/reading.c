#include "vt/reading.h"

#include <string.h>

#include "memory/alloc.h"

gp_status gp_reading_grow(void **items, size_t *capacity, size_t needed, size_t item_bytes) {
    if (needed <= *capacity) return GP_OK;
    size_t larger = *capacity ? *capacity * 2 : 64;
    while (larger < needed) larger *= 2;
    void *grown = gp_realloc(*items, larger * item_bytes);
    if (!grown) return GP_ERR_NOMEM;
    *items = grown;
    *capacity = larger;
    return GP_OK;
}

/* Just so much: twice as much may be beyond what malloc gives again without asking the kernel, and zeroing. */
gp_status gp_reading_reserve_text(gp_reading_builder *b, size_t text_bytes) {
    if (text_bytes <= b->text_capacity) return GP_OK;
    void *grown = gp_realloc(b->reading.text, text_bytes);
    if (!grown) return GP_ERR_NOMEM;
    b->reading.text = grown;
    b->text_capacity = text_bytes;
    return GP_OK;
}

static gp_status add_bytes(uint8_t **buffer, size_t *length_bytes, size_t *capacity, const uint8_t *bytes, size_t count) {
    gp_status status = gp_reading_grow((void **)buffer, capacity, *length_bytes + count, 1);
    if (status != GP_OK) return status;
    if (count) memcpy(*buffer + *length_bytes, bytes, count);
    *length_bytes += count;
    return GP_OK;
}

/* In one pass, which leaves the copy in the cache for who reads it next; memcpy of so much need not. */
gp_status gp_reading_add_text(gp_reading_builder *b, const uint8_t *text, size_t text_bytes) {
    if (!text_bytes) return GP_OK;
    gp_reading *r = &b->reading;
    gp_status status = gp_reading_grow((void **)&r->text, &b->text_capacity, r->text_bytes + text_bytes, 1);
    if (status != GP_OK) return status;
    uint8_t *restrict to = r->text + r->text_bytes;
    uint8_t seen = b->seen;
    for (size_t i = 0; i < text_bytes; i++) seen |= to[i] = text[i];
    b->seen = seen;
    r->text_bytes += text_bytes;
    return GP_OK;
}

gp_status gp_reading_add_style(gp_reading_builder *b, const gp_style *style, uint32_t *index) {
    gp_reading *r = &b->reading;
    *index = 0;
    if (gp_style_is_default(style)) return GP_OK;
    uint32_t hash = (style->foreground ^ style->background << 3 ^ style->underline_color << 5 ^ style->attributes) *
                    0x9E3779B1u >> 26;
    if (b->styles[hash].index && gp_style_equal(&b->styles[hash].style, style)) {
        *index = b->styles[hash].index - 1;
        return GP_OK;
    }
    gp_status status = gp_reading_grow((void **)&r->styles, &b->style_capacity, r->style_count + 1, sizeof *r->styles);
    if (status != GP_OK) return status;
    memcpy(&r->styles[r->style_count], style, sizeof *style);
    *index = (uint32_t)r->style_count++;
    b->styles[hash].style = *style;
    b->styles[hash].index = *index + 1;
    return GP_OK;
}

gp_status gp_reading_add_link(gp_reading_builder *b, const gp_link *link, uint32_t *index) {
    gp_reading *r = &b->reading;
    *index = 0;
    if (!link->uri_bytes) return GP_OK;
    if (b->last_link.uri == link->uri) {
        *index = b->last_link.index;
        return GP_OK;
    }
    gp_status status = gp_reading_grow((void **)&r->links, &b->link_capacity, r->link_count + 1, sizeof *r->links);
    if (status != GP_OK) return status;
    r->links[r->link_count] = (gp_link_info){
        .uri_begin = (uint32_t)b->link_text_bytes,
        .uri_bytes = (uint32_t)gp_link_target_bytes(link),
        .id_begin = (uint32_t)(b->link_text_bytes + gp_link_target_bytes(link)),
        .id_bytes = link->id_bytes,
    };
    status = add_bytes(&b->link_text, &b->link_text_bytes, &b->link_text_capacity, link->prefix, link->prefix_bytes);
    if (status == GP_OK)
        status = add_bytes(&b->link_text, &b->link_text_bytes, &b->link_text_capacity, link->uri, link->uri_bytes);
    if (status == GP_OK)
        status = add_bytes(&b->link_text, &b->link_text_bytes, &b->link_text_capacity, link->id, link->id_bytes);
    if (status != GP_OK) return status;
    *index = (uint32_t)r->link_count++;
    b->last_link.uri = link->uri;
    b->last_link.index = *index;
    return GP_OK;
}

gp_status gp_reading_begin(gp_reading_builder *b) {
    static const gp_style plain;
    gp_reading *r = &b->reading;
    if (gp_reading_grow((void **)&r->styles, &b->style_capacity, 1, sizeof *r->styles) != GP_OK) return GP_ERR_NOMEM;
    if (gp_reading_grow((void **)&r->links, &b->link_capacity, 1, sizeof *r->links) != GP_OK) return GP_ERR_NOMEM;
    memcpy(&r->styles[0], &plain, sizeof plain);
    r->links[0] = (gp_link_info){0};
    r->style_count = r->link_count = 1;
    return GP_OK;
}

static void release(gp_reading *reading) {
    gp_free(reading->rows);
    gp_free(reading->cells);
    gp_free(reading->text);
    gp_free(reading->styles);
    gp_free(reading->links);
    gp_free(reading->lines);
    gp_free(reading->pieces);
    gp_free(reading->stretches);
    gp_free(reading->parts);
}

void gp_reading_free(gp_reading *reading) {
    if (!reading) return;
    release(reading);
    gp_free(reading);
}

/* Offsets are 32 bits wide: a reading of more text than that is refused as too large for memory. */
gp_status gp_reading_finish(gp_reading_builder *b, gp_status status, gp_reading **reading) {
    gp_reading *r = &b->reading;
    r->ascii = b->seen < 0x80;
    for (size_t i = 1; i < r->link_count; i++) {
        r->links[i].uri_begin += (uint32_t)r->text_bytes;
        r->links[i].id_begin += (uint32_t)r->text_bytes;
    }
    if (status == GP_OK) status = gp_reading_add_text(b, b->link_text, b->link_text_bytes);
    if (status == GP_OK && (r->text_bytes > UINT32_MAX || r->cell_count > UINT32_MAX)) status = GP_ERR_NOMEM;
    gp_free(b->link_text);
    gp_reading *made = status == GP_OK ? gp_alloc(sizeof *made) : NULL;
    if (!made) {
        release(r);
        return status == GP_OK ? GP_ERR_NOMEM : status;
    }
    *made = *r;
    *reading = made;
    return GP_OK;
}
