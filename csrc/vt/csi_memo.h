/* What short control sequences mean, remembered while a piece of input lasts. Programs send the same few over and over: one
 * of up to 8 bytes behind CSI that came before is found in 15 instructions, where reading it takes 60, and SGR, which is half
 * of them, is two masks over the style then, whatever it says.
 *
 * Nothing is kept from one piece to the next: the memory is the caller's stack. */
#ifndef GP_VT_CSI_MEMO_H
#define GP_VT_CSI_MEMO_H

#include "vt/sgr.h"
#include "vt/terminal.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    GP_CSI_MEMO_BITS = 7,
    GP_CSI_MEMO_SLOTS = 1 << GP_CSI_MEMO_BITS,
    GP_CSI_MEMO_PARAMETERS = 2,     /* at most, of a sequence that is remembered; SGR with more is a colour of many */
    GP_CSI_MEMO_WORTH_BYTES = 1024, /* of input: in less hardly anything comes twice */
};

/* SGR, EL, CUF, or DECSET and DECRST of one mode that is only kept. */
typedef struct gp_csi_known {
    union {
        uint64_t masks[2][2]; /* SGR: what of a style stays, and what comes to it */
        uint16_t value; /* EL: its parameter; CUF: how many columns; modes: the place of one */
    };
    uint8_t byte, bytes; /* the last, and how many there are behind CSI */
} gp_csi_known;

typedef struct gp_csi_memo {
    bool worth; /* else nothing is to be remembered */
    uint64_t keys[GP_CSI_MEMO_SLOTS]; /* the bytes of a sequence; 0: none */
    gp_csi_known known[GP_CSI_MEMO_SLOTS];
} gp_csi_memo;

extern const gp_csi_memo gp_csi_memo_of_nothing;

/* The memo to use, in the room given or not: input that is fed in a few bytes at a time is not to pay for it. */
static inline gp_csi_memo *gp_csi_memo_init(gp_csi_memo *room, size_t input_bytes) {
    if (input_bytes < GP_CSI_MEMO_WORTH_BYTES) return (gp_csi_memo *)&gp_csi_memo_of_nothing; /* which is never written */
    room->worth = true;
    memset(room->keys, 0, sizeof room->keys);
    return room;
}

static inline uint64_t gp_csi_memo_load(const uint8_t *at) {
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
}

/* Of the sequence whose first byte after CSI is at `at`, where 8 bytes may be read; 0: it is longer. */
static inline uint64_t gp_csi_memo_key(const uint8_t *at) {
    uint64_t bytes = gp_csi_memo_load(at);
    uint64_t finals = bytes & UINT64_C(0x4040404040404040); /* bytes from 0x40 on; beyond 0x7E none is remembered */
    return finals ? bytes & (4 * (finals & -finals) - 1) : 0;
}

static inline unsigned gp_csi_memo_key_bytes(uint64_t key) { return 8 - (unsigned)__builtin_clzll(key) / 8; }

static inline unsigned gp_csi_memo_slot(uint64_t key) {
    return (unsigned)(key * UINT64_C(0x9E3779B97F4A7C15) >> (64 - GP_CSI_MEMO_BITS));
}

/* NULL: it did not come before. */
static inline const gp_csi_known *gp_csi_memo_find(const gp_csi_memo *memo, uint64_t key) {
    unsigned slot = gp_csi_memo_slot(key);
    return key && memo->keys[slot] == key ? &memo->known[slot] : NULL;
}

/* SGR as remembered; whether it is another style then. By SSE2 it is one word, read and written: left to itself the compiler
 * writes halves and reads the whole at once, which has to wait until they are in the cache. */
static inline bool gp_csi_memo_style(const gp_csi_known *known, gp_style *style) {
#if defined(__SSE2__)
    const __m128i *masks = (const __m128i *)(const void *)known->masks;
    __m128i before = _mm_loadu_si128((const __m128i *)(const void *)style);
    __m128i after = _mm_or_si128(_mm_and_si128(before, _mm_loadu_si128(masks)), _mm_loadu_si128(masks + 1));
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(before, after)) == 0xFFFF) return false;
    _mm_storeu_si128((__m128i *)(void *)style, after);
