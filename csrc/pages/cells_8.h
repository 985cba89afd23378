/* Eight cells at a time: between text and cells where both are ASCII in one pen. A loop over the cells takes three times as
 * many instructions, and more still to begin. */
#ifndef GP_PAGES_CELLS_8_H
#define GP_PAGES_CELLS_8_H

#include <string.h>

#include "pages/grid.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Eight bytes become cells in the pen of `base`, whatever they are; returns how many of them, from the first on, are ASCII. */
static inline uint32_t gp_cells_of_8(gp_cell *cells, gp_cell base, const uint8_t *text) {
#if defined(__SSE2__)
    const __m128i zero = _mm_setzero_si128(), pen = _mm_set1_epi32((int)(base >> 32));
    __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)text), words = _mm_unpacklo_epi8(bytes, zero);
    __m128i first = _mm_unpacklo_epi16(words, zero), last = _mm_unpackhi_epi16(words, zero);
    __m128i *to = (__m128i *)(void *)cells;
    _mm_storeu_si128(to, _mm_unpacklo_epi32(first, pen));
    _mm_storeu_si128(to + 1, _mm_unpackhi_epi32(first, pen));
    _mm_storeu_si128(to + 2, _mm_unpacklo_epi32(last, pen));
    _mm_storeu_si128(to + 3, _mm_unpackhi_epi32(last, pen));
    return (uint32_t)__builtin_ctz((unsigned)_mm_movemask_epi8(bytes) | 0x100);
#else
    uint32_t ascii = 8;
    for (uint32_t i = 8; i--;) {
        cells[i] = base | text[i];
        if (text[i] >= 0x80) ascii = i;
    }
    return ascii;
#endif
}

#if defined(__SSE2__)

static inline void gp_cells_of_4(gp_cell *cells, gp_cell base, const uint8_t *text) {
    uint32_t four;
    memcpy(&four, text, sizeof four);
    const __m128i zero = _mm_setzero_si128(), pen = _mm_set1_epi32((int)(base >> 32));
    __m128i bytes = _mm_unpacklo_epi16(_mm_unpacklo_epi8(_mm_cvtsi32_si128((int)four), zero), zero);
    __m128i *to = (__m128i *)(void *)cells;
    _mm_storeu_si128(to, _mm_unpacklo_epi32(bytes, pen));
    _mm_storeu_si128(to + 1, _mm_unpackhi_epi32(bytes, pen));
}

#endif

/* Cells of any number of bytes of ASCII, at least one, in the pen of `base`; nothing beyond them is read or written. What is
 * left over is written together with some of those before it. */
static inline void gp_cells_of_ascii(gp_cell *cells, gp_cell base, const uint8_t *text, uint32_t count) {
    if (count >= 8) {
        for (uint32_t i = 0; i + 8 <= count; i += 8) gp_cells_of_8(cells + i, base, text + i);
        gp_cells_of_8(cells + count - 8, base, text + count - 8);
        return;
    }
#if defined(__SSE2__)
    if (count >= 4) {
        gp_cells_of_4(cells, base, text);
        gp_cells_of_4(cells + count - 4, base, text + count - 4);
        return;
    }
#endif
#pragma GCC unroll 1
    for (uint32_t i = 0; i < count; i++) cells[i] = base | text[i];
}

/* The same, where there are 32 or more of them (cells_8.c). */
void gp_cells_of_long_ascii(gp_cell *cells, gp_cell base, const uint8_t *text, uint32_t count);

