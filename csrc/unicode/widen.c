/* Well-formed UTF-8 as an array of code points, each of as many bytes as the largest one takes: what a str of Python has
 * inside. Its own decoder jumps at every character, and takes two to seven times as long for other than Latin.
 *
 *     bytes    41 | F0 9F 9A 80 | C3 A9 | E7 95 8C | 20      a bit for each byte that ends a code point
 *     ends      1    0  0  0  1    0  1    0  0  1    1      says where the last bytes are
 *     lanes    41 00 00 00 | 80 9A 9F F0 | A9 C3 .. .. | 8C 95 E7 ..     of four bytes, the last byte first
 *
 * Eight lanes are gathered at once, whatever the lengths are; what lies before a lead is masked, and two multiplications
 * put the bits together. */
#include "ghostpage.h"
#include "unicode/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi,popcnt")))

enum {
    BLOCK_BYTES = 64,
    AHEAD_BYTES = BLOCK_BYTES + 16, /* the last lanes are taken from 16 bytes that begin in the block */
};

static bool is_fast(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

/* A bit for each byte of a block that is above `limit`, as signed bytes: above -65 are those that begin a code point. */
WIDE static inline uint64_t bytes_above(__m256i low, __m256i high, char limit) {
    __m256i than = _mm256_set1_epi8(limit);
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(low, than)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(high, than)) << 32;
}

/* The next four ends, a byte each. */
WIDE static inline uint32_t take_ends(uint64_t *ends) {
    uint64_t first = *ends, second = _blsr_u64(first), third = _blsr_u64(second), fourth = _blsr_u64(third);
    *ends = _blsr_u64(fourth);
    return (uint32_t)(_tzcnt_u64(first) | _tzcnt_u64(second) << 8 | _tzcnt_u64(third) << 16 | _tzcnt_u64(fourth) << 24);
}

/* Eight code points: four that end in the lower 16 bytes where `low` says, four in the upper ones. */
WIDE static inline __m256i decode_8(__m256i bytes, uint32_t low, uint32_t high) {
    const __m256i spread = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));
    __m256i ends = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_cvtsi32_si128((int)low)), _mm_cvtsi32_si128((int)high), 1);
    __m256i order = _mm256_sub_epi8(_mm256_shuffle_epi8(ends, spread), _mm256_set1_epi32(0x03020100));
    __m256i lanes = _mm256_shuffle_epi8(bytes, order);
    /* Adding one to the continuation bytes' ones carries up to the lead, so that the bits that differ tell the length. */
    __m256i continued = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0xC0), lanes);
    __m256i length = _mm256_xor_si256(continued, _mm256_add_epi32(continued, _mm256_set1_epi32(1)));
    __m256i own = _mm256_or_si256(_mm256_slli_epi32(_mm256_srli_epi32(length, 1), 8), _mm256_set1_epi32(0xFF));
    lanes = _mm256_and_si256(lanes, _mm256_and_si256(own, _mm256_set1_epi32(0x3F3F3F7F)));
    lanes = _mm256_maddubs_epi16(lanes, _mm256_set1_epi16(64 << 8 | 1));
    lanes = _mm256_madd_epi16(lanes, _mm256_set1_epi32(4096 << 16 | 1));
    /* What is left of a lead's mark: bits 23 and 22 of four bytes, bit 17 of three. */
    __m256i four = _mm256_cmpgt_epi32(lanes, _mm256_set1_epi32(0x7FFFFF));
    __m256i kept = _mm256_or_si256(_mm256_and_si256(four, _mm256_set1_epi32(0x1F0000)), _mm256_set1_epi32(0xFFFF));
    return _mm256_and_si256(lanes, kept);
}

WIDE static inline void put_8(void *units, uint32_t unit_bytes, __m256i codepoints) {
    if (unit_bytes == 4)
        _mm256_storeu_si256(units, codepoints);
    else
        _mm_storeu_si128(units, _mm_packus_epi32(_mm256_castsi256_si128(codepoints), _mm256_extracti128_si256(codepoints, 1)));
}

WIDE static inline void put_ascii_16(void *units, uint32_t unit_bytes, __m128i bytes) {
    if (unit_bytes == 4) {
        _mm256_storeu_si256(units, _mm256_cvtepu8_epi32(bytes));
        _mm256_storeu_si256((__m256i *)units + 1, _mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8)));
    } else {
        _mm256_storeu_si256(units, _mm256_cvtepu8_epi16(bytes));
    }
}

