/* Control functions: what CSI sequences do, after ECMA-48, the VT420 manual and xterm's ctlseqs. */
#include <string.h>

#include "vt/sgr.h"
#include "vt/terminal.h"

static uint32_t value_of(const gp_parameters *parameters, unsigned i) { return gp_parameter(parameters, i, 0); }

/* To the caller, or nowhere. */
static gp_status leave(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    bool too_new = event->intermediates == '$' && event->byte == 'p' && terminal->level < 3; /* DECRQM came with the VT300 */
    if (gp_terminal_is_service(event) && !too_new)
        gp_terminal_serve(event, service);
    else
        terminal->ignored++;
    if (event->byte == 'n') gp_screen_relative(&terminal->screen, &service->x, &service->y);
    return GP_OK;
}

/* ---- without marker and intermediates --------------------------------------------------------------------------------- */

static gp_status erase_display(gp_screen *screen, unsigned part, bool selective) {
    if (part != 3) return gp_screen_erase_in_display(screen, part, selective);
    gp_list_cut(&screen->list, 0, GP_PRUNE_CLEAR);
    return GP_OK;
}

static gp_status set_rows(gp_screen *screen, const gp_parameters *parameters) {
    uint32_t bottom = value_of(parameters, 1);
    if (bottom == 0 || bottom > screen->rows) bottom = screen->rows;
    return gp_screen_set_rows(screen, gp_parameter_count(parameters, 0) - 1, bottom);
}

/* CSI s: margins where they may be set, else the cursor is saved. */
static gp_status set_columns_or_save(gp_screen *screen, const gp_parameters *parameters) {
    if (screen->margins) {
        uint32_t right = value_of(parameters, 1);
        if (right == 0 || right > screen->columns) right = screen->columns;
        return gp_screen_set_columns(screen, gp_parameter_count(parameters, 0) - 1, right);
    }
    if (!parameters->count) gp_screen_save_cursor(screen);
    return GP_OK;
}

static gp_status returned(gp_screen *screen, gp_status status) {
    if (status == GP_OK) gp_screen_return(screen);
    return status;
}

/* `column` and `row`, counted from 0, replace the cursor's where they are given, or are added to it. */
static gp_status go_relative(gp_screen *screen, uint32_t columns, uint32_t rows) {
    uint32_t column, row;
    gp_screen_relative(screen, &column, &row);
    return gp_screen_address(screen, column + columns, row + rows);
}

static gp_status go_to_column(gp_screen *screen, uint32_t column) {
    uint32_t unused, row;
    gp_screen_relative(screen, &unused, &row);
    return gp_screen_address(screen, column, row);
}

static gp_status go_to_row(gp_screen *screen, uint32_t row) {
    uint32_t column, unused;
    gp_screen_relative(screen, &column, &unused);
    return gp_screen_address(screen, column, row);
}

static void clear_tabs(gp_screen *screen, uint32_t which) {
    if (which == 0) gp_screen_set_tab(screen, gp_screen_column(screen), false);
    if (which == 3) gp_screen_reset_tabs(screen, false);
}

