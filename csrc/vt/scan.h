/* Scanning raw terminal output for control bytes, the first thing done to every byte that is fed.
 *
 * A text byte is any byte >= 0x20 except 0x7F; whether the text is valid UTF-8 is not looked at. No function here reads
 * outside the range it is given.
 */
#ifndef GP_VT_SCAN_H
#define GP_VT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the longest prefix of text bytes; *ascii tells whether it holds no byte >= 0x80 (true for an empty one). */
size_t gp_scan_text(const uint8_t *bytes, size_t length_bytes, bool *ascii);

/* The same in 8-byte words: what gp_scan_text is where there is no SSE2. */
size_t gp_scan_text_words(const uint8_t *bytes, size_t length_bytes, bool *ascii);

/* The same byte by byte: the twin that tests compare with. */
size_t gp_scan_text_plain(const uint8_t *bytes, size_t length_bytes, bool *ascii);

#endif
