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

#endif
