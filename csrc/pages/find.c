#include "pages/find.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- a string in bytes ------------------------------------------------------------------------------------------- */

/* The set that a byte of a needle stands for, or NULL. */
static const uint8_t *set_of(uint8_t byte, const uint8_t *sets) {
    return sets && byte >= GP_SET_FIRST ? sets + (size_t)(byte - GP_SET_FIRST) * GP_SET_BYTES : NULL;
}

static bool has_byte(const uint8_t *set, uint8_t byte) {
    for (size_t i = 0; i < GP_SET_BYTES && set[i + 1]; i += 2)
        if (byte >= set[i] && byte <= set[i + 1]) return true;
    return false;
}

static bool is_one_here(const uint8_t *text, const uint8_t *needle, size_t needle_bytes, const uint8_t *sets) {
    for (size_t i = needle_bytes; i--;) {
        const uint8_t *set = set_of(needle[i], sets);
        if (set ? !has_byte(set, text[i]) : text[i] != needle[i]) return false;
    }
    return true;
}

static inline bool is_here(const uint8_t *text, const uint8_t *needle, size_t needle_bytes, const uint8_t *sets) {
    return sets ? is_one_here(text, needle, needle_bytes, sets) : memcmp(text, needle, needle_bytes) == 0;
}

size_t gp_find_plain(const uint8_t *text, size_t text_bytes, const uint8_t *needle, size_t needle_bytes, const uint8_t *sets) {
    for (size_t at = 0; at + needle_bytes <= text_bytes; at++)
        if (is_here(text + at, needle, needle_bytes, sets)) return at;
    return text_bytes;
}

#if defined(__SSE2__)
/* A byte of the needle to look for in sixteen at a time: where it is in the needle, and its ranges if it is a set. */
typedef struct sought {
    size_t at;
    unsigned ranges;
    __m128i first[GP_SET_BYTES / 2], most[GP_SET_BYTES / 2]; /* of a range: its first, and how many are above it */
} sought;

static inline void seek(sought *s, const uint8_t *needle, size_t at, const uint8_t *sets) {
    s->at = at;
    s->ranges = 0;
    s->first[0] = _mm_set1_epi8((char)needle[at]);
    const uint8_t *set = set_of(needle[at], sets);
    for (unsigned i = 0; set && i < GP_SET_BYTES / 2 && set[2 * i + 1]; i++, s->ranges++) {
        s->first[i] = _mm_set1_epi8((char)set[2 * i]);
        s->most[i] = _mm_set1_epi8((char)(set[2 * i + 1] - set[2 * i]));
    }
}

static inline __m128i found_16(const uint8_t *text, const sought *s, bool in_set) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(text + s->at)), found = _mm_setzero_si128();
    if (!in_set) return _mm_cmpeq_epi8(bytes, s->first[0]);
    for (unsigned i = 0; i < s->ranges; i++) {
        __m128i above = _mm_sub_epi8(bytes, s->first[i]);
        found = _mm_or_si128(found, _mm_cmpeq_epi8(_mm_min_epu8(above, s->most[i]), above));
    }
    return found;
}

/* The last sixteen places overlap with those before: one by one they were most of the time in a line. */
static inline size_t find_16(const uint8_t *text, size_t text_bytes, const uint8_t *needle, size_t needle_bytes,
                             const uint8_t *sets, const sought *first, const sought *last, bool in_set) {
    size_t end = text_bytes - needle_bytes - 15;
    for (size_t at = 0;; at = at + 16 < end ? at + 16 : end) {
        __m128i found = found_16(text + at, first, in_set);
        if (!in_set || _mm_movemask_epi8(found)) found = _mm_and_si128(found, found_16(text + at, last, in_set));
        for (unsigned places = (unsigned)_mm_movemask_epi8(found); places; places &= places - 1) {
            size_t place = at + (size_t)__builtin_ctz(places);
            if (is_here(text + place, needle, needle_bytes, sets)) return place;
        }
        if (at == end) return text_bytes;
    }
}
#endif

/* Sixteen places at a time where the needle's first and last byte are where they have to be. Sets are passed over, which take
 * longer and are found more often, unless there is nothing else. */
