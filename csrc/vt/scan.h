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

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Length of the longest prefix of text bytes; *ascii tells whether it holds no byte >= 0x80 (true for an empty one). */
size_t gp_scan_text(const uint8_t *bytes, size_t length_bytes, bool *ascii);

/* The same where the run is probably shorter than 16 bytes: half the instructions then. */
static inline size_t gp_scan_short_text(const uint8_t *bytes, size_t length_bytes, bool *ascii) {
#if defined(__SSE2__)
    if (length_bytes >= 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)bytes);
        __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
        unsigned controls = (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7F))));
        if (controls) {
            *ascii = !((unsigned)_mm_movemask_epi8(block) & (controls ^ (controls - 1)));
            return (size_t)__builtin_ctz(controls);
        }
    }
#endif
    return gp_scan_text(bytes, length_bytes, ascii);
}

/* The same in 8-byte words: what gp_scan_text is where there is no SSE2. */
size_t gp_scan_text_words(const uint8_t *bytes, size_t length_bytes, bool *ascii);

/* The same byte by byte: the twin that tests compare with. */
size_t gp_scan_text_plain(const uint8_t *bytes, size_t length_bytes, bool *ascii);

#endif
