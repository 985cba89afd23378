/* Many cells of ASCII: by AVX2, if the machine has it, in half the instructions. */
#include "pages/cells_8.h"

#if defined(__SSE2__)
#include <immintrin.h>

__attribute__((target("avx2"))) static void cells_of_ascii_avx2(gp_cell *cells, gp_cell base, const uint8_t *text,
                                                                uint32_t count) {
    const __m256i pen = _mm256_set1_epi64x((long long)base);
    for (uint32_t begin = 0; begin < count; begin += 8) {
        uint32_t at = begin + 8 <= count ? begin : count - 8;
        __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)(text + at));
        __m256i *to = (__m256i *)(void *)(cells + at);
        _mm256_storeu_si256(to, _mm256_or_si256(_mm256_cvtepu8_epi64(bytes), pen));
        _mm256_storeu_si256(to + 1, _mm256_or_si256(_mm256_cvtepu8_epi64(_mm_srli_si128(bytes, 4)), pen));
    }
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
