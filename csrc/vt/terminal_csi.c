/* Control functions: what ESC, CSI and C0 sequences do, after ECMA-48, the VT420 manual and xterm's ctlseqs. */
#include <string.h>

#include "memory/mapping.h"
#include "vt/sgr.h"
#include "vt/terminal.h"

/* ---- modes --------------------------------------------------------------------------------------------------------- */

typedef struct known_mode {
    uint16_t number;
    bool ansi, set_at_first;
} known_mode;

/* Kept as bits in this order. What a mode does is in set_mode; most are kept for the host to ask. */
static const known_mode known_modes[] = {
    {4, true, false},     {20, true, false},    {1, false, false},    {5, false, false},    {6, false, false},
    {7, false, true},     {9, false, false},    {12, false, true},    {25, false, true},    {66, false, false},
    {1000, false, false}, {1001, false, false}, {1002, false, false}, {1003, false, false}, {1004, false, false},
    {1005, false, false}, {1006, false, false}, {1007, false, false}, {1015, false, false}, {1016, false, false},
    {2004, false, false}, {2026, false, false},
};

enum { KNOWN_MODES = sizeof known_modes / sizeof *known_modes };

static int place_of(uint32_t number, bool ansi) {
    for (int i = 0; i < KNOWN_MODES; i++)
        if (known_modes[i].number == number && known_modes[i].ansi == ansi) return i;
    return -1;
}

void gp_terminal_default_modes(gp_terminal *terminal) {
    terminal->modes = 0;
    for (int i = 0; i < KNOWN_MODES; i++) terminal->modes |= (uint64_t)known_modes[i].set_at_first << i;
}

int gp_terminal_find_mode(const gp_terminal *terminal, uint32_t number, bool ansi) {
    if (!ansi && (number == 47 || number == 1047 || number == 1049)) return terminal->screen.on_alternate;
    int place = place_of(number, ansi);
    return place < 0 ? -1 : (int)(terminal->modes >> place & 1);
}

static void note_mode(gp_terminal *terminal, uint32_t number, bool ansi, bool on) {
    int place = place_of(number, ansi);
    if (place < 0) return;
    terminal->modes = (terminal->modes & ~((uint64_t)1 << place)) | (uint64_t)on << place;
}

/* Coordinates from 1, within the scroll region in origin mode. */
static gp_status go_to(gp_screen *screen, uint32_t column, uint32_t row) {
    uint32_t top = screen->origin ? screen->top : 0, bottom = screen->origin ? screen->bottom : screen->rows;
    uint32_t y = row - 1 < bottom - top ? top + row - 1 : bottom - 1;
    return gp_screen_go(screen, column - 1, y);
}

static gp_status switch_screen(gp_screen *screen, uint32_t number, bool on) {
    bool was_on = screen->on_alternate;
    gp_status status = GP_OK;
    if (on) {
        gp_saved_cursor before = screen->saved[was_on];
        if (number == 1049) gp_screen_save_cursor(screen);
        status = gp_screen_switch(screen, true);
        if (status != GP_OK) {
            screen->saved[was_on] = before;
            return status;
        }
        return number == 1049 ? gp_screen_clear_alternate(screen) : GP_OK;
    }
    if (number == 1047 && was_on) status = gp_screen_clear_alternate(screen);
    if (status == GP_OK) status = gp_screen_switch(screen, false);
    if (status == GP_OK && number == 1049) status = gp_screen_restore_cursor(screen);
    /* What 1047 has cleared need not be kept, unless it was cleared to a background. */
    if (status == GP_OK && number == 1047 && !screen->style.background)
        gp_grid_retire(&screen->list, &screen->alternate);
    return status;
}

static gp_status set_private_mode(gp_terminal *terminal, uint32_t number, bool on) {
    gp_screen *screen = &terminal->screen;
    gp_status status = GP_OK;
    switch (number) {
    case 6:
        screen->origin = on;
        status = go_to(screen, 1, 1);
        if (status != GP_OK) screen->origin = !on;
        break;
    case 7:
        if (screen->x == screen->columns && on != screen->autowrap) screen->x--;
        screen->autowrap = on;
        break;
    case 47: case 1047: case 1049: return switch_screen(screen, number, on);
    case 1048:
        if (!on) return gp_screen_restore_cursor(screen);
        gp_screen_save_cursor(screen);
        return GP_OK;
    }
    if (number == 2026 && on) terminal->synchronized_ns = gp_now_ns();
    if (status == GP_OK) note_mode(terminal, number, false, on);
    return status;
}

static gp_status set_modes(gp_terminal *terminal, const gp_parameters *parameters, bool private, bool on) {
    gp_status status = GP_OK;
    for (uint32_t i = 0; i < parameters->count && status == GP_OK; i++) {
        uint32_t number = parameters->values[i];
        if (private) {
            status = set_private_mode(terminal, number, on);
            continue;
        }
        if (number == 4) terminal->screen.insert = on;
        if (number == 20) terminal->screen.newline = on;
        note_mode(terminal, number, true, on);
    }
    return status;
}

/* ---- cursor -------------------------------------------------------------------------------------------------------- */

