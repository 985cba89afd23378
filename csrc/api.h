/* The C interface: declarations only, read by the compiler (through ghostpage.h) and by cffi alike. */

/* ---- status ---------------------------------------------------------------------------------------------- */

typedef enum gp_status {
    GP_OK = 0,
    GP_ERR_NOMEM = 1,    /* neither the kernel nor the heap gives more; the buffer is what it was */
    GP_ERR_LIMIT = 2,    /* a limit in bytes is in the way; the buffer is what it was */
    GP_ERR_ARGUMENT = 3, /* out of the range that the call's description names */
    GP_ERR_CLOSED = 4,   /* the arena was closed */
    GP_ERR_FORMAT = 5,   /* what was to be loaded is damaged */
    GP_MORE = 6,         /* carried out; there is more to be done, as the call's description says */
    GP_BUSY = 7          /* not now: another thread is at it */
} gp_status;

/* ---- memory ---------------------------------------------------------------------------------------------- */

#define GP_STANDARD_PAGE_MAX_BYTES 1073741824

typedef enum gp_mapping_kind {
    GP_MAPPING_STANDARD = 1,
    GP_MAPPING_NONSTANDARD = 2, /* larger */
    GP_MAPPING_SMALL = 3        /* smaller */
} gp_mapping_kind;

/* What pages are born with, and whether non-standard ones are used again as they are. Both keep what is retired in the
 * pool for a while. */
typedef enum gp_policy {
    GP_POLICY_REPLACE = 1, /* no larger than needed; a pruned page that is not standard gives way to one from the pool */
    GP_POLICY_ADAPTIVE = 2 /* what recent pages needed; a pruned page of that size becomes the next as it is */
} gp_policy;

typedef struct gp_ledger {
    uint64_t mappings, bytes; /* live now, of all kinds, pooled ones included */
    uint64_t standard_mappings, standard_bytes;
    uint64_t nonstandard_mappings, nonstandard_bytes;
    uint64_t small_mappings, small_bytes;
    uint64_t pooled_mappings, pooled_bytes;
    uint64_t withheld_mappings, withheld_bytes; /* emptied, but the kernel has not taken them back yet */
    uint64_t peak_mappings, peak_bytes;
    uint64_t total_mapped, total_mapped_bytes; /* since the process began */
    uint64_t total_unmapped, total_unmapped_bytes;
} gp_ledger;

/* Whose a mapping is. */
typedef enum gp_owner {
    GP_OWNER_NONE = 0, /* nobody's: a leak; or nobody was asked */
    GP_OWNER_TEXT = 1, /* a terminal's or snapshot's page of text */
    GP_OWNER_GRID = 2, /* a terminal's or snapshot's grid */
    GP_OWNER_POOL = 3,
    GP_OWNER_ADOPTED = 4, /* a page of text that only snapshots read any more */
    GP_OWNER_WITHHELD = 5 /* given back, but not taken by the kernel yet */
} gp_owner;

typedef struct gp_mapping_info {
    uint64_t address, length_bytes, serial, age_ns;
    int kind; /* gp_mapping_kind */
    int pooled;
    /* Of gp_owners_list alone: */
    int owner;           /* gp_owner */
    uint64_t terminal;   /* serial of the terminal or snapshot; 0: none's */
    uint64_t used_bytes; /* of content */
} gp_mapping_info;

typedef struct gp_audit {
    int ok;
    uint64_t mappings, bytes, pooled_bytes;
    uint64_t orphans, orphan_bytes; /* live mappings that nobody owns: leaks */
    uint64_t double_owned;
    int sums_agree, owners_agree;
    char violation[160]; /* the first thing found wrong, or empty */
} gp_audit;

void gp_ledger_read(gp_ledger *ledger);
void gp_ledger_reset_peak(void);
/* Newest first, as many as fit; returns how many there are. */
size_t gp_ledger_list(gp_mapping_info *mappings, size_t capacity);
/* The same with their owners. Stops every arena and terminal while it walks all of them. */
size_t gp_owners_list(gp_mapping_info *mappings, size_t capacity);
/* Stops every arena and terminal while it walks all of them. Up to `capacity` orphans are described. */
void gp_audit_run(gp_audit *audit, gp_mapping_info *orphans, size_t capacity);
size_t gp_os_page_bytes(void);

/* Lets the two functions, which are shaped like CPython's PyTraceMalloc_Track and _Untrack, know of every mapping that is
 * live and of all that come and go from now on, under `domain`. NULL: nobody knows of them any more when this returns. They
 * are called with locks held that calls of this interface wait for, and may wait themselves for what those who make such
 * calls do not hold: the GIL, which is released around each of them. */
typedef int (*gp_track)(unsigned domain, uintptr_t address, size_t length_bytes);
typedef int (*gp_untrack)(unsigned domain, uintptr_t address);
void gp_observe(unsigned domain, gp_track track, gp_untrack untrack);

/* The fault hook, for tests: makes the nth attempt from now of the given kinds fail (with GP_FAULT_LASTING, all from
 * the nth on); nth 0 disarms. For the whole process. */
typedef enum gp_fault_kind {
    GP_FAULT_ALLOCATION = 1,
    GP_FAULT_MAPPING = 2,
    GP_FAULT_LASTING = 4,
    GP_FAULT_UNMAPPING = 8
} gp_fault_kind;
void gp_fault_arm(int kinds, uint64_t nth);
uint64_t gp_fault_hits(void);

typedef struct gp_arena gp_arena;

