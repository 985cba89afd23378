/* The state machine; see parser.h. One function a group of states, each a loop over the input that can stop after any
 * byte and go on in the next input, so that splits cannot matter; beside them one shortcut, gp_plain_csi. */
#include "vt/parser.h"

#include <string.h>

#include "memory/alloc.h"
#include "vt/plain_csi.h"
#include "vt/scan.h"

enum { BEL = 0x07, CAN = 0x18, SUB = 0x1A, ESC = 0x1B, DEL = 0x7F };

enum { STRING_FIRST_BYTES = 256 };

/* CSI and DCS have the same head: marker, parameters, intermediates, final byte. */
typedef enum state {
    GROUND = 0, /* gp_parser_is_ground knows */
    ESCAPE, /* and its intermediates */
    ESCAPE_IGNORE,
    CSI_ENTRY,
    CSI_PARAMETER,
    CSI_INTERMEDIATE,
    CSI_IGNORE,
    DCS_ENTRY,
    DCS_PARAMETER,
    DCS_INTERMEDIATE,
    DCS_IGNORE,
    STRING,
    STRING_ESCAPE, /* ESC came, which may begin its end */
    VT52_ADDRESS,  /* ESC Y came */
    /* Left at the next call, whatever it brings: */
    STRING_GIVEN,
    C1_GIVEN,
} state;

void gp_parser_init(gp_parser *parser) {
    *parser = (gp_parser){.state = GROUND, .string_limit_bytes = GP_STRING_CAP_BYTES};
}

static void give_back_string(gp_parser *parser) {
    gp_free_wiped(parser->string, parser->string_capacity_bytes);
    parser->string = NULL;
    parser->string_capacity_bytes = 0;
}

void gp_parser_deinit(gp_parser *parser) { give_back_string(parser); }

void gp_parser_reset(gp_parser *parser) {
    give_back_string(parser);
    parser->state = GROUND;
}

void gp_parser_c1(gp_parser *parser, uint8_t c1) {
    parser->byte = (uint8_t)(c1 - 0x40);
    parser->state = C1_GIVEN;
}

static gp_event_kind execute(gp_event *event, uint8_t byte) {
    event->byte = byte;
    return event->kind = GP_EVENT_EXECUTE;
}

void gp_parser_wipe(gp_parser *parser) {
    bool under_way = parser->state == STRING || parser->state == STRING_ESCAPE;
    size_t kept_bytes = under_way ? parser->string_length_bytes : 0;
    if (parser->string) memset(parser->string + kept_bytes, 0, parser->string_capacity_bytes - kept_bytes);
}

bool gp_parser_lends(const gp_parser *parser) { return parser->state == STRING_GIVEN && parser->string; }

uint8_t *gp_parser_take_lent(gp_parser *parser, size_t *capacity_bytes) {
    uint8_t *lent = parser->string;
    *capacity_bytes = parser->string_capacity_bytes;
    parser->string = NULL;
    parser->string_capacity_bytes = 0;
    return lent;
}

/* ---- strings ----------------------------------------------------------------------------------------------------- */

static void end_string(gp_parser *parser, state next) {
    if (parser->string_capacity_bytes > GP_STRING_KEPT_BYTES)
        give_back_string(parser);
    parser->state = (uint8_t)next;
}

static void begin_string(gp_parser *parser, gp_event_kind kind) {
    parser->string_kind = (uint8_t)kind;
    parser->string_length_bytes = 0;
    parser->truncated = false;
    parser->state = STRING;
}

/* How long the payload under way may become. */
static size_t cap_of(const gp_parser *parser) {
    bool is_long = parser->long_strings >> parser->string_kind & 1;
    size_t limit_bytes = parser->string_limit_bytes;
    return is_long || limit_bytes < GP_STRING_CAP_BYTES ? limit_bytes : GP_STRING_CAP_BYTES;
}

