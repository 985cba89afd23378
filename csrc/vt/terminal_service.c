/* What a terminal leaves to its caller, and what it tells so that the caller can answer: reports, their state, strings. */
#include <string.h>

#include "unicode/utf8.h"
#include "vt/screen_read.h"
#include "vt/terminal.h"

#define CSI(marker, intermediates, final) ((uint32_t)(marker) << 24 | (uint32_t)(intermediates) << 8 | (uint32_t)(final))
#define NONE 0

/* What the caller carries out may need the terminal as it is then; if not, feeding can go on before. A stop takes 1 us of
 * Python, and what was remembered of control sequences. */
typedef enum need { NOT_SERVED, NEEDS_TERMINAL, NEEDS_NOTHING } need;

static need csi_need(uint8_t marker, uint32_t intermediates, uint8_t byte) {
    if (intermediates > 0xFFFF) return NOT_SERVED;
    switch (CSI(marker, intermediates, byte)) {
    case CSI(NONE, NONE, 'c'): case CSI('>', NONE, 'c'): case CSI('=', NONE, 'c'):  /* DA1 DA2 DA3 */
    case CSI(NONE, NONE, 'n'): case CSI('?', NONE, 'n'):                            /* DSR, which says where the cursor is */
    case CSI('>', NONE, 't'): case CSI('>', NONE, 'T'):                             /* XTSMTITLE XTRMTITLE */
    case CSI(NONE, NONE, 'x'): case CSI(NONE, '&', 'u'):                            /* DECREQTPARM DECRQUPSS */
    case CSI(NONE, '$', 'u'):                                                       /* DECRQTSR */
    case CSI(NONE, '#', 'P'): case CSI(NONE, '#', 'Q'): case CSI(NONE, '#', 'R'):   /* XT*COLORS */
    case CSI('>', NONE, 'q'):                                                       /* XTVERSION */
    case CSI('>', NONE, 'm'): case CSI('?', NONE, 'm'): case CSI('>', NONE, 'n'):   /* XTMODKEYS XTQMODKEYS XTDISMODKEYS */
    case CSI('>', NONE, 'f'): case CSI('?', NONE, 'g'):                             /* XTFMTKEYS XTQFMTKEYS */
        return NEEDS_NOTHING;
    case CSI(NONE, NONE, 't'):                                                      /* XTWINOPS */
    case CSI(NONE, '$', 'p'): case CSI('?', '$', 'p'):                              /* DECRQM */
    case CSI(NONE, '$', 'w'): case CSI(NONE, '"', 'v'):                             /* DECRQPSR DECRQDE */
    case CSI(NONE, '*', 'y'): case CSI(NONE, '#', 'y'):                             /* DECRQCRA XTCHECKSUM */
    case CSI(NONE, '#', '|'):                                                       /* XTREPORTSGR */
    case CSI(NONE, '*', '|'): case CSI(NONE, '$', '|'):                             /* DECSNLS DECSCPP */
    case CSI('?', NONE, 'S'):                                                       /* XTSMGRAPHICS */
    case CSI('>', NONE, 'u'): case CSI('<', NONE, 'u'):                             /* kitty's keyboard protocol, by screen */
    case CSI('=', NONE, 'u'): case CSI('?', NONE, 'u'):
        return NEEDS_TERMINAL;
    default: return NOT_SERVED;
    }
}

bool gp_terminal_is_service(const gp_event *event) {
    return csi_need(event->marker, event->intermediates, event->byte) != NOT_SERVED;
}

static gp_service_kind kind_of(gp_event_kind kind) {
    switch (kind) {
    case GP_EVENT_CSI: return GP_SERVICE_CSI;
    case GP_EVENT_DCS: return GP_SERVICE_DCS;
    case GP_EVENT_OSC: return GP_SERVICE_OSC;
    case GP_EVENT_SOS: return GP_SERVICE_SOS;
    case GP_EVENT_PM: return GP_SERVICE_PM;
    case GP_EVENT_APC: return GP_SERVICE_APC;
    default: return GP_SERVICE_NONE;
    }
}