typedef struct gp_arena_options {
    size_t standard_page_bytes; /* one OS page to GP_STANDARD_PAGE_MAX_BYTES, rounded up to OS pages */
    size_t limit_bytes;         /* of all terminals in it and the pool; SIZE_MAX: none */
    size_t floor_bytes;         /* what each terminal keeps of its history when the limit makes others want it */
    size_t pool_cap_bytes;
    uint64_t pool_idle_ns; /* what lies in the pool longer goes back to the system at the next call */
    int policy;            /* gp_policy */
    bool undumped;         /* keep its memory out of core dumps; see gp_can_be_undumped */
} gp_arena_options;

/* Whether the system can keep mappings out of core dumps. Where it cannot, no arena is made that is to be so. */
bool gp_can_be_undumped(void);

typedef struct gp_arena_figures {
    size_t mapped_bytes, pooled_bytes, pooled_standard, pooled_nonstandard, pooled_small, peak_bytes, limit_bytes;
    size_t adopted_bytes; /* pages that only snapshots read any more */
    size_t standard_page_bytes, terminals, snapshots;
    bool undumped;
    size_t floor_bytes;
    uint64_t pages_reclaimed; /* taken from the largest terminal for others, or for a lower limit */
    uint64_t grids_settled;   /* grids of idle terminals that became text */
    uint64_t refusals;        /* calls that failed for the limit */
} gp_arena_figures;

/* *arena is OWNED(gp_arena_free). */
gp_status gp_arena_new(const gp_arena_options *options, gp_arena **arena);
/* No terminal can join any more; the arena goes when its last terminal has. */
void gp_arena_free(gp_arena *arena);
/* Gives the pool back to the system, returns the bytes; and the memory that its terminals' pages do not use. */
size_t gp_arena_trim(gp_arena *arena);
/* Reclaims at once what is beyond a lower limit, as far as screens and the floor allow. */
gp_status gp_arena_set_limit(gp_arena *arena, size_t limit_bytes);
void gp_arena_read(gp_arena *arena, gp_arena_figures *figures);

/* Why history goes. */
typedef enum gp_prune_cause {
    GP_PRUNE_NONE = 0,
    GP_PRUNE_LINES = 1, /* the terminal's own limits */
    GP_PRUNE_BYTES = 2,
    GP_PRUNE_BUDGET = 3, /* the arena's */
    GP_PRUNE_CLEAR = 4
} gp_prune_cause;

/* What a terminal's pages went through since it was opened. */
typedef struct gp_counters {
    uint64_t pages_recycled;  /* a pruned page became the newest as it was: no system call */
    uint64_t pages_from_pool, pages_mapped;
    uint64_t pages_to_pool, pages_unmapped;
    uint64_t pages_pruned;    /* of history, at a limit */
    uint64_t pages_grown;     /* a line or grid moved to a larger page */
    uint64_t grids_squeezed;
    uint64_t nonstandard_born, nonstandard_recycled, nonstandard_retired;
    uint64_t copies, copied_bytes; /* of content from page to page */
    uint64_t rows_pruned, lines_pruned;
    /* The reasons; together they are rows_pruned. */
    uint64_t rows_pruned_lines, rows_pruned_bytes; /* the terminal's own limits */
    uint64_t rows_pruned_budget;                   /* the arena's */
    uint64_t rows_pruned_clear;                    /* cleared: by the host, ED 3, RIS */
    uint64_t inflated, packed; /* changes of mode */
    uint64_t text_mode_bytes, grid_mode_bytes; /* of printed text */
    uint64_t codepoints_dropped;               /* beyond the cap of a cell */
} gp_counters;

/* What the content of pages consists of. In text pages a cluster is text, and the records of lines count as styles. */
typedef struct gp_page_parts {
    uint64_t text_bytes, cells_bytes, clusters_bytes, links_bytes, styles_bytes;
} gp_page_parts;

/* What recent pages needed: text pages bytes, for their largest line; grids bytes of side store for 1024 cells. */
typedef struct gp_demand_figures {
    uint64_t pages, beyond; /* looked at; of these, needed more than a plain page has */
    uint64_t largest, recurring;
    uint64_t birth; /* what the next page is to have at least with the adaptive policy; 0: as a plain one */
    gp_page_parts parts;
} gp_demand_figures;

/* ---- unicode --------------------------------------------------------------------------------------------- */

/* The version of Unicode that the tables are of. */
const char *gp_unicode_version(void);

/* Cells that a code point takes by itself: 0, 1 or 2. */
int gp_unicode_width(uint32_t codepoint);

/* Decodes UTF-8, each malformed part as one U+FFFD, up to an incomplete sequence at the end; what was consumed says where
 * that begins. There is room for length_bytes code points; how many there are is returned. */
size_t gp_unicode_decode_part(const uint8_t *bytes, size_t length_bytes, uint32_t *codepoints, size_t *consumed_bytes);

/* The same of all there is: an incomplete sequence at the end is one U+FFFD too. */
size_t gp_unicode_decode(const uint8_t *bytes, size_t length_bytes, uint32_t *codepoints);

/* Divides code points into grapheme clusters: where each starts, and how many cells it takes. There is room for count of
 * both; how many there are is returned. */
size_t gp_unicode_clusters(const uint32_t *codepoints, size_t count, uint32_t *starts, uint8_t *widths);

/* How many code points well-formed UTF-8 has, and whether the largest takes 2 bytes or 4. 0: Python's decoder is as fast, as
 * all are below U+0100 or the machine has no AVX2. */
size_t gp_unicode_count(const uint8_t *text, size_t text_bytes, uint32_t *unit_bytes);

/* Writes them down, each in so many bytes. False: the text does not have as many. */
bool gp_unicode_widen(const uint8_t *text, size_t text_bytes, uint32_t unit_bytes, void *units, size_t count);

/* ---- parser ---------------------------------------------------------------------------------------------- */