/* Room for the payload to become length_bytes long, which is no more than most_bytes. */
static bool reserve(gp_parser *parser, size_t length_bytes, size_t most_bytes) {
    size_t capacity = parser->string_capacity_bytes;
    if (length_bytes <= capacity)
        return true;
    size_t wanted = capacity ? capacity : STRING_FIRST_BYTES;
    while (wanted < length_bytes)
        wanted *= 2;
    if (wanted > most_bytes)
        wanted = most_bytes;
    uint8_t *grown = gp_realloc_wiped(parser->string, capacity, wanted);
    if (!grown)
        return false;
    parser->string = grown;
    parser->string_capacity_bytes = wanted;
    return true;
}

/* All of it, up to the cap, or nothing: then the parser is starved. */
static bool collect(gp_parser *parser, const uint8_t *bytes, size_t length_bytes) {
    if (length_bytes == 0 || parser->truncated || parser->string_kind == GP_EVENT_NONE)
        return true;
    size_t length = parser->string_length_bytes, most = cap_of(parser), room = length < most ? most - length : 0;
    size_t fits = length_bytes < room ? length_bytes : room;
    if (!reserve(parser, length + fits, most)) {
        parser->starved = true;
        return false;
    }
    if (fits)
        memcpy(parser->string + length, bytes, fits);
    parser->string_length_bytes = length + fits;
    parser->truncated = fits < length_bytes;
    return true;
}

void gp_parser_unread(gp_parser *parser) { begin_string(parser, (gp_event_kind)parser->string_kind); }

static gp_event_kind give_string(gp_parser *parser, gp_event *event, const uint8_t *bytes, size_t length_bytes,
                                 uint8_t terminator) {
    event->kind = (gp_event_kind)parser->string_kind;
    event->bytes = bytes;
    event->length_bytes = length_bytes;
    event->truncated = parser->truncated;
    event->terminator = terminator;
    if (event->kind == GP_EVENT_DCS) {
        event->parameters = &parser->parameters;
        event->marker = parser->marker;
        event->intermediates = parser->intermediates;
        event->byte = parser->byte;
    }
    return event->kind;
}

static gp_event_kind give_collected(gp_parser *parser, gp_event *event, uint8_t terminator) {
    parser->state = parser->string_kind == GP_EVENT_NONE ? GROUND : STRING_GIVEN;
    const uint8_t *payload = parser->string_length_bytes ? parser->string : (const uint8_t *)"";
    return give_string(parser, event, payload, parser->string_length_bytes, terminator);
}

/* A payload that is whole in the input, [bytes, bytes + length_bytes), is not copied. */
static gp_event_kind give_lent(gp_parser *parser, gp_event *event, const uint8_t *bytes, size_t length_bytes,
                               uint8_t terminator) {
    size_t most = cap_of(parser);
    parser->state = GROUND;
    parser->truncated = length_bytes > most;
    return give_string(parser, event, bytes, parser->truncated ? most : length_bytes, terminator);
}

static bool belongs_to_payload(gp_event_kind kind, uint8_t byte) {
    if (kind == GP_EVENT_OSC)
        return byte >= 0x20;
    return kind != GP_EVENT_DCS || byte != DEL;
}

static gp_event_kind parse_string(gp_parser *parser, const uint8_t **cursor, const uint8_t *end, gp_event *event) {
    const uint8_t *at = *cursor;
    gp_event_kind kind = (gp_event_kind)parser->string_kind;
    while (at < end) {
        bool ascii;
        const uint8_t *payload = at;
        at += gp_scan_text(at, (size_t)(end - at), &ascii);
        size_t length_bytes = (size_t)(at - payload);
        *cursor = payload; /* where it goes on if memory is lacking */
        if (at == end) {
            if (!collect(parser, payload, length_bytes))
                return GP_EVENT_NONE;
            break;
        }
        uint8_t byte = *at++;
        bool lendable = parser->string_length_bytes == 0 && !parser->truncated && kind != GP_EVENT_NONE;
        if (byte == BEL && kind == GP_EVENT_OSC) {
            if (!lendable && !collect(parser, payload, length_bytes))
                return GP_EVENT_NONE;
            *cursor = at;
            if (lendable)
                return give_lent(parser, event, payload, length_bytes, BEL);
            return give_collected(parser, event, BEL);
        }
        if (byte == ESC) {
            if (lendable && at < end && *at == '\\') {
                *cursor = at + 1;
                return give_lent(parser, event, payload, length_bytes, '\\');
            }
            if (!collect(parser, payload, length_bytes))
                return GP_EVENT_NONE;
            parser->state = STRING_ESCAPE;
            break;
        }
        if (byte == CAN || byte == SUB) {
            *cursor = at;
            end_string(parser, GROUND);
            return execute(event, byte);
        }
        if (!collect(parser, payload, length_bytes + belongs_to_payload(kind, byte)))
            return GP_EVENT_NONE;
    }
    *cursor = at;
    return GP_EVENT_NONE;
}

