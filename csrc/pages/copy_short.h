/* Copies of a few bytes. */
#ifndef GP_PAGES_COPY_SHORT_H
#define GP_PAGES_COPY_SHORT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A call of memcpy costs more than most runs of text are long. */
static inline void gp_copy_short(uint8_t *to, const uint8_t *from, size_t length_bytes) {
    uint64_t first, last;
    if (length_bytes > 16) {
        if (length_bytes > 32) {
            memcpy(to, from, length_bytes);
            return;
        }
        uint64_t beginning[2], end[2];
        memcpy(beginning, from, 16);
        memcpy(end, from + length_bytes - 16, 16);
        memcpy(to, beginning, 16);
        memcpy(to + length_bytes - 16, end, 16);
    } else if (length_bytes >= 8) {
        memcpy(&first, from, 8);
        memcpy(&last, from + length_bytes - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + length_bytes - 8, &last, 8);
    } else if (length_bytes >= 4) {
        memcpy(&first, from, 4);
        memcpy(&last, from + length_bytes - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + length_bytes - 4, &last, 4);
    } else if (length_bytes) {
        to[0] = from[0];
        to[length_bytes / 2] = from[length_bytes / 2];
        to[length_bytes - 1] = from[length_bytes - 1];
    }
}

#endif