static gp_status up(gp_screen *screen, uint32_t rows, bool to_start) {
    uint32_t least = screen->y >= screen->top ? screen->top : 0;
    uint32_t y = screen->y - least > rows ? screen->y - rows : least;
    return gp_screen_go(screen, to_start ? 0 : gp_screen_column(screen), y);
}

static gp_status down(gp_screen *screen, uint32_t rows, bool to_start) {
    uint32_t most = screen->y < screen->bottom ? screen->bottom - 1 : screen->rows - 1;
    uint32_t y = most - screen->y > rows ? screen->y + rows : most;
    return gp_screen_go(screen, to_start ? 0 : gp_screen_column(screen), y);
}

static gp_status right(gp_screen *screen, uint32_t columns) {
    return gp_screen_go(screen, gp_screen_column(screen) + columns, screen->y);
}

static gp_status left(gp_screen *screen, uint32_t columns) {
    uint32_t x = gp_screen_column(screen);
    return gp_screen_go(screen, x > columns ? x - columns : 0, screen->y);
}

static gp_status set_region(gp_screen *screen, const gp_parameters *parameters) {
    uint32_t top = gp_parameter_count(parameters, 0), bottom = gp_parameter(parameters, 1, 0);
    if (bottom == 0 || bottom > screen->rows) bottom = screen->rows;
    if (top >= bottom) return GP_OK;
    uint32_t old_top = screen->top, old_bottom = screen->bottom;
    screen->top = top - 1;
    screen->bottom = bottom;
    gp_status status = go_to(screen, 1, 1);
    if (status != GP_OK) screen->top = old_top, screen->bottom = old_bottom;
    return status;
}

static void soft_reset(gp_terminal *terminal) {
    static const gp_style plain;
    gp_screen *screen = &terminal->screen;
    note_mode(terminal, 1, false, false);
    note_mode(terminal, 6, false, false);
    note_mode(terminal, 7, false, true);
    note_mode(terminal, 25, false, true);
    note_mode(terminal, 66, false, false);
    note_mode(terminal, 4, true, false);
    screen->origin = screen->insert = false;
    if (screen->x == screen->columns && !screen->autowrap) screen->x--;
    screen->autowrap = true;
    screen->top = 0;
    screen->bottom = screen->rows;
    memset(screen->charsets, 'B', sizeof screen->charsets);
    screen->shift = 0;
    screen->saved[screen->on_alternate] = (gp_saved_cursor){0};
    gp_screen_set_pen(screen, &plain);
    gp_screen_hyperlink(screen, NULL, 0, NULL, 0);
}

/* ---- CSI ----------------------------------------------------------------------------------------------------------- */

static gp_status erase_display(gp_screen *screen, unsigned part) {
    if (part != 3) return gp_screen_erase_in_display(screen, part);
    gp_list_cut(&screen->list, 0);
    return GP_OK;
}

static gp_status plain_csi(gp_terminal *terminal, const gp_parameters *parameters, uint8_t final) {
    gp_screen *screen = &terminal->screen;
    uint32_t first = gp_parameter(parameters, 0, 0), count = gp_parameter_count(parameters, 0);
    switch (final) {
    case '@': return gp_screen_insert(screen, count);                                     /* ICH */
    case 'A': return up(screen, count, false);                                            /* CUU */
    case 'B': return down(screen, count, false);                                          /* CUD */
    case 'C': case 'a': return right(screen, count);                                      /* CUF HPR */
    case 'D': return left(screen, count);                                                 /* CUB */
    case 'E': return down(screen, count, true);                                           /* CNL */
    case 'F': return up(screen, count, true);                                             /* CPL */
    case 'G': case '`': return gp_screen_go(screen, count - 1, screen->y);                /* CHA HPA */
    case 'H': case 'f': return go_to(screen, gp_parameter_count(parameters, 1), count);   /* CUP HVP */
    case 'I': gp_screen_tab_forward(screen, count); return GP_OK;                         /* CHT */
    case 'J': return erase_display(screen, first);                                        /* ED */
    case 'K': return gp_screen_erase_in_line(screen, first);                              /* EL */
    case 'L': return gp_screen_insert_rows(screen, count);                                /* IL */
    case 'M': return gp_screen_delete_rows(screen, count);                                /* DL */
    case 'P': return gp_screen_delete(screen, count);                                     /* DCH */
    case 'S': return gp_screen_scroll_up(screen, screen->top, screen->bottom, count, true); /* SU */
    case 'T':                                                                             /* SD */
        return parameters->count > 1 ? GP_OK : gp_screen_scroll_down(screen, screen->top, screen->bottom, count);
    case 'X': return gp_screen_erase(screen, count);                                      /* ECH */
    case 'Z': gp_screen_tab_back(screen, count); return GP_OK;                            /* CBT */
    case 'd': return go_to(screen, gp_screen_column(screen) + 1, count);                         /* VPA */
    case 'e':                                                                             /* VPR */
        return go_to(screen, gp_screen_column(screen) + 1, screen->y - (screen->origin ? screen->top : 0) + 1 + count);
    case 'g':                                                                             /* TBC */
        if (first == 0) gp_screen_set_tab(screen, gp_screen_column(screen), false);
        if (first == 3) gp_screen_reset_tabs(screen, false);
        return GP_OK;
    case 'h': return set_modes(terminal, parameters, false, true);                        /* SM */
    case 'l': return set_modes(terminal, parameters, false, false);                       /* RM */
    case 'r': return set_region(screen, parameters);                                      /* DECSTBM */
    case 's': gp_screen_save_cursor(screen); return GP_OK;                                /* SCOSC */
    case 'u': return gp_screen_restore_cursor(screen);                                    /* SCORC */
    default: terminal->ignored++; return GP_OK;
    }
}

