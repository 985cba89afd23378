/* Where the characters of a reading's text are, in few words: a stretch for each line, and more where their cells are not all
 * one column wide. */
#include "pages/record_read.h"
#include "vt/reading.h"

enum { PART_BYTES = 1 << 16, PART_STRETCHES = 1 << 11 };

/* ---- written ------------------------------------------------------------------------------------------------------- */

static gp_status push(gp_reading_builder *b, uint32_t line, uint32_t width) {
    gp_reading *r = &b->reading;
    gp_status status =
        gp_reading_grow((void **)&r->stretches, &b->stretch_capacity, r->stretch_count + 1, sizeof *r->stretches);
    if (status != GP_OK) return status;
    r->stretches[r->stretch_count++] =
        (gp_stretch){.at = b->characters, .line = line, .cell = b->cell, .width = width};
    return GP_OK;
}

/* Before the first stretch of a line. */
static gp_status begin_part(gp_reading_builder *b, size_t text_begin) {
    gp_reading *r = &b->reading;
    const gp_reading_part *last = r->part_count ? &r->parts[r->part_count - 1] : NULL;
    if (last && text_begin - last->text_begin < PART_BYTES && r->stretch_count - last->stretch_begin < PART_STRETCHES)
        return GP_OK;
    gp_status status = gp_reading_grow((void **)&r->parts, &b->part_capacity, r->part_count + 1, sizeof *r->parts);
    if (status != GP_OK) return status;
    r->parts[r->part_count++] =
        (gp_reading_part){.text_begin = (uint32_t)text_begin, .stretch_begin = (uint32_t)r->stretch_count};
    return GP_OK;
}

gp_status gp_reading_begin_line(gp_reading_builder *b, uint32_t cell) {
    if (!b->wants_places) return GP_OK;
    b->cell = cell;
    gp_status status = begin_part(b, b->reading.text_bytes);
    return status == GP_OK ? push(b, (uint32_t)b->reading.line_count + b->left_out, 1) : status;
}

/* From here on characters are so wide. */
static gp_status set_width(gp_reading_builder *b, uint32_t width) {
    gp_stretch *last = &b->reading.stretches[b->reading.stretch_count - 1];
    if (last->at != b->characters) return last->width == width ? GP_OK : push(b, last->line, width);
    last->width = width; /* of no character yet */
    return GP_OK;
}

static inline gp_status add_run(gp_reading_builder *b, uint32_t cells, uint32_t width, uint32_t codepoints) {
    bool cluster = codepoints > 1;
    gp_status status = set_width(b, cluster ? 0 : width);
    b->characters += cluster ? codepoints : cells;
    b->cell += cells * width;
    if (status == GP_OK && cluster) status = set_width(b, 1);
    return status;
}

gp_status gp_reading_add_run(gp_reading_builder *b, uint32_t cells, uint32_t width, uint32_t codepoints) {
    return b->wants_places ? add_run(b, cells, width, codepoints) : GP_OK;
}

gp_status gp_reading_add_runs(gp_reading_builder *b, gp_runs *runs, uint32_t text_bytes) {
    if (!b->wants_places) return GP_OK;
    if (runs->ascii) {
        b->characters += text_bytes;
        return GP_OK;
    }
    gp_status status = GP_OK;
    while (status == GP_OK) {
        gp_run run;
        if (runs->op > runs->op_end && runs->op[-1] < GP_OP_STYLE) {
            unsigned tag = *--runs->op;
            gp_record_pull_run(&runs->op, tag, &run);
        } else {
            if (!gp_runs_load_next(runs)) break;
            run = runs->run;
        }
        status = add_run(b, run.cells, run.width, run.kind == GP_RUN_CLUSTER ? run.codepoints : 1);
    }
    return status;
}

gp_status gp_reading_add_lines(gp_reading_builder *b, gp_line line, uint32_t count, size_t text_begin) {
    gp_reading *r = &b->reading;
    size_t before = line.text_begin;
    gp_status status =
        gp_reading_grow((void **)&r->stretches, &b->stretch_capacity, r->stretch_count + count, sizeof *r->stretches);
    for (uint32_t i = 0; i < count && status == GP_OK; i++) {
        if (i) gp_line_step(&line);
        b->cell = 0;
        status = begin_part(b, text_begin + line.text_begin - before);
        if (status == GP_OK) status = push(b, (uint32_t)r->line_count + i, 1);
        if (line.flags & GP_LINE_ASCII) {
            b->characters += line.text_bytes;
        } else if (status == GP_OK) {
            gp_runs runs = gp_line_runs(&line);
            status = gp_reading_add_runs(b, &runs, line.text_bytes);
        }
        b->characters++;
    }
    return status;
}

void gp_reading_end_line(gp_reading_builder *b, uint32_t too_many) {
    if (!b->wants_places) return;
    b->characters += 1 - too_many; /* no stretch begins among them: they are blanks, and one column wide */
}

/* ---- looked up ------------------------------------------------------------------------------------------------------- */

void gp_stretches_find(const gp_stretch *stretches, size_t stretch_count, uint64_t begin_line, const uint32_t *at, size_t count,
                       uint64_t *lines, uint32_t *cells) {
    size_t low = 0, step;
    for (size_t i = 0; i < count; i++) {
        uint32_t wanted = stretches[0].at + at[i];
        /* It lies from `low` on and before `high`: both go away from where the last one was, by twice as far each time. */
        size_t high = low + 1;
        for (step = 1; stretches[low].at > wanted; step *= 2) {
            high = low;
            low = low > step ? low - step : 0;
        }
        for (step = 1; high < stretch_count && stretches[high].at <= wanted; step *= 2) {
            low = high;
            high = step < stretch_count - high ? high + step : stretch_count;
        }
        while (high - low > 1) {
            size_t middle = low + (high - low) / 2;
            if (stretches[middle].at <= wanted)
                low = middle;
            else
                high = middle;
        }
        const gp_stretch *found = &stretches[low];
        lines[i] = begin_line + found->line;
        cells[i] = found->cell + (wanted - found->at) * found->width;
    }
}