size_t gp_find(const uint8_t *text, size_t text_bytes, const uint8_t *needle, size_t needle_bytes, const uint8_t *sets) {
#if defined(__SSE2__)
    if (text_bytes >= needle_bytes + 15) {
        size_t first_at = 0, last_at = needle_bytes - 1;
        while (first_at < last_at && set_of(needle[first_at], sets)) first_at++;
        while (first_at < last_at && set_of(needle[last_at], sets)) last_at--;
        bool in_set = set_of(needle[first_at], sets);
        if (in_set) first_at = 0;
        sought both[2];
        const sought *last = &both[first_at < last_at];
        seek(&both[0], needle, first_at, sets);
        if (first_at < last_at) seek(&both[1], needle, last_at, sets);
        return in_set ? find_16(text, text_bytes, needle, needle_bytes, sets, both, last, true)
                      : find_16(text, text_bytes, needle, needle_bytes, sets, both, last, false);
    }
#endif
    return gp_find_plain(text, text_bytes, needle, needle_bytes, sets);
}

/* ---- in pages ------------------------------------------------------------------------------------------------------ */

/* The line of a page that has byte `at` of its text, from `line` on: by the marks first. */
static gp_line line_at(gp_text_page *page, gp_line line, uint32_t at) {
    uint32_t low = line.index / GP_MARK_LINES, high = (page->lines - 1) / GP_MARK_LINES + 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (page->marks[middle].text_begin <= at)
            low = middle;
        else
            high = middle;
    }
    if (low * GP_MARK_LINES > line.index) line = gp_text_page_line(page, low * GP_MARK_LINES);
    while (line.text_begin + line.text_bytes < at) gp_line_step(&line);
    return line;
}

/* Whether a string seems to begin at the end of a line that goes on in another closed record. Of both sides only so many
 * bytes are looked at that this takes no time to speak of whatever they are; who reads the records sees what is there. */
static bool may_lie_across(const gp_line *line, const uint8_t *needle, size_t needle_bytes) {
    enum { LOOK_BYTES = 64 };
    if (!(line->flags & GP_LINE_CONTINUES)) return false;
    gp_line next = *line;
    if (line->index + 1 < line->page->lines)
        gp_line_step(&next);
    else if (line->page->newer && line->page->newer->lines)
        next = gp_text_page_line(line->page->newer, 0);
    else
        return false;
    const uint8_t *end = line->page->page.base + line->text_begin + line->text_bytes;
    const uint8_t *begin = next.page->page.base + next.text_begin;
    for (size_t bytes = 1; bytes < needle_bytes && bytes <= line->text_bytes; bytes++) {
        size_t rest_bytes = needle_bytes - bytes < next.text_bytes ? needle_bytes - bytes : next.text_bytes;
        if (memcmp(end - bytes, needle, bytes < LOOK_BYTES ? bytes : LOOK_BYTES) == 0 &&
            memcmp(begin, needle + bytes, rest_bytes < LOOK_BYTES ? rest_bytes : LOOK_BYTES) == 0)
            return true;
    }
    return false;
}

static uint32_t begin_of(const gp_needles *needles, uint32_t which) { return which ? needles->ends[which - 1] : 0; }

static size_t find(const uint8_t *text, size_t text_bytes, const gp_needles *needles, uint32_t which) {
    uint32_t begin = begin_of(needles, which);
    return gp_find(text, text_bytes, needles->bytes + begin, needles->ends[which] - begin, needles->sets);
}

/* Up to `most`. */
static uint32_t count_places(const uint8_t *text, size_t text_bytes, const gp_needles *needles, uint32_t which, uint32_t most) {
    uint32_t places = 0;
    for (size_t at = 0; places < most && (at += find(text + at, text_bytes - at, needles, which)) < text_bytes; places++)
        at += needles->ends[which] - begin_of(needles, which);
    return places;
}

