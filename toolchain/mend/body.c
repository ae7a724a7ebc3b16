/* SPDX-License-Identifier: MIT */
/*
 * Function bodies, line by line. Memory accesses have the form
 *
 *     NAME(MEMORY, (u64)(ADDRESS) + OFFSET, ...)
 *
 * where NAME ends in _default32 for 32-bit memories with 64 KiB pages and MEMORY is
 * &instance->M or, when imported, instance->M.
 */
#define _GNU_SOURCE /* memmem */

#include <string.h>

#include "toolchain/mend/lines.h"

#define MAX_BASES 8u

typedef struct bases {
    slice_t memory[MAX_BASES];
    unsigned n;
    bool low; /* no base: the one memory lies at address 0 */
} bases_t;

typedef struct access {
    slice_t name, memory;
    const char *address; /* after the comma */
} access_t;

/* The next access of the line at or after `from`. */
static bool find_access(slice_t line, const char *from, access_t *out) {
    static const char marker[] = ", (u64)(";
    const char *end = line.p + line.n;
    const char *hit =
        from < end ? memmem(from, (size_t)(end - from), marker, sizeof marker - 1) : NULL;
    if (hit == NULL) {
        return false;
    }
    const char *open = hit;
    while (open > line.p && open[-1] != '(') {
        open--;
    }
    const char *name = open > line.p ? open - 1 : open;
    const char *name_end = name;
    while (name > line.p && is_name(name[-1])) {
        name--;
    }
    out->name = (slice_t){name, (size_t)(name_end - name)};
    out->memory = (slice_t){open, (size_t)(hit - open)};
    out->address = hit + 2;
    return true;
}

static bool known_memory(slice_t memory) {
    slice_t field = memory;
    if (slice_starts(memory, "&instance->")) {
        field = (slice_t){memory.p + 11, memory.n - 11};
    } else if (slice_starts(memory, "instance->")) {
        field = (slice_t){memory.p + 10, memory.n - 10};
    } else {
        return false;
    }
    for (size_t i = 0; i < field.n; i++) {
        if (!is_name(field.p[i])) {
            return false;
        }
    }
    return field.n > 0;
}

/* The number of the base for `memory`; n when it has none yet, or there are too many. */
static unsigned base_of(const bases_t *bases, slice_t memory) {
    unsigned i = 0;
    while (i < bases->n && !(bases->memory[i].n == memory.n &&
                             memcmp(bases->memory[i].p, memory.p, memory.n) == 0)) {
        i++;
    }
    return i;
}

static status_t collect_bases(const mend_file_t *file, const slice_t *lines, size_t n,
                              bases_t *bases, mend_error_t *error) {
    for (size_t i = 0; i < n; i++) {
        access_t a;
        for (const char *at = lines[i].p; find_access(lines[i], at, &a); at = a.address) {
            if (!known_memory(a.memory)) {
                return mend_fail(error, "%s: memory access of an unknown form: %.*s", file->name,
                                 (int)(lines[i].n < 120 ? lines[i].n : 120), lines[i].p);
            }
            if (slice_ends(a.name, "_default32") && !bases->low && bases->n < MAX_BASES &&
                base_of(bases, a.memory) == bases->n) {
                bases->memory[bases->n++] = a.memory;
            }
        }
    }
    return STATUS_OK;
}

static void declare_bases(text_t *out, const bases_t *bases) {
    for (unsigned i = 0; i < bases->n; i++) {
        slice_t m = bases->memory[i];
        bool own = m.p[0] == '&';
        text_addf(out, "  const u64 ingot_base_%u = (u64)%.*s%sdata;\n", i,
                  (int)(own ? m.n - 1 : m.n), own ? m.p + 1 : m.p, own ? "." : "->");
    }
}

static void declare_anchors(text_t *out, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        text_addf(out, "%s ingot_at_%u%s", i == 0 ? "  u64" : ",", i, i + 1 == n ? ";\n" : "");
    }
}

/* "(u64)(VAR) + 16u" at `at`: the checked sum of it. Returns where the text goes on. */
static const char *checked_address(text_t *out, slice_t memory, const char *at, const char *end) {
    const char *open = at + 5; /* past "(u64)" */
    const char *close = memchr(open, ')', (size_t)(end - open));
    if (close == NULL || end - close < 5 || memcmp(close, ") + ", 4) != 0) {
        return at; /* no offset, nothing to overflow */
    }
    const char *digits = close + 4, *stop = digits;
    while (stop < end && *stop >= '0' && *stop <= '9') {
        stop++;
    }
    text_addf(out, "ingot_address(%.*s, %.*s, %.*sull)", (int)memory.n, memory.p,
              (int)(close - open - 1), open + 1, (int)(stop - digits), digits);
    return stop < end && *stop == 'u' ? stop + 1 : stop;
}

