/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* mkdtemp */
#include "tests/host/inspect/linking.h"

#include <unistd.h>

#include "toolchain/lib/file.h"

static char directory[] = "/tmp/ingot-link-XXXXXX";
static char *paths[32];
static unsigned n_paths;

const char *whole_file(text_t *module) {
    text_t path = {0};
    assert_true(n_paths < sizeof paths / sizeof paths[0]);
    text_addf(&path, "%s/m%u.wasm", directory, n_paths);
    assert_int_equal(file_write(path.data, module->data, module->len), STATUS_OK);
    text_free(module);
    paths[n_paths] = path.data;
    return paths[n_paths++];
}

const char *module_file(text_t *sections) {
    text_t t = {0};
    ADD(&t, HEADER);
    SECTION(&t, 1, TYPES);
    text_add(&t, text_str(sections), sections->len);
    text_free(sections);
    return whole_file(&t);
}

text_t messages;
static int saved_stderr;

void capture(void) {
    text_t path = {0};
    text_addf(&path, "%s/stderr", directory);
    fflush(stderr);
    saved_stderr = dup(2);
    assert_non_null(freopen(path.data, "w", stderr));
    text_free(&path);
}

void release(void) {
    text_t path = {0};
    uint8_t *data;
    size_t len;
    fflush(stderr);
    dup2(saved_stderr, 2);
    close(saved_stderr);
    text_addf(&path, "%s/stderr", directory);
    assert_int_equal(file_read(path.data, &data, &len), STATUS_OK);
    text_free(&messages);
    messages = (text_t){(char *)data, len, len + 1};
    text_free(&path);
}

void told(const char *words) {
    if (strstr(text_str(&messages), words) == NULL) {
        fail_msg("\"%s\" was not told, but: %s", words, text_str(&messages));
    }
}

status_t resolve(link_t *l) {
    capture();
    status_t s = link_resolve(l);
    release();
    return s;
}

void add(link_t *l, const char *name, const char *path) {
    assert_int_equal(link_add_module(l, name, path), STATUS_OK);
}

status_t add_source(host_t *host, const char *text) {
    text_t path = {0};
    text_addf(&path, "%s/host.i", directory);
    assert_int_equal(file_write(path.data, text, strlen(text)), STATUS_OK);
    capture();
    status_t s = host_add_source(host, path.data);
    release();
    unlink(path.data);
    text_free(&path);
    return s;
}

int make_directory(void **state) {
    (void)state;
    return mkdtemp(directory) != NULL ? 0 : -1;
}

int drop_directory(void **state) {
    (void)state;
    text_t path = {0};
    for (unsigned i = 0; i < n_paths; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    text_addf(&path, "%s/stderr", directory);
    unlink(path.data);
    text_free(&path);
    text_free(&messages);
    return rmdir(directory);
}