/* Up to where less than AHEAD_BYTES are left; *units is moved to where the next one goes. */
WIDE static inline const uint8_t *widen_blocks(const uint8_t *at, const uint8_t *end, uint32_t unit_bytes, uint8_t **units) {
    uint8_t *to = *units;
    while (end - at >= AHEAD_BYTES) {
        __m256i low = _mm256_loadu_si256((const void *)at), high = _mm256_loadu_si256((const void *)(at + 32));
        uint64_t begins = bytes_above(low, high, -65), ascii = bytes_above(low, high, -1);
        if ((ascii & 0xFFFF) == 0xFFFF) {
            do {
                put_ascii_16(to, unit_bytes, _mm_loadu_si128((const void *)at));
                at += 16;
                to += 16 * unit_bytes;
                ascii >>= 16;
            } while ((ascii & 0xFFFF) == 0xFFFF);
            continue;
        }
        uint64_t ends = begins >> 1; /* the last one is not known */
        uint32_t begin = 0, eights = (uint32_t)_mm_popcnt_u64(ends) / 8;
        if (!eights) break; /* not in well-formed text */
        for (; eights; eights--, to += 8 * unit_bytes) {
            uint32_t first = take_ends(&ends), middle = (first >> 24) + 1, second = take_ends(&ends);
            __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const void *)(at + begin))),
                                                    _mm_loadu_si128((const void *)(at + middle)), 1);
            put_8(to, unit_bytes, decode_8(bytes, first - begin * 0x01010101u, second - middle * 0x01010101u));
            begin = (second >> 24) + 1;
        }
        at += begin;
    }
    *units = to;
    return at;
}

WIDE static const uint8_t *widen_fast(const uint8_t *at, const uint8_t *end, uint32_t unit_bytes, uint8_t **units) {
    return unit_bytes == 4 ? widen_blocks(at, end, 4, units) : widen_blocks(at, end, 2, units);
}

/* Those of whole blocks of 32; a byte counts at most 255 of them. */
WIDE static size_t count_fast(const uint8_t *text, size_t text_bytes, uint8_t *largest, size_t *count) {
    __m256i most = _mm256_setzero_si256(), total = most, than = _mm256_set1_epi8(-65);
    size_t at = 0;
    while (text_bytes - at >= 32) {
        __m256i begins = _mm256_setzero_si256();
        for (int blocks = 0; blocks < 255 && text_bytes - at >= 32; blocks++, at += 32) {
            __m256i bytes = _mm256_loadu_si256((const void *)(text + at));
            most = _mm256_max_epu8(most, bytes);
            begins = _mm256_sub_epi8(begins, _mm256_cmpgt_epi8(bytes, than));
        }
        total = _mm256_add_epi64(total, _mm256_sad_epu8(begins, _mm256_setzero_si256()));
    }
    uint64_t counts[4];
    uint8_t bytes[32];
    _mm256_storeu_si256((void *)counts, total);
    _mm256_storeu_si256((void *)bytes, most);
    *count = counts[0] + counts[1] + counts[2] + counts[3];
    for (int i = 0; i < 32; i++) *largest = bytes[i] > *largest ? bytes[i] : *largest;
    return at;
}
#else
static bool is_fast(void) { return false; }
static size_t count_fast(const uint8_t *text, size_t text_bytes, uint8_t *largest, size_t *count) { return 0; }
static const uint8_t *widen_fast(const uint8_t *at, const uint8_t *end, uint32_t unit_bytes, uint8_t **units) { return at; }
#endif

size_t gp_unicode_count(const uint8_t *text, size_t text_bytes, uint32_t *unit_bytes) {
    size_t count = 0;
    uint8_t largest = 0;
    if (!is_fast()) return 0;
    for (size_t at = count_fast(text, text_bytes, &largest, &count); at < text_bytes; at++) {
        count += (text[at] & 0xC0) != 0x80;
        largest = text[at] > largest ? text[at] : largest;
    }
    *unit_bytes = largest < 0xF0 ? 2 : 4;
    return largest < 0xC4 ? 0 : count;
}

bool gp_unicode_widen(const uint8_t *text, size_t text_bytes, uint32_t unit_bytes, void *units, size_t count) {
    uint8_t *to = units, *to_end = to + count * unit_bytes;
    const uint8_t *end = text + text_bytes, *at = widen_fast(text, end, unit_bytes, &to);
    for (; at < end && to < to_end; to += unit_bytes) {
        uint32_t codepoint;
        size_t taken = gp_utf8_decode(at, end, &codepoint);
        if (!taken) break;
        at += taken;
        if (unit_bytes == 4)
            *(uint32_t *)(void *)to = codepoint;
        else
            *(uint16_t *)(void *)to = (uint16_t)codepoint;
    }
    return at == end && to == to_end;
}