static gp_status plain_csi(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    const gp_parameters *parameters = event->parameters;
    uint32_t first = value_of(parameters, 0), count = gp_parameter_count(parameters, 0);
    switch (event->byte) {
    case '@': return gp_screen_insert(screen, count);                                     /* ICH */
    case 'A': return gp_screen_up(screen, count);                                         /* CUU */
    case 'B': return gp_screen_down(screen, count);                                       /* CUD */
    case 'C': return gp_screen_forward(screen, count);                                    /* CUF */
    case 'D': case 'j': return gp_screen_back(screen, count);                             /* CUB HPB */
    case 'E': return returned(screen, gp_screen_down(screen, count));                     /* CNL */
    case 'F': return returned(screen, gp_screen_up(screen, count));                       /* CPL */
    case 'G': case '`': return go_to_column(screen, count - 1);                           /* CHA HPA */
    case 'H': case 'f':                                                                   /* CUP HVP */
        return gp_screen_address(screen, gp_parameter_count(parameters, 1) - 1, count - 1);
    case 'I': return gp_screen_tab_forward(screen, count);                                /* CHT */
    case 'J': return erase_display(screen, first, false);                                 /* ED */
    case 'K': return gp_screen_erase_in_line(screen, first, false);                       /* EL */
    case 'L': return gp_screen_insert_rows(screen, count);                                /* IL */
    case 'M': return gp_screen_delete_rows(screen, count);                                /* DL */
    case 'P': return gp_screen_delete(screen, count);                                     /* DCH */
    case 'S': return gp_screen_scroll_up(screen, screen->top, screen->bottom, count, true); /* SU */
    case 'T':                                                             /* SD; more, or 0, is xterm's mouse */
        if (parameters->count > 1 || (parameters->count && !first)) return GP_OK;
        return gp_screen_scroll_down(screen, screen->top, screen->bottom, count);
    case '^': return gp_screen_scroll_down(screen, screen->top, screen->bottom, count);   /* SD, as ECMA-48 had it once */
    case 'X': return gp_screen_erase(screen, count);                                      /* ECH */
    case 'Z': gp_screen_tab_back(screen, count); return GP_OK;                            /* CBT */
    case 'a': return go_relative(screen, count, 0);                                       /* HPR */
    case 'd': return go_to_row(screen, count - 1);                                        /* VPA */
    case 'e': return go_relative(screen, 0, count);                                       /* VPR */
    case 'g': clear_tabs(screen, first); return GP_OK;                                    /* TBC */
    case 'h': case 'l': return gp_terminal_set_modes(terminal, event, service);           /* SM RM */
    case 'r': return set_rows(screen, parameters);                                        /* DECSTBM */
    case 's': return set_columns_or_save(screen, parameters);                             /* DECSLRM SCOSC */
    case 'u': return gp_screen_restore_cursor(screen);                                    /* SCORC */
    default: return leave(terminal, event, service);
    }
}

/* ---- rectangles (VT420) -------------------------------------------------------------------------------------------------- */

/* Four parameters from `i` on: top, left, bottom, right, from 1 within the margins in origin mode. */
static bool rectangle_of(const gp_screen *screen, const gp_parameters *parameters, unsigned i, gp_rectangle *area) {
    uint32_t top = screen->origin ? screen->top : 0, left = screen->origin ? screen->left : 0;
    uint32_t rows = (screen->origin ? screen->bottom : screen->rows) - top;
    uint32_t columns = (screen->origin ? screen->right : screen->columns) - left;
    uint32_t limits[4] = {rows, columns, rows, columns}, values[4];
    for (unsigned part = 0; part < 4; part++) {
        uint32_t value = value_of(parameters, i + part);
        if (!value) value = part < 2 ? 1 : limits[part];
        values[part] = value < limits[part] ? value : limits[part];
    }
    *area = (gp_rectangle){top + values[0] - 1, left + values[1] - 1, top + values[2], left + values[3]};
    return area->top < area->bottom && area->left < area->right;
}

static gp_status fill(gp_screen *screen, const gp_parameters *parameters) {
    gp_rectangle area;
    uint32_t character = gp_parameter(parameters, 0, ' ');
    bool printable = (character >= 0x20 && character < 0x7F) || character >= 0xA0;
    if (!printable || !gp_unicode_width(character) || !rectangle_of(screen, parameters, 1, &area)) return GP_OK;
    if (character < 0x7F && screen->translates) character = gp_charsets_of(&screen->charsets, (uint8_t)character);
    return gp_screen_fill(screen, area, character);
}

static gp_status copy(gp_screen *screen, const gp_parameters *parameters) {
    gp_rectangle from, to;
    gp_parameters target = {.count = 2};
    target.values[0] = (uint16_t)value_of(parameters, 5);
    target.values[1] = (uint16_t)value_of(parameters, 6);
    if (!rectangle_of(screen, parameters, 0, &from) || !rectangle_of(screen, &target, 0, &to)) return GP_OK;
    return gp_screen_copy(screen, from, to.top, to.left);
}

