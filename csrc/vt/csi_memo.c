#include "vt/csi_memo.h"

const gp_csi_memo gp_csi_memo_of_nothing = {.worth = false};

void gp_csi_memo_note_sgr(gp_csi_known *known, const gp_parameters *parameters) {
    /* Of each bit it says whether that stays, is set or is cleared: a style of ones and one of zeros show all. */
    gp_style styles[2] = {0};
    memset(&styles[0], 0xFF, sizeof styles[0]);
    gp_sgr_apply(parameters, &styles[0]);
    gp_sgr_apply(parameters, &styles[1]);
    memcpy(known->masks, styles, sizeof known->masks);
}