uint32_t gp_find_rarest(const uint8_t *text, size_t text_bytes, const gp_needles *needles) {
    enum { SAMPLE_BYTES = 4096 };
    if (text_bytes > SAMPLE_BYTES) text_bytes = SAMPLE_BYTES;
    uint32_t rarest = 0, fewest = SAMPLE_BYTES / 64; /* more are as good as everywhere */
    for (int alone = 0; alone < 2; alone++) { /* sets that stand alone last: they are in many places */
        for (uint32_t i = 0; i < needles->count && fewest; i++) {
            uint32_t begin = begin_of(needles, i);
            bool is_set = needles->ends[i] == begin + 1 && set_of(needles->bytes[begin], needles->sets);
            if (is_set != alone) continue;
            uint32_t places = count_places(text, text_bytes, needles, i, fewest);
            if (places >= fewest) continue;
            fewest = places;
            rarest = i;
        }
    }
    return rarest;
}

/* Those from `which` on. */
static bool has_rest(const uint8_t *text, size_t text_bytes, const gp_needles *needles, uint32_t which) {
    for (; which < needles->count; which++) {
        size_t found = find(text, text_bytes, needles, which);
        if (found >= text_bytes) return false;
        found += needles->ends[which] - begin_of(needles, which);
        text += found;
        text_bytes -= found;
    }
    return true;
}

/* Lines are told apart by their newlines alone, until there is one that has them all. */
bool gp_find_line(gp_line *line, size_t text_end, const gp_needles *needles, uint32_t rarest) {
    const uint8_t *base = line->page->page.base;
    size_t at = line->text_begin, needle_bytes = needles->ends[rarest] - begin_of(needles, rarest);
    while (at < text_end) {
        size_t found = at + find(base + at, text_end - at, needles, rarest);
        if (found >= text_end) return false;
        bool all = needles->count == 1;
        if (!all) {
            size_t begin = rarest ? found : found + needle_bytes; /* the first of all is where it was found */
            const uint8_t *newline = memchr(base + found + needle_bytes, '\n', text_end - found - needle_bytes);
            size_t end = newline ? (size_t)(newline - base) : text_end;
            while (rarest && begin > at && base[begin - 1] != '\n') begin--;
            all = has_rest(base + begin, end - begin, needles, rarest ? 0 : 1);
            at = end;
        }
        if (all) {
            *line = line_at(line->page, *line, (uint32_t)found);
            return true;
        }
    }
    return false;
}

/* Lines `from` to `stop` of a page; false if there is no room for all that are found. */
static bool find_in_page(gp_text_page *page, uint32_t from, uint32_t stop, const uint8_t *needle, size_t needle_bytes,
                         gp_find_step *step) {
    gp_line line = gp_text_page_line(page, from), last = gp_text_page_line(page, stop - 1);
    size_t text_end = last.text_begin + last.text_bytes, count = step->count;
    const gp_needles needles = {.bytes = needle, .ends = &(uint32_t){(uint32_t)needle_bytes}, .count = 1};
    while (gp_find_line(&line, text_end, &needles, 0)) {
        if (count == step->capacity) return false;
        step->lines[count++] = page->first_line + line.index;
        if (line.index + 1 == stop) break;
        gp_line_step(&line);
    }
    if (page->irregular) {
        line = gp_text_page_line(page, from);
        for (; line.index < stop; gp_line_step(&line)) {
            if (!may_lie_across(&line, needle, needle_bytes)) continue;
            if (count == step->capacity) return false;
            step->lines[count++] = page->first_line + line.index;
        }
    }
    step->count = count;
    return true;
}

void gp_list_find(gp_list *list, const uint8_t *needle, size_t needle_bytes, gp_find_step *step) {
    size_t searched_bytes = 0;
    step->count = 0;
    while (step->first_line < step->stop_line && searched_bytes < step->max_bytes) {
        gp_place place = gp_list_place_of(list, step->backwards ? step->stop_line - 1 : step->first_line, 0);
        gp_text_page *page = place.page;
        uint64_t begin = page->first_line > step->first_line ? page->first_line : step->first_line;
        uint64_t end = page->first_line + page->lines < step->stop_line ? page->first_line + page->lines : step->stop_line;
        if (begin >= end) break;
        uint32_t from = (uint32_t)(begin - page->first_line), stop = (uint32_t)(end - page->first_line);
        if (!find_in_page(page, from, stop, needle, needle_bytes, step)) break;
        searched_bytes += page->text_end;
        if (step->backwards)
            step->stop_line = begin;
        else
            step->first_line = end;
    }
}