/* Which of eight cells are not ASCII in the pen of `base`, a bit each. Their text is written, all 8 bytes of it. */
static inline unsigned gp_cells_to_8(const gp_cell *cells, gp_cell base, uint8_t *text) {
#if defined(__SSE2__)
    const __m128i *from = (const __m128i *)cells;
    __m128 a = _mm_castsi128_ps(_mm_loadu_si128(from)), b = _mm_castsi128_ps(_mm_loadu_si128(from + 1));
    __m128 c = _mm_castsi128_ps(_mm_loadu_si128(from + 2)), d = _mm_castsi128_ps(_mm_loadu_si128(from + 3));
    __m128i contents = _mm_packs_epi32(_mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0))),
                                       _mm_castps_si128(_mm_shuffle_ps(c, d, _MM_SHUFFLE(2, 0, 2, 0))));
    __m128i wanted = _mm_set1_epi32((int)(base >> 32));
    __m128i same = _mm_packs_epi32(
        _mm_cmpeq_epi32(_mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1))), wanted),
        _mm_cmpeq_epi32(_mm_castps_si128(_mm_shuffle_ps(c, d, _MM_SHUFFLE(3, 1, 3, 1))), wanted));
    /* Saturation makes 0xFF of what is more than a byte, and 0 of what has the highest bit. */
    __m128i bytes = _mm_packus_epi16(contents, contents), pens = _mm_packs_epi16(same, same);
    _mm_storel_epi64((__m128i *)text, bytes);
    int ascii = _mm_movemask_epi8(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_setzero_si128()), pens));
    return (~(unsigned)ascii | (unsigned)_mm_movemask_epi8(bytes)) & 0xFF;
#else
    unsigned others = 0;
    for (uint32_t i = 0; i < 8; i++) {
        text[i] = (uint8_t)cells[i];
        others |= (unsigned)((cells[i] ^ base) - 1 >= 0x7F) << i;
    }
    return others;
#endif
}

/* The same of cells in any pens; *changes: behind which of them another pen begins, so that the cell behind all is read too. */
static inline unsigned gp_cells_to_8_of_any_pen(const gp_cell *cells, uint8_t *text, unsigned *changes) {
#if defined(__SSE2__)
    const __m128i *from = (const __m128i *)cells, *behind = (const __m128i *)(cells + 1), zero = _mm_setzero_si128();
    __m128 a = _mm_castsi128_ps(_mm_loadu_si128(from)), b = _mm_castsi128_ps(_mm_loadu_si128(from + 1));
    __m128 c = _mm_castsi128_ps(_mm_loadu_si128(from + 2)), d = _mm_castsi128_ps(_mm_loadu_si128(from + 3));
    __m128 e = _mm_castsi128_ps(_mm_loadu_si128(behind)), f = _mm_castsi128_ps(_mm_loadu_si128(behind + 1));
    __m128 g = _mm_castsi128_ps(_mm_loadu_si128(behind + 2)), h = _mm_castsi128_ps(_mm_loadu_si128(behind + 3));
    __m128i contents = _mm_packs_epi32(_mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0))),
                                       _mm_castps_si128(_mm_shuffle_ps(c, d, _MM_SHUFFLE(2, 0, 2, 0))));
    __m128i same = _mm_packs_epi32(_mm_cmpeq_epi32(_mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1))),
                                                   _mm_castps_si128(_mm_shuffle_ps(e, f, _MM_SHUFFLE(3, 1, 3, 1)))),
                                   _mm_cmpeq_epi32(_mm_castps_si128(_mm_shuffle_ps(c, d, _MM_SHUFFLE(3, 1, 3, 1))),
                                                   _mm_castps_si128(_mm_shuffle_ps(g, h, _MM_SHUFFLE(3, 1, 3, 1)))));
    __m128i bytes = _mm_packus_epi16(contents, contents);
    _mm_storel_epi64((__m128i *)text, bytes);
    *changes = ~(unsigned)_mm_movemask_epi8(_mm_packs_epi16(same, same)) & 0xFF;
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, zero), bytes)) & 0xFF;
#else
    unsigned others = 0, changed = 0;
    for (uint32_t i = 0; i < 8; i++) {
        text[i] = (uint8_t)cells[i];
        others |= (unsigned)((uint32_t)cells[i] - 1 >= 0x7F) << i;
        changed |= (unsigned)((cells[i] ^ cells[i + 1]) >> 32 != 0) << i;
    }
    *changes = changed;
    return others;
#endif
}

#endif
