/* Modes: what SM, RM, DECSET and DECRST change, and what DECRQM is told. */
#include <string.h>

#include "memory/mapping.h"
#include "vt/terminal.h"

/* ---- the table --------------------------------------------------------------------------------------------------------- */

enum { ANSI = 1 << 16, SET = 1 << 17, FIXED = 1 << 18, ACTS = 1 << 19, NUMBER = ANSI | 0xFFFF };

/* In order of their numbers, those of ECMA-48 last: every mode that xterm or a VT520 has. A mode has the bit of its place;
 * SET says that it is set at first, FIXED that this does not change. What a mode does is in set_private, for those that ACT,
 * and in set_ansi; others are kept for the host, or for the program to find them as it left them. */
static const uint32_t known_modes[] = {
    1, 2 | SET | ACTS, 3 | ACTS, 4, 5, 6 | ACTS, 7 | SET | ACTS, 8 | SET, 9 | ACTS, 10, 12 | SET, 13 | FIXED,
    14 | FIXED, 18, 19, 25 | SET, 30, 34, 35, 36, 38 | FIXED, 40, 41 | ACTS, 42, 43, 44, 45 | ACTS, 46 | FIXED, 57,
    58, 60 | FIXED, 61, 64, 66, 67, 68, 69 | ACTS, 73, 80, 81, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 106, 108,
    109, 110, 111, 112, 113, 114, 115, 116, 117, 1000 | ACTS, 1001 | ACTS, 1002 | ACTS, 1003 | ACTS, 1004,
    1005 | ACTS, 1006 | ACTS, 1007, 1010 | SET, 1011, 1014, 1015 | ACTS, 1016 | ACTS, 1034, 1035 | SET, 1036 | SET,
    1037, 1039, 1040, 1041, 1042, 1043, 1044, 1045 | ACTS, 1046 | SET | ACTS, 1050, 1051, 1052, 1053, 1060, 1061,
    1070 | SET, 2001, 2002, 2003, 2004, 2005, 2006, 2026 | ACTS, 2027 | SET | ACTS, 2031, 2048 | ACTS, 8452,
    ANSI | 1 | FIXED, ANSI | 2, ANSI | 3 | FIXED, ANSI | 4, ANSI | 5 | FIXED, ANSI | 7 | FIXED, ANSI | 10 | FIXED,
    ANSI | 11 | FIXED, ANSI | 12 | SET, ANSI | 13 | FIXED, ANSI | 14 | FIXED, ANSI | 15 | FIXED, ANSI | 16 | FIXED,
    ANSI | 17 | FIXED, ANSI | 18 | FIXED, ANSI | 19 | FIXED, ANSI | 20,
};

enum { KNOWN_MODES = sizeof known_modes / sizeof *known_modes };
static_assert((int)KNOWN_MODES <= (int)GP_MODES_MAX, "a bit for each mode");