/* Parameters from the fifth on are SGR's, those that a VT420 knows. */
static gp_status change_attributes(gp_screen *screen, const gp_parameters *parameters, bool reverse) {
    static const struct {
        uint8_t number, off;
        uint16_t bits;
    } known[] = {
        {1, 22, GP_STYLE_BOLD},     {4, 24, GP_STYLE_UNDERLINE_MASK}, {5, 25, GP_STYLE_BLINK},
        {7, 27, GP_STYLE_INVERSE}, {8, 28, GP_STYLE_INVISIBLE},
    };
    const uint16_t underline = GP_STYLE_UNDERLINE_SINGLE << GP_STYLE_UNDERLINE_SHIFT;
    const uint16_t all = GP_STYLE_BOLD | GP_STYLE_UNDERLINE_MASK | GP_STYLE_BLINK | GP_STYLE_INVERSE;
    gp_attribute_change change = {0};
    gp_rectangle area;
    if (!rectangle_of(screen, parameters, 0, &area)) return GP_OK;
    for (unsigned i = 4; i < parameters->count || i == 4; i++) {
        uint32_t number = value_of(parameters, i);
        if (number == 0) {
            if (reverse)
                change.reverse ^= all;
            else
                change = (gp_attribute_change){.clear = all};
            continue;
        }
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
            if (reverse && number == known[k].number) change.reverse ^= known[k].bits;
            if (reverse || (number != known[k].number && number != known[k].off)) continue;
            bool on = number == known[k].number;
            change.clear |= known[k].bits;
            change.set &= (uint16_t)~known[k].bits;
            if (on) change.set |= k == 1 ? underline : known[k].bits;
        }
    }
    return gp_screen_change_attributes(screen, area, change);
}

/* ---- the pen put aside (xterm) -------------------------------------------------------------------------------------------- */

static void push_style(gp_terminal *terminal, const gp_parameters *parameters) {
    if (terminal->pushed == GP_STYLES_MAX) return;
    gp_pushed_style pushed = {.style = terminal->screen.style};
    for (uint32_t i = 0; i < parameters->count; i++) {
        static const uint16_t bits[10] = {0, GP_STYLE_BOLD, GP_STYLE_FAINT, GP_STYLE_ITALIC, GP_STYLE_UNDERLINE_MASK,
                                          GP_STYLE_BLINK, 0, GP_STYLE_INVERSE, GP_STYLE_INVISIBLE, GP_STYLE_STRIKETHROUGH};
        uint32_t number = parameters->values[i];
        if (number < 10) pushed.attributes |= bits[number];
        if (number == 21) pushed.attributes |= GP_STYLE_UNDERLINE_MASK;
        pushed.foreground |= number == 10 || number == 30;
        pushed.background |= number == 11 || number == 31;
    }
    if (!parameters->count) {
        pushed.attributes = UINT16_MAX & ~GP_STYLE_PROTECTED;
        pushed.foreground = pushed.background = true;
    }
    terminal->pushed_styles[terminal->pushed++] = pushed;
}

static void pop_style(gp_terminal *terminal) {
    if (!terminal->pushed) return;
    const gp_pushed_style *pushed = &terminal->pushed_styles[--terminal->pushed];
    gp_style style = terminal->screen.style;
    style.attributes = (uint16_t)((style.attributes & ~pushed->attributes) | (pushed->style.attributes & pushed->attributes));
    if (pushed->foreground) style.foreground = pushed->style.foreground;
    if (pushed->background) style.background = pushed->style.background;
    if (pushed->attributes & GP_STYLE_UNDERLINE_MASK) style.underline_color = pushed->style.underline_color;
    gp_screen_set_pen(&terminal->screen, &style);
}

/* ---- with marker or intermediates ------------------------------------------------------------------------------------------- */

static void set_protection(gp_screen *screen, uint32_t value) {
    if (value > 2) return;
    gp_style style = screen->style;
    style.attributes = (uint16_t)((style.attributes & ~GP_STYLE_PROTECTED) | (value == 1 ? GP_STYLE_PROTECTED : 0));
    screen->protection = GP_PROTECTION_DEC;
    gp_screen_set_pen(screen, &style);
}

static void set_level(gp_terminal *terminal, const gp_parameters *parameters) {
    uint32_t level = value_of(parameters, 0);
    if (level < 61 || level > 60 + GP_LEVEL_MAX) return; /* as xterm ignores one that it does not have */
    gp_terminal_soft_reset(terminal);
    terminal->level = (uint8_t)(level - 60);
    terminal->eight_bit = level > 61 && value_of(parameters, 1) != 1;
}

#define KEY(marker, intermediate, final) ((uint32_t)(marker) << 16 | (uint32_t)(intermediate) << 8 | (uint32_t)(final))