#else
    uint64_t words[2], before[2];
    memcpy(before, style, sizeof before);
    words[0] = (before[0] & known->masks[0][0]) | known->masks[1][0];
    words[1] = (before[1] & known->masks[0][1]) | known->masks[1][1];
    if (((words[0] ^ before[0]) | (words[1] ^ before[1])) == 0) return false;
    memcpy(style, words, sizeof words);
#endif
    return true;
}

/* How many sequences of `whole` bytes, 3 to 10, these bytes are, up to 1,040: without a division, which takes as long as
 * comparing them. */
static inline uint32_t gp_csi_memo_wholes(uint32_t bytes, unsigned whole) {
    static const uint16_t parts[] = {0, 0, 0, 21846, 16384, 13108, 10923, 9363, 8192, 7282, 6554}; /* of 65,536, rounded up */
    return bytes * parts[whole] >> 16;
}

/* How often a sequence of `bytes` bytes behind CSI, which ends at `at`, comes again at once, as far as is looked. */
static inline uint32_t gp_csi_memo_again(unsigned bytes, const uint8_t *at, const uint8_t *end) {
    enum { MOST_BYTES = 1024 };
    const unsigned whole = bytes + 2;
    const uint8_t *begin = at;
    /* What is as what came a sequence before is the same sequence. */
#if defined(__SSE2__)
    for (; at - begin < MOST_BYTES && end - at >= 16; at += 16) {
        __m128i now = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(at - whole));
        unsigned others = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(now, before)) ^ 0xFFFF;
        if (others) {
            at += __builtin_ctz(others);
            break;
        }
    }
#else
    for (; at - begin < MOST_BYTES && end - at >= 8; at += 8) {
        uint64_t others = gp_csi_memo_load(at) ^ gp_csi_memo_load(at - whole);
        if (others) {
            at += __builtin_ctzll(others) / 8;
            break;
        }
    }
#endif
    return gp_csi_memo_wholes((uint32_t)(at - begin), whole);
}

/* The event, as good as the one that was remembered; of all but SGR. */
static inline void gp_csi_memo_event(const gp_csi_known *known, gp_parameters *parameters, gp_event *event) {
    *parameters = (gp_parameters){.values = {known->value}, .count = 1};
    *event = (gp_event){.kind = GP_EVENT_CSI, .parameters = parameters, .byte = known->byte};
}

void gp_csi_memo_note_sgr(gp_csi_known *known, const gp_parameters *parameters);

/* Remembers what gp_plain_csi made of the sequence, if it is one of these; how many parameters there are. */
static inline void gp_csi_memo_note(gp_csi_memo *memo, uint64_t key, const gp_event *event) {
    const gp_parameters *parameters = event->parameters;
    uint8_t byte = event->byte;
    int value = 0;
    if (!key || !memo->worth || parameters->count > GP_CSI_MEMO_PARAMETERS) return;
    if (event->marker == '?' && (byte == 'h' || byte == 'l') && parameters->count == 1)
        value = gp_terminal_kept_mode(parameters->values[0]);
    else if (event->marker || (byte != 'm' && byte != 'K' && byte != 'C'))
        return; /* CUP is another each time in too many streams */
    else if (byte != 'm')
        value = (int)(byte == 'K' ? gp_parameter(parameters, 0, 0) : gp_parameter_count(parameters, 0));
    if (value < 0) return;
    unsigned slot = gp_csi_memo_slot(key);
    gp_csi_known *known = &memo->known[slot];
    memo->keys[slot] = key;
    known->byte = byte;
    known->bytes = (uint8_t)gp_csi_memo_key_bytes(key);
    if (byte == 'm')
        gp_csi_memo_note_sgr(known, parameters);
    else
        known->value = (uint16_t)value;
}

#endif
