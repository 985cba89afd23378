/* SGR (select graphic rendition, CSI ... m): parameters applied to a style.
 *
 * ECMA-48 with xterm's colours, underline styles (4:n) and underline colour (58). Colours are read in every spelling in
 * use: 38;5;n  38;2;r;g;b  38:5:n  38:2:r:g:b  38:2:space:r:g:b  38;5:n  38;2:r:g:b. One that is incomplete, of an
 * unknown colour space or out of range changes nothing and takes no parameter with it that is not its own. Unknown
 * numbers are ignored, and so are sub-parameters of numbers that have none.
 */
#ifndef GP_VT_SGR_H
#define GP_VT_SGR_H

#include "pages/style.h"
#include "vt/parser.h"

/* Only for a CSI m without marker and intermediates: xterm's CSI > m is something else. SGR 0 keeps
 * GP_STYLE_PROTECTED, which belongs to DECSCA. */
void gp_sgr_apply(const gp_parameters *parameters, gp_style *style);

/* The same from the bytes behind CSI, without parameters in between, where it is nothing but numbers of at most three digits
 * and semicolons, and no number is omitted: 250 instructions less for two colours in RGB, 130 less for one of 256. Returns
 * where it ends. NULL: it is something else, or goes on beyond `end`, and the style is as before. */
const uint8_t *gp_sgr_read(const uint8_t *at, const uint8_t *end, gp_style *style);

#endif
