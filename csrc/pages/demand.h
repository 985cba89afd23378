/* Demand: what the recent pages of a terminal needed, by which the next ones are sized.
 *
 *     ... [ the window before, full ] [ the window under way ]
 *
 * What recurs is the third largest need of both windows together: a need that was met twice may be chance. The capacity
 * that new pages are born with goes up as soon as a larger need recurs. It goes down at the end of a window if what recurs
 * is half of it or less, and to nothing if no page of either window needed more than a plain one has: so it is forgotten
 * two to three windows after its demand has gone, and does not alternate with needs that do, as every change leaves pages
 * that cannot become the next ones.
 *
 * Needs of text pages are bytes, those of their largest line. Needs of grids are densities, bytes of side store for 1024
 * cells, so that what was learnt in a narrow window holds for a wide one. */
#ifndef GP_PAGES_DEMAND_H
#define GP_PAGES_DEMAND_H

#include "ghostpage.h"

enum {
    GP_DEMAND_RECURS = 3,
    GP_DEMAND_TEXT_PAGES = 64, /* a window, in standard pages; ... */
    GP_DEMAND_PAGE_WEIGHT = 8, /* ... no page counts for more of them than this */
    GP_DEMAND_GRIDS = 16,      /* a window */
};

typedef struct gp_demand_window {
    uint32_t pages, weight;
    uint32_t beyond;                  /* of the pages, needed more than a plain one has */
    size_t largest[GP_DEMAND_RECURS]; /* needs, falling */
    gp_page_parts parts;              /* of all the pages together */
} gp_demand_window;

typedef struct gp_demand {
    gp_demand_window now, before;
    size_t birth; /* the need that the next page is to meet at least; 0: a plain one will do */
} gp_demand;

/* Notes what a page needed, and of what, that is written to no more; any page meets `plain`. A window is full when the
 * weights of its pages add up to `window_weight`. */
void gp_demand_note(gp_demand *demand, size_t need, size_t plain, const gp_page_parts *parts, uint32_t weight,
                    uint32_t window_weight);
/* The need that recurs; 0 for none yet. */
size_t gp_demand_recurring(const gp_demand *demand);
void gp_demand_read(const gp_demand *demand, gp_demand_figures *figures);

#endif
