/* SGR; see sgr.h. A group is a parameter with its sub-parameters: values from first up to and without end. */
#include "vt/sgr.h"

#include "vt/plain_csi.h"

static inline unsigned group_end(const gp_parameters *parameters, unsigned first) {
    unsigned end = first + 1;
    if (!parameters->subparameters) return end;
    while (end < parameters->count && (parameters->subparameters >> end & 1))
        end++;
    return end;
}

static void set_color(uint32_t *color, unsigned space, const uint16_t *values) {
    if (space == 5 && values[0] <= 255)
        *color = gp_style_indexed((uint8_t)values[0]);
    else if (space == 2 && values[0] <= 255 && values[1] <= 255 && values[2] <= 255)
        *color = gp_style_rgb((uint8_t)values[0], (uint8_t)values[1], (uint8_t)values[2]);
}

static unsigned components_of(unsigned space) { return space == 5 ? 1 : space == 2 ? 3 : 0; }

/* A colour whose values are sub-parameters, the space at first; RGB may name a colour space id before the rest. */
static void color_from_group(const gp_parameters *parameters, unsigned first, unsigned end, uint32_t *color) {
    unsigned space = parameters->values[first], given = end - first - 1;
    if (given < components_of(space))
        return;
    unsigned skip = space == 2 && given > 3;
    set_color(color, space, parameters->values + first + 1 + skip);
}

/* The same where there are no sub-parameters at all: the space at i. */
static inline unsigned apply_plain_color(const gp_parameters *parameters, unsigned i, uint32_t *color) {
    if (i == parameters->count) return i;
    unsigned space = parameters->values[i++], wanted = components_of(space), given = parameters->count - i;
    if (given < wanted) return parameters->count;
    if (wanted) set_color(color, space, parameters->values + i);
    return i + wanted;
}

/* The colour of a 38, 48 or 58 whose group is [code, end); returns where the next group begins. */
static unsigned apply_color(const gp_parameters *parameters, unsigned code, unsigned end, uint32_t *color) {
    if (!parameters->subparameters) return apply_plain_color(parameters, end, color);
    if (end - code > 1) {
        color_from_group(parameters, code + 1, end, color);
        return end;
    }
    if (end == parameters->count)
        return end;
    unsigned space = end;
    end = group_end(parameters, space);
    if (end - space > 1) {
        color_from_group(parameters, space, end, color);
        return end;
    }
    /* Every component has to be a parameter of its own; the first that is not belongs to something else. */
    unsigned wanted = components_of(parameters->values[space]), given = 0;
    while (given < wanted && end < parameters->count && group_end(parameters, end) == end + 1)
        end++, given++;
    if (given == wanted && wanted > 0)
        set_color(color, parameters->values[space], parameters->values + space + 1);
    return end;
}

static void underline(const gp_parameters *parameters, unsigned first, unsigned end, gp_style *style) {
    unsigned kind = GP_STYLE_UNDERLINE_SINGLE;
    if (end - first > 1)
        kind = gp_parameter(parameters, first + 1, GP_STYLE_UNDERLINE_SINGLE);
    if (kind <= GP_STYLE_UNDERLINE_DASHED)
        gp_style_set_underline(style, (gp_style_underline)kind);
}

static void reset(gp_style *style) { *style = (gp_style){.attributes = style->attributes & GP_STYLE_PROTECTED}; }

static void set(gp_style *style, unsigned bits) { style->attributes |= (uint16_t)bits; }

static void clear(gp_style *style, unsigned bits) { style->attributes &= (uint16_t)~bits; }