/* The parser is seen from outside through a probe, which keeps a log of the events, a line each:
 *
 *     print HEX                                    all text since the last other event
 *     execute HEX
 *     esc INTERMEDIATES FINAL                      intermediates in hexadecimal, - for none
 *     csi MARKER PARAMETERS INTERMEDIATES FINAL    - for no marker, - for no parameters, else as 38:2::255;1
 *     dcs MARKER PARAMETERS INTERMEDIATES FINAL TERMINATOR PAYLOAD
 *     osc TERMINATOR PAYLOAD                       bel or st; payload in hexadecimal, with + behind if truncated;
 *                                                  sos, pm and apc likewise
 */
typedef struct gp_parser_probe gp_parser_probe;

/* OWNED(gp_parser_probe_free); NULL when there is no memory. */
gp_parser_probe *gp_parser_probe_new(void);
void gp_parser_probe_free(gp_parser_probe *probe);

/* False if the log has no memory, or if the parser broke its own rules. */
bool gp_parser_probe_feed(gp_parser_probe *probe, const uint8_t *bytes, size_t length_bytes);
bool gp_parser_probe_c1(gp_parser_probe *probe, uint8_t c1);

/* Resets the parser; the log goes on. */
void gp_parser_probe_reset(gp_parser_probe *probe);

/* BORROWED(probe, until the next call). */
const char *gp_parser_probe_log(gp_parser_probe *probe);

/* Heap that the parser holds for a string. */
size_t gp_parser_probe_held_bytes(const gp_parser_probe *probe);

/* Applies CSI ... m with these parameter bytes to foreground, background, underline colour and attributes. */
void gp_parser_probe_sgr(const uint8_t *bytes, size_t length_bytes, uint32_t *style);

/* Length of the text before the first control byte, and whether it is ASCII: as built for this machine, in words, and
 * byte by byte. */
size_t gp_scan_text(const uint8_t *bytes, size_t length_bytes, bool *ascii);
size_t gp_scan_text_words(const uint8_t *bytes, size_t length_bytes, bool *ascii);
size_t gp_scan_text_plain(const uint8_t *bytes, size_t length_bytes, bool *ascii);

/* ---- terminal -------------------------------------------------------------------------------------------- */

#define GP_COLUMNS_MAX 65535
#define GP_ROWS_MAX 65535
#define GP_CELLS_MAX 16777216 /* columns * rows of a screen */

/* When a screen is kept as text and when as a grid. The two cannot be told apart through any reading call. */
typedef enum gp_screen_mode {
    GP_SCREEN_AUTO = 0,
    GP_SCREEN_GRID = 1, /* always a grid */
    GP_SCREEN_EARLY = 2 /* text as soon as it can be: for tests */
} gp_screen_mode;

typedef struct gp_terminal_options {
    uint32_t columns, rows;
    uint64_t limit_rows; /* of history; UINT64_MAX: none */
    size_t limit_bytes;  /* of everything mapped; SIZE_MAX: none */
    int mode;            /* gp_screen_mode */
} gp_terminal_options;

/* Every function on a terminal locks it; each may be called from any thread. */
typedef struct gp_terminal gp_terminal;

/* GP_ERR_ARGUMENT: a size is out of range. *terminal is OWNED(gp_terminal_free). */
gp_status gp_terminal_new(gp_arena *arena, const gp_terminal_options *options, gp_terminal **terminal);
void gp_terminal_free(gp_terminal *terminal);

/* ---- feeding: the parser and the screen ---- */

typedef enum gp_service_kind {
    GP_SERVICE_NONE = 0,
    GP_SERVICE_CSI = 1,   /* marker, intermediates, byte, parameters: a report is asked for, or state that is the caller's */
    GP_SERVICE_OSC = 2,   /* bytes, terminator */
    GP_SERVICE_RESET = 3, /* RIS: what the caller keeps goes too */
    GP_SERVICE_DCS = 4,   /* as CSI, and as OSC for the payload */
    GP_SERVICE_APC = 5,   /* as OSC */
    GP_SERVICE_PM = 6,    /* as OSC */
    GP_SERVICE_SOS = 7,   /* as OSC */
    /* What was asked for by gp_terminal_watch: */
    GP_SERVICE_TEXT = 8,    /* bytes, in the input; without controls, C1 included */
    GP_SERVICE_CONTROL = 9, /* byte */
    GP_SERVICE_ESCAPE = 10, /* intermediates, byte */
    GP_SERVICE_SEQUENCE = 11 /* as CSI */
} gp_service_kind;

/* What the caller has to do. */
typedef struct gp_service {
    uint64_t bells; /* rung before, since the service before it */
    int kind;       /* gp_service_kind; GP_SERVICE_NONE: nothing came behind the bells and what was ignored */
    uint8_t marker, byte;
    uint8_t terminator; /* of the string: 0x07 (BEL) or 0x5C (the \ of ESC \) */
    bool truncated;     /* the string went on after what is given */
    uint32_t intermediates;
    uint32_t parameter_count;
    uint16_t parameters[32]; /* 0 where omitted */
    uint32_t omitted;        /* bit i: parameter i was */
    bool eight_bit;          /* replies have C1 controls of 8 bits */
    uint64_t ignored;        /* sequences that mean nothing to the core, as `bells` */
    uint32_t x, y;           /* DSR 6: the cursor as it is to be answered, from 0 */
    const uint8_t *bytes;    /* BORROWED(terminal and input, until the next call that feeds it) */
    size_t length_bytes;
} gp_service;

#define GP_SERVICES_MAX 32