gp_status gp_terminal_csi(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    const gp_parameters *parameters = event->parameters;
    bool repeatable = screen->repeatable;
    screen->repeatable = false;
    if (event->byte == 'm' && !event->marker && !event->intermediates) {
        gp_style style = screen->style;
        gp_sgr_apply(parameters, &style);
        gp_screen_set_pen(screen, &style);
        return GP_OK;
    }
    gp_screen_stop_joining(screen);
    if (parameters->subparameters) return GP_OK;
    if (gp_terminal_is_service(event)) {
        gp_terminal_serve(event, service);
        return GP_OK;
    }
    if (event->marker == '?' && !event->intermediates && (event->byte == 'h' || event->byte == 'l'))
        return set_modes(terminal, parameters, true, event->byte == 'h'); /* DECSET DECRST */
    if (event->marker) {
        terminal->ignored++;
        return GP_OK;
    }
    if (event->intermediates == ' ' && event->byte == 'q') { /* DECSCUSR */
        uint32_t style = gp_parameter(parameters, 0, 0);
        if (style <= 6) terminal->cursor_style = (uint8_t)style;
        return GP_OK;
    }
    if (event->intermediates == '!' && event->byte == 'p') { /* DECSTR */
        soft_reset(terminal);
        return GP_OK;
    }
    if (event->intermediates) {
        terminal->ignored++;
        return GP_OK;
    }
    if (event->byte == 'b') { /* REP */
        screen->repeatable = repeatable;
        uint32_t times = gp_parameter_count(parameters, 0);
        screen->work += times;
        gp_status status = gp_screen_repeat(screen, &times);
        screen->repeatable = status != GP_OK;
        if (status != GP_OK) /* tried again later, for what is left */
            terminal->parser.parameters = (gp_parameters){.values = {(uint16_t)times}, .count = 1};
        return status;
    }
    return plain_csi(terminal, parameters, event->byte);
}

/* ---- C0 and ESC ---------------------------------------------------------------------------------------------------- */

gp_status gp_terminal_control(gp_terminal *terminal, uint8_t byte) {
    gp_screen *screen = &terminal->screen;
    gp_status status = GP_OK;
    switch (byte) {
    case 0x07: terminal->bells++; break;                         /* BEL */
    case 0x08: status = left(screen, 1); break;                  /* BS */
    case 0x09: gp_screen_tab_forward(screen, 1); break;          /* HT */
    case 0x0A: case 0x0B: case 0x0C:                             /* LF VT FF */
        status = gp_screen_index(screen);
        if (status == GP_OK && screen->newline) gp_screen_return(screen);
        break;
    case 0x0D: gp_screen_return(screen); break;                  /* CR */
    case 0x0E: screen->shift = 1; break;                         /* SO */
    case 0x0F: screen->shift = 0; break;                         /* SI */
    }
    return status;
}

gp_status gp_terminal_escape(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    gp_status status = GP_OK;
    switch (event->intermediates) {
    case '(': screen->charsets[0] = event->byte; return GP_OK;   /* SCS */
    case ')': screen->charsets[1] = event->byte; return GP_OK;
    case '#':
        if (event->byte == '8') return gp_screen_align(screen);  /* DECALN */
        terminal->ignored++;
        return GP_OK;
    case 0: break;
    default: terminal->ignored++; return GP_OK;
    }
    switch (event->byte) {
    case '7': gp_screen_save_cursor(screen); break;              /* DECSC */
    case '8': status = gp_screen_restore_cursor(screen); break;  /* DECRC */
    case '=': note_mode(terminal, 66, false, true); break;       /* DECKPAM */
    case '>': note_mode(terminal, 66, false, false); break;      /* DECKPNM */
    case 'D': status = gp_screen_index(screen); break;           /* IND */
    case 'E':                                                    /* NEL */
        status = gp_screen_index(screen);
        if (status == GP_OK) gp_screen_return(screen);
        break;
    case 'H': gp_screen_set_tab(screen, gp_screen_column(screen), true); break; /* HTS */
    case 'M': status = gp_screen_reverse_index(screen); break;   /* RI */
    case 'c':                                                    /* RIS */
        status = gp_terminal_reset(terminal);
        if (status == GP_OK) service->kind = GP_SERVICE_RESET;
        break;
    case 'Z':                                                    /* DECID, which is DA1 */
        service->kind = GP_SERVICE_CSI;
        service->byte = 'c';
        break;
    case '\\': break;                                            /* ST, after the string that it ended */
    default: terminal->ignored++;
    }
    return status;
}
