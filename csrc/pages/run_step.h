/* Runs of text in which nothing is long, as a state machine: a code point begins a cell or joins the last one, and makes of the
 * last run the next one, or itself part of it. All that is asked of a table: which of them comes is in no order that a
 * processor could foretell.
 *
 *     run   0 0 k w c c c c    k clusters, w wide, c cells less one, or code points of a cluster less two */
#ifndef GP_PAGES_RUN_STEP_H
#define GP_PAGES_RUN_STEP_H

#include "pages/run_writer.h"

typedef struct gp_run_step {
    uint8_t run;     /* after it */
    uint8_t ended;   /* operations that there are more, 0 or 1, ... */
    uint8_t op;      /* ... and which that is */
    uint8_t columns; /* taken; GP_RUN_STEP_NONE: this is not for here */
} gp_run_step;

enum {
    GP_RUN_STEP_MOST = 15,
    GP_RUN_STEP_FIRST = 63, /* as a run: there is none yet */
    GP_RUN_STEP_NONE = 255,
};

#pragma GCC visibility push(hidden) /* so that it is reached without a detour */
/* By run, and by the width of what comes with what it joins, and 4 if it joins. */
extern const gp_run_step gp_run_steps[64][8];
#pragma GCC visibility pop

static inline bool gp_run_step_narrow(unsigned run) { return run < 16; }

/* Whether the last run can be one of these, and which. */
static inline bool gp_run_step_begin(const gp_run_writer *runs, unsigned *run) {
    bool simple = runs->tag < GP_OP_CLUSTER;
    *run = simple ? runs->tag >> 2 | (runs->count - 1) : 32 | (runs->tag & GP_OP_CLUSTER_WIDE) | (runs->count - 2);
    if (runs->tag == GP_OP_NONE) *run = GP_RUN_STEP_FIRST;
    return runs->tag == GP_OP_NONE || (runs->tag < GP_OP_BLANK && runs->count <= GP_RUN_STEP_MOST);
}

/* The last run is this one. */
static inline void gp_run_step_end(gp_run_writer *runs, unsigned run) {
    if (run == GP_RUN_STEP_FIRST) return;
    runs->tag = run < 32 ? (run & 16) << 2 : GP_OP_CLUSTER | (run & 16);
    runs->count = (run & 15) + (run < 32 ? 1 : 2);
}

#endif
