/* Runs a harness over files, without a fuzzer: what the test suite does with seeds and with what once crashed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int count, char **names) {
    static uint8_t bytes[1 << 20];
    for (int which = 1; which < count; which++) {
        FILE *file = fopen(names[which], "rb");
        if (!file) {
            perror(names[which]);
            return 2;
        }
        size_t length = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        uint8_t *exact = malloc(length ? length : 1); /* as long as the input, so that a sanitizer sees a read beyond it */
        if (!exact) return 2;
        for (size_t at = 0; at < length; at++) exact[at] = bytes[at];
        fprintf(stderr, "%s\n", names[which]);
        LLVMFuzzerTestOneInput(exact, length);
        free(exact);
    }
    return 0;
}