/* A number that takes no other with it. */
static inline void apply_number(unsigned number, gp_style *style) {
    switch (number) {
    case 0: reset(style); break;
    case 1: set(style, GP_STYLE_BOLD); break;
    case 2: set(style, GP_STYLE_FAINT); break;
    case 3: set(style, GP_STYLE_ITALIC); break;
    case 4: gp_style_set_underline(style, GP_STYLE_UNDERLINE_SINGLE); break;
    case 5:
    case 6: set(style, GP_STYLE_BLINK); break;
    case 7: set(style, GP_STYLE_INVERSE); break;
    case 8: set(style, GP_STYLE_INVISIBLE); break;
    case 9: set(style, GP_STYLE_STRIKETHROUGH); break;
    case 21: gp_style_set_underline(style, GP_STYLE_UNDERLINE_DOUBLE); break;
    case 22: clear(style, GP_STYLE_BOLD | GP_STYLE_FAINT); break;
    case 23: clear(style, GP_STYLE_ITALIC); break;
    case 24: gp_style_set_underline(style, GP_STYLE_UNDERLINE_NONE); break;
    case 25: clear(style, GP_STYLE_BLINK); break;
    case 27: clear(style, GP_STYLE_INVERSE); break;
    case 28: clear(style, GP_STYLE_INVISIBLE); break;
    case 29: clear(style, GP_STYLE_STRIKETHROUGH); break;
    case 39: style->foreground = 0; break;
    case 49: style->background = 0; break;
    case 53: set(style, GP_STYLE_OVERLINE); break;
    case 55: clear(style, GP_STYLE_OVERLINE); break;
    case 59: style->underline_color = 0; break;
    default:
        if (number - 30 < 8)
            style->foreground = gp_style_indexed((uint8_t)(number - 30));
        else if (number - 40 < 8)
            style->background = gp_style_indexed((uint8_t)(number - 40));
        else if (number - 90 < 8)
            style->foreground = gp_style_indexed((uint8_t)(number - 90 + 8));
        else if (number - 100 < 8)
            style->background = gp_style_indexed((uint8_t)(number - 100 + 8));
    }
}

void gp_sgr_apply(const gp_parameters *parameters, gp_style *style) {
    if (parameters->count == 0)
        reset(style);
    for (unsigned i = 0, end; i < parameters->count; i = end) {
        unsigned number = parameters->values[i];
        end = group_end(parameters, i);
        switch (number) {
        case 4: underline(parameters, i, end, style); break;
        case 38: end = apply_color(parameters, i, end, &style->foreground); break;
        case 48: end = apply_color(parameters, i, end, &style->background); break;
        case 58: end = apply_color(parameters, i, end, &style->underline_color); break;
        default: apply_number(number, style);
        }
    }
}

/* Up to 255 at `at`, and what is behind it: returns where that ends. NULL: it is something else. */
static inline const uint8_t *read_component(const uint8_t *at, const uint8_t *end, uint8_t behind, uint32_t *value) {
    if (end - at < GP_PLAIN_NUMBER_BYTES) return NULL;
    unsigned digits = gp_plain_number(at, value);
    return digits - 1 > 2 || *value > 255 || (behind && at[digits] != behind) ? NULL : at + digits + 1;
}

/* From behind 38;5; or 38;2; and the like to where the next parameter begins, behind a ';' or 'm'. */
static inline const uint8_t *read_color(const uint8_t *at, const uint8_t *end, uint8_t space, uint32_t *color) {
    uint32_t first, second, third;
    if (space == '5') {
        if ((at = read_component(at, end, 0, &first))) *color = gp_style_indexed((uint8_t)first);
        return at;
    }
    if (space != '2' || !(at = read_component(at, end, ';', &first)) || !(at = read_component(at, end, ';', &second)) ||
        !(at = read_component(at, end, 0, &third)))
        return NULL;
    *color = gp_style_rgb((uint8_t)first, (uint8_t)second, (uint8_t)third);
    return at;
}

const uint8_t *gp_sgr_read(const uint8_t *at, const uint8_t *end, gp_style *style) {
    gp_style read = *style;
    if (end - at > 2 * GP_PARAMETERS_MAX) end = at + 2 * GP_PARAMETERS_MAX; /* each takes two bytes or more */
    do {
        if (end - at < GP_PLAIN_NUMBER_BYTES) return NULL;
        uint32_t number = (uint32_t)(at[0] - '0');
        if (at[1] == '8' && at[2] == ';' && at[4] == ';' && number - 3 <= 2) {
            uint32_t *color = number == 3 ? &read.foreground : number == 4 ? &read.background : &read.underline_color;
            if (!(at = read_color(at + 5, end, at[3], color))) return NULL;
            continue;
        }
        unsigned digits = 1;
        if (number > 9 || (at[1] != ';' && at[1] != 'm')) digits = gp_plain_number(at, &number);
        if (digits - 1 > 2 || number == 38 || number == 48 || number == 58) return NULL;
        apply_number(number, &read);
        at += digits + 1;
    } while (at[-1] == ';');
    if (at[-1] != 'm') return NULL;
    *style = read;
    return at;
}
