/* Scanning for control bytes; see scan.h. */
#include "vt/scan.h"

#include <assert.h>
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

/* ==== hot path: 16 for the first bytes, and 64 at once where the run is long: AVX2 if the machine has it, NEON ===== */

#ifdef GP_MASK_BITS

enum {
    SHORT_BYTES = 64, /* most runs end before, and the wider loop costs more to enter than it saves */
    LONG_BYTES = SHORT_BYTES + 128,
};

/* Blocks of 64 from i on while they are all text; returns where the first other one begins. */
#if defined(__SSE2__)
__attribute__((target("avx2"))) static size_t skip_text_avx2(const uint8_t *bytes, size_t i, size_t length_bytes,
                                                             gp_mask *high) {
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
    *high |= (gp_mask)_mm256_movemask_epi8(seen);
    return i;
}

static size_t skip_text(const uint8_t *bytes, size_t i, size_t length_bytes, gp_mask *high) {
    return __builtin_cpu_supports("avx2") ? skip_text_avx2(bytes, i, length_bytes, high) : i;
}
#else
static size_t skip_text(const uint8_t *bytes, size_t i, size_t length_bytes, gp_mask *high) {
    const uint8x16_t delete = vdupq_n_u8(0x7F);
    uint8x16_t seen = vdupq_n_u8(0);
    for (; length_bytes - i >= 64; i += 64) {
        uint8x16_t a = vld1q_u8(bytes + i), b = vld1q_u8(bytes + i + 16);
        uint8x16_t c = vld1q_u8(bytes + i + 32), d = vld1q_u8(bytes + i + 48);
        uint8x16_t least = vminq_u8(vminq_u8(a, b), vminq_u8(c, d));
        uint8x16_t deletes = vorrq_u8(vorrq_u8(vceqq_u8(a, delete), vceqq_u8(b, delete)),
                                      vorrq_u8(vceqq_u8(c, delete), vceqq_u8(d, delete)));
        if (vmaxvq_u8(vorrq_u8(vcltq_u8(least, vdupq_n_u8(0x20)), deletes)))
            break;
        seen = vorrq_u8(seen, vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d)));
    }
    *high |= vmaxvq_u8(seen) & 0x80;
    return i;
}
#endif

/* Blocks of 16 from *i up to limit; true if the run ends in one of them, at *i. */
static inline bool run_ends(const uint8_t *bytes, size_t *i, size_t limit, gp_mask *high) {
    for (; limit - *i >= 16; *i += 16) {
        gp_mask controls, block_high;
        gp_masks_of_16(bytes + *i, &controls, &block_high);
        if (controls) {
            unsigned before = gp_mask_begin(controls);
            *high |= block_high & (((gp_mask)1 << before) - 1);
            *i += before / GP_MASK_BITS;
            return true;
        }
        *high |= block_high;
    }
    return false;
}

size_t gp_scan_text(const uint8_t *bytes, size_t length_bytes, bool *ascii) {
    gp_mask high = 0;
    size_t i = 0;
    bool rest_ascii = true, ended = false;
    if (length_bytes >= LONG_BYTES) {
        ended = run_ends(bytes, &i, SHORT_BYTES, &high);
        if (!ended)
            i = skip_text(bytes, i, length_bytes, &high);
    }
    if (!ended && !run_ends(bytes, &i, length_bytes, &high))
        i += gp_scan_text_words(bytes + i, length_bytes - i, &rest_ascii);
    *ascii = rest_ascii && !high;
#ifdef GP_CHECKED
    bool plain_ascii;
    assert(gp_scan_text_plain(bytes, length_bytes, &plain_ascii) == i && plain_ascii == *ascii);
#endif
    return i;
}

#else

size_t gp_scan_text(const uint8_t *bytes, size_t length_bytes, bool *ascii) {
    return gp_scan_text_words(bytes, length_bytes, ascii);
}

#endif
