/* Control functions: what C0 controls and ESC sequences do. C1 controls come here as the ESC sequences they stand for. */
#include "vt/terminal.h"

gp_status gp_terminal_control(gp_terminal *terminal, uint8_t byte) {
    gp_screen *screen = &terminal->screen;
    gp_status status = GP_OK;
    switch (byte) {
    case 0x07: terminal->bells++; break;                         /* BEL */
    case 0x08: status = gp_screen_back(screen, 1); break;        /* BS */
    case 0x09: status = gp_screen_tab_forward(screen, 1); break; /* HT */
    case 0x0A: case 0x0B: case 0x0C:                             /* LF VT FF */
        status = gp_screen_index(screen);
        if (status == GP_OK && screen->newline) gp_screen_return(screen);
        break;
    case 0x0D: gp_screen_return(screen); break;                  /* CR */
    case 0x0E: case 0x0F:                                        /* SO SI */
        screen->charsets.left = byte == 0x0E;
        gp_screen_sum_up(screen);
        break;
    }
    return status;
}

/* SCS: the last byte of the sequence is the set's, the first its place, one between them belongs to the set. */
static void designate(gp_terminal *terminal, const gp_event *event) {
    gp_screen *screen = &terminal->screen;
    static const char places_94[] = "()*+", places_96[] = " -./";
    uint32_t place = event->intermediates, between = 0;
    if (place > 0xFF) between = place & 0xFF, place >>= 8;
    for (int i = 0; i < 4; i++) {
        bool has_94 = place == (uint8_t)places_94[i], has_96 = i > 0 && place == (uint8_t)places_96[i];
        uint32_t name = (has_96 ? GP_CHARSET_96 : 0) | between << 8 | event->byte;
        if (!has_94 && !has_96) continue;
        if (name == screen->charsets.names[i]) return; /* sgr0 of terminfo does so with every reset of colours */
        if (gp_charsets_knows(name))
            screen->charsets.names[i] = name;
        else
            terminal->ignored++;
    }
    gp_screen_sum_up(screen);
}

static bool designates(uint32_t intermediates) {
    uint32_t place = intermediates > 0xFF ? intermediates >> 8 : intermediates;
    return intermediates <= 0xFFFF && ((place >= '(' && place <= '+') || (place >= '-' && place <= '/'));
}

static void shift(gp_screen *screen, uint8_t byte) {
    gp_charsets *charsets = &screen->charsets;
    switch (byte) {
    case 'N': charsets->single = 2; break; /* SS2 */
    case 'O': charsets->single = 3; break; /* SS3 */
    case 'n': charsets->left = 2; break;   /* LS2 */
    case 'o': charsets->left = 3; break;   /* LS3 */
    case '~': charsets->right = 1; break;  /* LS1R */
    case '}': charsets->right = 2; break;  /* LS2R */
    case '|': charsets->right = 3; break;  /* LS3R */
    }
    gp_screen_sum_up(screen);
}

/* SPA and EPA: protected from every erasing, unlike what DECSCA protects. */
static void protect(gp_screen *screen, bool on) {
    gp_style style = screen->style;
    style.attributes = (uint16_t)((style.attributes & ~GP_STYLE_PROTECTED) | (on ? GP_STYLE_PROTECTED : 0));
    if (on) screen->protection = GP_PROTECTION_ISO;
    gp_screen_set_pen(screen, &style);
}

static gp_status plain_escape(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    gp_status status = GP_OK;
    switch (event->byte) {
    case '6': return gp_screen_back_index(screen);               /* DECBI */
    case '7': gp_screen_save_cursor(screen); break;              /* DECSC */
    case '8': return gp_screen_restore_cursor(screen);           /* DECRC */
    case '9': return gp_screen_forward_index(screen);            /* DECFI */
    case '<': break;                                             /* what a VT52 comes back by */
    case '=': case '>':                                          /* DECKPAM DECKPNM */
        gp_terminal_note_mode(terminal, 66, false, event->byte == '=');
        break;
    case 'D': return gp_screen_index(screen);                    /* IND */
    case 'E':                                                    /* NEL */
        status = gp_screen_index(screen);
        if (status == GP_OK) gp_screen_return(screen);
        break;
    case 'H': gp_screen_set_tab(screen, gp_screen_column(screen), true); break; /* HTS */
    case 'M': return gp_screen_reverse_index(screen);            /* RI */
    case 'N': case 'O': case 'n': case 'o': case '|': case '}': case '~': shift(screen, event->byte); break;
    case 'V': case 'W': protect(screen, event->byte == 'V'); break; /* SPA EPA */
    case 'Z':                                                    /* DECID, which is DA1 */
        service->kind = GP_SERVICE_CSI;
        service->byte = 'c';
        break;
    case '\\': break;                                            /* ST, after the string that it ended */
    case 'c':                                                    /* RIS */
        status = gp_terminal_reset(terminal);
        if (status == GP_OK) service->kind = GP_SERVICE_RESET;
        break;
    default: terminal->ignored++;
    }
    return status;
}

gp_status gp_terminal_escape(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    if (terminal->parser.vt52) return gp_terminal_vt52_escape(terminal, event, service);
    if (!event->intermediates) return plain_escape(terminal, event, service);
    if (designates(event->intermediates)) {
        designate(terminal, event);
        return GP_OK;
    }
    switch (event->intermediates << 8 | event->byte) {
    case '#' << 8 | '8': return gp_screen_align(screen);         /* DECALN */
    case '#' << 8 | '3': return gp_screen_set_size(screen, GP_ROW_TOP);    /* DECDHL */
    case '#' << 8 | '4': return gp_screen_set_size(screen, GP_ROW_BOTTOM);
    case '#' << 8 | '5': return gp_screen_set_size(screen, GP_ROW_SINGLE); /* DECSWL */
    case '#' << 8 | '6': return gp_screen_set_size(screen, GP_ROW_DOUBLE); /* DECDWL */
    case ' ' << 8 | 'F': case ' ' << 8 | 'G':                    /* S7C1T S8C1T */
        if (terminal->level >= 2) terminal->eight_bit = event->byte == 'G';
        break;
    case '%' << 8 | '@': case '%' << 8 | 'G': break;             /* the encoding is UTF-8, whatever is asked for */
    default: terminal->ignored++;
    }
    return GP_OK;
}