void gp_terminal_serve(const gp_event *event, gp_service *service) {
    service->kind = kind_of(event->kind);
    if (event->kind == GP_EVENT_CSI || event->kind == GP_EVENT_DCS) {
        service->marker = event->marker;
        service->byte = event->byte;
        service->intermediates = event->intermediates;
        service->parameter_count = event->parameters->count;
        service->omitted = event->parameters->omitted;
        memcpy(service->parameters, event->parameters->values, event->parameters->count * sizeof service->parameters[0]);
    }
    if (event->kind == GP_EVENT_CSI) return;
    service->bytes = event->bytes;
    service->length_bytes = event->length_bytes;
    service->truncated = event->truncated;
    service->terminator = event->terminator;
}

/* The number in front of an OSC; -1: none that is carried out. */
static int32_t number_of(const uint8_t *bytes, size_t length_bytes) {
    int32_t number = 0;
    size_t i = 0;
    for (; i < length_bytes && i < 9 && bytes[i] >= '0' && bytes[i] <= '9'; i++) number = number * 10 + bytes[i] - '0';
    return i && (i == length_bytes || bytes[i] == ';') ? number : -1;
}

bool gp_service_waits(const gp_service *service) {
    uint32_t first = service->parameter_count ? service->parameters[0] : 0;
    int32_t number;
    switch (service->kind) {
    case GP_SERVICE_CSI:
        if (service->byte == 't' && !service->marker) return first >= 20 && first <= 23; /* titles; others are of sizes */
        return csi_need(service->marker, service->intermediates, service->byte) == NEEDS_NOTHING;
    case GP_SERVICE_OSC:
        number = number_of(service->bytes, service->length_bytes);
        return number != 133 && number != 1337; /* what these mark is where the cursor is */
    case GP_SERVICE_DCS: return service->byte != 'q' && service->byte != 't' && service->byte != 's'; /* $q +q q $t =s */
    default: return false;
    }
}

uint64_t gp_terminal_take_bells(gp_terminal *terminal) {
    pthread_mutex_lock(&terminal->member.lock);
    uint64_t bells = terminal->bells;
    terminal->bells = 0;
    pthread_mutex_unlock(&terminal->member.lock);
    return bells;
}

uint64_t gp_terminal_ignored(gp_terminal *terminal) {
    pthread_mutex_lock(&terminal->member.lock);
    uint64_t ignored = terminal->ignored;
    pthread_mutex_unlock(&terminal->member.lock);
    return ignored;
}

void gp_terminal_set_string_limit(gp_terminal *terminal, size_t limit_bytes, uint32_t kinds) {
    uint32_t long_strings = 0;
    for (unsigned kind = GP_EVENT_DCS; kind <= GP_EVENT_APC; kind++)
        long_strings |= (kinds >> kind_of((gp_event_kind)kind) & 1) << kind;
    pthread_mutex_lock(&terminal->member.lock);
    terminal->parser.string_limit_bytes = limit_bytes;
    terminal->parser.long_strings = long_strings;
    pthread_mutex_unlock(&terminal->member.lock);
}

void gp_terminal_read_state(gp_terminal *terminal, gp_terminal_state *state) {
    pthread_mutex_lock(&terminal->member.lock);
    const gp_screen *screen = &terminal->screen;
    memset(state, 0, sizeof *state);
    memcpy(&state->pen, &screen->style, sizeof state->pen);
    memcpy(state->charsets, screen->charsets.names, sizeof state->charsets);
    state->shift = screen->charsets.left;
    state->shift_right = screen->charsets.right;
    state->single_shift = screen->charsets.single;
    state->level = terminal->level;
    state->eight_bit = terminal->eight_bit;
    state->margins = screen->margins;
    state->rectangular = screen->rectangular;
    state->cursor_style = terminal->cursor_style;
    if (gp_terminal_find_mode(terminal, 2026, false) == 1) state->synchronized_ns = terminal->synchronized_ns;
    pthread_mutex_unlock(&terminal->member.lock);
}

size_t gp_terminal_read_tabs(gp_terminal *terminal, uint8_t *bits, size_t capacity_bytes) {
    pthread_mutex_lock(&terminal->member.lock);
    size_t length_bytes = (terminal->screen.columns + 7) / 8;
    memcpy(bits, terminal->screen.tabs, length_bytes < capacity_bytes ? length_bytes : capacity_bytes);
    pthread_mutex_unlock(&terminal->member.lock);
    return length_bytes;
}

/* ---- checksums ------------------------------------------------------------------------------------------------------ */

