/* Feeding: the loop from bytes to the screen, and what is done with each event. */
#include <string.h>

#include "vt/csi_memo.h"
#include "vt/plain_csi.h"
#include "vt/scan.h"
#include "vt/terminal.h"

/* ---- events -------------------------------------------------------------------------------------------------------- */

/* OSC 8: parameters, separated by colons, of which id is kept, and the target. Hot in output full of links. */
static gp_status hyperlink(gp_screen *screen, const uint8_t *bytes, size_t length_bytes, bool truncated) {
    const uint8_t *end = bytes + length_bytes, *uri = memchr(bytes, ';', length_bytes);
    if (!uri) return GP_OK;
    const uint8_t *id = NULL;
    size_t id_bytes = 0;
    for (const uint8_t *part = bytes; part < uri;) {
        const uint8_t *next = memchr(part, ':', (size_t)(uri - part));
        if (!next) next = uri;
        if (next - part >= 3 && memcmp(part, "id=", 3) == 0) id = part + 3, id_bytes = (size_t)(next - id);
        part = next + 1;
    }
    uri++;
    size_t uri_bytes = (size_t)(end - uri);
    /* What is too long for a link is shown without one. */
    if (truncated || uri_bytes > GP_LINK_URI_MAX_BYTES || id_bytes > GP_LINK_ID_MAX_BYTES) uri_bytes = id_bytes = 0;
    return gp_screen_hyperlink(screen, uri, uri_bytes, id, id_bytes);
}

gp_status gp_terminal_osc(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    screen->repeatable = false;
    if (event->length_bytes >= 2 && event->bytes[0] == '8' && event->bytes[1] == ';')
        return hyperlink(screen, event->bytes + 2, event->length_bytes - 2, event->truncated);
    gp_screen_stop_joining(screen);
    gp_terminal_serve(event, service);
    return GP_OK;
}

static gp_status carry_out(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    gp_screen *screen = &terminal->screen;
    gp_status status = gp_screen_end_text(screen);
    if (status != GP_OK) return status;
    switch (event->kind) {
    case GP_EVENT_CSI: return gp_terminal_csi(terminal, event, service);
    case GP_EVENT_OSC: return gp_terminal_osc(terminal, event, service);
    case GP_EVENT_EXECUTE:
        gp_screen_stop_joining(screen);
        screen->repeatable = false;
        return gp_terminal_control(terminal, event->byte);
    case GP_EVENT_ESC:
        gp_screen_stop_joining(screen);
        screen->repeatable = false;
        return gp_terminal_escape(terminal, event, service);
    default:
        gp_screen_stop_joining(screen);
        screen->repeatable = false;
        gp_terminal_serve(event, service);
        return GP_OK;
    }
}

gp_status gp_terminal_carry_out(gp_terminal *terminal, const gp_event *event, gp_service *service) {
    return carry_out(terminal, event, service);
}

/* An event that memory was lacking for waits for the next feed: what it needs is still in the parser. A string that was
 * lent from the input is fed again instead. */
static void wait_with(gp_terminal *terminal, const gp_event *event, const uint8_t **cursor) {
    if (event->kind >= GP_EVENT_DCS && gp_parser_is_ground(&terminal->parser)) {
        gp_parser_unread(&terminal->parser);
        *cursor = event->bytes;
    } else {
        terminal->retry = *event;
    }
}

/* ==== hot path ======================================================================================================== */

/* After so much work in single sequences (a few tens of milliseconds) feeding stops, so that the caller can look up. */
enum { WORK_MAX = 1 << 21 };

/* Prints a run of text, up to a C1 control in it. *cursor is where it got to, also on failure. */
static gp_status print_run(gp_terminal *terminal, const uint8_t **cursor, size_t length_bytes, bool ascii) {
    enum { PORTION_BYTES = 1 << 20 };
    gp_screen *screen = &terminal->screen;
    const uint8_t *at = *cursor, *end = at + length_bytes;
    while (at < end) {
        size_t printed_bytes;
        uint8_t c1;
        size_t portion_bytes = end - at < PORTION_BYTES ? (size_t)(end - at) : PORTION_BYTES;
        gp_status status = gp_screen_print(screen, at, portion_bytes, ascii, &printed_bytes, &c1);
        at += printed_bytes;
        *cursor = at;
        if (status != GP_OK) return status;
        if (c1) {
            gp_parser_c1(&terminal->parser, c1);
            return GP_OK;
        }
    }
    if (gp_screen_calm(screen)) gp_screen_pack(screen);
    return GP_OK;
}

