/* Whose turn it is to feed: what feeding left to its caller is done before another thread feeds on. The caller itself may feed
 * in between, from a handler of signals or events. */
#include <string.h>
#include <time.h>

#include "vt/terminal.h"

static bool is_of_other(const gp_terminal *terminal) {
    return terminal->turns && !pthread_equal(terminal->turn_of, pthread_self());
}

void gp_terminal_begin_turn(gp_terminal *terminal) {
    terminal->turn_of = pthread_self();
    terminal->turns++;
}

static void end_turn(gp_terminal *terminal) {
    /* One signal is enough: whoever is woken takes the turn, and ends it. */
    if (!--terminal->turns) pthread_cond_signal(&terminal->turn_ended);
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
