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
 *     transition   0 j f f s s s s      j joins, f the width if forced, s the next state
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
    uint32_t block = gp_unicode_index[inside >> GP_UNICODE_BLOCK_SHIFT];
    return gp_unicode_blocks[block << GP_UNICODE_BLOCK_SHIFT | (inside & ((1u << GP_UNICODE_BLOCK_SHIFT) - 1))];
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

/* Adds a code point: true if it continues the cluster, whose width may change; false if it begins a new one, which
 * takes the old one's place. */
static inline bool gp_cluster_join(gp_cluster *cluster, uint32_t codepoint, gp_properties properties)
{
    unsigned transition = gp_unicode_transitions[properties >> 2][cluster->state];
    unsigned width = gp_properties_width(properties);
    unsigned forced = transition >> GP_UNICODE_FORCED_SHIFT & GP_UNICODE_FORCED_MASK;
    bool joins = transition & GP_UNICODE_JOIN;

    (void)codepoint;
    if (joins) {
        if (width < cluster->width) width = cluster->width;
        if (forced) width = forced;
    }
    cluster->state = transition & GP_UNICODE_STATE_MASK;
    cluster->width = (uint8_t)width;
    return joins;
}

#endif