/* A whole OSC 8 from `at` on, behind its ESC ]: returns where it ends. NULL: it is something else. */
static const uint8_t *plain_link(gp_screen *screen, const uint8_t *at, const uint8_t *end) {
    bool ascii;
    if (end - at < 4 || at[0] != '8' || at[1] != ';' || screen->pending_bytes) return NULL;
    size_t length_bytes = gp_scan_text(at, (size_t)(end - at), &ascii);
    const uint8_t *after = at + length_bytes;
    bool bell = after < end && *after == 0x07, st = end - after >= 2 && after[0] == 0x1B && after[1] == '\\';
    if (!(bell | st) || length_bytes > GP_LINK_URI_MAX_BYTES) return NULL;
    if (hyperlink(screen, at + 2, length_bytes - 2, false) != GP_OK) return NULL; /* which fails again */
    screen->repeatable = false;
    return after + 1 + st;
}

/* An escape sequence of a final byte and at most one intermediate, behind its ESC: as plain_link. */
static const uint8_t *plain_escape(const uint8_t *at, gp_event *event) {
    bool with = at[0] >= 0x20 && at[0] < 0x30;
    uint8_t byte = at[with];
    if (byte < 0x30 || byte >= 0x7F || (!with && (byte == 'P' || byte == 'X' || (byte >= '[' && byte <= '_' && byte != '\\'))))
        return NULL;
    event->kind = GP_EVENT_ESC;
    event->intermediates = with ? at[0] : 0;
    event->byte = byte;
    return at + with + 1;
}

/* ESC ( B where G0 is ASCII already: terminfo's sgr0 has it with every reset of colours. */
static inline bool designated(gp_screen *screen, const uint8_t *at) {
    if (at[0] != '(' || at[1] != GP_CHARSET_ASCII || screen->charsets.names[0] != GP_CHARSET_ASCII || screen->pending_bytes)
        return false;
    gp_screen_stop_joining(screen);
    screen->repeatable = false;
    return true;
}

/* A new line in text mode, where there is nothing else to it. */
static inline bool next_line(gp_screen *screen) {
    if (!gp_screen_shows_text(screen) || !screen->plain || screen->pending_bytes || screen->style.background ||
        gp_list_next_line(&screen->list) != GP_OK)
        return false;
    gp_screen_stop_joining(screen);
    screen->repeatable = false;
    screen->pen_stale = !gp_style_is_default(&screen->style) || screen->link.uri_bytes;
    screen->y = screen->list.tail_rows - 1;
    screen->x = 0;
    return true;
}

/* As gp_terminal_csi does what came before and is no SGR, `times` times, without the dispatch, which takes 70 instructions. */
static inline gp_status known_csi(gp_terminal *terminal, const gp_csi_known *known, uint32_t times) {
    gp_screen *screen = &terminal->screen;
    screen->repeatable = false;
    gp_screen_stop_joining(screen);
    if (known->byte == 'C') return gp_screen_forward(screen, known->value * times);
    if (known->byte == 'K') return gp_screen_erase_in_line(screen, known->value, false);
    gp_mode_bits_set(&terminal->modes, known->value, known->byte == 'h');
    return GP_OK;
}

/* CUP, the same way, and without parameters in between: 90 instructions with what they take to read, instead of 190. False:
 * `key` is something else, or memory is lacking, and it is to be carried out as others are. */
static inline bool address(gp_screen *screen, uint64_t key) {
    uint32_t row, column, before_bytes = key ? gp_csi_memo_key_bytes(key) - 1 : 0;
    if (key >> 8 * before_bytes != 'H' || !gp_plain_pair(key, before_bytes, &row, &column)) return false;
    screen->repeatable = false;
    gp_screen_stop_joining(screen);
    row -= row > 0;
    column -= column > 0;
    return (screen->origin ? gp_screen_address(screen, column, row) : gp_screen_go(screen, column, row)) == GP_OK;
}

