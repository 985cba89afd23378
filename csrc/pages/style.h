/* A style: what SGR and DECSCA say about a cell, in 16 bytes compared as a whole.
 *
 *     0          4          8                12         14         16
 *     +----------+----------+----------------+----------+----------+
 *     foreground |background|underline_color |attributes| reserved |
 *     +----------+----------+----------------+----------+----------+
 *
 * A colour is  kind << 24 | value : kind 0 default (value 0), 1 indexed (value 0-255), 2 RGB (value 0xRRGGBB).
 * All zero is the default style. Links are not part of it.
 */
#ifndef GP_PAGES_STYLE_H
#define GP_PAGES_STYLE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct gp_style {
    uint32_t foreground;
    uint32_t background;
    uint32_t underline_color;
    uint16_t attributes; /* GP_STYLE_* bits */
    uint16_t reserved;   /* always 0 */
} gp_style;

static_assert(sizeof(gp_style) == 16, "a style is 16 bytes");

enum {
    GP_STYLE_BOLD = 1 << 0,
    GP_STYLE_FAINT = 1 << 1,
    GP_STYLE_ITALIC = 1 << 2,
    GP_STYLE_BLINK = 1 << 3,
    GP_STYLE_INVERSE = 1 << 4,
    GP_STYLE_INVISIBLE = 1 << 5,
    GP_STYLE_STRIKETHROUGH = 1 << 6,
    GP_STYLE_OVERLINE = 1 << 7,
    GP_STYLE_UNDERLINE_SHIFT = 8,
    GP_STYLE_UNDERLINE_MASK = 7 << GP_STYLE_UNDERLINE_SHIFT,
    GP_STYLE_PROTECTED = 1 << 11, /* DECSCA: erased by no selective erase; SGR 0 leaves it alone */
    GP_STYLE_KNOWN = (1 << 12) - 1, /* all of these */
};

typedef enum gp_style_underline {
    GP_STYLE_UNDERLINE_NONE = 0,
    GP_STYLE_UNDERLINE_SINGLE = 1,
    GP_STYLE_UNDERLINE_DOUBLE = 2,
    GP_STYLE_UNDERLINE_CURLY = 3,
    GP_STYLE_UNDERLINE_DOTTED = 4,
    GP_STYLE_UNDERLINE_DASHED = 5,
} gp_style_underline;

enum {
    GP_STYLE_COLOR_DEFAULT = 0,
    GP_STYLE_COLOR_INDEXED = 1,
    GP_STYLE_COLOR_RGB = 2,
};

static inline uint32_t gp_style_indexed(uint8_t index) { return (uint32_t)GP_STYLE_COLOR_INDEXED << 24 | index; }

static inline uint32_t gp_style_rgb(uint8_t red, uint8_t green, uint8_t blue) {
    return (uint32_t)GP_STYLE_COLOR_RGB << 24 | (uint32_t)red << 16 | (uint32_t)green << 8 | blue;
}

static inline unsigned gp_style_color_kind(uint32_t color) { return color >> 24; }

static inline uint32_t gp_style_color_value(uint32_t color) { return color & 0xFFFFFF; }

static inline gp_style_underline gp_style_get_underline(const gp_style *style) {
    return (gp_style_underline)((style->attributes & GP_STYLE_UNDERLINE_MASK) >> GP_STYLE_UNDERLINE_SHIFT);
}

static inline void gp_style_set_underline(gp_style *style, gp_style_underline kind) {
    unsigned others = style->attributes & ~(unsigned)GP_STYLE_UNDERLINE_MASK;
    style->attributes = (uint16_t)(others | (unsigned)kind << GP_STYLE_UNDERLINE_SHIFT);
}

/* A style in two words, to be held in registers: one that is written in parts and then read as a whole is waited for. */
typedef struct gp_style_words {
    uint64_t colors, others;
} gp_style_words;

static inline gp_style_words gp_style_take(const gp_style *style) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    gp_style_words words; /* lie there as they are */
    memcpy(&words, style, sizeof words);
    return words;
#else
    return (gp_style_words){
        style->foreground | (uint64_t)style->background << 32,
        style->underline_color | (uint64_t)style->attributes << 32 | (uint64_t)style->reserved << 48,
    };
#endif
}

static inline gp_style gp_style_of(gp_style_words words) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    gp_style style;
    memcpy(&style, &words, sizeof style);
    return style;
#else
    return (gp_style){
        .foreground = (uint32_t)words.colors,
        .background = (uint32_t)(words.colors >> 32),
        .underline_color = (uint32_t)words.others,
        .attributes = (uint16_t)(words.others >> 32),
        .reserved = (uint16_t)(words.others >> 48),
    };
#endif
}

static inline bool gp_style_words_equal(gp_style_words a, gp_style_words b) {
    return ((a.colors ^ b.colors) | (a.others ^ b.others)) == 0;
}

static inline bool gp_style_equal(const gp_style *a, const gp_style *b) {
    uint64_t x[2], y[2];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

static inline bool gp_style_is_default(const gp_style *style) {
    uint64_t x[2];
    memcpy(x, style, sizeof x);
    return (x[0] | x[1]) == 0;
}

#endif
