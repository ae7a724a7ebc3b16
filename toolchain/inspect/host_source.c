/* SPDX-License-Identifier: MIT */
/*
 * Reads the INGOT_HOST declarations (include/ingot/host.h) out of preprocessed C. Only the tokens
 * that C has in common with everything else matter: words, strings, and single characters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/user/call.h"
#include "toolchain/inspect/host.h"
#include "toolchain/lib/file.h"
#include "toolchain/lib/text.h"

#define MARK "__ingot_host"

typedef enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_OTHER } token_kind_t;

typedef struct token {
    token_kind_t kind;
    const char *at; /* a string's without its quotes */
    size_t len;
} token_t;

typedef struct source {
    host_t *host;
    const char *at;
    const char *path; /* as the preprocessor's line markers have it */
    size_t path_len;
    unsigned line;
    token_t token; /* the one that is looked at */
} source_t;

static bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* # 12 "file.c" 1 3: what follows is line 12 of that file. */
static void line_marker(source_t *s) {
    char *end;
    unsigned long line = strtoul(s->at + 1, &end, 10); /* which skips line ends, too */
    const char *eol = s->at + strcspn(s->at, "\n");
    if (end < eol && *end == ' ' && end[1] == '"') {
        const char *name = end + 2, *close = memchr(name, '"', (size_t)(eol - name));
        if (close != NULL) {
            s->path = name;
            s->path_len = (size_t)(close - name);
            s->line = (unsigned)line - 1; /* the end of this line counts */
        }
    }
    s->at = eol;
}

static void skip_space(source_t *s) {
    bool line_start = false;
    for (;; s->at++) {
        if (*s->at == '\n') {
            s->line++;
            line_start = true;
        } else if (*s->at == '#' && line_start) {
            line_marker(s);
            s->at--;
        } else if (*s->at == 0 || strchr(" \t\r\v\f", *s->at) == NULL) {
            return;
        }
    }
}

static void next(source_t *s) {
    skip_space(s);
    const char *start = s->at;
    token_t *t = &s->token;
    if (*start == 0) {
        *t = (token_t){TOKEN_END, "the end of the file", strlen("the end of the file")};
        return;
    }
    if (is_word_char(*start)) {
        while (is_word_char(*s->at)) {
            s->at++;
        }
        *t = (token_t){TOKEN_WORD, start, (size_t)(s->at - start)};
        return;
    }
    if (*start != '"' && *start != '\'') {
        s->at++;
        *t = (token_t){TOKEN_OTHER, start, 1};
        return;
    }
    do {
        s->at += *s->at == '\\' && s->at[1] != 0 ? 2 : 1;
    } while (*s->at != *start && *s->at != '\n' && *s->at != 0);
    size_t len = (size_t)(s->at - start - 1);
    s->at += *s->at == *start;
    *t = (token_t){*start == '"' ? TOKEN_STRING : TOKEN_OTHER, start + 1, len};
}

static status_t complain(const source_t *s, const char *what, const token_t *about) {
    text_t t = {0};
    text_addf(&t, "error: %.*s:%u: INGOT_HOST: ", (int)s->path_len, s->path, s->line);
    if (about != NULL) {
        text_puts(&t, "`");
        text_printable(&t, about->at, about->len);
        text_puts(&t, "` ");
    }
    fprintf(stderr, "%s%s\n", t.data, what);
    text_free(&t);
    return ERR_INVALID;
}

static bool is_char(const token_t *t, char c) {
    return t->kind == TOKEN_OTHER && t->len == 1 && *t->at == c;
}

static bool take(source_t *s, char c) {
    if (!is_char(&s->token, c)) {
        return false;
    }
    next(s);
    return true;
}

/* A string literal, and the comma behind it. */
static status_t read_name(source_t *s, const char **out) {
    token_t t = s->token;
    if (t.kind != TOKEN_STRING) {
        return complain(s, "stands where a name in double quotes was expected", &t);
    }
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] < 0x20 || t.at[i] > 0x7e || t.at[i] == '\\') {
            return complain(s, "is not a name of printable ASCII without backslashes", &t);
        }
    }
    *out = arena_strndup(&s->host->arena, t.at, t.len);
    next(s);
    return take(s, ',') ? STATUS_OK : complain(s, "stands where a comma was expected", &s->token);
}

static bool c_type(const token_t *t, valtype_t *out) {
    static const struct {
        const char *name;
        valtype_t type;
    } types[] = {{"int32_t", VT_I32},  {"uint32_t", VT_I32}, {"int64_t", VT_I64},
                 {"uint64_t", VT_I64}, {"float", VT_F32},    {"double", VT_F64}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (t->kind == TOKEN_WORD && strlen(types[i].name) == t->len &&
            memcmp(types[i].name, t->at, t->len) == 0) {
            *out = types[i].type;
            return true;
        }
    }
    return false;
}

