/* A terminal: a parser in front of a screen, behind a lock. */
#ifndef GP_VT_TERMINAL_H
#define GP_VT_TERMINAL_H

#include "memory/reclaim.h"
#include "vt/parser.h"
#include "vt/screen.h"

typedef struct gp_csi_memo gp_csi_memo;

enum { GP_MODES_MAX = 128, GP_STYLES_MAX = 10, GP_LEVEL_MAX = 4 };

/* A bit for each mode, by its place in the table of terminal_modes.c. */
typedef struct gp_mode_bits {
    uint64_t words[GP_MODES_MAX / 64];
} gp_mode_bits;

static inline void gp_mode_bits_set(gp_mode_bits *bits, int place, bool on) {
    uint64_t bit = (uint64_t)1 << (place % 64);
    bits->words[place / 64] = (bits->words[place / 64] & ~bit) | (on ? bit : 0);
}

/* A pen that XTPUSHSGR has put aside, and which of its attributes come back. */
typedef struct gp_pushed_style {
    gp_style style;
    uint16_t attributes;
    bool foreground, background;
} gp_pushed_style;

/* What a terminal was before it became a VT52, and is again after. */
typedef struct gp_before_vt52 {
    uint8_t modes; /* a bit for each that a VT52 does not have */
    gp_charsets charsets;
    gp_style style;
} gp_before_vt52;

/* The buffer of a string that a feed was lent and has yet to read, while others come in the middle of it. */
typedef struct gp_kept_string {
    struct gp_kept_string *older; /* of an outer feed */
    uint8_t *bytes; /* OWNED(gp_free_wiped) */
    size_t capacity_bytes;
    uint32_t turn; /* of the feed, 1 for the outermost */
} gp_kept_string;

struct gp_terminal {
    gp_member member; /* first, so that an arena's member is its terminal */
    pthread_cond_t turn_ended;
    pthread_t turn_of; /* whose turn it is to feed, if there are any */
    uint32_t turns;
    bool leaves;         /* to the one whose turn it is, who has to take it: */
    uint32_t left_count; /* of services, 0 or 1 */
    size_t left_bytes;   /* consumed */
    gp_service left;
    uint32_t lent_turn; /* of the last feed: to which the parser's string may be lent */
    gp_kept_string *kept_strings; /* OWNED */
    gp_screen screen;
    gp_parser parser;
    gp_mode_bits modes, saved_modes; /* XTSAVE */
    bool saved_alternate;
    gp_before_vt52 before_vt52;
    uint8_t level;       /* DECSCL: 1 to GP_LEVEL_MAX, as a VT100 to a VT400 */
    bool eight_bit;      /* replies have C1 controls of 8 bits */
    uint8_t pushed;      /* of the pens below */
    gp_pushed_style pushed_styles[GP_STYLES_MAX];
    uint8_t cursor_style; /* DECSCUSR */
    bool frozen_open; /* of a snapshot to be saved: its last line was open */
    uint64_t bells, ignored; /* since feeding told of them */
    uint64_t synchronized_ns; /* when mode 2026 was set last */
    uint64_t settled_generation; /* of the screen, when the arena asked last whether the terminal lies idle */
    gp_event retry; /* an event that memory was lacking for, to be carried out before all else; else GP_EVENT_NONE */
    uint32_t modes_done; /* parameters of it that were carried out, where each is a mode */
    gp_watch watch;      /* the host's, and no state of the terminal: neither saved nor in snapshots */
    bool watches;        /* whether it is anything */
    gp_event handed;     /* an event that was handed over, until the next feed; else GP_EVENT_NONE */
};

/* Feeding, with the lock held: until all is used up, something is to be done by the caller, or memory is lacking. *from is
 * where it begins, and then where it got to. Adds to what the service says. */
gp_status gp_terminal_take(gp_terminal *terminal, const uint8_t **from, const uint8_t *end, gp_csi_memo *memo,
                           gp_service *service);
gp_status gp_terminal_carry_out(gp_terminal *terminal, const gp_event *event, gp_service *service);
/* Whether the event was watched, and is the caller's; of text so much as *cursor then says. */
bool gp_terminal_hand_over(gp_terminal *terminal, const gp_event *event, const uint8_t **cursor, gp_service *service);

/* What one event does. *service is set where the caller has to do it. */
gp_status gp_terminal_control(gp_terminal *terminal, uint8_t byte);
gp_status gp_terminal_escape(gp_terminal *terminal, const gp_event *event, gp_service *service);
gp_status gp_terminal_csi(gp_terminal *terminal, const gp_event *event, gp_service *service);
gp_status gp_terminal_osc(gp_terminal *terminal, const gp_event *event, gp_service *service);
/* Whether a CSI is the caller's to carry out. */
bool gp_terminal_is_service(const gp_event *event);
/* Hands a CSI or a string over. */
void gp_terminal_serve(const gp_event *event, gp_service *service);
/* Whether it needs nothing of the terminal but what it says itself, so that feeding may go on before it is done. */
bool gp_service_waits(const gp_service *service);
gp_status gp_terminal_reset(gp_terminal *terminal);
/* In a checking build, after each call that may have changed something; of a long history now and then, as it walks all of
 * it. */
void gp_terminal_verify(gp_terminal *terminal);
/* With no lock held: whether the call with this outcome is to be made again, as there is room for it in the arena now. */
bool gp_terminal_again(gp_terminal *terminal, gp_status *status, gp_retry *retry);

/* With the lock held (terminal_turn.c). */
void gp_terminal_begin_turn(gp_terminal *terminal);
/* Before each feed: what it was lent before is given back, and what outer ones were lent, kept. */
gp_status gp_terminal_settle_strings(gp_terminal *terminal);
/* Those lent to feeds from this turn on. */
void gp_terminal_give_back_strings(gp_terminal *terminal, uint32_t turn);

/* ---- modes (terminal_modes.c) ---- */

void gp_terminal_default_modes(gp_terminal *terminal);
void gp_terminal_note_mode(gp_terminal *terminal, uint32_t number, bool ansi, bool on);
/* The place of a private mode that DECSET and DECRST note and do nothing else about; -1: it is another. */
int gp_terminal_kept_mode(uint32_t number);
/* SM, RM, DECSET, DECRST */
gp_status gp_terminal_set_modes(gp_terminal *terminal, const gp_event *event, gp_service *service);
void gp_terminal_save_modes(gp_terminal *terminal, const gp_parameters *parameters);
gp_status gp_terminal_restore_modes(gp_terminal *terminal, const gp_parameters *parameters);
void gp_terminal_soft_reset(gp_terminal *terminal); /* DECSTR */

/* ---- DECANM (terminal_vt52.c) ---- */

void gp_terminal_become_vt52(gp_terminal *terminal);
gp_status gp_terminal_vt52_escape(gp_terminal *terminal, const gp_event *event, gp_service *service);
gp_cursor_info gp_terminal_cursor(const gp_terminal *terminal);
/* As gp_terminal_mode. */
int gp_terminal_find_mode(const gp_terminal *terminal, uint32_t number, bool ansi);

#endif