/* What follows "(u64)(" in "(u64)(VAR) + 16u". */
typedef struct sum {
    slice_t var, offset; /* "VAR"; "+ 16u", "- 16", or "0" where there is none */
    const char *end;     /* where the text goes on; NULL when it is of another form */
} sum_t;

static sum_t read_sum(const char *at, const char *end) {
    sum_t s = {.var = slice_name((slice_t){at, (size_t)(end - at)}), .offset = {"0", 1}};
    const char *close = at + s.var.n, *stop = close + 1;
    if (s.var.n == 0 || end - close < 2 || *close != ')') {
        return s;
    }
    s.end = stop;
    if (end - stop > 4 && (memcmp(stop, " + ", 3) == 0 || memcmp(stop, " - ", 3) == 0)) {
        s.end += 3 + slice_name((slice_t){stop + 3, (size_t)(end - stop - 3)}).n;
        s.offset = (slice_t){stop + 1, (size_t)(s.end - stop - 1)};
    }
    return s;
}

/*
 * "(u64)(VAR) + 16u" at `at`: base, address and offset apart, and 0 in the address's place. In two
 * sums the compiler sees what accesses of one object have in common: it extends and adds VAR once,
 * and the offsets become immediates. Of one sum, and of two pointers' sums, it moves base + 16 out
 * of loops instead, and then has a register and an addition for every field; so the first sum is
 * one of numbers. Returns where the text goes on; `at` when it is another form.
 */
static const char *based_address(text_t *out, const char *at, const char *end, unsigned base) {
    sum_t s = read_sum(at + 6, end); /* past "(u64)(" */
    if (s.end == NULL) {
        return at;
    }
    text_addf(out, "INGOT_AT(ingot_base_%u, %.*s, %.*s), 0", base, (int)s.var.n, s.var.p,
              (int)s.offset.n, s.offset.p);
    return s.end;
}

/*
 * The same for the memory at address 0, where addresses are pointers: how "(u64)((s32)VAR)" and
 * "(u64)(VAR)" are extended is address.c's decision.
 */
static const char *low_address(text_t *out, const char *at, const char *end) {
    slice_t rest = {at + 6, (size_t)(end - at - 6)};
    bool is_signed = slice_starts(rest, "(s32)");
    sum_t s = read_sum(rest.p + (is_signed ? 5 : 0), end);
    if (s.end == NULL) {
        return at;
    }
    text_addf(out, "INGOT_LOW(%s%.*s, %.*s), 0", is_signed ? "(s32)" : "", (int)s.var.n, s.var.p,
              (int)s.offset.n, s.offset.p);
    return s.end;
}

/* One access whose text starts at a.memory. Returns where the text goes on. */
static const char *rewrite_access(text_t *out, const access_t *a, const bases_t *bases,
                                  const char *end) {
    bool fast = slice_ends(a->name, "_default32");
    unsigned base = base_of(bases, a->memory);
    const char *at = a->address;
    /* Atomic accesses check the alignment of the address that they are given. */
    bool plain = fast && !slice_contains(a->name, "atomic");
    if (plain && bases->low) {
        at = low_address(out, at, end);
    } else if (plain && base < bases->n) {
        at = based_address(out, at, end, base);
    }
    if (at != a->address) {
        return at;
    }
    text_add(out, a->memory.p, a->memory.n);
    text_puts(out, ", ");
    at = fast ? at : checked_address(out, a->memory, at, end);
    if (at == a->address) { /* step over the marker, so that it is not found again */
        text_puts(out, "(u64)(");
        at += 6;
    }
    return at;
}

static void rewrite_line(text_t *out, slice_t line, const bases_t *bases) {
    const char *at = line.p, *end = line.p + line.n;
    access_t a;
    while (find_access(line, at, &a)) {
        text_add(out, at, (size_t)(a.memory.p - at));
        at = rewrite_access(out, &a, bases, end);
    }
    text_add(out, at, (size_t)(end - at));
    text_puts(out, "\n");
}

/* After this line every local that a base is computed from exists. */
static bool is_prologue(slice_t line) {
    return slice_equals(line, "  FUNC_PROLOGUE;") ||
           slice_ends(line, "* instance = *instance_ptr;");
}

typedef struct module_traits {
    bool tail_calls, low_memory;
} module_traits_t;

