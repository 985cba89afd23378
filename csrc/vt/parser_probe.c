/* The parser's probe: drives it as a terminal would and writes its events down, so that tests can compare them. The
 * form of the log is in api.h. */
#include "ghostpage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "vt/parser.h"
#include "vt/scan.h"
#include "vt/sgr.h"

/* Large enough for the longest payload in hexadecimal, so that a test of failing allocations meets the parser's. */
enum { LOG_FIRST_BYTES = 4 * GP_STRING_CAP_BYTES };

struct gp_parser_probe {
    gp_parser parser;
    char *log; /* OWNED; ended by 0 */
    size_t log_length_bytes;
    size_t log_capacity_bytes;
    bool printing; /* the last line is an unfinished print */
    bool failed;
};

gp_parser_probe *gp_parser_probe_new(void) {
    gp_parser_probe *probe = gp_alloc(sizeof *probe);
    if (!probe)
        return NULL;
    *probe = (gp_parser_probe){.log = gp_alloc(LOG_FIRST_BYTES), .log_capacity_bytes = LOG_FIRST_BYTES};
    if (!probe->log) {
        gp_free(probe);
        return NULL;
    }
    probe->log[0] = 0;
    gp_parser_init(&probe->parser);
    return probe;
}

void gp_parser_probe_free(gp_parser_probe *probe) {
    if (!probe)
        return;
    gp_parser_deinit(&probe->parser);
    gp_free(probe->log);
    gp_free(probe);
}

/* Room for that many characters and the 0 behind them. */
static char *extend(gp_parser_probe *probe, size_t length_bytes) {
    size_t wanted = probe->log_length_bytes + length_bytes + 1;
    if (wanted > probe->log_capacity_bytes) {
        char *grown = gp_realloc(probe->log, wanted * 2);
        if (!grown) {
            probe->failed = true;
            return NULL;
        }
        probe->log = grown;
        probe->log_capacity_bytes = wanted * 2;
    }
    char *room = probe->log + probe->log_length_bytes;
    probe->log_length_bytes += length_bytes;
    return room;
}

static void note(gp_parser_probe *probe, const char *format, ...) {
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *room = extend(probe, (size_t)length);
    if (room)
        memcpy(room, text, (size_t)length + 1);
}

static void note_hex(gp_parser_probe *probe, const uint8_t *bytes, size_t length_bytes) {
    char *room = extend(probe, 2 * length_bytes);
    if (!room)
        return;
    for (size_t i = 0; i < length_bytes; i++) {
        *room++ = "0123456789abcdef"[bytes[i] >> 4];
        *room++ = "0123456789abcdef"[bytes[i] & 15];
    }
    *room = 0;
}

static void note_head(gp_parser_probe *probe, const gp_event *event) {
    const gp_parameters *parameters = event->parameters;
    note(probe, " %c ", event->marker ? event->marker : '-');
    if (parameters->count == 0)
        note(probe, "-");
    for (unsigned i = 0; i < parameters->count; i++) {
        bool sub = parameters->subparameters >> i & 1;
        if (i > 0 || sub)
            note(probe, "%s", sub ? ":" : ";");
        if (!(parameters->omitted >> i & 1))
            note(probe, "%u", (unsigned)parameters->values[i]);
        else if (parameters->values[i] != 0)
            probe->failed = true;
    }
}

static void note_final(gp_parser_probe *probe, const gp_event *event) {
    if (event->intermediates)
        note(probe, " %x %c", (unsigned)event->intermediates, event->byte);
    else
        note(probe, " - %c", event->byte);
}

static void note_string(gp_parser_probe *probe, const gp_event *event) {
    note(probe, "%s", event->terminator == 0x07 ? " bel " : " st ");
    note_hex(probe, event->bytes, event->length_bytes);
    if (event->truncated)
        note(probe, "+");
}

static void note_print(gp_parser_probe *probe, const gp_event *event) {
    bool ascii;
    if (gp_scan_text_plain(event->bytes, event->length_bytes, &ascii) != event->length_bytes || ascii != event->ascii)
        probe->failed = true;
    if (!probe->printing)
        note(probe, "print ");
    note_hex(probe, event->bytes, event->length_bytes);
    probe->printing = true;
}

static void note_event(gp_parser_probe *probe, const gp_event *event) {
    static const char *const names[] = {"none", "print", "execute", "esc", "csi", "dcs", "osc", "sos", "pm", "apc"};
    if (event->kind == GP_EVENT_PRINT) {
        note_print(probe, event);
        return;
    }
    if (probe->printing)
        note(probe, "\n");
    probe->printing = false;
    note(probe, "%s", names[event->kind]);
    switch (event->kind) {
    case GP_EVENT_NONE:
    case GP_EVENT_PRINT: break;
    case GP_EVENT_EXECUTE: note(probe, " %02x", event->byte); break;
    case GP_EVENT_ESC: note_final(probe, event); break;
    case GP_EVENT_CSI:
        note_head(probe, event);
        note_final(probe, event);
        break;
    case GP_EVENT_DCS:
        note_head(probe, event);
        note_final(probe, event);
        note_string(probe, event);
        break;
    case GP_EVENT_OSC:
    case GP_EVENT_SOS:
    case GP_EVENT_PM:
    case GP_EVENT_APC: note_string(probe, event); break;
    }
    note(probe, "\n");
}

bool gp_parser_probe_feed(gp_parser_probe *probe, const uint8_t *bytes, size_t length_bytes) {
    const uint8_t *cursor = bytes, *end = bytes + length_bytes;
    gp_event event;
    while (gp_parser_next(&probe->parser, &cursor, end, &event) != GP_EVENT_NONE)
        note_event(probe, &event);
    probe->parser.starved = false;
    return !probe->failed && cursor == end && event.kind == GP_EVENT_NONE;
}

bool gp_parser_probe_c1(gp_parser_probe *probe, uint8_t c1) {
    gp_parser_c1(&probe->parser, c1);
    return gp_parser_probe_feed(probe, &c1, 0);
}

void gp_parser_probe_reset(gp_parser_probe *probe) { gp_parser_reset(&probe->parser); }

const char *gp_parser_probe_log(gp_parser_probe *probe) {
    if (probe->printing)
        note(probe, "\n");
    probe->printing = false;
    return probe->log;
}

size_t gp_parser_probe_held_bytes(const gp_parser_probe *probe) { return probe->parser.string_capacity_bytes; }

void gp_parser_probe_sgr(const uint8_t *bytes, size_t length_bytes, uint32_t *style) {
    gp_parser parser;
    gp_parser_init(&parser);
    gp_style applied = {style[0], style[1], style[2], (uint16_t)style[3], 0};
    static const uint8_t head[] = "\033[", final[] = "m";
    const struct {
        const uint8_t *bytes;
        size_t length_bytes;
    } parts[] = {{head, 2}, {bytes, length_bytes}, {final, 1}};
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *cursor = parts[i].bytes;
        gp_event event;
        while (gp_parser_next(&parser, &cursor, parts[i].bytes + parts[i].length_bytes, &event) != GP_EVENT_NONE)
            if (event.kind == GP_EVENT_CSI && event.byte == 'm' && !event.marker && !event.intermediates)
                gp_sgr_apply(event.parameters, &applied);
    }
    gp_parser_deinit(&parser);
    style[0] = applied.foreground;
    style[1] = applied.background;
    style[2] = applied.underline_color;
    style[3] = applied.attributes;
}
