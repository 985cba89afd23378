/* What a terminal leaves to its caller, and what it tells so that the caller can answer: reports, their state, strings. */
#include <string.h>

#include "vt/terminal.h"

#define CSI(marker, intermediates, final) ((uint32_t)(marker) << 24 | (uint32_t)(intermediates) << 8 | (uint32_t)(final))
#define NONE 0

bool gp_terminal_is_service(const gp_event *event) {
    if (event->intermediates > 0xFFFF) return false;
    switch (CSI(event->marker, event->intermediates, event->byte)) {
    case CSI(NONE, NONE, 'c'): case CSI('>', NONE, 'c'): case CSI('=', NONE, 'c'):  /* DA1 DA2 DA3 */
    case CSI(NONE, NONE, 'n'): case CSI('?', NONE, 'n'):                            /* DSR */
    case CSI(NONE, NONE, 't'): case CSI('>', NONE, 't'): case CSI('>', NONE, 'T'):  /* XTWINOPS XTSMTITLE XTRMTITLE */
    case CSI(NONE, NONE, 'x'):                                                      /* DECREQTPARM */
    case CSI(NONE, '$', 'p'): case CSI('?', '$', 'p'):                              /* DECRQM */
    case CSI(NONE, '$', 'w'): case CSI(NONE, '$', 'u'): case CSI(NONE, '&', 'u'):   /* DECRQPSR DECRQTSR DECRQUPSS */
    case CSI(NONE, '"', 'v'):                                                       /* DECRQDE */
    case CSI(NONE, '*', 'y'): case CSI(NONE, '#', 'y'):                             /* DECRQCRA XTCHECKSUM */
    case CSI(NONE, '#', '|'):                                                       /* XTREPORTSGR */
    case CSI(NONE, '#', 'P'): case CSI(NONE, '#', 'Q'): case CSI(NONE, '#', 'R'):   /* XT*COLORS */
    case CSI('>', NONE, 'q'):                                                       /* XTVERSION */
    case CSI('?', NONE, 'S'):                                                       /* XTSMGRAPHICS */
    case CSI('>', NONE, 'm'): case CSI('?', NONE, 'm'): case CSI('>', NONE, 'n'):   /* XTMODKEYS XTQMODKEYS XTDISMODKEYS */
    case CSI('>', NONE, 'f'): case CSI('?', NONE, 'g'):                             /* XTFMTKEYS XTQFMTKEYS */
    case CSI('>', NONE, 'u'): case CSI('<', NONE, 'u'):                             /* kitty's keyboard protocol */
    case CSI('=', NONE, 'u'): case CSI('?', NONE, 'u'):
        return true;
    default: return false;
    }
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
        memcpy(service->parameters, event->parameters->values, event->parameters->count * sizeof service->parameters[0]);
    }
    if (event->kind == GP_EVENT_CSI) return;
    service->bytes = event->bytes;
    service->length_bytes = event->length_bytes;
    service->truncated = event->truncated;
    service->terminator = event->terminator;
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