/* ---- escape sequences -------------------------------------------------------------------------------------------- */

static void begin_escape(gp_parser *parser) {
    parser->intermediates = 0;
    parser->state = ESCAPE;
}

/* False if there are too many. */
static bool add_intermediate(gp_parser *parser, uint8_t byte) {
    if (parser->intermediates >> 24)
        return false;
    parser->intermediates = parser->intermediates << 8 | byte;
    return true;
}

/* The byte after a lone ESC that begins something longer; false if it does not. */
static bool begin_sequence(gp_parser *parser, uint8_t byte) {
    if (parser->vt52) {
        if (byte == 'Y') {
            parser->parameters = (gp_parameters){0};
            parser->state = VT52_ADDRESS;
        }
        return byte == 'Y';
    }
    switch (byte) {
    case '[': parser->state = CSI_ENTRY; return true;
    case 'P': parser->state = DCS_ENTRY; return true;
    case ']': begin_string(parser, GP_EVENT_OSC); return true;
    case 'X': begin_string(parser, GP_EVENT_SOS); return true;
    case '^': begin_string(parser, GP_EVENT_PM); return true;
    case '_': begin_string(parser, GP_EVENT_APC); return true;
    default: return false;
    }
}

static gp_event_kind end_escape(gp_parser *parser, gp_event *event, uint8_t byte) {
    if (parser->state == ESCAPE && parser->intermediates == 0 && begin_sequence(parser, byte))
        return GP_EVENT_NONE;
    bool ignored = parser->state == ESCAPE_IGNORE;
    parser->state = GROUND;
    if (ignored)
        return GP_EVENT_NONE;
    event->intermediates = parser->intermediates;
    event->byte = byte;
    return event->kind = GP_EVENT_ESC;
}

static gp_event_kind parse_escape(gp_parser *parser, const uint8_t **cursor, const uint8_t *end, gp_event *event) {
    while (*cursor < end) {
        uint8_t byte = *(*cursor)++;
        if (byte >= DEL)
            continue;
        if (byte >= 0x30)
            return end_escape(parser, event, byte);
        if (byte >= 0x20) {
            if (!add_intermediate(parser, byte))
                parser->state = ESCAPE_IGNORE;
        } else if (byte == ESC) {
            begin_escape(parser);
        } else {
            if (byte == CAN || byte == SUB)
                parser->state = GROUND;
            return execute(event, byte);
        }
    }
    return GP_EVENT_NONE;
}

static gp_event_kind parse_address(gp_parser *parser, const uint8_t **cursor, const uint8_t *end, gp_event *event) {
    gp_parameters *parameters = &parser->parameters;
    while (*cursor < end) {
        uint8_t byte = **cursor;
        if (byte >= 0x80) { /* the beginning of a character, to be printed */
            parser->state = GROUND;
            return GP_EVENT_NONE;
        }
        ++*cursor;
        if (byte >= 0x20) {
            parameters->values[parameters->count++] = byte - 0x20;
            if (parameters->count < 2)
                continue;
            parser->state = GROUND;
            event->parameters = parameters;
            event->intermediates = 0;
            event->byte = 'Y';
            return event->kind = GP_EVENT_ESC;
        }
        if (byte == ESC) {
            begin_escape(parser);
            return GP_EVENT_NONE;
        }
        if (byte == CAN || byte == SUB)
            parser->state = GROUND;
        return execute(event, byte);
    }
    return GP_EVENT_NONE;
}

