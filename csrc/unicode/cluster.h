/* Widths of code points and the grapheme clusters they form, one code point at a time.
 *
 * Clusters are the extended grapheme clusters of UAX #29. A code point's width is 2 if it is East Asian Wide or
 * Fullwidth or shown as emoji by itself, 0 if it is a control, a nonspacing or enclosing mark, a Hangul vowel or final
 * or does not show at all, and else 1. A cluster is as wide as the widest of its code points, at most 2, except that
 *
 *     U+FE0F right after the base of an emoji variation sequence makes it 2 (keycaps and hearts),
 *     U+FE0E right after such a base that begins the cluster makes it 1,
 *     a halfwidth voiced sound mark makes it 2: the mark is drawn in a cell of its own.
 *
 *     properties   0 c c c c c w w      w width, c class
 *     cluster      0 j w w s s s s      w width, s state, j whether the last code point joined it
 *
 * A cluster of width 0 is possible (a mark with nothing before it); what becomes of it is the caller's matter. */
#ifndef GP_UNICODE_CLUSTER_H
#define GP_UNICODE_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unicode/tables.h"

typedef uint16_t gp_properties;

/* The last cluster, as far as the next code point's fate depends on it; all zero: there is none. */
typedef struct gp_cluster {
    uint8_t state;
    uint8_t width;
} gp_cluster;

static inline gp_properties gp_properties_of(uint32_t codepoint)
{
    uint32_t inside = codepoint < 0x110000 ? codepoint : 0x10FFFF;
    uint32_t block = gp_unicode.index[(uint32_t)gp_unicode.chunks[inside >> 12] << 6 | (inside >> 6 & 0x3F)];
    return gp_unicode.blocks[block + (inside & 0x3F)];
}

/* The same of the code point at `at`, where four bytes can be read, and how long it is: found by its bytes as they are, without
 * a branch that depends on their number. False: it is malformed or none of those that gp_unicode.leads has. */
static inline bool gp_properties_at(const uint8_t *at, gp_properties *properties, size_t *length_bytes)
{
    uint32_t bytes = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    const gp_unicode_lead *lead = &gp_unicode.leads[at[0]];
    bytes ^= lead->bits;
    if (bytes & lead->mask) return false;
    bytes >>= lead->unused_bits;
    *properties = gp_unicode.blocks[gp_unicode.index[lead->index + (bytes >> 8)] + (bytes & 0x3F)];
    *length_bytes = lead->length_bytes;
    return true;
}

static inline unsigned gp_properties_width(gp_properties properties)
{
    return properties & 3;
}

/* Hangul vowels and finals: without width, as they belong to what is before them, but visible where that is none they join:
 * there they take a cell of their own. */
static inline bool gp_conjoins(uint32_t codepoint)
{
    return (codepoint >= 0x1160 && codepoint <= 0x11FF) || (codepoint >= 0xD7B0 && codepoint <= 0xD7FF);
}

/* Whether the code point has a width and asks nothing of what is before or after it: it begins a cluster, unless after
 * a prepended mark, and only what extends anything joins it. Letters of most scripts, kana and ideographs are; ASCII
 * digits, # and * are not (U+FE0F may follow). */
static inline bool gp_properties_plain(gp_properties properties)
{
    return properties - 1u < 2;
}

static inline void gp_cluster_reset_plain(gp_cluster *cluster, unsigned width)
{
    cluster->state = GP_UNICODE_STATE_PLAIN;
    cluster->width = (uint8_t)width;
}

/* Whether a plain code point would continue the cluster: after nothing but a prepended mark does it. */
static inline bool gp_cluster_takes_plain(gp_cluster cluster)
{
    return cluster.state == GP_UNICODE_STATE_PREPEND;
}

/* Whether a letter (letters.h) would: after a prepended mark, and a Hangul syllable after a leading consonant. */
static inline bool gp_cluster_takes_letters(gp_cluster cluster)
{
    return cluster.state == GP_UNICODE_STATE_PREPEND || cluster.state == GP_UNICODE_STATE_L;
}

/* Width and state in one number, and what a code point makes of that, which says too whether it joins. */
static inline unsigned gp_cluster_packed(gp_cluster cluster)
{
    return (unsigned)cluster.width << GP_UNICODE_WIDTH_SHIFT | cluster.state;
}

static inline gp_cluster gp_cluster_unpacked(unsigned packed)
{
    return (gp_cluster){.state = packed & GP_UNICODE_STATE_MASK, .width = packed >> GP_UNICODE_WIDTH_SHIFT & 3};
}

static inline unsigned gp_cluster_next(unsigned packed, gp_properties properties)
{
    return gp_unicode.transitions[(size_t)properties << 6 | (packed & (GP_UNICODE_JOIN - 1))];
}

/* Adds a code point: true if it continues the cluster, whose width may change; false if it begins a new one, which
 * takes the old one's place. */
static inline bool gp_cluster_join(gp_cluster *cluster, gp_properties properties)
{
    unsigned next = gp_cluster_next(gp_cluster_packed(*cluster), properties);
    *cluster = gp_cluster_unpacked(next);
    return next & GP_UNICODE_JOIN;
}

#endif