/* How far feeding came, and what the caller has to do, in this order, before it goes on with the rest. */
typedef struct gp_services {
    size_t consumed_bytes;
    uint32_t turns; /* to feed, that the caller took; zero at first */
    uint32_t count;
    gp_service at[GP_SERVICES_MAX]; /* undefined from count on */
} gp_services;

/* Feeds until the bytes are used up, something has to be done by the caller that cannot wait, or a few bytes have asked
 * for so much work that the caller should look up before it goes on with the rest. Only the last service may need the
 * terminal as it is then; those that need nothing of it wait while feeding goes on. On GP_ERR_NOMEM and GP_ERR_LIMIT what
 * is said to be consumed has been carried out, and nothing of the rest. */
gp_status gp_terminal_feed(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes, gp_services *services);

#define GP_FEED_MAX_BYTES 1048576 /* at once, so that an interrupt does not wait for long */

/* As gp_terminal_feed, up to GP_FEED_MAX_BYTES and to the first service, if it is nobody's turn to feed (else GP_BUSY, and
 * nothing was done). GP_OK: nothing is left to be fed, or to be done by the caller, but for bells; GP_MORE: there is. With
 * any other than GP_OK and GP_BUSY it is the caller's turn, who takes what is left, or forgets it. */
gp_status gp_terminal_feed_all(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes);

/* Bells that rang, and sequences that meant nothing, of which no service has told; these stay until one does. */
uint64_t gp_terminal_take_bells(gp_terminal *terminal);
uint64_t gp_terminal_ignored(gp_terminal *terminal);

/* Waits until it is no other thread's turn. GP_BUSY after 20 ms in vain, so that the caller can look up before it asks again.
 * `left`: the turn that the caller has by gp_terminal_feed_all, with what that left. */
gp_status gp_terminal_take_turn(gp_terminal *terminal, bool left, gp_services *services);
void gp_terminal_end_turn(gp_terminal *terminal, gp_services *services); /* nothing if the caller took none */
/* Ends the turn that the caller has by gp_terminal_feed_all, if that still is to be taken. */
void gp_terminal_forget_left(gp_terminal *terminal);
void gp_terminal_renew_turns(gp_terminal *terminal); /* in a child of fork: ends the turn of a thread that is not there */

/* What a caller carries out itself, a bit each. */
typedef struct gp_watch {
    uint32_t controls;     /* C0 controls */
    uint64_t escapes[2];   /* final bytes of ESC without intermediates */
    uint64_t sequences[2]; /* final bytes of CSI without intermediates and sub-parameters, with no marker or ? */
    bool designations;     /* ESC with intermediates */
    bool text;             /* all of it */
    bool wraps;            /* text that may not fit in the cursor's row */
    bool services;         /* nothing waits: feeding stops at each service */
} gp_watch;

/* From now on feeding stops at these and hands them over. All zero: at none, as at first. */
void gp_terminal_watch(gp_terminal *terminal, const gp_watch *watch);
/* Carries out after all what was handed over last, if nothing was fed since and it is no text. */
gp_status gp_terminal_obey(gp_terminal *terminal, gp_services *services);
/* As gp_terminal_feed, for controls that come from the host, whole and without strings: a sequence or character that was
 * fed in part stays as it is, nothing is handed over, and nothing waits. */
gp_status gp_terminal_order(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes, gp_services *services);

/* ---- driving the screen without a parser ---- */

typedef struct gp_style_info {
    uint32_t foreground, background, underline_color; /* kind << 24 | value: 0 default, 1 indexed, 2 rgb */
    uint16_t attributes; /* bold 1, faint 2, italic 4, blink 8, inverse 16, invisible 32, strikethrough 64, overline 128,
                            underline kind << 8 (0-5), protected 2048 */
    uint16_t reserved;   /* 0 */
} gp_style_info;

/* Prints UTF-8; control characters in it are left out. An incomplete end is kept for the next call. *consumed_bytes is
 * what was printed, also on failure. */
gp_status gp_screen_write(gp_terminal *terminal, const uint8_t *bytes, size_t length_bytes, size_t *consumed_bytes);
gp_status gp_screen_line_feed(gp_terminal *terminal);
gp_status gp_screen_reverse_line_feed(gp_terminal *terminal);
gp_status gp_screen_carriage_return(gp_terminal *terminal);
gp_status gp_screen_tab(gp_terminal *terminal);
/* Beyond the edges is at the edges. */
gp_status gp_screen_move(gp_terminal *terminal, uint32_t x, uint32_t y);
/* 0: from the cursor to the end, 1: from the start to the cursor, 2: all. */
gp_status gp_screen_erase_line(gp_terminal *terminal, int part);
gp_status gp_screen_erase_display(gp_terminal *terminal, int part);
gp_status gp_screen_erase_cells(gp_terminal *terminal, uint32_t cells);
gp_status gp_screen_insert_cells(gp_terminal *terminal, uint32_t cells);
gp_status gp_screen_delete_cells(gp_terminal *terminal, uint32_t cells);
gp_status gp_screen_insert_lines(gp_terminal *terminal, uint32_t rows);
gp_status gp_screen_delete_lines(gp_terminal *terminal, uint32_t rows);
/* The scroll region's rows move up, or down for a negative number. */
gp_status gp_screen_scroll(gp_terminal *terminal, int32_t rows);
/* Rows top to bottom, inclusive, counted from 0; GP_ERR_ARGUMENT unless top < bottom < rows. */
gp_status gp_screen_set_region(gp_terminal *terminal, uint32_t top, uint32_t bottom);
gp_status gp_screen_set_style(gp_terminal *terminal, const gp_style_info *style);
/* No target: no link. GP_ERR_ARGUMENT beyond GP_LINK_URI_MAX and GP_LINK_ID_MAX bytes. */
gp_status gp_screen_set_link(gp_terminal *terminal, const uint8_t *uri, size_t uri_bytes, const uint8_t *id,
                             size_t id_bytes);
