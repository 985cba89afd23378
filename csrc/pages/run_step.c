/* The table of run_step.h: each entry from a run, whether a code point joins its last cell, and how wide that is then. */
#include "pages/run_step.h"

enum { LONG = 8 }; /* beyond it letters are taken in other ways, and code points of a cluster are not to be expected */

#define COUNT(run) ((run) & 15)
#define WIDTH(run) (1 + ((run) >> 4 & 1))
#define CLUSTERS(run) ((run) >> 5)
#define KIND(joins, width) ((joins) << 5 | ((width) - 1) << 4)
#define SAME(run, joins, width) (((run) & 48) == KIND(joins, width))

/* What joins takes the last cell out of a run of others: one less is left, or none at all. Left to others is what makes a cell
 * narrow, or a cluster wide that is none of one code point. */
#define ENDED(run, joins, width) \
    (!SAME(run, joins, width) && !((joins) && COUNT(run) == 0) && (run) != GP_RUN_STEP_FIRST)
#define OP(run) (CLUSTERS(run) ? GP_OP_CLUSTER | ((run) & 31) : ((run) & 16) << 2 | COUNT(run))
#define FITS(run, joins, width) (!(joins) || (width) == WIDTH(run) || ((width) > WIDTH(run) && !CLUSTERS(run)))

#define STEP(run, joins, width) \
    {SAME(run, joins, width) ? (run) + 1 : KIND(joins, width), ENDED(run, joins, width), (uint8_t)(OP(run) - (joins)), \
     FITS(run, joins, width) && !(SAME(run, joins, width) && COUNT(run) >= LONG) ? (width) - (joins) * WIDTH(run) \
                                                                                 : GP_RUN_STEP_NONE}

#define NONE {0, 0, 0, GP_RUN_STEP_NONE}
#define STEPS(run) {NONE, STEP(run, 0, 1), STEP(run, 0, 2), NONE, NONE, STEP(run, 1, 1), STEP(run, 1, 2), NONE}
#define STEPS_4(run) STEPS(run), STEPS((run) + 1), STEPS((run) + 2), STEPS((run) + 3)
#define STEPS_16(run) STEPS_4(run), STEPS_4((run) + 4), STEPS_4((run) + 8), STEPS_4((run) + 12)

const gp_run_step gp_run_steps[64][8] = {STEPS_16(0), STEPS_16(16), STEPS_16(32), STEPS_16(48)};
