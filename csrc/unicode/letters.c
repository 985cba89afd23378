/* Wide letters ten at a time, where there is AVX2: 4 instructions a letter, whatever they are, where five at a time with the
 * table takes 16. */
#include "unicode/letters.h"

#if defined(__SSE2__)
#include <immintrin.h>

#define FIVE(lead, next) lead, next, next, lead, next, next, lead, next, next, lead, next, next, lead, next, next, 0
#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

enum { TEN_BYTES = 30 };

static inline __m128i load(const uint8_t *at) { return _mm_loadu_si128((const __m128i *)(const void *)at); }

/* Bits where a code point is `first` or one of the `more` behind it. */
__attribute__((target("avx2"))) static inline __m256i among(__m256i codepoints, int first, int more) {
    __m256i beyond = _mm256_sub_epi16(codepoints, _mm256_set1_epi16((short)first));
    return _mm256_cmpeq_epi16(_mm256_min_epu16(beyond, _mm256_set1_epi16((short)more)), beyond);
}

/* Most of them: punctuation, kana, ideographs, Hangul syllables and fullwidth forms. */
__attribute__((target("avx2"))) static inline __m256i are_letters(__m256i codepoints) {
    __m256i kana = _mm256_or_si256(among(codepoints, 0x3041, 0x3096 - 0x3041), among(codepoints, 0x309B, 0x30FF - 0x309B));
    __m256i signs = _mm256_or_si256(among(codepoints, 0x3000, 0x3029 - 0x3000), among(codepoints, 0xFF01, 0xFF60 - 0xFF01));
    __m256i others = _mm256_or_si256(among(codepoints, 0x3400, 0x9FFF - 0x3400), among(codepoints, 0xAC00, 0xD7A3 - 0xAC00));
    return _mm256_or_si256(_mm256_or_si256(kana, signs), others);
}

/* Five in the first 15 bytes of each. */
__attribute__((target("avx2"))) static inline bool are_ten(__m128i first, __m128i last) {
    const __m256i mask = TWICE(FIVE((char)0xF0, (char)0xC0)), form = TWICE(FIVE((char)0xE0, (char)0x80));
    const __m256i leads = TWICE(-1, 0, -1, 3, -1, 6, -1, 9, -1, 12, -1, -1, -1, -1, -1, -1);
    const __m256i nexts = TWICE(2, 1, 5, 4, 8, 7, 11, 10, 14, 13, -1, -1, -1, -1, -1, -1);
    const __m256i six_bits = _mm256_set1_epi8(0x3F), weights = _mm256_set1_epi16(64 << 8 | 1);
    __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(first), last, 1);
    if (_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(bytes, mask), form)) != -1) return false;
    __m256i low = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_shuffle_epi8(bytes, nexts), six_bits), weights);
    __m256i codepoints = _mm256_or_si256(low, _mm256_slli_epi16(_mm256_shuffle_epi8(bytes, leads), 4));
    return (_mm256_movemask_epi8(are_letters(codepoints)) & 0x03FF03FF) == 0x03FF03FF;
}

/* Those at the end, if there are less than ten left, together with some of those before. */
__attribute__((target("avx2"))) static const uint8_t *tens(const uint8_t *at, const uint8_t *end, uint32_t *count) {
    const uint8_t *begin = at;
    for (; end - at > TEN_BYTES; at += TEN_BYTES, *count += 10)
        if (!are_ten(load(at), load(at + TEN_BYTES / 2))) return at;
    size_t left_bytes = (size_t)(end - at);
    if (at == begin || left_bytes % 3 || !are_ten(load(end - TEN_BYTES), _mm_srli_si128(load(end - 16), 1))) return at;
    *count += (uint32_t)left_bytes / 3;
    return end;
}

const uint8_t *gp_letters_tens(const uint8_t *at, const uint8_t *end, uint32_t *count) {
    return __builtin_cpu_supports("avx2") ? tens(at, end, count) : at;
}

#else

const uint8_t *gp_letters_tens(const uint8_t *at, const uint8_t *end, uint32_t *count) { return at; }

#endif
