/* Writes runs one after the other, as few of them as say the same: the last one is held in variables, as its operation has it,
 * until another kind of cells comes. For the loops that write many, which keep all of it in registers. */
#ifndef GP_PAGES_RUN_WRITER_H
#define GP_PAGES_RUN_WRITER_H

#include "pages/record.h"

typedef struct gp_run_writer {
    uint8_t *op;    /* the lowest operation */
    unsigned tag;   /* of the last run; GP_OP_NONE */
    uint32_t count; /* its cells, or its code points */
    unsigned seen;  /* tags, or-ed */
} gp_run_writer;

/* Goes on from the open line's last run; `op`: its lowest operation so far. */
static inline gp_run_writer gp_run_writer_begin(const gp_run *last, uint8_t *op) {
    unsigned tag = last->cells ? gp_run_tag(last) : GP_OP_NONE;
    return (gp_run_writer){.op = op, .tag = tag, .count = gp_run_count(last)};
}

/* The last run becomes an operation. */
static inline void gp_run_writer_end(gp_run_writer *writer) {
    if (writer->tag < GP_OP_CLUSTER)
        writer->op = gp_record_push_counted(writer->op, writer->tag, 0x3F, writer->count - 1);
    else if (writer->tag < GP_OP_BLANK)
        writer->op = gp_record_push_counted(writer->op, writer->tag, 0x0F, writer->count - 2);
    else if (writer->tag != GP_OP_NONE)
        writer->op = gp_record_push_counted(writer->op, writer->tag, 0x1F, writer->count - 1);
}

/* Cells of one code point each, narrow (a tag of 0) or wide, or blanks. */
static inline void gp_run_writer_put(gp_run_writer *writer, unsigned tag, uint32_t cells) {
    writer->seen |= tag;
    if (writer->tag == tag) {
        writer->count += cells;
        return;
    }
    if (writer->tag != GP_OP_NONE) gp_run_writer_end(writer); /* none behind each pen */
    writer->tag = tag;
    writer->count = cells;
}

/* A cell of so many code points, two at least. */
static inline void gp_run_writer_put_cluster(gp_run_writer *writer, unsigned width, uint32_t codepoints) {
    gp_run_writer_end(writer);
    writer->tag = GP_OP_CLUSTER | (width == 2 ? GP_OP_CLUSTER_WIDE : 0);
    writer->seen |= writer->tag;
    writer->count = codepoints;
}

#endif