/* A letter by itself, as programs draw that address each: what is asked of other text takes longer than the letter. */
static inline bool prints_letter(gp_screen *screen, const uint8_t *at, const uint8_t *end) {
    return end - at >= 2 && at[1] == 0x1B && at[0] >= 0x20 && at[0] < 0x7F && gp_screen_print_ascii(screen, at, 1);
}

/* BS, HT, LF and CR, without the dispatch too: half the instructions. */
static inline bool moves(uint8_t byte, const gp_screen *screen) {
    return byte == '\r' || (byte == '\n' && !screen->newline) || byte == '\b' || byte == '\t';
}

static inline gp_status move(gp_screen *screen, uint8_t byte) {
    screen->repeatable = false;
    gp_screen_stop_joining(screen);
    if (byte == '\n') return gp_screen_index(screen);
    if (byte == '\b') return gp_screen_back(screen, 1);
    if (byte == '\t') return gp_screen_tab_forward(screen, 1);
    gp_screen_return(screen);
    return GP_OK;
}

/* Text, C0 controls, plain control sequences and links, from ground state to ground state, do without the parser's events: half
 * the instructions. Returns where something else begins, or nothing is to be done any more. */
static const uint8_t *take_plain(gp_terminal *terminal, const uint8_t *at, const uint8_t *end, gp_csi_memo *memo,
                                 gp_service *service, gp_status *status) {
    gp_screen *screen = &terminal->screen;
    gp_parser *parser = &terminal->parser;
    const uint8_t *stop = screen->mode == GP_SCREEN_EARLY && at < end ? at + 1 : end; /* to be packed after each thing */
    enum { SHORT_BYTES = 24 }; /* of text; beyond that letters of one width are seldom alone */
    gp_event event;
    while (at < stop) {
        const uint8_t *after;
        uint8_t byte = *at;
        if (byte == 0x1B && end - at >= 3 && at[1] == '[') {
            const bool readable = end - at >= 10 && !screen->pending_bytes;
            uint64_t key = readable ? gp_csi_memo_key(at + 2) : 0;
            const gp_csi_known *known = gp_csi_memo_find(memo, key);
            if (!known && address(screen, key)) {
                at += 2 + gp_csi_memo_key_bytes(key);
                at += prints_letter(screen, at, end);
                continue;
            }
            if (known && known->byte == 'm') { /* as gp_terminal_csi, of which half is SGR */
                at += 2 + known->bytes;
                if (gp_csi_memo_style(known, &screen->style)) screen->pen_stale = screen->attribute_stale = true;
                screen->repeatable = false;
                continue;
            }
            gp_style style = screen->style;
            bool sgr = false;
            if (known) {
                at += 2 + known->bytes;
                uint32_t times = 1;
                if (known->byte == 'C') { /* which a shell's editor sends by the dozen */
                    times += gp_csi_memo_again(known->bytes, at, end);
                    at += (times - 1) * (known->bytes + 2u);
                }
                *status = known_csi(terminal, known, times);
                if (*status != GP_OK) gp_csi_memo_event(known, &parser->parameters, &event);
            } else if (readable && !key && (after = gp_sgr_read(at + 2, end, &style))) { /* hardly any other is so long */
                at = after;
                sgr = true;
            } else {
                if (!(after = gp_plain_csi(&parser->parameters, at + 2, end, &event))) break;
                at = after;
                gp_csi_memo_note(memo, key, &event);
                if (screen->pending_bytes) *status = gp_screen_end_text(screen);
                sgr = event.byte == 'm' && !event.marker && *status == GP_OK;
                if (sgr)
                    gp_sgr_apply(&parser->parameters, &style);
                else if (*status == GP_OK)
                    *status = gp_terminal_csi(terminal, &event, service);
            }
            if (sgr) {
                gp_screen_set_pen(screen, &style);
                screen->repeatable = false;
            } else {
                if (*status != GP_OK) wait_with(terminal, &event, &at);
                if (*status != GP_OK || service->kind || screen->work >= WORK_MAX || parser->vt52) break;
            }
            continue;
        }
        if (!screen->x && gp_screen_shows_text(screen) && (byte == '\r' || (byte >= 0x20 && byte < 0x7F))) {
            at = gp_screen_print_lines(screen, at, end);
            if (at == end) break;
            byte = *at;
        }
        if (byte >= 0x20 && byte != 0x7F) {
            bool ascii;
            size_t run_bytes = gp_scan_short_text(at, (size_t)(end - at), &ascii);
            size_t printed_bytes = 0;
            if (ascii)
                printed_bytes = gp_screen_print_ascii(screen, at, run_bytes) ? run_bytes : 0;
            else if (run_bytes <= SHORT_BYTES || !gp_screen_shows_text(screen))
                printed_bytes = gp_screen_print_letters(screen, at, run_bytes);
            at += printed_bytes;
            if (printed_bytes < run_bytes) {
                *status = print_run(terminal, &at, run_bytes - printed_bytes, ascii);
                if (*status != GP_OK || !gp_parser_is_ground(parser)) break;
            }
        } else if (byte == 0x1B) {
            if (end - at < 3) break;
            if (at[1] == ']') {
                if (!(after = plain_link(screen, at + 2, end))) break;
                at = after;
            } else if (designated(screen, at + 1)) {
                at += 3;
            } else {
                if (!(after = plain_escape(at + 1, &event))) break;
                at = after;
                *status = carry_out(terminal, &event, service);
                if (*status != GP_OK) wait_with(terminal, &event, &at);
            }
            if (*status != GP_OK || service->kind || screen->work >= WORK_MAX || parser->vt52) break;
        } else if (byte == '\r' && end - at >= 2 && at[1] == '\n' && next_line(screen)) {
            at += 2;
        } else if (byte < 0x20 && byte != 0x1B) {
            if (byte == '\r' && end - at >= 2 && at[1] == '\n' && !screen->pending_bytes) { /* with LF in one step */
                gp_screen_return(screen);
                byte = *++at;
            }
            event.kind = GP_EVENT_EXECUTE;
            event.byte = byte;
            at++;
            *status = screen->pending_bytes || !moves(byte, screen) ? carry_out(terminal, &event, service) : move(screen, byte);
            if (*status != GP_OK) wait_with(terminal, &event, &at);
            if (*status != GP_OK || screen->work >= WORK_MAX) break;
        } else {
            break;
        }
    }
    return at;
}

