#include "vt/charsets.h"

#include <stddef.h>

/* Special graphics (VT100 manual, table 3-9), from 0x5F on. */
static const uint16_t special_graphics[32] = {
    0x00A0, 0x25C6, 0x2592, 0x2409, 0x240C, 0x240D, 0x240A, 0x00B0, 0x00B1, 0x2424, 0x240B,
    0x2518, 0x2510, 0x250C, 0x2514, 0x253C, 0x23BA, 0x23BB, 0x2500, 0x23BC, 0x23BD, 0x251C,
    0x2524, 0x2534, 0x252C, 0x2502, 0x2264, 0x2265, 0x03C0, 0x2260, 0x00A3, 0x00B7,
};

/* Technical graphics (VT330 manual), from 0x21 on; 0: not assigned. */
static const uint16_t technical_graphics[94] = {
    0x23B7, 0x250C, 0x2500, 0x2320, 0x2321, 0x2502, 0x23A1, 0x23A3, 0x23A4, 0x23A6, 0x239B, 0x239D, 0x239E, 0x23A0, 0x23A8,
    0x23AC, 0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0x2264, 0x2260, 0x2265,
    0x222B, 0x2234, 0x221D, 0x221E, 0x00F7, 0x0394, 0x2207, 0x03A6, 0x0393, 0x223C, 0x2243, 0x0398, 0x00D7, 0x039B, 0x21D4,
    0x21D2, 0x2261, 0x03A0, 0x03A8, 0,      0x03A3, 0,      0,      0x221A, 0x03A9, 0x039E, 0x03A5, 0x2282, 0x2283, 0x2229,
    0x222A, 0x2227, 0x2228, 0x00AC, 0x03B1, 0x03B2, 0x03C7, 0x03B4, 0x03B5, 0x03C6, 0x03B3, 0x03B7, 0x03B9, 0x03B8, 0x03BA,
    0x03BB, 0,      0x03BD, 0x2202, 0x03C0, 0x03C8, 0x03C1, 0x03C3, 0x03C4, 0,      0x0192, 0x03C9, 0x03BE, 0x03C5, 0x03B6,
    0x2190, 0x2191, 0x2192, 0x2193,
};

/* Where national sets (VT220 and VT320 manuals) differ from ASCII, and what they have there; 0: the same. */
static const uint8_t national_places[12] = {0x23, 0x40, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x7B, 0x7C, 0x7D, 0x7E};

typedef struct national_set {
    uint32_t names[3];
    uint16_t characters[12];
} national_set;

static const national_set national_sets[] = {
    {{'A'}, {0xA3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},                                                      /* British */
    {{'4'}, {0xA3, 0xBE, 0x133, 0xBD, 0x7C, 0, 0, 0, 0xA8, 0x192, 0xBC, 0xB4}},                            /* Dutch */
    {{'C', '5'}, {0, 0, 0xC4, 0xD6, 0xC5, 0xDC, 0, 0xE9, 0xE4, 0xF6, 0xE5, 0xFC}},                         /* Finnish */
    {{'R', 'f'}, {0xA3, 0xE0, 0xB0, 0xE7, 0xA7, 0, 0, 0, 0xE9, 0xF9, 0xE8, 0xA8}},                         /* French */
    {{'Q', '9'}, {0, 0xE0, 0xE2, 0xE7, 0xEA, 0xEE, 0, 0xF4, 0xE9, 0xF9, 0xE8, 0xFB}},                      /* Canadian */
    {{'K'}, {0, 0xA7, 0xC4, 0xD6, 0xDC, 0, 0, 0, 0xE4, 0xF6, 0xFC, 0xDF}},                                 /* German */
    {{'Y'}, {0xA3, 0xA7, 0xB0, 0xE7, 0xE9, 0, 0, 0xF9, 0xE0, 0xF2, 0xE8, 0xEC}},                           /* Italian */
    {{'E', '6', '`'}, {0, 0xC4, 0xC6, 0xD8, 0xC5, 0xDC, 0, 0xE4, 0xE6, 0xF8, 0xE5, 0xFC}},                 /* Danish */
    {{'%' << 8 | '6'}, {0, 0, 0xC3, 0xC7, 0xD5, 0, 0, 0, 0xE3, 0xE7, 0xF5, 0}},                            /* Portuguese */
    {{'Z'}, {0xA3, 0xA7, 0xA1, 0xD1, 0xBF, 0, 0, 0, 0xB0, 0xF1, 0xE7, 0}},                                 /* Spanish */
    {{'H', '7'}, {0, 0xC9, 0xC4, 0xD6, 0xC5, 0xDC, 0, 0xE9, 0xE4, 0xF6, 0xE5, 0xFC}},                      /* Swedish */
    {{'='}, {0xF9, 0xE0, 0xE9, 0xE7, 0xEA, 0xEE, 0xE8, 0xF4, 0xE4, 0xF6, 0xFC, 0xFB}},                     /* Swiss */
};

enum { NATIONAL_SETS = sizeof national_sets / sizeof *national_sets };

void gp_charsets_reset(gp_charsets *charsets) {
    *charsets = (gp_charsets){.right = 2};
    for (int i = 0; i < 4; i++) charsets->names[i] = GP_CHARSET_ASCII;
}

static const national_set *national(uint32_t name) {
    for (size_t i = 0; i < NATIONAL_SETS; i++)
        for (int j = 0; j < 3; j++)
            if (national_sets[i].names[j] == name) return &national_sets[i];
    return NULL;
}

static bool supplemental(uint32_t name) { return name == '<' || name == ('%' << 8 | '5'); }

bool gp_charsets_knows(uint32_t name) {
    return name == GP_CHARSET_ASCII || name == '0' || name == '1' || name == '2' || name == '>' ||
           name == (GP_CHARSET_96 | 'A') || supplemental(name) || national(name);
}

bool gp_charsets_translate(const gp_charsets *charsets) {
    return charsets->single || charsets->names[charsets->left] != GP_CHARSET_ASCII;
}

/* DEC's multinational set: Latin-1 but for these. */
static uint32_t supplemental_of(uint8_t byte) {
    switch (byte) {
    case 0x28: return 0xA4;
    case 0x57: return 0x152;
    case 0x5D: return 0x178;
    case 0x77: return 0x153;
    case 0x7D: return 0xFF;
    default: return byte | 0x80u;
    }
}

uint32_t gp_charsets_of(const gp_charsets *charsets, uint8_t byte) {
    uint32_t name = charsets->names[charsets->single ? charsets->single : charsets->left];
    if (byte == ' ') return byte;
    if (name == '0' || name == '2') return byte >= 0x5F ? special_graphics[byte - 0x5F] : byte;
    if (name == '>') return technical_graphics[byte - 0x21] ? technical_graphics[byte - 0x21] : byte;
    if (name == (GP_CHARSET_96 | 'A')) return byte | 0x80u;
    if (supplemental(name)) return supplemental_of(byte);
    const national_set *set = national(name);
    if (!set) return byte;
    for (size_t i = 0; i < sizeof national_places; i++)
        if (national_places[i] == byte && set->characters[i]) return set->characters[i];
    return byte;
}
