/* Searching text as it lies: a string in bytes, and in the closed lines of a list. */
#ifndef GP_PAGES_FIND_H
#define GP_PAGES_FIND_H

#include "pages/list.h"

/* One step of a search through lines that are closed. */
typedef struct gp_find_step {
    uint64_t first_line, stop_line; /* in: what is to be searched; out: what is left of it */
    bool backwards;                 /* page by page from the end; within a page lines are found in order all the same */
    size_t max_bytes;               /* of text, about */
    uint64_t *lines;                /* where the lines that have it go, `capacity` of them, a page as a whole or not at all */
    size_t capacity, count;
} gp_find_step;

/* The lines must be closed. When not even the first page's finds have room nothing is left out of what is to be searched. */
void gp_list_find(gp_list *list, const uint8_t *needle, size_t needle_bytes, gp_find_step *step);

/* The needle that seems to be in the fewest places of some text, by a sample of it. */
uint32_t gp_find_rarest(const uint8_t *text, size_t text_bytes, const gp_needles *needles);
/* The first line of a page, from *line on and before byte `text_end` of the page's text, that has them all, of which `rarest`
 * is looked for first; false if none has. */
bool gp_find_line(gp_line *line, size_t text_end, const gp_needles *needles, uint32_t rarest);

#endif
