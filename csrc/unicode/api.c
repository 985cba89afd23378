/* The unicode layer by whole strings, as the C interface has it. */
#include "ghostpage.h"
#include "unicode/cluster.h"
#include "unicode/utf8.h"

const char *gp_unicode_version(void)
{
    return GP_UNICODE_VERSION;
}

int gp_unicode_width(uint32_t codepoint)
{
    return (int)gp_properties_width(gp_properties_of(codepoint));
}

size_t gp_unicode_decode_part(const uint8_t *bytes, size_t length_bytes, uint32_t *codepoints, size_t *consumed_bytes)
{
    const uint8_t *next = bytes, *end = bytes + length_bytes;
    size_t count = 0;

    while (next < end) {
        size_t step = gp_utf8_decode(next, end, &codepoints[count]);
        if (step == 0) break;
        next += step;
        count++;
    }
    *consumed_bytes = (size_t)(next - bytes);
    return count;
}

size_t gp_unicode_decode(const uint8_t *bytes, size_t length_bytes, uint32_t *codepoints)
{
    size_t consumed_bytes;
    size_t count = gp_unicode_decode_part(bytes, length_bytes, codepoints, &consumed_bytes);

    if (consumed_bytes < length_bytes) codepoints[count++] = GP_UTF8_REPLACEMENT;
    return count;
}

size_t gp_unicode_clusters(const uint32_t *codepoints, size_t count, uint32_t *starts, uint8_t *widths)
{
    gp_cluster cluster = {0};
    size_t clusters = 0;

    for (size_t at = 0; at < count; at++) {
        if (!gp_cluster_join(&cluster, gp_properties_of(codepoints[at]))) {
            starts[clusters++] = (uint32_t)at;
        }
        widths[clusters - 1] = cluster.width;
    }
    return clusters;
}