static gp_status other_csi(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    const gp_parameters *parameters = event->parameters;
    uint32_t first = value_of(parameters, 0), count = gp_parameter_count(parameters, 0);
    gp_rectangle area;
    if (event->intermediates > 0xFF) return leave(terminal, event, service);
    switch (KEY(event->marker, event->intermediates, event->byte)) {
    case KEY('?', 0, 'h'): case KEY('?', 0, 'l'):
        return gp_terminal_set_modes(terminal, event, service);                           /* DECSET DECRST */
    case KEY('?', 0, 's'): gp_terminal_save_modes(terminal, parameters); return GP_OK;    /* XTSAVE */
    case KEY('?', 0, 'r'): return gp_terminal_restore_modes(terminal, parameters);        /* XTRESTORE */
    case KEY('?', 0, 'J'): return erase_display(screen, first, true);                     /* DECSED */
    case KEY('?', 0, 'K'): return gp_screen_erase_in_line(screen, first, true);           /* DECSEL */
    case KEY('?', 0, 'W'):                                                                /* DECST8C */
        if (first == 5) gp_screen_reset_tabs(screen, true);
        return GP_OK;
    case KEY(0, ' ', '@'): return gp_screen_delete_columns(screen, count, true);          /* SL */
    case KEY(0, ' ', 'A'): return gp_screen_insert_columns(screen, count, true);          /* SR */
    case KEY(0, ' ', 'q'):                                                                /* DECSCUSR */
        if (first <= 6) terminal->cursor_style = (uint8_t)first;
        return GP_OK;
    case KEY(0, '!', 'p'): gp_terminal_soft_reset(terminal); return GP_OK;                /* DECSTR */
    case KEY(0, '"', 'p'): set_level(terminal, parameters); return GP_OK;                 /* DECSCL */
    case KEY(0, '"', 'q'): set_protection(screen, first); return GP_OK;                   /* DECSCA */
    case KEY(0, '#', '{'): case KEY(0, '#', 'p'): push_style(terminal, parameters); return GP_OK; /* XTPUSHSGR */
    case KEY(0, '#', '}'): case KEY(0, '#', 'q'): pop_style(terminal); return GP_OK;      /* XTPOPSGR */
    case KEY(0, '\'', '}'): return gp_screen_insert_columns(screen, count, false);        /* DECIC */
    case KEY(0, '\'', '~'): return gp_screen_delete_columns(screen, count, false);        /* DECDC */
    case KEY(0, '$', 'r'): return change_attributes(screen, parameters, false);           /* DECCARA */
    case KEY(0, '$', 't'): return change_attributes(screen, parameters, true);            /* DECRARA */
    case KEY(0, '$', 'v'): return copy(screen, parameters);                               /* DECCRA */
    case KEY(0, '$', 'x'): return fill(screen, parameters);                               /* DECFRA */
    case KEY(0, '$', 'z'): case KEY(0, '$', '{'):                                         /* DECERA DECSERA */
        return rectangle_of(screen, parameters, 0, &area) ? gp_screen_wipe(screen, area, event->byte == '{') : GP_OK;
    case KEY(0, '*', 'x'):                                                                /* DECSACE */
        if (first <= 2) screen->rectangular = first == 2;
        return GP_OK;
    default: return leave(terminal, event, service);
    }
}

/* REP; what is left of it when memory is lacking is tried again later. */
static gp_status repeat(gp_terminal *terminal, const gp_parameters *parameters, bool repeatable) {
    gp_screen *screen = &terminal->screen;
    screen->repeatable = repeatable;
    uint32_t times = gp_parameter_count(parameters, 0);
    screen->work += times;
    gp_status status = gp_screen_repeat(screen, &times);
    screen->repeatable = status != GP_OK;
    if (status != GP_OK) terminal->parser.parameters = (gp_parameters){.values = {(uint16_t)times}, .count = 1};
    return status;
}

gp_status gp_terminal_csi(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    const gp_parameters *parameters = event->parameters;
    bool repeatable = screen->repeatable, plain = !event->marker && !event->intermediates;
    screen->repeatable = false;
    if (event->byte == 'm' && plain) {
        gp_style style = screen->style;
        gp_sgr_apply(parameters, &style);
        gp_screen_set_pen(screen, &style);
        return GP_OK;
    }
    gp_screen_stop_joining(screen);
    if (parameters->subparameters) return GP_OK;
    if (!plain) return other_csi(terminal, event, service);
    return event->byte == 'b' ? repeat(terminal, parameters, repeatable) : plain_csi(terminal, event, service);
}
