/* The parser: bytes from a program in, events out. It knows the syntax of ECMA-48 and DEC controls, nothing of cells.
 *
 * It is the state machine that Paul Williams drew from DEC's terminals, in pull style: the caller asks for the next
 * event until there is none. Any split of the input gives the same events, except that a PRINT run never spans two
 * inputs.
 *
 *     const uint8_t *cursor = bytes, *end = bytes + length;
 *     gp_event event;
 *     while (gp_parser_next(&parser, &cursor, end, &event) != GP_EVENT_NONE)
 *         ...
 *
 * Choices, where terminals differ:
 *   - Input is UTF-8, so raw bytes 0x80-0x9F are never controls. In ground they are printed (the caller's decoder
 *     judges them), inside ESC, CSI and the head of DCS they are ignored, inside strings they are payload. A caller
 *     that decodes U+0080-U+009F from a PRINT run calls gp_parser_c1.
 *   - ESC inside any sequence or string abandons it and begins anew; a string is only given when its terminator came:
 *     BEL or ESC \ for OSC, ESC \ for the others. CAN and SUB abandon it too, and are executed.
 *   - Other C0 controls inside ESC and CSI are executed at once; in the head of DCS and in OSC they are dropped; in the
 *     payload of DCS, APC, PM and SOS they are kept. DEL is dropped, except from the payload of OSC, APC, PM and SOS.
 *   - To a VT52 ESC and a byte are all there is, but for ESC Y, whose line and column follow as bytes from 0x20 on; a byte
 *     that is none abandons it. C1 controls mean nothing to it.
 *   - A malformed CSI or DCS (marker not in front, parameter after an intermediate, more than 4 intermediates) is
 *     consumed to its end and gives no event.
 */
#ifndef GP_VT_PARSER_H
#define GP_VT_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GP_PARAMETERS_MAX = 32,
    GP_STRING_CAP_BYTES = 65536,  /* of a payload, unless the caller wants more; what comes after is dropped */
    GP_STRING_KEPT_BYTES = 4096,  /* a larger buffer goes back to the system after use */
};

/* Parameters of CSI and DCS: ';' begins a parameter, ':' a sub-parameter of it; both are values in one row.
 * "38:2::255;1" has values 38 2 0 255 1, bits 1-3 of subparameters and bit 2 of omitted. No parameter bytes at all:
 * count 0. Beyond GP_PARAMETERS_MAX they are dropped. */
typedef struct gp_parameters {
    uint16_t values[GP_PARAMETERS_MAX]; /* saturate at 65535; 0 where omitted; undefined from count on */
    uint32_t subparameters;             /* bit i: value i followed a ':' */
    uint32_t omitted;                   /* bit i: value i has no digits */
    uint32_t count;
} gp_parameters;

typedef enum gp_event_kind {
    GP_EVENT_NONE,    /* the input is used up */
    GP_EVENT_PRINT,   /* bytes, length_bytes, ascii */
    GP_EVENT_EXECUTE, /* byte: a C0 control */
    GP_EVENT_ESC,     /* intermediates, byte; ESC Y of a VT52 also has its two coordinates as parameters */
    GP_EVENT_CSI,     /* parameters, marker, intermediates, byte */
    GP_EVENT_DCS,     /* as CSI, and as OSC for the payload; it and all that follow are strings */
    GP_EVENT_OSC,     /* bytes, length_bytes, truncated, terminator */
    GP_EVENT_SOS,     /* as OSC */
    GP_EVENT_PM,      /* as OSC */
    GP_EVENT_APC,     /* as OSC */
} gp_event_kind;

/* Only the fields named beside the kind are set. Pointers are BORROWED, until the next call on the parser or until the
 * input goes away, whichever is first. */