static status_t bad_type(const source_t *s) {
    return complain(s,
                    "is not a type that crosses the border: (u)int32_t, (u)int64_t, float, double",
                    &s->token);
}

/* TYPE [NAME] after each comma, and the closing parenthesis. */
static status_t read_params(source_t *s, functype_t *type) {
    enum { MAX_PARAMS = 64 };
    valtype_t params[MAX_PARAMS];
    while (take(s, ',')) {
        if (type->n_params == MAX_PARAMS) {
            return complain(s, "more than 64 parameters", NULL);
        }
        if (!c_type(&s->token, &params[type->n_params])) {
            return bad_type(s);
        }
        type->n_params++;
        next(s);
        if (s->token.kind == TOKEN_WORD) {
            next(s);
        }
    }
    if (!is_char(&s->token, ')')) {
        return complain(s, "stands where a comma or a closing parenthesis was expected", &s->token);
    }
    valtype_t *kept = arena_alloc(&s->host->arena, type->n_params, sizeof *kept);
    memcpy(kept, params, type->n_params * sizeof *kept);
    type->params = kept;
    return STATUS_OK;
}

static status_t read_result(source_t *s, functype_t *type) {
    valtype_t *result = arena_alloc(&s->host->arena, 1, sizeof *result);
    bool is_void =
        s->token.kind == TOKEN_WORD && s->token.len == 4 && memcmp(s->token.at, "void", 4) == 0;
    if (!is_void && !c_type(&s->token, result)) {
        return bad_type(s);
    }
    type->results = result;
    type->n_results = !is_void;
    next(s);
    return take(s, ',') ? STATUS_OK : complain(s, "stands where a comma was expected", &s->token);
}

/* One declaration, from behind its mark. */
static status_t read_declaration(source_t *s) {
    host_func_t f = {.user = true, .type.is_func = true};
    const char *module, *field;
    if (!take(s, '(')) {
        return complain(s, "stands where a parenthesis was expected", &s->token);
    }
    status_t status = read_name(s, &module);
    status = status == STATUS_OK ? read_name(s, &field) : status;
    status = status == STATUS_OK ? read_result(s, &f.type) : status;
    if (status != STATUS_OK) {
        return status;
    }
    if (s->token.kind != TOKEN_WORD || (*s->token.at >= '0' && *s->token.at <= '9')) {
        return complain(s, "is not a C function name", &s->token);
    }
    f.symbol = arena_strndup(&s->host->arena, s->token.at, s->token.len);
    next(s);
    status = read_params(s, &f.type);
    if (status != STATUS_OK) {
        return status;
    }
    if (host_stack_words(&f.type) > USER_CALL_STACK_WORDS) {
        return complain(s, "more arguments than a call into the kernel carries", NULL);
    }
    f.module = name_of(module);
    f.field = name_of(field);
    const host_func_t *taken = host_find(s->host, f.module, f.field);
    if (taken != NULL) {
        fprintf(stderr, "error: %.*s:%u: INGOT_HOST: %s provides `%s.%s` already (%s)\n",
                (int)s->path_len, s->path, s->line,
                taken->user ? "another declaration" : "the kernel", module, field, taken->symbol);
        return ERR_OVERLAP;
    }
    host_add(s->host, &f);
    return STATUS_OK;
}

status_t host_add_text(host_t *host, const char *path, const char *text) {
    /* A line marker may be the very first thing: skip_space() looks for it behind a line's end. */
    text_t lines = {0};
    text_puts(&lines, "\n");
    text_puts(&lines, text);
    source_t s = {host, lines.data, path, strlen(path), 0, {0}};
    status_t result = STATUS_OK;
    next(&s);
    while (s.token.kind != TOKEN_END) {
        bool marked = s.token.kind == TOKEN_WORD && s.token.len == strlen(MARK) &&
                      memcmp(s.token.at, MARK, strlen(MARK)) == 0;
        next(&s);
        if (marked) {
            status_t status = read_declaration(&s);
            result = status != STATUS_OK ? status : result;
        }
    }
    text_free(&lines);
    return result;
}

status_t host_add_source(host_t *host, const char *path) {
    uint8_t *data;
    size_t len;
    status_t s = file_read(path, &data, &len);
    if (s != STATUS_OK) {
        return s;
    }
    s = host_add_text(host, path, (const char *)data);
    free(data);
    return s;
}