/* In the ground state, unless something is watched, nearly all goes the short way. */
gp_status gp_terminal_take(gp_terminal *terminal, const uint8_t **from, const uint8_t *end, gp_csi_memo *memo,
                           gp_service *service) {
    const uint8_t *cursor = *from;
    gp_screen *screen = &terminal->screen;
    gp_parser *parser = &terminal->parser;
    gp_event event;
    gp_status status = GP_OK;
    screen->generation++;
    const bool watches = terminal->watches;
    if (watches) terminal->handed.kind = GP_EVENT_NONE;
    if (terminal->retry.kind != GP_EVENT_NONE) {
        status = carry_out(terminal, &terminal->retry, service);
        if (status == GP_OK) terminal->retry.kind = GP_EVENT_NONE;
    }
    while (status == GP_OK && !service->kind && screen->work < WORK_MAX) {
        if (gp_parser_is_ground(parser) && !watches && !parser->vt52) {
            const uint8_t *before = cursor;
            cursor = take_plain(terminal, cursor, end, memo, service, &status);
            if (status != GP_OK || service->kind || screen->work >= WORK_MAX) break;
            if (screen->mode == GP_SCREEN_EARLY && cursor > before) {
                gp_screen_pack(screen);
                continue;
            }
        }
        if (gp_parser_next(parser, &cursor, end, &event) == GP_EVENT_NONE) {
            if (parser->starved) status = GP_ERR_NOMEM;
            parser->starved = false;
            break;
        } else if (watches && gp_terminal_hand_over(terminal, &event, &cursor, service)) {
            continue;
        } else if (event.kind == GP_EVENT_PRINT) {
            cursor = event.bytes;
            status = print_run(terminal, &cursor, event.length_bytes, event.ascii);
        } else {
            status = carry_out(terminal, &event, service);
            if (status != GP_OK) wait_with(terminal, &event, &cursor);
        }
        if (screen->mode == GP_SCREEN_EARLY) gp_screen_pack(screen);
    }
    gp_list_shed(&screen->list);
    *from = cursor;
    service->bells += terminal->bells;
    service->ignored += terminal->ignored;
    terminal->bells = terminal->ignored = 0;
    service->eight_bit = terminal->eight_bit;
    gp_terminal_verify(terminal);
    return status;
}