gp_status gp_screen_set_alternate(gp_terminal *terminal, bool alternate);
/* Writes a cell, at whatever place; cursor, pen and modes stay. No text: a blank, or still the right half of a wide cell.
 * GP_ERR_ARGUMENT beside the screen, for more code points than a cell holds, and beyond GP_LINK_URI_MAX. */
gp_status gp_screen_put(gp_terminal *terminal, uint32_t x, uint32_t y, const uint8_t *text, size_t text_bytes,
                        const gp_style_info *style, const uint8_t *uri, size_t uri_bytes);

#define GP_LINK_URI_MAX 4096
#define GP_LINK_ID_MAX 256

/* ---- both ---- */

gp_status gp_terminal_resize(gp_terminal *terminal, uint32_t columns, uint32_t rows);
gp_status gp_terminal_set_limits(gp_terminal *terminal, uint64_t limit_rows, size_t limit_bytes);
/* How long control strings may be, from now on; but 65,536 bytes at most those whose bit, 1 << gp_service_kind, is not in
 * `kinds`. What comes after is dropped. */
void gp_terminal_set_string_limit(gp_terminal *terminal, size_t limit_bytes, uint32_t kinds);
void gp_terminal_clear_history(gp_terminal *terminal);
/* Gives back what is not needed for what can be seen: rows hidden by a limit, a grid where text can say the same, the memory
 * that pages do not use. Never fails; the pool is gp_arena_trim's. */
void gp_terminal_trim(gp_terminal *terminal);
/* The same, and nothing of it is left in memory of the terminal and the pool. The history and the parts of it that snapshots
 * have are theirs. */
gp_status gp_terminal_wipe_history(gp_terminal *terminal);
/* 1 set, 0 reset, 3 always set, 4 always reset, -1 not known. */
int gp_terminal_mode(gp_terminal *terminal, uint32_t number, bool ansi);
gp_status gp_terminal_set_screen_mode(gp_terminal *terminal, int mode);

typedef struct gp_terminal_figures {
    uint32_t columns, rows, x, y; /* x < columns */
    uint32_t region_top, region_bottom, region_left, region_right; /* scroll region, bottom and right exclusive */
    bool pending_wrap, cursor_visible, cursor_blinking, alternate, text_mode;
    int cursor_shape; /* 0 block, 1 underline, 2 bar */
    uint64_t history_rows, first_line, next_line, limit_rows;
    uint64_t cursor_line; /* of the primary screen's cursor */
    uint32_t cursor_cell; /* of that line, as in gp_row_info; behind the last if a wrap is pending */
    size_t limit_bytes;
    int pruned_by; /* gp_prune_cause: the limit that history went for last, since they were set; never GP_PRUNE_CLEAR */
    uint64_t generation; /* goes up whenever something may have changed */
} gp_terminal_figures;

/* After a change of width this counts the rows of all pages, once. */
void gp_terminal_read_figures(gp_terminal *terminal, gp_terminal_figures *figures);
void gp_terminal_read_demand(gp_terminal *terminal, gp_demand_figures *text_pages, gp_demand_figures *grids);

typedef struct gp_terminal_memory {
    size_t mapped_bytes, text_bytes, grid_bytes, nonstandard_bytes, peak_bytes;
    size_t used_bytes; /* of content, in what is mapped */
    uint64_t serial;   /* of the terminal or snapshot, counted in the process */
    size_t string_bytes; /* on the heap, for a control string that is under way */
    gp_counters counters;
} gp_terminal_memory;

/* Walks nothing, whatever there is. */
void gp_terminal_read_memory(gp_terminal *terminal, gp_terminal_memory *memory);

/* What reports tell besides. */
typedef struct gp_terminal_state {
    gp_style_info pen;
    uint32_t charsets[4]; /* G0-G3: final bytes of their designations, intermediates << 8, 1 << 24 for a set of 96 */
    uint8_t shift, shift_right; /* which of them is shifted in on the left and on the right */
    uint8_t single_shift; /* 2 or 3: for the next character; else 0 */
    uint8_t level;        /* DECSCL: 1 to 5 */
    bool eight_bit;       /* S8C1T: replies have C1 controls of 8 bits */
    bool margins;         /* DECLRMM: left and right margins may be set */
    bool rectangular;     /* DECSACE 2 */
    uint8_t cursor_style; /* DECSCUSR; 0: as at first */
    uint64_t synchronized_ns; /* since mode 2026 was set last; 0 while it is not */
} gp_terminal_state;

void gp_terminal_read_state(gp_terminal *terminal, gp_terminal_state *state);
/* The tab stops, a bit a column, the lowest bit first; as many bytes as fit. Returns how many there are. */
size_t gp_terminal_read_tabs(gp_terminal *terminal, uint8_t *bits, size_t capacity_bytes);

typedef enum gp_checksum_flags {
    GP_CHECKSUM_POSITIVE = 1,      /* not negated */
    GP_CHECKSUM_NO_ATTRIBUTES = 2,
    GP_CHECKSUM_BLANKS = 4,        /* blanks at the ends of rows count too */
    GP_CHECKSUM_ERASED = 8,        /* cells that nothing was printed in count as blanks */
    GP_CHECKSUM_CODEPOINTS = 16    /* code points, instead of bytes of the character set */
} gp_checksum_flags;

/* The sum of the screen's cells in columns left to right and rows top to bottom, both exclusive, as xterm answers
 * DECRQCRA; *sum has 16 bits. What lies outside the screen does not count. */
