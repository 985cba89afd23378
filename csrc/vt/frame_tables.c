#include "vt/frame_tables.h"

#include <string.h>

#include "memory/alloc.h"

enum { FIRST_SLOTS = 64 };

gp_status gp_frame_tables_init(gp_frame_tables *tables, uint32_t styles) {
    uint32_t slot_count = FIRST_SLOTS;
    while (slot_count / 2 < styles) slot_count *= 2;
    *tables = (gp_frame_tables){.style_count = 1, .style_capacity = slot_count / 2, .style_slot_count = slot_count,
                                .link_count = 1, .link_capacity = FIRST_SLOTS / 2, .link_slot_count = FIRST_SLOTS};
    tables->styles = gp_alloc(tables->style_capacity * sizeof *tables->styles);
    tables->style_slots = gp_alloc_zeroed(tables->style_slot_count * sizeof *tables->style_slots);
    tables->links = gp_alloc(tables->link_capacity * sizeof *tables->links);
    tables->link_slots = gp_alloc_zeroed(tables->link_slot_count * sizeof *tables->link_slots);
    if (!tables->styles || !tables->style_slots || !tables->links || !tables->link_slots) {
        gp_frame_tables_deinit(tables);
        return GP_ERR_NOMEM;
    }
    tables->styles[0] = (gp_style){0};
    tables->links[0] = (gp_link_info){0};
    return GP_OK;
}

void gp_frame_tables_deinit(gp_frame_tables *tables) {
    gp_free(tables->styles);
    gp_free(tables->style_slots);
    gp_free(tables->links);
    gp_free(tables->link_slots);
    gp_free(tables->link_text);
    *tables = (gp_frame_tables){0};
}

/* ---- hashing -------------------------------------------------------------------------------------------------------- */

static uint32_t hash_style(gp_style_words style) {
    return (uint32_t)((style.colors ^ style.others << 29 ^ style.others >> 35) * 0x9E3779B97F4A7C15u >> 32);
}

static uint32_t hash_bytes(const uint8_t *bytes, size_t count) {
    uint64_t hash = count;
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
    }
    uint64_t rest = 0;
    for (size_t i = 0; i < count; i++) rest = rest << 8 | bytes[i];
    hash = (hash ^ rest) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(hash >> 32);
}

/* A link's target and id lie side by side. */
static uint32_t hash_link(const gp_frame_tables *tables, const gp_link_info *link) {
    return hash_bytes(tables->link_text + link->uri_begin, link->uri_bytes + link->id_bytes);
}

static bool link_equal(const gp_frame_tables *tables, const gp_link_info *a, const gp_link_info *b) {
    const uint8_t *text = tables->link_text;
    return a->uri_bytes == b->uri_bytes && a->id_bytes == b->id_bytes &&
           memcmp(text + a->uri_begin, text + b->uri_begin, a->uri_bytes + a->id_bytes) == 0;
}

