/* Pages from outside: what a file says is in a page, checked byte by byte before anything else reads it.
 *
 * Nothing of it is believed: after GP_OK every number is in range, every offset inside, the text is well-formed UTF-8
 * without controls, and the records say of it what is so. */
#ifndef GP_PAGES_PAGE_LOAD_H
#define GP_PAGES_PAGE_LOAD_H

#include "pages/list.h"

/* Makes the newest page of the list from text and records, as gp_text_page lays them out. GP_ERR_FORMAT: they are not. */
gp_status gp_list_load_page(gp_list *list, const gp_saved_page *saved);

#endif