/* ==== hot path: CSI, and the head of DCS ========================================================================= */

typedef struct parameter_reader {
    uint32_t value; /* of the parameter being read */
    uint32_t has_digits;
    uint32_t count; /* of those read before */
    uint32_t subparameters;
    uint32_t omitted;
} parameter_reader;

static inline void end_parameter(parameter_reader *reader, uint16_t *values) {
    uint32_t i = reader->count;
    if (i < GP_PARAMETERS_MAX) {
        values[i] = (uint16_t)reader->value;
        reader->omitted |= (reader->has_digits ^ 1) << i;
        reader->count = i + 1;
    }
    reader->value = reader->has_digits = 0;
}

/* One parameter that is omitted cannot be told from none, and counts as none. */
static inline void end_parameters(parameter_reader *reader, uint16_t *values) {
    if (reader->has_digits | reader->count)
        end_parameter(reader, values);
}

static gp_event_kind end_head(gp_parser *parser, gp_event *event, state phase, bool dcs, uint8_t byte) {
    if (dcs) {
        parser->byte = byte;
        begin_string(parser, phase == CSI_IGNORE ? GP_EVENT_NONE : GP_EVENT_DCS);
        return GP_EVENT_NONE;
    }
    parser->state = GROUND;
    if (phase == CSI_IGNORE)
        return GP_EVENT_NONE;
    event->parameters = &parser->parameters;
    event->marker = parser->marker;
    event->intermediates = parser->intermediates;
    event->byte = byte;
    return event->kind = GP_EVENT_CSI;
}

static inline bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

static inline bool in_parameters(state phase) { return phase == CSI_ENTRY || phase == CSI_PARAMETER; }

/* phase is the CSI state, for DCS as well. */
static inline gp_event_kind parse_head(gp_parser *parser, const uint8_t **cursor, const uint8_t *end, gp_event *event,
                                       state phase, bool dcs) {
    gp_parameters *parameters = &parser->parameters;
    const uint8_t *at = *cursor;
    parameter_reader reader = {0};
    gp_event_kind kind = GP_EVENT_NONE;
    if (phase == CSI_ENTRY) {
        parser->marker = 0;
        parser->intermediates = 0;
    } else {
        reader = (parameter_reader){parser->value, parser->has_digits, parameters->count, parameters->subparameters,
                                    parameters->omitted};
    }
    while (at < end) {
        uint8_t byte = *at++;
        if (is_digit(byte) && in_parameters(phase)) {
            uint32_t value = reader.value * 10 + (uint8_t)(byte - '0');
            reader.value = value < UINT16_MAX ? value : UINT16_MAX;
            reader.has_digits = 1;
            phase = CSI_PARAMETER;
        } else if ((byte == ';' || byte == ':') && in_parameters(phase)) {
            end_parameter(&reader, parameters->values);
            if (byte == ':' && reader.count < GP_PARAMETERS_MAX)
                reader.subparameters |= UINT32_C(1) << reader.count;
            phase = CSI_PARAMETER;
        } else if (byte >= 0x40 && byte < DEL) {
            if (in_parameters(phase))
                end_parameters(&reader, parameters->values);
            kind = end_head(parser, event, phase, dcs, byte);
            goto left;
        } else if (byte >= DEL) {
            continue;
        } else if (byte >= 0x3C && phase == CSI_ENTRY) {
            parser->marker = byte;
            phase = CSI_PARAMETER;
        } else if (byte >= 0x30) {
            phase = CSI_IGNORE;
        } else if (byte >= 0x20) {
            if (in_parameters(phase))
                end_parameters(&reader, parameters->values);
            if (phase != CSI_IGNORE)
                phase = add_intermediate(parser, byte) ? CSI_INTERMEDIATE : CSI_IGNORE;
        } else if (byte == ESC) {
            begin_escape(parser);
            goto left;
        } else if (byte == CAN || byte == SUB) {
            parser->state = GROUND;
            kind = execute(event, byte);
            goto left;
        } else if (!dcs) {
            kind = execute(event, byte);
            break;
        }
    }
    parser->state = (uint8_t)(dcs ? phase - CSI_ENTRY + DCS_ENTRY : phase);
    parser->value = reader.value;
    parser->has_digits = reader.has_digits;
left:
    *cursor = at;
    parameters->count = reader.count;
    parameters->subparameters = reader.subparameters;
    parameters->omitted = reader.omitted;
    return kind;
}

