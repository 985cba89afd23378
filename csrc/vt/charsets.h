/* Character sets: what the letters of ASCII stand for once another set was designated (SCS, after DEC STD 070).
 *
 * Four sets, G0 to G3, are designated by ESC with an intermediate byte and a name; a shift brings one of them to the codes
 * below 0x80. Input is UTF-8, so what is shifted to the codes above (LS1R to LS3R) is kept for reports, and stands for
 * nothing. A set is kept by its name. Known are those of 94 characters that DEC's terminals have: special and technical
 * graphics, the supplemental set, and the national ones, which differ from ASCII in a few places, and Latin-1 of those of 96. */
#ifndef GP_VT_CHARSETS_H
#define GP_VT_CHARSETS_H

#include <stdbool.h>
#include <stdint.h>

enum { GP_CHARSET_ASCII = 'B', GP_CHARSET_96 = 1 << 24 };

typedef struct gp_charsets {
    uint32_t names[4];   /* final byte, with intermediate bytes before it above; GP_CHARSET_96 for a set of 96 */
    uint8_t left, right; /* which is shifted to the codes below and above 0x80 */
    uint8_t single;      /* 2 or 3: for the next character alone; else 0 */
} gp_charsets;

void gp_charsets_reset(gp_charsets *charsets);
/* Others are not designated. */
bool gp_charsets_knows(uint32_t name);
/* Whether the next characters below 0x80 are other ones. */
bool gp_charsets_translate(const gp_charsets *charsets);
/* The character that `byte`, below 0x80, is now. */
uint32_t gp_charsets_of(const gp_charsets *charsets, uint8_t byte);

#endif
