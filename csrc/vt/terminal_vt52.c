/* DECANM reset: the terminal is a VT52 until ESC < (DEC STD 070, VT52 emulation; xterm).
 *
 * A VT52 has neither attributes nor the modes below; they are put aside, with the character sets, and come back as they
 * were. The terminal is a VT100 then, until DECSCL says otherwise. Text stays UTF-8. */
#include "vt/terminal.h"

static void put_modes(gp_terminal *terminal, uint8_t on) {
    gp_screen *screen = &terminal->screen;
    const struct {
        uint16_t number;
        bool ansi;
        bool *flag;
    } modes[8] = {
        {1, false, NULL}, {6, false, &screen->origin}, {7, false, &screen->autowrap}, {45, false, &screen->reverse_wrap},
        {66, false, NULL}, {1045, false, &screen->reverse_any}, {4, true, &screen->insert}, {20, true, &screen->newline},
    };
    terminal->before_vt52.modes = 0;
    screen->x = gp_screen_column(screen); /* a wrap that was pending is not any more */
    screen->at_margin = false;
    for (unsigned i = 0; i < 8; i++) {
        bool was = gp_terminal_find_mode(terminal, modes[i].number, modes[i].ansi) == 1, is = on >> i & 1;
        terminal->before_vt52.modes |= (uint8_t)(was << i);
        if (modes[i].flag) *modes[i].flag = is;
        gp_terminal_note_mode(terminal, modes[i].number, modes[i].ansi, is);
    }
    gp_screen_sum_up(screen);
}

static void be_vt52(gp_terminal *terminal, bool vt52) {
    terminal->parser.vt52 = vt52;
    gp_terminal_note_mode(terminal, 2, false, !vt52);
}

void gp_terminal_become_vt52(gp_terminal *terminal) {
    static const gp_style plain;
    gp_screen *screen = &terminal->screen;
    terminal->before_vt52.style = screen->style;
    terminal->before_vt52.charsets = screen->charsets;
    gp_terminal_note_mode(terminal, 69, false, false);
    gp_screen_set_margin_mode(screen, false);
    gp_charsets_reset(&screen->charsets);
    screen->charsets.names[1] = '0';
    gp_screen_set_pen(screen, &plain);
    put_modes(terminal, 0);
    be_vt52(terminal, true);
}

static void leave_vt52(gp_terminal *terminal) {
    gp_screen *screen = &terminal->screen;
    if (!terminal->parser.vt52) return;
    screen->charsets = terminal->before_vt52.charsets;
    gp_screen_set_pen(screen, &terminal->before_vt52.style);
    put_modes(terminal, terminal->before_vt52.modes);
    terminal->level = 1;
    be_vt52(terminal, false);
}

gp_status gp_terminal_vt52_escape(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    switch (event->intermediates ? 0 : event->byte) {
    case 'A': return gp_screen_up(screen, 1);
    case 'B': return gp_screen_down(screen, 1);
    case 'C': return gp_screen_forward(screen, 1);
    case 'D': return gp_screen_back(screen, 1);
    case 'F': case 'G':
        screen->charsets.left = event->byte == 'F';
        gp_screen_sum_up(screen);
        return GP_OK;
    case 'H': return gp_screen_go(screen, 0, 0);
    case 'I': return gp_screen_reverse_index(screen);
    case 'J': return gp_screen_erase_in_display(screen, 0, false);
    case 'K': return gp_screen_erase_in_line(screen, 0, false);
    case 'Y': {
        uint32_t y = event->parameters->values[0], x = event->parameters->values[1];
        return gp_screen_go(screen, x < screen->columns ? x : gp_screen_column(screen), y < screen->rows ? y : screen->y);
    }
    case 'Z':
        service->kind = GP_SERVICE_CSI;
        service->intermediates = '/';
        service->byte = 'Z';
        return GP_OK;
    case '=': case '>': gp_terminal_note_mode(terminal, 66, false, event->byte == '='); return GP_OK;
    case '<': leave_vt52(terminal); return GP_OK;
    default: terminal->ignored++; return GP_OK;
    }
}