static int place_of(uint32_t number, bool ansi) {
    uint32_t key = number | (ansi ? ANSI : 0);
    int low = 0, high = KNOWN_MODES;
    while (low < high) {
        int middle = (low + high) / 2;
        if ((known_modes[middle] & NUMBER) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < KNOWN_MODES && (known_modes[low] & NUMBER) == key ? low : -1;
}

static bool bit_at(const gp_mode_bits *bits, int place) { return bits->words[place / 64] >> (place % 64) & 1; }

void gp_terminal_default_modes(gp_terminal *terminal) {
    memset(&terminal->modes, 0, sizeof terminal->modes);
    for (int i = 0; i < KNOWN_MODES; i++) gp_mode_bits_set(&terminal->modes, i, known_modes[i] & SET);
    terminal->saved_modes = terminal->modes;
    terminal->saved_alternate = terminal->eight_bit = false;
    terminal->level = GP_LEVEL_MAX;
    terminal->parser.vt52 = false;
    terminal->pushed = 0;
}

int gp_terminal_find_mode(const gp_terminal *terminal, uint32_t number, bool ansi) {
    const gp_screen *screen = &terminal->screen;
    if (!ansi && (number == 47 || number == 1047 || number == 1049)) return screen->on_alternate;
    if (!ansi && number == 6) return screen->origin; /* which DECRC and others change too */
    if (!ansi && number == 1048) return screen->saved[screen->on_alternate].valid;
    int place = place_of(number, ansi);
    if (place < 0) return -1;
    int fixed = known_modes[place] & FIXED ? 3 : 0;
    return bit_at(&terminal->modes, place) ? fixed ? 3 : 1 : fixed ? 4 : 0;
}

static bool is_set(const gp_terminal *terminal, uint32_t number) { return gp_terminal_find_mode(terminal, number, false) == 1; }

int gp_terminal_kept_mode(uint32_t number) {
    int place = place_of(number, false);
    return place >= 0 && !(known_modes[place] & (ACTS | FIXED)) ? place : -1;
}

void gp_terminal_note_mode(gp_terminal *terminal, uint32_t number, bool ansi, bool on) {
    int place = place_of(number, ansi);
    if (place < 0)
        terminal->ignored++;
    else if (!(known_modes[place] & FIXED))
        gp_mode_bits_set(&terminal->modes, place, on);
}

/* ---- the alternate screen, after xterm ------------------------------------------------------------------------------------ */

static gp_status switch_screen(gp_screen *screen, uint32_t number, bool on) {
    bool was_on = screen->on_alternate, had_one = screen->alternate.page.mapping != NULL;
    gp_status status;
    if (on) {
        gp_saved_cursor before = screen->saved[was_on];
        if (number == 1049) gp_screen_save_cursor(screen);
        status = gp_screen_switch(screen, true);
        if (status == GP_OK && number == 1049) status = gp_screen_clear_alternate(screen);
        if (status == GP_OK) return GP_OK;
        screen->saved[was_on] = before;
        screen->on_alternate = was_on;
        if (!had_one) gp_grid_retire(&screen->list, &screen->alternate);
        return status;
    }
    status = gp_screen_prepare_to_leave(screen, number == 1049);
    if (status == GP_OK && number == 1047 && was_on) status = gp_screen_clear_alternate(screen);
    if (status == GP_OK) status = gp_screen_switch(screen, false);
    if (status == GP_OK && number == 1049) status = gp_screen_restore_cursor(screen);
    /* What 1047 has cleared need not be kept, unless it was cleared to a background. */
    if (status == GP_OK && number == 1047 && was_on && !screen->style.background)
        gp_grid_retire(&screen->list, &screen->alternate);
    return status;
}

/* ---- columns ------------------------------------------------------------------------------------------------------------ */

/* DECCOLM: 80 or 132 columns, without margins, with the cursor at home, and cleared (DECNCSM came with the VT500). */
static gp_status set_column_mode(gp_terminal *terminal, bool wide) {
    gp_screen *screen = &terminal->screen;
    uint32_t columns = wide ? 132 : 80;
    if ((uint64_t)columns * screen->rows > GP_CELLS_MAX) return GP_OK;
    gp_screen_mode mode = screen->mode;
    screen->mode = GP_SCREEN_GRID; /* so that what follows takes no memory */
    gp_status status = gp_screen_resize(screen, columns, screen->rows);
    screen->mode = mode;
    if (status == GP_OK) status = gp_screen_erase_in_display(screen, 2, false);
    if (status == GP_OK) status = gp_screen_go(screen, 0, 0);
    if (status != GP_OK) return status;
    gp_screen_free_margins(screen);
    gp_screen_undouble(screen);
    gp_terminal_note_mode(terminal, 69, false, false);
    gp_terminal_note_mode(terminal, 3, false, wide);
    return gp_screen_address(screen, 0, 0);
}

/* ---- setting and resetting ------------------------------------------------------------------------------------------------ */

/* Of these only one is set at a time. Resetting any of those of the mouse resets all, of its encodings only itself. */
static const uint16_t mouse_modes[] = {9, 1000, 1001, 1002, 1003}, mouse_encodings[] = {1005, 1006, 1015, 1016};

static void set_one(gp_terminal *terminal, const uint16_t *group, size_t count, uint32_t number, bool on, bool all) {
    for (size_t i = 0; i < count; i++)
        if (on || all || group[i] == number) gp_terminal_note_mode(terminal, group[i], false, on && group[i] == number);
}

static gp_status set_private(gp_terminal *terminal, uint32_t number, bool on) {
    gp_screen *screen = &terminal->screen;
    gp_status status = GP_OK;
    int kept = gp_terminal_kept_mode(number);
    if (kept >= 0) {
        gp_mode_bits_set(&terminal->modes, kept, on);
        return GP_OK;
    }
    switch (number) {
    case 2:
        if (!on) gp_terminal_become_vt52(terminal);
        return GP_OK;
    case 3: return is_set(terminal, 40) ? set_column_mode(terminal, on) : GP_OK;
    case 6:
        screen->origin = on;
        status = gp_screen_address(screen, 0, 0);
        if (status != GP_OK) screen->origin = !on;
        break;
    case 7:
        if (on != screen->autowrap) {
            screen->x = gp_screen_column(screen);
            screen->at_margin = false;
        }
        screen->autowrap = on;
        gp_screen_sum_up(screen);
        break;
    case 9: case 1000: case 1001: case 1002: case 1003:
        set_one(terminal, mouse_modes, sizeof mouse_modes / sizeof *mouse_modes, number, on, true);
        return GP_OK;
    case 1005: case 1006: case 1015: case 1016:
        set_one(terminal, mouse_encodings, sizeof mouse_encodings / sizeof *mouse_encodings, number, on, false);
        return GP_OK;
    case 41: screen->tab_wraps = on; break;
    case 45: screen->reverse_wrap = on; break;
    case 1045: screen->reverse_any = on; break;
    case 69:
        if (terminal->level < 4) return GP_OK;
        gp_screen_set_margin_mode(screen, on);
        break;
    case 1046:
        if (!on) status = gp_screen_switch(screen, false);
        break;
    case 47: case 1047: case 1049: return is_set(terminal, 1046) ? switch_screen(screen, number, on) : GP_OK;
    case 1048:
        if (!is_set(terminal, 1046)) return GP_OK;
        if (!on) return gp_screen_restore_cursor(screen);
        gp_screen_save_cursor(screen);
        return GP_OK;
    case 2026:
        if (on) terminal->synchronized_ns = gp_now_ns();
        break;
    case 2027: screen->graphemes = on; break;
    }
    if (status == GP_OK) gp_terminal_note_mode(terminal, number, false, on);
    return status;
}

static void set_ansi(gp_terminal *terminal, uint32_t number, bool on) {
    gp_screen *screen = &terminal->screen;
    if (number == 4) screen->insert = on;
    if (number == 20) screen->newline = on;
    gp_screen_sum_up(screen);
    gp_terminal_note_mode(terminal, number, true, on);
}

/* Modes of which the caller is told when they change: the size, and who wants to know it. */
static bool concerns_caller(uint32_t number) { return number == 3 || number == 2048; }

gp_status gp_terminal_set_modes(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    const gp_parameters *parameters = event->parameters;
    bool on = event->byte == 'h', told = false;
    gp_status status = GP_OK;
    for (uint32_t i = 0; i < parameters->count; i++) {
        uint32_t number = parameters->values[i];
        told |= event->marker == '?' && concerns_caller(number);
        if (i < terminal->modes_done) continue;
        if (event->marker == '?')
            status = set_private(terminal, number, on);
        else
            set_ansi(terminal, number, on);
        terminal->modes_done = i;
        if (status != GP_OK) return status;
        if (terminal->parser.vt52) break; /* which has no other modes */
    }
    terminal->modes_done = 0;
    if (told) gp_terminal_serve(event, service);
    return GP_OK;
}

void gp_terminal_save_modes(gp_terminal *terminal, const gp_parameters *parameters) {
    for (uint32_t i = 0; i < parameters->count; i++) {
        uint32_t number = parameters->values[i];
        int place = place_of(number, false);
        if (number == 1048) gp_screen_save_cursor(&terminal->screen);
        if (number == 47 || number == 1047 || number == 1049) terminal->saved_alternate = terminal->screen.on_alternate;
        if (place >= 0) gp_mode_bits_set(&terminal->saved_modes, place, bit_at(&terminal->modes, place));
    }
}

gp_status gp_terminal_restore_modes(gp_terminal *terminal, const gp_parameters *parameters) {
    for (uint32_t i = terminal->modes_done; i < parameters->count; i++) {
        gp_status status = GP_OK;
        uint32_t number = parameters->values[i];
        int place = place_of(number, false);
        if (number == 47 || number == 1047 || number == 1049) {
            if (is_set(terminal, 1046)) status = switch_screen(&terminal->screen, 47, terminal->saved_alternate);
        } else if (number == 1048) {
            status = gp_screen_restore_cursor(&terminal->screen);
        } else if (place >= 0) {
            bool on = bit_at(&terminal->saved_modes, place);
            bool exclusive = number == 9 || (number >= 1000 && number <= 1016);
            if (!exclusive || on != bit_at(&terminal->modes, place)) status = set_private(terminal, number, on);
        }
        terminal->modes_done = i;
        if (status != GP_OK) return status;
    }
    terminal->modes_done = 0;
    return GP_OK;
}

void gp_terminal_soft_reset(gp_terminal *terminal) {
    static const struct {
        uint16_t number;
        bool ansi, on;
    } modes[] = {{1, false, false},  {6, false, false},  {7, false, true},    {25, false, true}, {45, false, false},
                 {66, false, false}, {69, false, false}, {1045, false, false}, {2, true, false},  {4, true, false}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        gp_terminal_note_mode(terminal, modes[i].number, modes[i].ansi, modes[i].on);
    gp_screen_soften(&terminal->screen);
}