gp_status gp_terminal_checksum(gp_terminal *terminal, uint32_t left, uint32_t top, uint32_t right, uint32_t bottom,
                               unsigned flags, uint32_t *sum);

typedef struct gp_page_info {
    int kind; /* 0 text, 1 grid */
    bool standard, small;
    uint64_t address;
    size_t mapped_bytes, used_bytes;
    uint64_t lines, rows, first_line;
} gp_page_info;

/* Oldest text page first, grids last; as many as fit. Returns how many there are. */
size_t gp_terminal_list_pages(gp_terminal *terminal, gp_page_info *pages, size_t capacity);

/* What the terminal is at this moment, to be read by every function of this header that does not write, from any thread;
 * it outlives the terminal. Pages of history are shared, the screen is copied; with `primary` it shows the primary screen
 * also if the terminal does not. *snapshot is OWNED(gp_terminal_free). */
gp_status gp_terminal_snapshot(gp_terminal *terminal, bool primary, gp_terminal **snapshot);

/* ---- reading ---- */

typedef struct gp_row_info {
    uint32_t text_begin, text_bytes; /* in the reading's text, without trailing blanks */
    uint32_t cell_begin, cell_count; /* in its cells; those to the right are default blanks */
    uint64_t line;
    bool wrapped;
    uint8_t size;  /* 0 single, 1 double width, 2 and 3 the upper and lower half of double height */
    uint32_t cell; /* of its line at which the row begins: columns as if unwrapped */
} gp_row_info;

typedef struct gp_cell_info {
    uint32_t text_begin;
    uint16_t text_bytes; /* 0: a blank, or the right half of a wide cell */
    uint8_t width;       /* 0: the right half of a wide cell */
    uint8_t reserved;
    uint32_t style, link; /* indices; style 0 is the default, link 0 is none */
} gp_cell_info;

typedef struct gp_link_info {
    uint32_t uri_begin, uri_bytes, id_begin, id_bytes; /* in the reading's text */
} gp_link_info;

/* A logical line: rows joined by soft wraps, or a record of one that is too long for a single record. */
typedef struct gp_line_info {
    uint64_t line;
    uint32_t text_begin, text_bytes; /* in the reading's text, without trailing blanks */
    uint32_t piece_begin, piece_count;
    uint32_t first_cell; /* cells before it are cut off by a limit */
    bool continues, continuation; /* the line goes on in the next record; it goes on from the one before */
} gp_line_info;

/* Cells of one style and link, a code point each; or one cluster; or blanks, which are spaces in the text. */
typedef struct gp_piece_info {
    uint32_t text_begin, text_bytes, cells;
    uint32_t style, link; /* indices; style 0 is the default, link 0 is none */
    uint8_t width;        /* of each cell: 1 or 2 columns */
    bool cluster, blank;
    uint8_t reserved;
} gp_piece_info;

typedef struct gp_line_figures {
    uint64_t session;       /* of the terminal, unlike any other's in this process */
    uint64_t first_line;    /* the oldest line of which a row is seen */
    uint64_t complete_line; /* lines before it lie above the screen altogether: they do not change any more */
    uint64_t next_line;     /* one beyond the last line of the screen */
    uint32_t first_cell;    /* the first that is seen of first_line */
} gp_line_figures;

/* Where the characters of a reading's text are, newlines counted: those from `at` on, up to the next stretch, in line `line`
 * of the reading, the first at cell `cell`, each `width` cells further. Those of a cluster are all at one cell. */
typedef struct gp_stretch {
    uint32_t at, line, cell, width;
} gp_stretch;

/* Some lines of a reading: so many that they have 64 KiB of text or two thousand stretches. */
typedef struct gp_reading_part {
    uint32_t text_begin, stretch_begin;
} gp_reading_part;

/* A copy of some rows or lines. */
typedef struct gp_reading {
    uint32_t columns; /* of each row */
    size_t row_count, cell_count, text_bytes, style_count, link_count;
    gp_row_info *rows;
    gp_cell_info *cells;
    uint8_t *text;
    gp_style_info *styles;
    gp_link_info *links;
    uint64_t begin_line; /* of lines: the number of the first */
    bool ascii;      /* all the rows' or lines' text is */
    bool in_records; /* of lines without details: some are parts of a line that is too long for one record */
    size_t line_count, tail_count, piece_count, stretch_count, part_count;
    gp_line_info *lines;
    gp_piece_info *pieces;
    gp_stretch *stretches;
    gp_reading_part *parts;
    gp_line_figures figures; /* as of the same moment */
} gp_reading;

/* Neighbouring cells of a row with one style and link: all blank, or none. Each of these would not come out the same if
 * it were simply printed behind the one before, and is a run of its own: a cell that would join it, a cell that holds but
 * a mark (what has no width), a cell that is not as wide as its text. So is the first of a row in a background. */
typedef struct gp_run_info {
    uint32_t text_begin, text_bytes; /* in the reading's text; blanks are spaces there */
    uint32_t columns;
    uint32_t style, link;
    bool blank, joins, mark, odd;
} gp_run_info;

/* Rows from `first` on, counted from the oldest row of history, or, if `from_screen`, from the screen's top (history
 * has negative numbers then); fewer than `count` where they end. With `cells` false only rows and text are filled in.
 * *reading is OWNED(gp_reading_free). */
gp_status gp_terminal_read(gp_terminal *terminal, int64_t first, uint32_t count, bool from_screen, bool cells,
                           gp_reading **reading);
void gp_reading_free(gp_reading *reading);

/* The cells of a reading as runs. There is room for cell_count of them, and in row_ends for row_count: how many runs there
 * are up to each row's end. Returns how many there are. */
size_t gp_reading_runs(const gp_reading *reading, uint32_t *row_ends, gp_run_info *runs);