typedef struct checksum {
    unsigned flags;
    bool first;       /* nothing was counted yet: a blank in front counts */
    int64_t total;
    int64_t trimmed;  /* without the blanks */
    int64_t embedded; /* blanks that count if something follows them */
} checksum;

static unsigned attributes_of(const gp_style_info *style) {
    unsigned attributes = style->attributes;
    return (attributes & GP_STYLE_PROTECTED ? 0x04 : 0) + (attributes & GP_STYLE_INVISIBLE ? 0x08 : 0) +
           (attributes & GP_STYLE_UNDERLINE_MASK ? 0x10 : 0) + (attributes & GP_STYLE_INVERSE ? 0x20 : 0) +
           (attributes & GP_STYLE_BLINK ? 0x40 : 0) + (attributes & GP_STYLE_BOLD ? 0x80 : 0);
}

/* As a byte of the character set: ASCII, with all that it does not have as ESC, which DEC shows as a reversed mark. */
static uint32_t as_byte(uint32_t codepoint) {
    if (codepoint > 0xFF || codepoint == 0xA0) return 0x1B;
    return codepoint == 0xFF ? 0 : codepoint & 0x7F;
}

static void add_cell(checksum *sum, const gp_cell_info *cell, const uint8_t *text, const gp_style_info *styles) {
    uint32_t value = ' ';
    int64_t marks = 0;
    if (cell->width == 0) return;
    if (cell->text_bytes) {
        const uint8_t *at = text + cell->text_begin, *end = at + cell->text_bytes;
        at += gp_utf8_decode_careful(at, end, &value);
        if (!(sum->flags & GP_CHECKSUM_CODEPOINTS)) value = as_byte(value);
        for (uint32_t mark; at < end && !(sum->flags & GP_CHECKSUM_CODEPOINTS); marks += mark)
            at += gp_utf8_decode_careful(at, end, &mark);
    } else if (!(sum->flags & (GP_CHECKSUM_BLANKS | GP_CHECKSUM_ERASED))) {
        return;
    }
    unsigned attributes = attributes_of(&styles[cell->style]);
    if (!(sum->flags & GP_CHECKSUM_NO_ATTRIBUTES)) value += attributes;
    if (sum->first || value != ' ' || (attributes & ~0x04u)) {
        sum->trimmed += value + sum->embedded;
        sum->embedded = 0;
    } else if (sum->flags & GP_CHECKSUM_BLANKS) {
        sum->embedded += value;
    }
    sum->total += value + marks;
    sum->first = sum->flags & GP_CHECKSUM_BLANKS;
}

static void add_row(checksum *sum, const gp_reading *reading, uint32_t left, uint32_t right) {
    static const gp_cell_info blank = {.width = 1};
    const gp_row_info *row = &reading->rows[0];
    for (uint32_t x = left; x < right; x++)
        add_cell(sum, x < row->cell_count ? &reading->cells[row->cell_begin + x] : &blank, reading->text, reading->styles);
    if (sum->flags & GP_CHECKSUM_BLANKS) return;
    sum->embedded = 0;
    sum->first = false;
}

gp_status gp_terminal_checksum(gp_terminal *terminal, uint32_t left, uint32_t top, uint32_t right, uint32_t bottom,
                               unsigned flags, uint32_t *sum) {
    checksum counted = {.flags = flags, .first = true};
    gp_status status = GP_OK;
    pthread_mutex_lock(&terminal->member.lock);
    gp_screen *screen = &terminal->screen;
    if (right > screen->columns) right = screen->columns;
    if (bottom > screen->rows) bottom = screen->rows;
    for (uint32_t y = top; y < bottom && left < right && status == GP_OK; y++) {
        gp_reading *reading;
        status = gp_screen_read(screen, y, 1, true, true, &reading);
        if (status != GP_OK) break;
        add_row(&counted, reading, left, right);
        gp_reading_free(reading);
    }
    pthread_mutex_unlock(&terminal->member.lock);
    if (status != GP_OK) return status;
    int64_t result = flags & GP_CHECKSUM_BLANKS ? counted.total : counted.trimmed;
    *sum = (uint32_t)(flags & GP_CHECKSUM_POSITIVE ? result : -result) & 0xFFFF;
    return GP_OK;
}
