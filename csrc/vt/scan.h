/* Scanning raw terminal output for control bytes, the first thing done to every byte that is fed.
 *
 * A text byte is any byte >= 0x20 except 0x7F; whether the text is valid UTF-8 is not looked at. No function here reads
 * outside the range it is given.
 */
#ifndef GP_VT_SCAN_H
#define GP_VT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of 16 bytes, GP_MASK_BITS bits each, the first byte's lowest: which are controls, and which are not ASCII. */
#if defined(__SSE2__)
#include <emmintrin.h>

#define GP_MASK_BITS 1
typedef unsigned gp_mask;

static inline void gp_masks_of_16(const uint8_t *bytes, gp_mask *controls, gp_mask *high) {
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)bytes);
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
    *controls = (gp_mask)_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7F))));
    *high = (gp_mask)_mm_movemask_epi8(block);
}

static inline unsigned gp_mask_begin(gp_mask mask) { return (unsigned)__builtin_ctz(mask); }
#elif defined(__ARM_NEON) && defined(__AARCH64EL__)
#include <arm_neon.h>

/* Narrowing to the middle 8 bits of each 16 leaves 4 of each byte: there is no movemask. */
#define GP_MASK_BITS 4
typedef uint64_t gp_mask;

static inline gp_mask gp_mask_of(uint8x16_t found) {
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(found), 4)), 0);
}

static inline void gp_masks_of_16(const uint8_t *bytes, gp_mask *controls, gp_mask *high) {
    uint8x16_t block = vld1q_u8(bytes);
    *controls = gp_mask_of(vorrq_u8(vcltq_u8(block, vdupq_n_u8(0x20)), vceqq_u8(block, vdupq_n_u8(0x7F))));
    *high = gp_mask_of(vcgeq_u8(block, vdupq_n_u8(0x80)));
}

static inline unsigned gp_mask_begin(gp_mask mask) { return (unsigned)__builtin_ctzll(mask); }
#endif

/* Length of the longest prefix of text bytes; *ascii tells whether it holds no byte >= 0x80 (true for an empty one). */
size_t gp_scan_text(const uint8_t *bytes, size_t length_bytes, bool *ascii);

/* The same where the run is probably shorter than 48 bytes: half the instructions then. */
static inline size_t gp_scan_short_text(const uint8_t *bytes, size_t length_bytes, bool *ascii) {
    size_t i = 0;
    bool before_ascii = true;
#ifdef GP_MASK_BITS
    for (gp_mask controls, high, seen = 0; i < 48 && length_bytes - i >= 16; i += 16) {
        gp_masks_of_16(bytes + i, &controls, &high);
        if (controls) {
            *ascii = !(seen | (high & (controls ^ (controls - 1))));
            return i + gp_mask_begin(controls) / GP_MASK_BITS;
        }
        seen |= high;
        before_ascii = !seen;
    }
#endif
    i += gp_scan_text(bytes + i, length_bytes - i, ascii);
    *ascii = *ascii && before_ascii;
    return i;
}

/* The same in 8-byte words: what gp_scan_text is where there is neither SSE2 nor NEON. */
size_t gp_scan_text_words(const uint8_t *bytes, size_t length_bytes, bool *ascii);

/* The same byte by byte: the twin that tests compare with. */
size_t gp_scan_text_plain(const uint8_t *bytes, size_t length_bytes, bool *ascii);

#endif
