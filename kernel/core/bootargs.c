/* SPDX-License-Identifier: MIT */
/* The parser of boot arguments. Pure: also compiled for the host tests. */
#include "kernel/core/bootargs.h"

#include <string.h>

#define MAX_WORDS 1024u
#define MAX_OPTIONS 32u

bootargs_t bootargs;

/* Options as "KEY\0VALUE" pairs; arguments and environment share one pointer table. */
static struct {
    const char *key, *value;
} options[MAX_OPTIONS];
static unsigned n_options;
static const char *words[MAX_WORDS];

static const char *const known_options[] = {
#define NAME(key) #key,
    BOOTARG_OPTIONS(NAME)
#undef NAME
};

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place; NULL on success, else what is wrong. */
static const char *decode(char *word) {
    if (word[0] == '%' && word[1] == 0) {
        word[0] = 0;
        return NULL;
    }
    char *out = word;
    for (const char *in = word; *in != 0; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = hex_digit(in[1]);
        int low = high < 0 ? -1 : hex_digit(in[2]);
        if (low < 0) {
            return "'%' must be followed by two hexadecimal digits";
        }
        if (high == 0 && low == 0) {
            return "%00 cannot be part of an argument";
        }
        *out++ = (char)(high << 4 | low);
        in += 2;
    }
    *out = 0;
    return NULL;
}

static bool is_known(const char *key) {
    for (size_t i = 0; i < sizeof known_options / sizeof *known_options; i++) {
        if (strcmp(known_options[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static const char *add_option(char *word) {
    char *key = word + strlen("ingot.");
    char *equals = strchr(key, '=');
    char *value = equals != NULL ? equals + 1 : strchr(key, 0);
    if (equals != NULL) {
        *equals = 0;
    }
    if (!is_known(key)) {
        return "unknown kernel option";
    }
    if (n_options == MAX_OPTIONS) {
        return "too many kernel options";
    }
    options[n_options].key = key;
    options[n_options++].value = value;
    return NULL;
}

status_t bootargs_parse(char *text, const char **bad, const char **why) {
    unsigned n = 0;
    uint32_t n_env = 0;
    bool in_args = false;
    n_options = 0;
    bootargs = (bootargs_t){0};

    for (char *next = text; *next != 0;) {
        char *word = next;
        next += strcspn(next, " \t\n");
        if (*next != 0) {
            *next++ = 0;
        }
        if (*word == 0) {
            continue;
        }
        bool separator = !in_args && strcmp(word, "--") == 0;
        const char *problem = separator ? NULL : decode(word);
        if (problem != NULL) {
            /* reported below */
        } else if (separator) {
            in_args = true;
        } else if (!in_args && strncmp(word, "ingot.", 6) == 0) {
            problem = add_option(word);
        } else if (!in_args && strncmp(word, "env.", 4) != 0) {
            problem = "expected ingot.KEY, env.NAME or --";
        } else if (!in_args && (word[4] == '=' || strchr(word, '=') == NULL)) {
            problem = "an environment variable needs NAME=VALUE";
        } else if (n == MAX_WORDS) {
            problem = "too many arguments and environment variables";
        } else if (in_args) {
            words[n++] = word;
        } else {
            words[n++] = word + 4;
            n_env++;
        }
        if (problem != NULL) {
            bootargs = (bootargs_t){0};
            *bad = word;
            *why = problem;
            return ERR_CORRUPT;
        }
    }
    bootargs.env = words;
    bootargs.n_env = n_env;
    bootargs.has_env = n_env > 0;
    bootargs.args = words + n_env;
    bootargs.n_args = n - n_env;
    bootargs.has_args = in_args;
    return STATUS_OK;
}

const char *bootargs_option_nth(const char *key, unsigned n) {
    for (unsigned i = 0; i < n_options; i++) {
        if (strcmp(options[i].key, key) == 0 && n-- == 0) {
            return options[i].value;
        }
    }
    return NULL;
}

const char *bootargs_option(const char *key) {
    return bootargs_option_nth(key, 0);
}

bool parse_u64(const char *text, uint64_t *out) {
    unsigned base = 10;
    uint64_t value = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (*text == 0) {
        return false;
    }
    for (; *text != 0; text++) {
        int digit = hex_digit(*text);
        if (digit < 0 || (unsigned)digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, (unsigned)digit, &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}
