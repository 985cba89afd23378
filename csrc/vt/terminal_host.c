/* What a host has a say in: what it is handed instead of the screen, and what it orders besides what the program sends. */
#include <string.h>

#include "vt/csi_memo.h"

/* ---- events that are handed over ------------------------------------------------------------------------------------ */

void gp_terminal_watch(gp_terminal *terminal, const gp_watch *watch) {
    pthread_mutex_lock(&terminal->member.lock);
    terminal->watch = *watch;
    terminal->watches = watch->text || watch->wraps || watch->designations || watch->controls || watch->escapes[0] ||
                        watch->escapes[1] || watch->sequences[0] || watch->sequences[1];
    pthread_mutex_unlock(&terminal->member.lock);
}

static bool has_bit(const uint64_t *bits, uint8_t byte) { return byte < 0x80 && bits[byte / 64] >> (byte % 64) & 1; }

static bool is_watched(const gp_terminal *terminal, const gp_event *event) {
    const gp_watch *watch = &terminal->watch;
    switch (event->kind) {
    case GP_EVENT_EXECUTE: return watch->controls >> (event->byte & 31) & 1;
    case GP_EVENT_ESC:
        if (terminal->parser.vt52) return false; /* they mean something else there */
        return event->intermediates ? watch->designations : has_bit(watch->escapes, event->byte);
    case GP_EVENT_CSI:
        return !event->intermediates && !event->parameters->subparameters && (!event->marker || event->marker == '?') &&
               has_bit(watch->sequences, event->byte);
    default: return false;
    }
}

/* No character takes more columns than bytes. */
static bool may_wrap(const gp_screen *screen, size_t length_bytes) {
    return gp_screen_wraps_next(screen) || screen->x + length_bytes > gp_screen_end(screen, screen->x);
}

/* A run of text up to the first C1 control in UTF-8, or that control. */
static void hand_text(gp_terminal *terminal, const gp_event *event, const uint8_t **cursor, gp_service *service) {
    const uint8_t *at = event->bytes, *end = at + event->length_bytes, *c1 = at;
    while ((c1 = memchr(c1, 0xC2, (size_t)(end - c1))) && (c1 + 1 == end || c1[1] >= 0xA0))
        if (++c1 == end) break;
    bool controls = c1 && c1 < end;
    if (controls && c1 == at) {
        *cursor = at + 2;
        gp_parser_c1(&terminal->parser, at[1]);
        return;
    }
    service->kind = GP_SERVICE_TEXT;
    service->bytes = at;
    service->length_bytes = (size_t)((controls ? c1 : end) - at);
    *cursor = at + service->length_bytes;
}

bool gp_terminal_hand_over(gp_terminal *terminal, const gp_event *event, const uint8_t **cursor, gp_service *service) {
    const gp_watch *watch = &terminal->watch;
    if (event->kind == GP_EVENT_PRINT) {
        bool hands = watch->text || (watch->wraps && may_wrap(&terminal->screen, event->length_bytes));
        if (hands) hand_text(terminal, event, cursor, service);
        return hands;
    }
    if (!is_watched(terminal, event)) return false;
    (void)gp_screen_end_text(&terminal->screen); /* without memory for that it ends with what comes next */
    terminal->handed = *event;
    if (event->kind == GP_EVENT_CSI) {
        gp_terminal_serve(event, service);
        service->kind = GP_SERVICE_SEQUENCE;
    } else {
        service->kind = event->kind == GP_EVENT_ESC ? GP_SERVICE_ESCAPE : GP_SERVICE_CONTROL;
        service->intermediates = event->kind == GP_EVENT_ESC ? event->intermediates : 0;
        service->byte = event->byte;
    }
    return true;
}

/* One that says something. */
static void count_one(gp_services *services) {
    const gp_service *service = services->at;
    services->count = service->kind || service->bells || service->ignored;
}

gp_status gp_terminal_obey(gp_terminal *terminal, gp_services *services) {
    gp_status status = GP_OK;
    gp_retry retry = {0};
    gp_service *service = services->at;
    memset(service, 0, sizeof *service);
    do {
        pthread_mutex_lock(&terminal->member.lock);
        if (terminal->handed.kind != GP_EVENT_NONE) status = gp_terminal_carry_out(terminal, &terminal->handed, service);
        if (status == GP_OK) terminal->handed.kind = GP_EVENT_NONE;
        service->bells += terminal->bells;
        service->ignored += terminal->ignored;
        terminal->bells = terminal->ignored = 0;
        service->eight_bit = terminal->eight_bit;
        gp_terminal_verify(terminal);
        pthread_mutex_unlock(&terminal->member.lock);
    } while (gp_terminal_again(terminal, &status, &retry));
    services->consumed_bytes = 0;
    count_one(services);
    return status;
}

/* ---- orders --------------------------------------------------------------------------------------------------------- */

/* How far feeding has come, besides what is on the screen. */
typedef struct progress {
    gp_parser parser;
    gp_event retry;
    uint32_t modes_done;
    bool watches;
    uint8_t pending[4], pending_bytes;
} progress;

static void change_places(gp_terminal *terminal, progress *other) {
    gp_screen *screen = &terminal->screen;
    progress mine = {terminal->parser, terminal->retry, terminal->modes_done, terminal->watches, {0}, screen->pending_bytes};
    memcpy(mine.pending, screen->pending, sizeof mine.pending);
    terminal->parser = other->parser;
    terminal->retry = other->retry;
    terminal->modes_done = other->modes_done;
    terminal->watches = other->watches;
    screen->pending_bytes = other->pending_bytes;
    memcpy(screen->pending, other->pending, sizeof mine.pending);
    *other = mine;
}

gp_status gp_terminal_order(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes, gp_services *services) {
    const uint8_t *cursor = bytes, *before;
    gp_status status;
    gp_csi_memo room, *memo = gp_csi_memo_init(&room, length_bytes);
    gp_retry retry = {0};
    progress order = {0};
    gp_service *service = services->at;
    gp_parser_init(&order.parser);
    memset(service, 0, sizeof *service);
    do {
        before = cursor;
        pthread_mutex_lock(&terminal->member.lock);
        change_places(terminal, &order);
        terminal->screen.work = 0;
        status = gp_terminal_take(terminal, &cursor, bytes + length_bytes, memo, service);
        if (service->length_bytes) { /* a string, which goes with its parser */
            service->kind = GP_SERVICE_NONE;
            service->length_bytes = 0;
        }
        change_places(terminal, &order);
        terminal->parser.vt52 = gp_terminal_find_mode(terminal, 2, false) == 0;
        order.parser.vt52 = false; /* orders are not in its language */
        pthread_mutex_unlock(&terminal->member.lock);
        if (cursor > before) gp_reclaim_progress(&retry);
    } while (gp_terminal_again(terminal, &status, &retry));
    gp_parser_deinit(&order.parser);
    services->consumed_bytes = (size_t)(cursor - bytes);
    count_one(services);
    return status;
}