/* The text of rows `first` to `stop` (exclusive), counted from the oldest row of history or, below 0, from the end of the
 * screen, with a newline between rows; with `unwrap` none between rows of the same line. Only the text of the reading is
 * filled in. */
gp_status gp_terminal_text(gp_terminal *terminal, int64_t first, int64_t stop, bool unwrap, gp_reading **reading);

/* ---- lines ----
 *
 * The numbers of lines are those that rows have. A number names the same line for ever once the line lies above the screen,
 * unless a larger window brings it back there and it is changed. */

void gp_terminal_read_line_figures(gp_terminal *terminal, gp_line_figures *figures);

/* What is filled in of lines besides text and counts: nothing; stretches and parts; lines and pieces, and then spaces may lie
 * between a line's text and its newline. */
typedef enum gp_line_details { GP_LINES_TEXT, GP_LINES_PLACES, GP_LINES_CELLS } gp_line_details;

/* Lines from `first_line` on, or from the oldest, up to but not including `stop_line`; fewer where they end, or when their
 * text has become `max_bytes` long. Each ends in a newline in the reading's text. */
gp_status gp_terminal_read_lines(gp_terminal *terminal, uint64_t first_line, uint64_t stop_line, size_t max_bytes,
                                 gp_line_details details, gp_reading **reading);

/* How far a reader of complete lines has come. All zero: nowhere yet. */
typedef struct gp_line_cursor {
    uint64_t session, line;
    uint64_t rewinds, skipped; /* what had happened to the numbers of lines until then */
} gp_line_cursor;

/* The lines completed since *cursor, which moves on, as gp_terminal_read_lines without details. When no more are left and
 * `tail` is set, tail_count lines of the screen follow. *dropped: how many are gone that had not been read.
 * GP_ERR_ARGUMENT: the cursor is of another terminal or ahead of this one. */
gp_status gp_terminal_read_since(gp_terminal *terminal, gp_line_cursor *cursor, size_t max_bytes, bool tail,
                                 uint64_t *dropped, gp_reading **reading);

/* Where cell `cell` of a line is seen: its row, counted from the oldest row of history, and column. GP_ERR_ARGUMENT if it
 * is not there (any more). */
gp_status gp_terminal_locate(gp_terminal *terminal, uint64_t line, uint32_t cell, uint64_t *row, uint32_t *x);
/* The other way; the row may be negative, counted from the end of the screen. */
gp_status gp_terminal_position(gp_terminal *terminal, int64_t row, uint32_t x, uint64_t *line, uint32_t *cell);

/* ---- saving and loading ---- */

/* A page of lines as it lies in memory. */
typedef struct gp_saved_page {
    uint64_t first_line;
    uint32_t lines, dead_lines; /* of these, cut off by a limit */
    const uint8_t *text, *records;
    size_t text_bytes, records_bytes;
} gp_saved_page;

/* A screen kept as a grid, as gp_terminal_read_grid reads it. */
typedef struct gp_saved_grid {
    const gp_row_info *rows;
    const gp_cell_info *cells;
    const uint8_t *text;
    const gp_style_info *styles;
    const gp_link_info *links;
    size_t row_count, cell_count, text_bytes, style_count, link_count;
} gp_saved_grid;

typedef struct gp_saved {
    uint32_t columns, rows;
    const uint8_t *state;
    size_t state_bytes;
    const gp_saved_page *pages; /* the oldest first */
    size_t page_count;
    gp_saved_grid grids[2]; /* primary, alternate; without rows: there is none */
} gp_saved;

/* Makes a snapshot ready to be saved, and good for nothing else: its last line is closed. */
void gp_terminal_freeze(gp_terminal *snapshot);
/* Of a frozen snapshot: its pages, as many as fit; returns how many there are. BORROWED(snapshot). */
size_t gp_terminal_save_pages(gp_terminal *snapshot, gp_saved_page *pages, size_t capacity);
/* Its state besides lines and grids; returns how many bytes that takes, and writes them if they fit. */
size_t gp_terminal_save_state(gp_terminal *snapshot, uint8_t *bytes, size_t capacity_bytes);
/* The rows of the primary or the alternate screen, if kept as a grid; else none. *reading is OWNED(gp_reading_free). */
gp_status gp_terminal_read_grid(gp_terminal *terminal, bool alternate, gp_reading **reading);
/* A terminal from what was saved, without limits. Nothing of it is believed: GP_ERR_FORMAT when it does not make a
 * terminal. *terminal is OWNED(gp_terminal_free). */
gp_status gp_terminal_load(gp_arena *arena, const gp_saved *saved, gp_terminal **terminal);

/* ---- frames ----
 *
 * A frame holds the rows of a viewport, which is as large as the screen, as arrays that are brought up to date in place. It
 * has no lock: one call at a time. It is to be used with one terminal, which need not be there any more when it is read. */

typedef struct gp_frame gp_frame;

/* Arrays of columns * rows, row by row, behind a header of GP_FRAME_HEADER_BYTES: code points, styles, links (4 bytes each),
 * widths (1 byte). A cell without text has code point 0, and one with a cluster the first of the cluster. */
typedef struct gp_frame_cells gp_frame_cells;

#define GP_FRAME_HEADER_BYTES 16

typedef struct gp_frame_row {
    uint64_t line;
    uint32_t cell;                          /* of the line, with which the row begins */
    uint32_t cluster_begin, cluster_bytes;  /* its clusters, among those of the frame */
    bool wrapped;
} gp_frame_row;

typedef struct gp_cursor_info {
    uint32_t x, y; /* x < columns */
    int shape;     /* 0 block, 1 underline, 2 bar */
    bool visible, blinking, pending_wrap;
} gp_cursor_info;

