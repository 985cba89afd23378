/* Letters: code points of one width that never join one another, as nearly all text is made of them. Wide ones are plain
 * ones (gp_properties_plain) and Hangul syllables, narrow ones are plain ones and ASCII. What begins with a letter and goes
 * on with letters needs no clusters, and is found to be UTF-8, in 18 instructions a letter where decoding it and looking up
 * what it joins takes 70. Letters beyond U+FFFF are left to that, and what a letter would join (gp_cluster_takes_letters).
 *
 * A table has a bit for each code point, in words of 64: the first two bytes of three, or the first of two, say which word,
 * and the last six bits of the last byte say which bit. No bit is set where a sequence is too long or a surrogate. */
#ifndef GP_UNICODE_LETTERS_H
#define GP_UNICODE_LETTERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "unicode/cluster.h"

static inline uint32_t gp_letters_load(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The same with zeros from `end` on. */
static inline uint32_t gp_letters_load_some(const uint8_t *at, const uint8_t *end) {
    if (end - at >= 4) return gp_letters_load(at);
    uint32_t bytes = 0;
    for (unsigned i = 0; at + i < end; i++) bytes |= (uint32_t)at[i] << 8 * i;
    return bytes;
}

static inline uint32_t gp_letters_word_of_3(uint32_t bytes) { return (bytes & 0x0F) << 6 | (bytes >> 8 & 0x3F); }

static inline int gp_letters_has(uint32_t word, unsigned wide, uint32_t last) {
    return (int)(gp_unicode.letters[gp_unicode.letter_index[word]][wide] >> (last & 0x3F) & 1);
}

static inline int gp_letters_is_of_3(uint32_t bytes, unsigned wide) {
    return (bytes & 0xC0C0F0) == 0x8080E0 && gp_letters_has(gp_letters_word_of_3(bytes), wide, bytes >> 16);
}

/* The same where the three bytes are known to have that form. */
static inline int gp_letters_has_3(const uint8_t *at, unsigned wide) {
    return gp_letters_has(((uint32_t)at[0] << 6) + at[1] - (0xE0u << 6 | 0x80), wide, at[2]);
}

/* Where the letters of three bytes from `at` on end. */
static inline const uint8_t *gp_letters_some_of_3(const uint8_t *at, const uint8_t *end, unsigned wide, uint32_t *count) {
    for (; end - at >= 4; at += 3, ++*count)
        if (!gp_letters_is_of_3(gp_letters_load(at), wide)) return at;
    if (end - at < 3 || !gp_letters_is_of_3(at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16, wide)) return at;
    ++*count;
    return at + 3;
}

#if defined(__SSE2__)
#define GP_LETTERS_FIVE(lead, next) \
    lead, next, next, lead, next, next, lead, next, next, lead, next, next, lead, next, next

/* Wide letters of three bytes, five at a time. U+4000 to U+9FFF, E4 to E9 and two continuation bytes, are letters all of them;
 * for others the table is asked, but whether they have the form is seen at once: mixed text takes 16 instructions a letter
 * instead of 26. */
static inline const uint8_t *gp_letters_fives(const uint8_t *at, const uint8_t *end, uint32_t *count) {
    const __m128i least = _mm_setr_epi8(GP_LETTERS_FIVE((char)0xE4, (char)0x80), 0);
    const __m128i most = _mm_setr_epi8(GP_LETTERS_FIVE(5, 63), -1);
    const __m128i mask = _mm_setr_epi8(GP_LETTERS_FIVE((char)0xF0, (char)0xC0), 0);
    const __m128i form = _mm_setr_epi8(GP_LETTERS_FIVE((char)0xE0, (char)0x80), 0);
    for (; end - at >= 16; at += 15, *count += 5) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at), above = _mm_sub_epi8(bytes, least);
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(above, most), most)) == 0xFFFF) continue;
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(bytes, mask), form)) != 0xFFFF) break;
        if (!gp_letters_has_3(at, 1) || !gp_letters_has_3(at + 3, 1) || !gp_letters_has_3(at + 6, 1) ||
            !gp_letters_has_3(at + 9, 1) || !gp_letters_has_3(at + 12, 1))
            break;
    }
    return at;
}
#else
static inline const uint8_t *gp_letters_fives(const uint8_t *at, const uint8_t *end, uint32_t *count) { return at; }
#endif