typedef struct gp_event {
    gp_event_kind kind;
    uint8_t byte;           /* the control, or the final byte 0x30-0x7E (CSI, DCS: 0x40-0x7E) */
    uint8_t marker;         /* 0 or one of < = > ? */
    uint8_t terminator;     /* 0x07 (BEL) or 0x5C (the \ of ESC \) */
    bool ascii;             /* the run has no byte >= 0x80 */
    bool truncated;         /* the payload went on after what is given */
    uint32_t intermediates; /* bytes 0x20-0x2F, the last one lowest: 0, '$', '"' << 8 | '$', ... */
    size_t length_bytes;
    const uint8_t *bytes;   /* a run of text (see scan.h), raw, in the input; or a payload */
    const gp_parameters *parameters;
} gp_event;

typedef struct gp_parser {
    uint8_t state;
    uint8_t string_kind; /* gp_event_kind being collected; GP_EVENT_NONE: a malformed DCS, dropped */
    uint8_t marker;
    uint8_t byte;        /* final byte of a DCS; the control given to gp_parser_c1 */
    bool has_digits;     /* of the parameter being read */
    bool truncated;
    bool starved;        /* a string stopped for lack of memory; see gp_parser_next */
    bool vt52;           /* set by the caller between events: ESC begins nothing but what a VT52 knows */
    uint32_t value;      /* of the parameter being read */
    uint32_t intermediates;
    gp_parameters parameters;
    size_t string_limit_bytes; /* set by the caller at any time: no payload is longer, ... */
    uint32_t long_strings;     /* ... and none longer than GP_STRING_CAP_BYTES, but of the kinds whose bit is set here */
    uint8_t *string; /* OWNED; NULL until a string has to be collected */
    size_t string_length_bytes;
    size_t string_capacity_bytes;
} gp_parser;

void gp_parser_init(gp_parser *parser);
void gp_parser_deinit(gp_parser *parser);

/* Overwrites what is left of strings that are over. */
void gp_parser_wipe(gp_parser *parser);
/* Whether the last event's string lies in the parser's buffer, until the next call of gp_parser_next. */
bool gp_parser_lends(const gp_parser *parser);
/* That buffer, to live on: OWNED(gp_free_wiped). */
uint8_t *gp_parser_take_lent(gp_parser *parser, size_t *capacity_bytes);
/* Back to ground; what was begun is forgotten and the string buffer given back. */
void gp_parser_reset(gp_parser *parser);

/* The next event of the input from *cursor to end, which is LENT; *cursor moves past what was consumed, all of it when
 * GP_EVENT_NONE is returned, unless `starved` is set then: the caller clears it and gives the rest again later, when there
 * is memory for the string in it. Returns event->kind. */
gp_event_kind gp_parser_next(gp_parser *parser, const uint8_t **cursor, const uint8_t *end, gp_event *event);

/* After an event whose string was lent from the input (the parser is in its ground state): back to before its first byte,
 * for the caller to set the cursor there and feed it again. */
void gp_parser_unread(gp_parser *parser);

/* Continue as if ESC and c1 - 0x40 had come, c1 in 0x80-0x9F. To be called on a PRINT run that holds c1 as UTF-8, after
 * setting the cursor back to the byte after it: the rest of the run belongs to the sequence. The next call of
 * gp_parser_next gives the event if there is one at once, even with no input. */
void gp_parser_c1(gp_parser *parser, uint8_t c1);

/* Whether nothing is under way: the next byte is text or begins a sequence. */
static inline bool gp_parser_is_ground(const gp_parser *parser) { return parser->state == 0; }

/* Value i, or fallback where it was omitted or not given. */
static inline unsigned gp_parameter(const gp_parameters *parameters, unsigned i, unsigned fallback) {
    return i < parameters->count && !(parameters->omitted >> i & 1) ? parameters->values[i] : fallback;
}

/* The same for numbers that count something: 0 stands for 1 as well. */
static inline unsigned gp_parameter_count(const gp_parameters *parameters, unsigned i) {
    unsigned value = gp_parameter(parameters, i, 1);
    return value ? value : 1;
}

#endif