/* Replaces each line by what it becomes, which may be several. */
static status_t mend_function(arena_t *a, const mend_file_t *file, slice_t *lines, size_t n,
                              module_traits_t traits, mend_error_t *error) {
    bases_t bases = {.low = traits.low_memory};
    status_t s = traits.tail_calls ? mend_tail_calls(a, lines, n, error) : STATUS_OK;
    if (s == STATUS_OK) {
        s = mend_catch_all(a, lines, n, error);
    }
    if (s == STATUS_OK) {
        s = collect_bases(file, lines, n, &bases, error);
    }
    if (s != STATUS_OK) {
        return s;
    }
    unsigned anchors = mend_addresses(a, lines, n, bases.low);
    bool declared = bases.n == 0 && anchors == 0;
    text_t text = {0};
    for (size_t i = 0; i < n; i++) {
        bool prologue = !declared && is_prologue(lines[i]);
        text.len = 0;
        rewrite_line(&text, lines[i], &bases);
        if (prologue) {
            declare_bases(&text, &bases);
            declare_anchors(&text, anchors);
            declared = true;
        }
        lines[i] = arena_slice(a, &text);
    }
    text_free(&text);
    return declared ? STATUS_OK
                    : mend_fail(error, "%s: function without a prologue: %.*s", file->name,
                                (int)(lines[0].n < 120 ? lines[0].n : 120), lines[0].p);
}

/*
 * "const wasm_rt_tag_t w2c_M_EXPORT = w2c_OTHER_TAG;": not a constant in C, and not needed, since
 * the link plan looks through re-exports.
 */
static bool reexports_tag(slice_t line) {
    return slice_starts(line, "const wasm_rt_tag_t w2c_") && slice_contains(line, " = w2c_");
}

typedef struct output {
    const mend_file_t *file;
    text_t text;
    size_t counted, newlines; /* of the first `counted` characters */
} output_t;

/* From here on, the file's own lines again. */
static void end_source_lines(output_t *out) {
    const char *name = strrchr(out->file->name, '/');
    name = name != NULL ? name + 1 : out->file->name;
    for (; out->counted < out->text.len; out->counted++) {
        out->newlines += out->text.data[out->counted] == '\n';
    }
    text_addf(&out->text, "#line %zu ", out->newlines + 2);
    text_c_string(&out->text, name, strlen(name));
    text_puts(&out->text, "\n");
}

/* `lines` are all of a function but its closing brace. */
static status_t write_function(output_t *out, marked_file_t *marked, slice_t header, slice_t *lines,
                               size_t n, mend_error_t *error) {
    const marked_function_t *f = next_marked(marked, header);
    if (f != NULL && f->n_lines != n) {
        return mend_fail(error, "%s: lines were added to a function that has marks: %.*s",
                         out->file->name, (int)(header.n < 120 ? header.n : 120), header.p);
    }
    if (f != NULL) {
        write_marked(&out->text, marked, f, lines);
        text_puts(&out->text, "}\n");
        end_source_lines(out);
        return STATUS_OK;
    }
    for (size_t i = 0; i < n; i++) {
        text_add(&out->text, lines[i].p, lines[i].n);
    }
    text_puts(&out->text, "}\n");
    return STATUS_OK;
}

status_t mend_bodies(mend_file_t *file, marked_file_t *marked, bool low_memory,
                     mend_error_t *error) {
    arena_t arena = {0};
    size_t n;
    slice_t *lines = split_lines(&arena, &file->text, &n);
    const module_traits_t traits = {
        .tail_calls = strstr(text_str(&file->text), "wasm_rt_tailcallee_t *next) {") != NULL,
        .low_memory = low_memory};
    output_t out = {.file = file};
    status_t s = STATUS_OK;
    for (size_t i = 0; i < n && s == STATUS_OK;) {
        size_t end = i + 1;
        if (starts_function(&lines[i], n - i)) {
            slice_t header = lines[i];
            while (end < n && !slice_equals(lines[end], "}")) {
                end++;
            }
            s = mend_function(&arena, file, &lines[i], end - i, traits, error);
            if (s == STATUS_OK) {
                s = write_function(&out, marked, header, &lines[i], end - i, error);
            }
            end++;
        } else if (!reexports_tag(lines[i])) {
            text_add(&out.text, lines[i].p, lines[i].n);
            text_puts(&out.text, "\n");
        }
        i = end;
    }
    if (s == STATUS_OK && marked->next < marked->n_functions) {
        slice_t header = marked->functions[marked->next].header;
        s = mend_fail(error, "%s: a function that has marks is gone: %.*s", file->name,
                      (int)(header.n < 120 ? header.n : 120), header.p);
    }
    if (s == STATUS_OK) {
        text_free(&file->text);
        file->text = out.text;
    } else {
        text_free(&out.text);
    }
    arena_free(&arena);
    return s;
}