/* The same ten at a time, as far as that can be (letters.c). */
const uint8_t *gp_letters_tens(const uint8_t *at, const uint8_t *end, uint32_t *count);

static inline const uint8_t *gp_letters_of_3(const uint8_t *at, const uint8_t *end, unsigned wide, uint32_t *count) {
    if (wide && at < end && *at >= 0xE3) { /* before come mostly narrow ones */
        if (end - at > 30) at = gp_letters_tens(at, end, count);
        at = gp_letters_fives(at, end, count);
    }
    return gp_letters_some_of_3(at, end, wide, count);
}

static inline const uint8_t *gp_letters_of_2(const uint8_t *at, const uint8_t *end, uint32_t *count) {
    for (; end - at >= 2; at += 2, ++*count)
        if ((at[0] & 0xE0) != 0xC0 || (at[1] & 0xC0) != 0x80 ||
            !gp_letters_has(GP_UNICODE_LETTERS_OF_2 + (at[0] & 0x1F), 0, at[1]))
            break;
    return at;
}

/* How many of the eight bytes are ASCII, from the first on. */
static inline unsigned gp_letters_ascii_of_8(const uint8_t *at) {
    uint64_t bytes;
    memcpy(&bytes, at, 8);
    bytes &= UINT64_C(0x8080808080808080);
    if (!bytes) return 8;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (unsigned)__builtin_clzll(bytes) / 8;
#else
    return (unsigned)__builtin_ctzll(bytes) / 8;
#endif
}

static inline const uint8_t *gp_letters_of_1(const uint8_t *at, const uint8_t *end) {
    while (end - at >= 8) {
        unsigned count = gp_letters_ascii_of_8(at);
        at += count;
        if (count < 8) return at;
    }
    while (at < end && *at < 0x80) at++;
    return at;
}

/* Where the narrow letters from `at` on end. */
static inline const uint8_t *gp_letters_narrow(const uint8_t *at, const uint8_t *end, uint32_t *count) {
    const uint8_t *before;
    do {
        before = at;
        at = gp_letters_of_1(at, end);
        *count += (uint32_t)(at - before);
        if (at == end || *at < 0xC2 || *at >= 0xF0) break;
        at = *at >= 0xE0 ? gp_letters_of_3(at, end, 0, count) : gp_letters_of_2(at, end, count);
    } while (at != before);
    return at;
}

/* Where the letters from `at` on end that are as wide as the first; *count is how many there are, and *width is set if there
 * are any. */
static inline const uint8_t *gp_letters_skip(const uint8_t *at, const uint8_t *end, unsigned *width, uint32_t *count) {
    *count = 0;
    if (at < end && *at >= 0xE0) {
        const uint8_t *to = gp_letters_of_3(at, end, 1, count);
        *width = 2;
        if (to != at) return to;
    }
    *width = 1;
    return gp_letters_narrow(at, end, count);
}

/* The letter before `at` by itself, which is so wide. */
static inline gp_cluster gp_letters_cluster(const uint8_t *at, unsigned width) {
    gp_cluster cluster = {0};
    uint32_t codepoint = at[-1];
    if (codepoint >= 0x80 && width == 1) {
        gp_cluster_reset_plain(&cluster, 1);
        return cluster;
    }
    if (width == 2) codepoint = (at[-3] & 0x0Fu) << 12 | (at[-2] & 0x3Fu) << 6 | (at[-1] & 0x3Fu);
    gp_cluster_join(&cluster, gp_properties_of(codepoint));
    return cluster;
}

#endif