/* The free slot for a number in a table of a power of two. */
static uint32_t *free_slot(uint32_t *slots, uint32_t slot_count, uint32_t hash) {
    uint32_t at = hash & (slot_count - 1);
    while (slots[at]) at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

/* ---- styles --------------------------------------------------------------------------------------------------------- */

static gp_status grow_styles(gp_frame_tables *tables) {
    uint32_t slot_count = tables->style_slot_count * 2;
    uint32_t *slots = gp_alloc_zeroed(slot_count * sizeof *slots);
    if (!slots) return GP_ERR_NOMEM;
    gp_style *styles = gp_realloc(tables->styles, slot_count / 2 * sizeof *styles);
    if (!styles) {
        gp_free(slots);
        return GP_ERR_NOMEM;
    }
    for (uint32_t number = 1; number < tables->style_count; number++)
        *free_slot(slots, slot_count, hash_style(gp_style_take(&styles[number]))) = number;
    gp_free(tables->style_slots);
    tables->styles = styles;
    tables->style_slots = slots;
    tables->style_slot_count = slot_count;
    tables->style_capacity = slot_count / 2;
    return GP_OK;
}

gp_status gp_frame_tables_enter_style(gp_frame_tables *tables, gp_style_words seen, uint32_t *number) {
    uint32_t hash = hash_style(seen), mask = tables->style_slot_count - 1, at = hash & mask, found;
    for (; (found = tables->style_slots[at]); at = (at + 1) & mask) {
        if (!gp_frame_tables_has(tables, found, seen)) continue;
        *number = found;
        return GP_OK;
    }
    uint32_t *slot = &tables->style_slots[at];
    if (tables->style_count == tables->style_capacity) {
        gp_status status = grow_styles(tables);
        if (status != GP_OK) return status;
        slot = free_slot(tables->style_slots, tables->style_slot_count, hash);
    }
    found = tables->style_count++;
    tables->styles[found] = gp_style_of(seen);
    *slot = found;
    *number = found;
    return GP_OK;
}

/* ---- links ---------------------------------------------------------------------------------------------------------- */

static gp_status grow_links(gp_frame_tables *tables) {
    uint32_t slot_count = tables->link_slot_count * 2;
    uint32_t *slots = gp_alloc_zeroed(slot_count * sizeof *slots);
    if (!slots) return GP_ERR_NOMEM;
    gp_link_info *links = gp_realloc(tables->links, slot_count / 2 * sizeof *links);
    if (!links) {
        gp_free(slots);
        return GP_ERR_NOMEM;
    }
    tables->links = links;
    for (uint32_t number = 1; number < tables->link_count; number++)
        *free_slot(slots, slot_count, hash_link(tables, &links[number])) = number;
    gp_free(tables->link_slots);
    tables->link_slots = slots;
    tables->link_slot_count = slot_count;
    tables->link_capacity = slot_count / 2;
    return GP_OK;
}

static gp_status make_room_for_text(gp_frame_tables *tables, size_t bytes) {
    size_t needed = tables->link_text_bytes + bytes, capacity = tables->link_text_capacity;
    if (needed <= capacity) return GP_OK;
    if (needed > UINT32_MAX) return GP_ERR_NOMEM; /* places in it have 32 bits */
    capacity = needed < 1024 ? 1024 : needed * 2;
    uint8_t *text = gp_realloc(tables->link_text, capacity);
    if (!text) return GP_ERR_NOMEM;
    tables->link_text = text;
    tables->link_text_capacity = capacity;
    return GP_OK;
}

gp_status gp_frame_tables_enter_link(gp_frame_tables *tables, const gp_link *link, uint32_t *number) {
    size_t uri_bytes = gp_link_target_bytes(link);
    if (!uri_bytes) {
        *number = 0;
        return GP_OK;
    }
    gp_status status = make_room_for_text(tables, uri_bytes + link->id_bytes);
    if (status != GP_OK) return status;
    /* Written down as if it was new, and only counted if it is. */
    uint32_t begin = (uint32_t)tables->link_text_bytes;
    gp_link_info made = {.uri_begin = begin, .uri_bytes = (uint32_t)uri_bytes,
                         .id_begin = begin + (uint32_t)uri_bytes, .id_bytes = link->id_bytes};
    uint8_t *end = gp_link_copy_target(link, tables->link_text + begin);
    if (link->id_bytes) memcpy(end, link->id, link->id_bytes);
    uint32_t hash = hash_link(tables, &made), mask = tables->link_slot_count - 1, found;
    for (uint32_t at = hash & mask; (found = tables->link_slots[at]); at = (at + 1) & mask) {
        if (!link_equal(tables, &tables->links[found], &made)) continue;
        *number = found;
        return GP_OK;
    }
    if (tables->link_count == tables->link_capacity) {
        status = grow_links(tables);
        if (status != GP_OK) return status;
    }
    found = tables->link_count++;
    tables->links[found] = made;
    tables->link_text_bytes += uri_bytes + link->id_bytes;
    *free_slot(tables->link_slots, tables->link_slot_count, hash) = found;
    *number = found;
    return GP_OK;
}

/* ---- the verifier --------------------------------------------------------------------------------------------------- */

static uint32_t taken(const uint32_t *slots, uint32_t slot_count) {
    uint32_t count = 0;
    for (uint32_t at = 0; at < slot_count; at++) count += slots[at] != 0;
    return count;
}

const char *gp_frame_tables_check(const gp_frame_tables *tables) {
    if (tables->style_count > tables->style_capacity) return "frame: more styles than there is room for";
    if (tables->link_count > tables->link_capacity) return "frame: more links than there is room for";
    if (taken(tables->style_slots, tables->style_slot_count) + 1 != tables->style_count)
        return "frame: a style is not found by its hash";
    if (taken(tables->link_slots, tables->link_slot_count) + 1 != tables->link_count)
        return "frame: a link is not found by its hash";
    size_t bytes = 0;
    for (uint32_t number = 1; number < tables->link_count; number++) {
        const gp_link_info *link = &tables->links[number];
        if (link->uri_begin != bytes || link->id_begin != bytes + link->uri_bytes) return "frame: links overlap";
        bytes += (size_t)link->uri_bytes + link->id_bytes;
    }
    if (bytes != tables->link_text_bytes) return "frame: the links' text does not add up";
    return NULL;
}
