/* UTF-8, one code point at a time.
 *
 * What is malformed is replaced as browsers and Python do: one U+FFFD for each maximal subpart, that is for the longest
 * start of a well-formed sequence, or for one byte where none starts. Bytes that end within a well-formed sequence are
 * not malformed yet: the decoder says so, and the caller keeps them (at most GP_UTF8_PENDING_BYTES) for the next ones. */
#ifndef GP_UNICODE_UTF8_H
#define GP_UNICODE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { GP_UTF8_REPLACEMENT = 0xFFFD, GP_UTF8_PENDING_BYTES = 3 };

/* Any bytes, the malformed and the last ones among them: the rule as the standard has it. */
static inline size_t gp_utf8_decode_careful(const uint8_t *bytes, const uint8_t *end, uint32_t *codepoint)
{
    uint8_t lead = bytes[0];
    uint32_t value;
    size_t length_bytes;
    uint8_t lowest = 0x80, highest = 0xBF; /* of the second byte */

    *codepoint = GP_UTF8_REPLACEMENT;
    if (lead < 0x80) {
        *codepoint = lead;
        return 1;
    } else if (lead >= 0xC2 && lead <= 0xDF) {
        length_bytes = 2;
        value = lead & 0x1F;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length_bytes = 3;
        value = lead & 0x0F;
        if (lead == 0xE0) lowest = 0xA0;
        if (lead == 0xED) highest = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length_bytes = 4;
        value = lead & 0x07;
        if (lead == 0xF0) lowest = 0x90;
        if (lead == 0xF4) highest = 0x8F;
    } else {
        return 1;
    }
    for (size_t at = 1; at < length_bytes; at++) {
        if (bytes + at == end) return 0;
        if (bytes[at] < lowest || bytes[at] > highest) return at;
        value = value << 6 | (bytes[at] & 0x3F);
        lowest = 0x80;
        highest = 0xBF;
    }
    *codepoint = value;
    return length_bytes;
}

/* Takes one code point off bytes..end, which is not empty, and returns the bytes consumed, 1 to 4; or 0 when they end
 * within a well-formed sequence. */
static inline size_t gp_utf8_decode(const uint8_t *bytes, const uint8_t *end, uint32_t *codepoint)
{
    uint32_t lead = bytes[0];

    if (lead < 0x80) {
        *codepoint = lead;
        return 1;
    }
    if (end - bytes >= 4) {
        /* A continuation byte less its mark is below 0x40, any other byte is not. */
        uint32_t second = bytes[1] ^ 0x80u, third = bytes[2] ^ 0x80u, fourth = bytes[3] ^ 0x80u;
        if (lead - 0xE0 < 0x10) {
            uint32_t value = (lead & 0x0F) << 12 | second << 6 | third;
            if ((second | third) < 0x40 && value >= 0x800 && (value & 0xF800) != 0xD800) {
                *codepoint = value;
                return 3;
            }
        } else if (lead >= 0xF0) {
            uint32_t value = (lead & 0x0F) << 18 | second << 12 | third << 6 | fourth;
            if ((second | third | fourth) < 0x40 && value - 0x10000 < 0x100000) {
                *codepoint = value;
                return 4;
            }
        } else if (lead >= 0xC2 && second < 0x40) {
            *codepoint = (lead & 0x1F) << 6 | second;
            return 2;
        }
    }
    return gp_utf8_decode_careful(bytes, end, codepoint);
}

/* Writes a scalar value and returns its length in bytes. */
static inline size_t gp_utf8_encode(uint32_t codepoint, uint8_t out[4])
{
    if (codepoint < 0x80) {
        out[0] = (uint8_t)codepoint;
        return 1;
    }
    if (codepoint < 0x800) {
        out[0] = (uint8_t)(0xC0 | codepoint >> 6);
        out[1] = (uint8_t)(0x80 | (codepoint & 0x3F));
        return 2;
    }
    if (codepoint < 0x10000) {
        out[0] = (uint8_t)(0xE0 | codepoint >> 12);
        out[1] = (uint8_t)(0x80 | (codepoint >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (codepoint & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | codepoint >> 18);
    out[1] = (uint8_t)(0x80 | (codepoint >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (codepoint >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (codepoint & 0x3F));
    return 4;
}

#endif