/* What a frame holds; all BORROWED(frame, until its next update). */
typedef struct gp_frame_view {
    uint32_t columns, rows;
    uint32_t changed_count; /* rows that are not as they were before the update */
    const uint32_t *changed;
    uint64_t numbering;   /* goes up when styles and links are numbered anew; all rows have changed then */
    uint64_t resized;     /* goes up when there are other arrays than before */
    uint64_t offset_rows; /* from the viewport's top to the screen's */
    uint64_t total_rows;  /* of history and screen */
    gp_cursor_info cursor;
    const gp_frame_row *row;
    uint32_t style_count, link_count; /* number 0 is the default style, and no link */
    const gp_style_info *styles;
    const gp_link_info *links;
    const uint8_t *link_text;
    size_t link_text_bytes;
    const uint8_t *clusters; /* of each its column (4 bytes), the bytes of its text (2) and the text */
} gp_frame_view;

/* *frame is OWNED(gp_frame_free), and has no rows before its first update. */
gp_status gp_frame_new(gp_frame **frame);
void gp_frame_free(gp_frame *frame);

/* Reads the viewport again if something may have changed. *view is the frame's from one update to the next: where nothing
 * changed, changed_count alone is written. On failure the frame is what it was, and so is *view. */
gp_status gp_frame_update(gp_frame *frame, gp_terminal *terminal, gp_frame_view *view);

/* The viewport is at the screen, or at the row in which a cell of a line lies; from the next update on. */
void gp_frame_follow(gp_frame *frame);
void gp_frame_pin(gp_frame *frame, uint64_t line, uint32_t cell);
/* Moves it down by rows, or up by a negative number; returns whether it follows the screen then. */
bool gp_frame_scroll(gp_frame *frame, gp_terminal *terminal, int64_t rows);

/* *cells are the arrays, OWNED(gp_frame_release); they stay when the frame gets others or is freed. NULL before an update. */
void gp_frame_hold(gp_frame *frame, gp_frame_cells **cells);
void gp_frame_release(gp_frame_cells *cells);

/* Neighbouring cells of the same style and link in a row, from the first column to the last that is not a default blank. */
typedef struct gp_frame_runs {
    uint32_t count;
    bool single; /* each takes one column */
    bool linked; /* some have a link */
    const uint32_t *x, *width, *style, *link;
    const uint8_t *text; /* in UTF-8, blanks as spaces, a newline between runs */
    size_t text_bytes;
} gp_frame_runs;

/* All BORROWED(frame, until its next call); y < rows. */
gp_status gp_frame_read_runs(gp_frame *frame, uint32_t y, gp_frame_runs *runs);
/* Only the text, as one, without the blanks at its end. */
gp_status gp_frame_read_text(gp_frame *frame, uint32_t y, gp_frame_runs *runs);

/* NULL, or what is violated. For tests. */
const char *gp_frame_check(gp_frame *frame);

/* ---- search ---- */

#define GP_SET_FIRST 248
#define GP_SET_BYTES 16

/* Where a string is in some text, or text_bytes if it is not; it must not be empty. Unless `sets` is NULL, bytes of it from
 * GP_SET_FIRST on, which UTF-8 has not, are one of a set each: first and last of ranges of bytes, up to a zero as the last, in
 * GP_SET_BYTES. With SSE2 where there is, and byte by byte: the twin that tests compare with. */
size_t gp_find(const uint8_t *text, size_t text_bytes, const uint8_t *needle, size_t needle_bytes, const uint8_t *sets);
size_t gp_find_plain(const uint8_t *text, size_t text_bytes, const uint8_t *needle, size_t needle_bytes, const uint8_t *sets);

/* Where characters are, `count` of them, in text of which these are the stretches: `at` is counted from the first stretch.
 * Quick for characters in order, whether forwards or backwards. `begin_line` is added to the numbers of lines. */
void gp_stretches_find(const gp_stretch *stretches, size_t stretch_count, uint64_t begin_line, const uint32_t *at, size_t count,
                       uint64_t *lines, uint32_t *cells);

/* Looks for a string in the complete lines of *first_line to *stop_line, about `max_bytes` of text, from the last one back
 * if `backwards`; what is left to search is written back. `lines` gets the numbers of lines in whose text it is, `capacity`
 * at most; returns how many. When nothing was found and as much is left as before, the capacity was too small. */
size_t gp_terminal_find(gp_terminal *terminal, uint64_t *first_line, uint64_t *stop_line, const uint8_t *needle,
                        size_t needle_bytes, bool backwards, size_t max_bytes, uint64_t *lines, size_t capacity);

/* Strings that a line has to have, one behind the other, as gp_find takes them. LENT. */
typedef struct gp_needles {
    const uint8_t *bytes, *sets; /* of all */
    const uint32_t *ends;        /* of each, in the bytes */
    uint32_t count;
} gp_needles;

/* Why a search ends before a page: it does not, or lines to be found are many there, or some lines are in several records. */
typedef enum gp_found_end { GP_FOUND_SOME, GP_FOUND_MANY, GP_FOUND_RECORDS } gp_found_end;

/* As gp_terminal_find for lines that have all needles, which are read with their places. As much is left to search as before
 * if *end is of the first page already. *reading is OWNED(gp_reading_free). */
gp_status gp_terminal_read_found(gp_terminal *terminal, uint64_t *first_line, uint64_t *stop_line, const gp_needles *needles,
                                 bool backwards, size_t max_bytes, gp_found_end *end, gp_reading **reading);

/* NULL, or what is violated in its structures. For tests; walks everything. */
const char *gp_terminal_check(gp_terminal *terminal);
