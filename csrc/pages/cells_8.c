/* Many cells of ASCII: by AVX2, if the machine has it, in half the instructions. */
#include "pages/cells_8.h"

#if defined(__SSE2__)
#include <immintrin.h>

__attribute__((target("avx2"))) static inline void cells_of_8_avx2(gp_cell *cells, __m256i pen, const uint8_t *text) {
    __m256i *to = (__m256i *)(void *)cells;
    uint32_t first, last;
    memcpy(&first, text, sizeof first);
    memcpy(&last, text + 4, sizeof last);
    _mm256_storeu_si256(to, _mm256_or_si256(_mm256_cvtepu8_epi64(_mm_cvtsi32_si128((int)first)), pen));
    _mm256_storeu_si256(to + 1, _mm256_or_si256(_mm256_cvtepu8_epi64(_mm_cvtsi32_si128((int)last)), pen));
}

__attribute__((target("avx2"))) static void cells_of_ascii_avx2(gp_cell *cells, gp_cell base, const uint8_t *text,
                                                                uint32_t count) {
    const __m256i pen = _mm256_set1_epi64x((long long)base);
    gp_cell *last = cells + count - 8; /* together with some of those before it */
    cells_of_8_avx2(last, pen, text + count - 8);
    for (; cells < last; cells += 8, text += 8) cells_of_8_avx2(cells, pen, text);
}

#endif

void gp_cells_of_long_ascii(gp_cell *cells, gp_cell base, const uint8_t *text, uint32_t count) {
#if defined(__SSE2__)
    if (count >= 8 && __builtin_cpu_supports("avx2")) {
        cells_of_ascii_avx2(cells, base, text, count);
        return;
    }
#endif
    gp_cells_of_ascii(cells, base, text, count);
}
