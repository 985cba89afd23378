/* A terminal: a parser in front of a screen, behind a lock. */
#ifndef GP_VT_TERMINAL_H
#define GP_VT_TERMINAL_H

#include "vt/parser.h"
#include "vt/screen.h"

struct gp_terminal {
    gp_member member; /* first, so that an arena's member is its terminal */
    gp_screen screen;
    gp_parser parser;
    uint64_t modes;      /* bits by place in the table of terminal_csi.c */
    uint8_t cursor_style; /* DECSCUSR */
    uint64_t bells, ignored; /* since feeding told of them */
    uint64_t synchronized_ns; /* when mode 2026 was set last */
    gp_event retry; /* an event that memory was lacking for, to be carried out before all else; else GP_EVENT_NONE */
};

/* What one event does. *service is set where the caller has to do it. */
gp_status gp_terminal_control(gp_terminal *terminal, uint8_t byte);
gp_status gp_terminal_escape(gp_terminal *terminal, const gp_event *event, gp_service *service);
gp_status gp_terminal_csi(gp_terminal *terminal, const gp_event *event, gp_service *service);
gp_status gp_terminal_osc(gp_terminal *terminal, const gp_event *event, gp_service *service);
/* Whether a CSI is the caller's to carry out. */
bool gp_terminal_is_service(const gp_event *event);
/* Hands a CSI or a string over. */
void gp_terminal_serve(const gp_event *event, gp_service *service);
gp_status gp_terminal_reset(gp_terminal *terminal);
void gp_terminal_default_modes(gp_terminal *terminal);
int gp_terminal_find_mode(const gp_terminal *terminal, uint32_t number, bool ansi);

#endif