/* On and on, while what is to be done by the caller waits, up to so many services. */
static gp_status take_on(gp_terminal *terminal, const uint8_t **cursor, const uint8_t *end, gp_csi_memo *memo,
                         gp_services *services, uint32_t most) {
    gp_status status;
    bool waits;
    terminal->screen.work = 0;
    do {
        gp_service *service = &services->at[services->count];
        status = gp_terminal_take(terminal, cursor, end, memo, service);
        if (!service->kind) break;
        waits = gp_parser_is_ground(&terminal->parser) && !terminal->watch.services && gp_service_waits(service) &&
                terminal->screen.work < WORK_MAX;
        if (++services->count == most) break;
        memset(service + 1, 0, sizeof *service);
    } while (waits);
    return status;
}

/* In turn: if it is nobody's, up to the first service; the turn is taken if something is left. */
static gp_status feed(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes, gp_services *services, bool in_turn) {
    const size_t most_bytes = in_turn && length_bytes > GP_FEED_MAX_BYTES ? GP_FEED_MAX_BYTES : length_bytes;
    const uint32_t most = in_turn ? 1 : GP_SERVICES_MAX;
    const uint8_t *cursor = bytes, *end = bytes + most_bytes, *before;
    gp_csi_memo room, *memo = gp_csi_memo_init(&room, length_bytes);
    gp_retry retry = {0};
    gp_status status;
    services->count = 0;
    memset(services->at, 0, sizeof services->at[0]);
    do {
        before = cursor;
        pthread_mutex_lock(&terminal->member.lock);
        if (in_turn && terminal->turns && !services->turns) {
            pthread_mutex_unlock(&terminal->member.lock);
            return GP_BUSY;
        }
        status = gp_terminal_settle_strings(terminal);
        if (status == GP_OK) status = take_on(terminal, &cursor, end, memo, services, most);
        const bool done = status == GP_OK && cursor == bytes + length_bytes && !services->at[0].kind;
        if (in_turn && done) { /* they can wait, for the next service or until they are asked for */
            terminal->bells = services->at[0].bells;
            terminal->ignored = services->at[0].ignored;
            services->at[0].bells = services->at[0].ignored = 0;
        }
        if (in_turn && !done && !services->turns) {
            gp_terminal_begin_turn(terminal);
            services->turns = 1;
        }
        pthread_mutex_unlock(&terminal->member.lock);
        if (cursor > before) gp_reclaim_progress(&retry);
    } while (gp_terminal_again(terminal, &status, &retry));
    const gp_service *rest = &services->at[services->count];
    if (services->count < most && (rest->bells || rest->ignored)) services->count++;
    services->consumed_bytes = (size_t)(cursor - bytes);
    return status;
}

gp_status gp_terminal_feed(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes, gp_services *services) {
    return feed(terminal, bytes, length_bytes, services, false);
}

gp_status gp_terminal_feed_all(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes) {
    gp_services services;
    services.turns = 0;
    gp_status status = feed(terminal, bytes, length_bytes, &services, true);
    if (status == GP_BUSY || !services.turns) return status;
    terminal->left_bytes = services.consumed_bytes;
    terminal->left_count = services.count;
    terminal->left = services.at[0];
    terminal->leaves = true;
    return status == GP_OK ? GP_MORE : status;
}
