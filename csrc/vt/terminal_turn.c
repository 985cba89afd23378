/* Whose turn it is to feed: what feeding left to its caller is done before another thread feeds on. The caller itself may feed
 * in between, from a handler of signals or events. */
#include <string.h>
#include <time.h>

#include "memory/alloc.h"
#include "vt/terminal.h"

static bool is_of_other(const gp_terminal *terminal) {
    return terminal->turns && !pthread_equal(terminal->turn_of, pthread_self());
}

void gp_terminal_begin_turn(gp_terminal *terminal) {
    terminal->turn_of = pthread_self();
    terminal->turns++;
}

static void end_turn(gp_terminal *terminal) {
    if (--terminal->turns) return;
    gp_terminal_give_back_strings(terminal, 1);
    /* One signal is enough: whoever is woken takes the turn, and ends it. */
    pthread_cond_signal(&terminal->turn_ended);
}

/* A handler of signals may feed between a feed's return and the copy of the string that this returned. */
void gp_terminal_give_back_strings(gp_terminal *terminal, uint32_t turn) {
    for (gp_kept_string *kept; (kept = terminal->kept_strings) && kept->turn >= turn;) {
        terminal->kept_strings = kept->older;
        gp_free_wiped(kept->bytes, kept->capacity_bytes);
        gp_free(kept);
    }
}

gp_status gp_terminal_settle_strings(gp_terminal *terminal) {
    const uint32_t turn = terminal->turns ? terminal->turns : 1;
    gp_terminal_give_back_strings(terminal, turn);
    if (terminal->lent_turn < turn && gp_parser_lends(&terminal->parser) && terminal->retry.kind == GP_EVENT_NONE) {
        gp_kept_string *kept = gp_alloc(sizeof *kept);
        if (!kept) return GP_ERR_NOMEM;
        *kept = (gp_kept_string){.older = terminal->kept_strings, .turn = terminal->lent_turn};
        kept->bytes = gp_parser_take_lent(&terminal->parser, &kept->capacity_bytes);
        terminal->kept_strings = kept;
    }
    terminal->lent_turn = turn;
    return GP_OK;
}

gp_status gp_terminal_take_turn(gp_terminal *terminal, bool left, gp_services *services) {
    enum { WAIT_NS = 20 * 1000 * 1000 };
    struct timespec until;
    timespec_get(&until, TIME_UTC);
    until.tv_nsec += WAIT_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    services->consumed_bytes = services->count = 0;
    pthread_mutex_lock(&terminal->member.lock);
    while (is_of_other(terminal))
        if (pthread_cond_timedwait(&terminal->turn_ended, &terminal->member.lock, &until)) break;
    bool busy = is_of_other(terminal);
    if (!busy && left && terminal->leaves) {
        services->consumed_bytes = terminal->left_bytes;
        services->count = terminal->left_count;
        services->at[0] = terminal->left;
        terminal->leaves = false;
    } else if (!busy) {
        gp_terminal_begin_turn(terminal);
    }
    services->turns += !busy;
    pthread_mutex_unlock(&terminal->member.lock);
    return busy ? GP_BUSY : GP_OK;
}

void gp_terminal_end_turn(gp_terminal *terminal, gp_services *services) {
    if (!services->turns) return;
    pthread_mutex_lock(&terminal->member.lock);
    services->turns--;
    end_turn(terminal);
    pthread_mutex_unlock(&terminal->member.lock);
}

void gp_terminal_forget_left(gp_terminal *terminal) {
    pthread_mutex_lock(&terminal->member.lock);
    if (!is_of_other(terminal) && terminal->leaves) {
        terminal->leaves = false;
        end_turn(terminal);
    }
    pthread_mutex_unlock(&terminal->member.lock);
}

void gp_terminal_renew_turns(gp_terminal *terminal) {
    pthread_cond_init(&terminal->turn_ended, NULL);
    if (!is_of_other(terminal)) return;
    terminal->turns = 0;
    terminal->leaves = false;
}
