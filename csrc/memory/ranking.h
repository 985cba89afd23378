/* A ranking: the members of an arena, by how much of the budget each holds for itself. A binary heap, the largest first.
 *
 *     weight: what a terminal owns and no snapshot reads too; 0 while it is `spent`, which is when it had nothing to give up
 *
 * Not locked here: the arena's memory lock covers it. */
#ifndef GP_MEMORY_RANKING_H
#define GP_MEMORY_RANKING_H

#include "ghostpage.h"

typedef struct gp_member gp_member;

typedef struct gp_ranking {
    gp_member **members; /* OWNED; members[0] is the largest, members[2 * i + 1] and [2 * i + 2] are not larger than [i] */
    size_t count, capacity;
} gp_ranking;

void gp_ranking_deinit(gp_ranking *ranking);
/* False when there is no memory. */
bool gp_ranking_add(gp_ranking *ranking, gp_member *member);
void gp_ranking_remove(gp_ranking *ranking, gp_member *member);
/* The member's weight has changed. */
void gp_ranking_update(gp_ranking *ranking, gp_member *member);
/* No member counts as spent any more. */
void gp_ranking_revive(gp_ranking *ranking);
size_t gp_ranking_weight(const gp_member *member);
/* NULL if there is none. BORROWED(the arena, until it leaves). */
gp_member *gp_ranking_largest(const gp_ranking *ranking);
/* NULL, or what is violated. */
const char *gp_ranking_check(const gp_ranking *ranking);

#endif
