/* The shortcut for control sequences: those that are whole in the input and made of nothing but a marker, up to 32 numbers
 * of at most four digits and a final byte, which is to say nearly all. They take a third of the instructions that the
 * state machine in parser.c takes, which has the rest and is what the tests compare with. */
#ifndef GP_VT_PLAIN_CSI_H
#define GP_VT_PLAIN_CSI_H

#include "vt/parser.h"

enum { GP_PLAIN_NUMBER_BYTES = 5 }; /* that reading a number and what follows it may touch */

/* Up to four digits at once, without a branch for each: how many there are in random colours cannot be foretold, and a
 * wrong guess costs as much as twenty digits. Returns the number of digits, 4 if there are more, of which the first four are
 * the value; four bytes are read. */
static inline unsigned gp_plain_number(const uint8_t *at, uint32_t *value) {
    uint32_t bytes = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    uint64_t digits = bytes ^ 0x30303030u;
    /* The high bit of what is no digit; a carry out of a byte beyond ASCII can only reach those after it. */
    uint64_t others = ((digits + 0x76767676u) | digits) & 0x80808080u;
    unsigned count = (unsigned)__builtin_ctzll(others | UINT64_C(1) << 39) / 8;
    digits = digits << (32 - 8 * count) & UINT32_MAX; /* zeros in front */
    digits = (digits * (10 << 8 | 1)) >> 8 & 0x00FF00FF;
    *value = (uint32_t)((digits * (100 << 16 | 1)) >> 16 & 0x3FFF);
    return count;
}

/* The same for a sequence that fits into a word, both numbers at once: `bytes` from the first on, `length_bytes` of them before
 * the final byte. What is omitted is 0. False: it is something else than two numbers, one, or none. */
static inline bool gp_plain_pair(uint64_t bytes, unsigned length_bytes, uint32_t *first, uint32_t *second) {
    const uint64_t all = UINT64_C(0x0101010101010101);
    unsigned end = 8 * length_bytes;
    uint64_t digits = (bytes ^ 0x30 * all) & ((UINT64_C(1) << end) - 1);
    uint64_t others = ((digits + 0x76 * all) | digits) & 0x80 * all; /* as above */
    unsigned middle = (unsigned)__builtin_ctzll(others | UINT64_C(0x80) << end) - 7;
    if (middle > 24 || end - middle > 32 || others & (others - 1) || (others && (digits >> middle & 0xFF) != (';' ^ 0x30)))
        return false;
    /* In the upper half of each 32 bits, zeros in front. Without a second number the shift by 40 moves nothing. */
    uint64_t ahead = digits << (32 - middle) & UINT32_MAX, behind = digits >> middle >> 8 << 32;
    digits = ahead | behind << (32 - (end - middle - 8));
    digits = (digits * (10 << 8 | 1)) >> 8 & UINT64_C(0x00FF00FF00FF00FF);
    digits = digits * (100 << 16 | 1);
    *first = (uint32_t)(digits >> 16 & 0x3FF);
    *second = (uint32_t)(digits >> 48);
    return true;
}

/* The sequence whose first byte after CSI is at `at`: returns the byte after it. NULL: it is none of these. */
static inline const uint8_t *gp_plain_csi(gp_parameters *parameters, const uint8_t *at, const uint8_t *end,
                                          gp_event *event) {
    uint32_t count = 0, omitted = 0;
    uint8_t marker = 0, byte;
    if (end - at < GP_PLAIN_NUMBER_BYTES + 1) return NULL;
    if (*at >= 0x3C && *at < 0x40) marker = *at++;
    byte = *at;
    if (byte >= 0x40) {
        at++;
    } else {
        do {
            uint32_t value;
            if (count == GP_PARAMETERS_MAX || end - at < GP_PLAIN_NUMBER_BYTES) return NULL;
            unsigned digits = gp_plain_number(at, &value);
            parameters->values[count] = (uint16_t)value;
            if (!digits) omitted |= UINT32_C(1) << count;
            count++;
            byte = at[digits];
            at += digits + 1;
        } while (byte == ';');
    }
    if (byte < 0x40 || byte >= 0x7F) return NULL;
    parameters->count = count;
    parameters->omitted = omitted;
    parameters->subparameters = 0;
    event->parameters = parameters;
    event->marker = marker;
    event->intermediates = 0;
    event->byte = byte;
    event->kind = GP_EVENT_CSI;
    return at;
}

#endif