static inline gp_event_kind parse_ground(gp_parser *parser, const uint8_t **cursor, const uint8_t *end,
                                         gp_event *event) {
    const uint8_t *at = *cursor;
    if (*at >= 0x20 && *at != DEL) {
        event->bytes = at;
        event->length_bytes = gp_scan_text(at, (size_t)(end - at), &event->ascii);
        *cursor = at + event->length_bytes;
        return event->kind = GP_EVENT_PRINT;
    }
    *cursor = at + 1;
    if (*at == DEL)
        return GP_EVENT_NONE;
    if (*at != ESC)
        return execute(event, *at);
    if (end - at > 2 && at[1] == '[' && !parser->vt52) {
        const uint8_t *after = gp_plain_csi(&parser->parameters, at + 2, end, event);
        if (after) {
            *cursor = after;
            return GP_EVENT_CSI;
        }
    }
    begin_escape(parser);
    return GP_EVENT_NONE;
}

/* Everything that does not begin and end in ground. */
__attribute__((noinline)) static gp_event_kind parse_on(gp_parser *parser, const uint8_t **cursor, const uint8_t *end,
                                                       gp_event *event) {
    if (parser->state == STRING_GIVEN) {
        end_string(parser, GROUND);
    } else if (parser->state == C1_GIVEN) {
        begin_escape(parser);
        if (parser->vt52)
            parser->state = GROUND;
        else if (end_escape(parser, event, parser->byte))
            return event->kind;
    }
    while (*cursor < end && !parser->starved) {
        gp_event_kind kind = GP_EVENT_NONE;
        switch ((state)parser->state) {
        case GROUND: kind = parse_ground(parser, cursor, end, event); break;
        case ESCAPE:
        case ESCAPE_IGNORE: kind = parse_escape(parser, cursor, end, event); break;
        case CSI_ENTRY:
        case CSI_PARAMETER:
        case CSI_INTERMEDIATE:
        case CSI_IGNORE: kind = parse_head(parser, cursor, end, event, (state)parser->state, false); break;
        case DCS_ENTRY:
        case DCS_PARAMETER:
        case DCS_INTERMEDIATE:
        case DCS_IGNORE:
            kind = parse_head(parser, cursor, end, event, (state)(parser->state - DCS_ENTRY + CSI_ENTRY), true);
            break;
        case STRING: kind = parse_string(parser, cursor, end, event); break;
        case VT52_ADDRESS: kind = parse_address(parser, cursor, end, event); break;
        case STRING_ESCAPE:
            if (**cursor != '\\') {
                end_string(parser, GROUND);
                begin_escape(parser);
            } else {
                ++*cursor;
                kind = give_collected(parser, event, '\\');
            }
            break;
        case STRING_GIVEN:
        case C1_GIVEN: break; /* left above */
        }
        if (kind != GP_EVENT_NONE)
            return kind;
    }
    return event->kind = GP_EVENT_NONE;
}

gp_event_kind gp_parser_next(gp_parser *parser, const uint8_t **cursor, const uint8_t *end, gp_event *event) {
    if (parser->state == GROUND && *cursor < end) {
        gp_event_kind kind = parse_ground(parser, cursor, end, event);
        if (kind != GP_EVENT_NONE)
            return kind;
    }
    return parse_on(parser, cursor, end, event);
}
