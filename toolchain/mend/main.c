/* SPDX-License-Identifier: MIT */
/* ingot-mend: the command line. Exit codes: 0 done, 1 refused (told on stderr), 2 usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/file.h"
#include "toolchain/mend/mend.h"

static const char usage_text[] =
    "usage: ingot-mend [--lines module-N.lines] [--low-memory] FILE...\n"
    "\n"
    "Mends, in place, the C that wasm2c 1.0.39 wrote for one module: NAME.c alone, or NAME-impl.h\n"
    "and all NAME_*.c together. Files that were mended before are left as they are.\n"
    "--lines       what the marks mean that the plan put into the module, for #line\n"
    "--low-memory  the module has one memory, which the kernel will place at address 0\n";

static bool read_text(mend_file_t *file) {
    uint8_t *data;
    size_t len;
    if (file_read(file->name, &data, &len) != STATUS_OK) {
        return false;
    }
    if (memchr(data, 0, len) != NULL) {
        fprintf(stderr, "error: %s: not text\n", file->name);
        free(data);
        return false;
    }
    file->text = (text_t){(char *)data, len, len + 1};
    return true;
}

static int run(mend_file_t *files, size_t n, mend_file_t *lines, bool low_memory) {
    for (size_t i = 0; i < n; i++) {
        if (!read_text(&files[i])) {
            return 1;
        }
    }
    if (lines->name != NULL && !read_text(lines)) {
        return 1;
    }
    const mend_options_t options = {.lines = lines->name != NULL ? lines : NULL,
                                    .low_memory = low_memory};
    mend_error_t error;
    if (mend(files, n, &options, &error) != STATUS_OK) {
        fprintf(stderr, "error: %s\n", error.message);
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (file_write(files[i].name, text_str(&files[i].text), files[i].text.len) != STATUS_OK) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    mend_file_t lines = {0};
    bool low_memory = false;
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first++) {
        if (strcmp(argv[first], "--lines") == 0 && first + 1 < argc) {
            lines.name = argv[++first];
        } else if (strcmp(argv[first], "--low-memory") == 0) {
            low_memory = true;
        } else {
            break;
        }
    }
    if (argc <= first || argv[first][0] == '-') {
        bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
        fputs(usage_text, help ? stdout : stderr);
        return help ? 0 : 2;
    }
    size_t n = (size_t)(argc - first);
    mend_file_t *files = xcalloc(n, sizeof *files);
    for (size_t i = 0; i < n; i++) {
        files[i].name = argv[first + (int)i];
    }
    int code = run(files, n, &lines, low_memory);
    for (size_t i = 0; i < n; i++) {
        text_free(&files[i].text);
    }
    text_free(&lines.text);
    free(files);
    return code;
}
