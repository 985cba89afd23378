/* Scanning for control bytes; see scan.h. */
#include "vt/scan.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

size_t gp_scan_text_plain(const uint8_t *bytes, size_t length_bytes, bool *ascii) {
    size_t i = 0;
    uint8_t seen = 0;
    while (i < length_bytes && bytes[i] >= 0x20 && bytes[i] != 0x7F)
        seen |= bytes[i++];
    *ascii = seen < 0x80;
    return i;
}

size_t gp_scan_text_words(const uint8_t *bytes, size_t length_bytes, bool *ascii) {
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones * 0x80;
    uint64_t seen = 0;
    size_t i = 0;
    for (; length_bytes - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        uint64_t delete_xor = word ^ ones * 0x7F;
        /* A borrow can mark the byte above a control as one too, so this says whether there is one, not where. */
        if ((((word - ones * 0x20) & ~word) | ((delete_xor - ones) & ~delete_xor)) & highs)
            break;
        seen |= word;
    }
    bool rest_ascii;
    i += gp_scan_text_plain(bytes + i, length_bytes - i, &rest_ascii);
    *ascii = rest_ascii && !(seen & highs);
    return i;
}

/* ==== hot path: SSE2 for the first bytes, AVX2 where the run is long and the machine has it ====================== */

#if defined(__SSE2__)

enum {
    SHORT_BYTES = 64, /* most runs end before, and the wider loop costs more to enter than it saves */
    LONG_BYTES = SHORT_BYTES + 128,
};

static inline unsigned control_mask_16(__m128i block) {
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7F))));
}

/* Blocks of 64 from i on while they are all text; returns where the first other one begins. */
__attribute__((target("avx2"))) static size_t skip_text_avx2(const uint8_t *bytes, size_t i, size_t length_bytes,
                                                             unsigned *high) {
    const __m256i top_control = _mm256_set1_epi8(0x1F), delete = _mm256_set1_epi8(0x7F);
    __m256i seen = _mm256_setzero_si256();
    for (; length_bytes - i >= 64; i += 64) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + i + 32));
        __m256i least = _mm256_min_epu8(a, b);
        __m256i controls = _mm256_cmpeq_epi8(_mm256_min_epu8(least, top_control), least);
        __m256i deletes = _mm256_or_si256(_mm256_cmpeq_epi8(a, delete), _mm256_cmpeq_epi8(b, delete));
        __m256i found = _mm256_or_si256(controls, deletes);
        if (!_mm256_testz_si256(found, found))
            break;
        seen = _mm256_or_si256(seen, _mm256_or_si256(a, b));
    }
    *high |= (unsigned)_mm256_movemask_epi8(seen);
    return i;
}

/* Blocks of 16 from *i up to limit; true if the run ends in one of them, at *i. */
static inline bool run_ends(const uint8_t *bytes, size_t *i, size_t limit, unsigned *high) {
    for (; limit - *i >= 16; *i += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(bytes + *i));
        unsigned controls = control_mask_16(block), block_high = (unsigned)_mm_movemask_epi8(block);
        if (controls) {
            unsigned before = (unsigned)__builtin_ctz(controls);
            *high |= block_high & ((1u << before) - 1);
            *i += before;
            return true;
        }
        *high |= block_high;
    }
    return false;
}

size_t gp_scan_text(const uint8_t *bytes, size_t length_bytes, bool *ascii) {
    unsigned high = 0;
    size_t i = 0;
    bool rest_ascii = true, ended = false;
    if (length_bytes >= LONG_BYTES) {
        ended = run_ends(bytes, &i, SHORT_BYTES, &high);
        if (!ended && __builtin_cpu_supports("avx2"))
            i = skip_text_avx2(bytes, i, length_bytes, &high);
    }
    if (!ended && !run_ends(bytes, &i, length_bytes, &high))
        i += gp_scan_text_words(bytes + i, length_bytes - i, &rest_ascii);
    *ascii = rest_ascii && !high;
    return i;
}

#else

size_t gp_scan_text(const uint8_t *bytes, size_t length_bytes, bool *ascii) {
    return gp_scan_text_words(bytes, length_bytes, ascii);
}

#endif
