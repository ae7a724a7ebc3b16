/* SPDX-License-Identifier: MIT */
#include "kernel/wasi/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/exit.h"
#include "kernel/core/log.h"
#include "kernel/core/stream.h"
#include "kernel/wasm/guest.h"

#define MAX_TEXT 32u /* bytes of a string that are shown */
#define MAX_IOVS 4u  /* of an array of iovecs */
#define MAX_LINE 1024u

static bool lines, summary;
static trace_call_t *called;

static const struct {
    const char *field, *arguments;
} formats[] = {
#define TRACE(field, arguments) {#field, arguments},
#include "kernel/wasi/trace.def"
#undef TRACE
};

/* In the order of the witx, from 0. */
static const char *const errnos[] = {
    "success",     "2big",           "acces",       "addrinuse",   "addrnotavail",
    "afnosupport", "again",          "already",     "badf",        "badmsg",
    "busy",        "canceled",       "child",       "connaborted", "connrefused",
    "connreset",   "deadlk",         "destaddrreq", "dom",         "dquot",
    "exist",       "fault",          "fbig",        "hostunreach", "idrm",
    "ilseq",       "inprogress",     "intr",        "inval",       "io",
    "isconn",      "isdir",          "loop",        "mfile",       "mlink",
    "msgsize",     "multihop",       "nametoolong", "netdown",     "netreset",
    "netunreach",  "nfile",          "nobufs",      "nodev",       "noent",
    "noexec",      "nolck",          "nolink",      "nomem",       "nomsg",
    "noprotoopt",  "nospc",          "nosys",       "notconn",     "notdir",
    "notempty",    "notrecoverable", "notsock",     "notsup",      "notty",
    "nxio",        "overflow",       "ownerdead",   "perm",        "pipe",
    "proto",       "protonosupport", "prototype",   "range",       "rofs",
    "spipe",       "srch",           "stale",       "timedout",    "txtbsy",
    "xdev",        "notcapable"};

/* The line that is being made; what does not fit is left out. */
static char line[MAX_LINE];
static size_t line_len;

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line + line_len, sizeof line - line_len, format, args);
    va_end(args);
    size_t room = sizeof line - 1 - line_len;
    line_len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room;
}

static void flush(void) {
    line[line_len < sizeof line - 1 ? line_len++ : line_len - 1] = '\n';
    stream_stderr->write(stream_stderr, line, line_len);
    line_len = 0;
}

/* Nothing of a module's text reaches the terminal as it is, but printable ASCII. */
static void add_text(const wasm_caller_t *c, uint32_t at, uint32_t len) {
    void *p;
    if (!guest_span(c, at, len, &p)) {
        add("(0x%x, %u: outside of the memory)", at, len);
        return;
    }
    add("\"");
    for (uint32_t i = 0; i < len && i < MAX_TEXT; i++) {
        uint8_t b = ((const uint8_t *)p)[i];
        if (b == '\n') {
            add("\\n");
        } else if (b == '"' || b == '\\') {
            add("\\%c", b);
        } else {
            add(b >= ' ' && b < 0x7f ? "%c" : "\\x%02x", b);
        }
    }
    add(len > MAX_TEXT ? "\"..." : "\"");
}

static void add_iovs(const wasm_caller_t *c, uint32_t at, uint32_t n, bool contents) {
    add("[");
    for (uint32_t i = 0; i < n && i < MAX_IOVS; i++) {
        uint32_t buf, len;
        add(i > 0 ? ", " : "");
        if (!guest_load_u32(c, at + 8 * i, &buf) || !guest_load_u32(c, at + 8 * i + 4, &len)) {
            add("outside of the memory");
            break;
        }
        if (contents) {
            add_text(c, buf, len);
        } else {
            add("%u bytes", len);
        }
    }
    add(n > MAX_IOVS ? ", ...]" : "]");
}

/* What was stored where a result goes, if anything was. */
static void add_result(const wasm_caller_t *c, uint32_t at, bool stored, bool wide) {
    uint32_t low;
    uint64_t value;
    if (stored && wide && guest_load_u64(c, at, &value)) {
        add("%lu", value);
    } else if (stored && !wide && guest_load_u32(c, at, &low)) {
        add("%u", low);
    } else {
        add("*0x%x", at);
    }
}

static const char *name_in(const char *const *names, size_t n, uint64_t value) {
    return value < n ? names[value] : "?";
}

/* One argument, or two for a kind of two; answers how many. */
static unsigned add_argument(const wasm_caller_t *c, char kind, char type, const uint64_t *a,
                             bool succeeded) {
    static const char *const clocks[] = {"realtime", "monotonic", "process_cputime",
                                         "thread_cputime"};
    static const char *const whences[] = {"set", "cur", "end"};
    switch (kind) {
    case 's':
        add_text(c, (uint32_t)a[0], (uint32_t)a[1]);
        return 2;
    case 'b':
        add("0x%lx, %lu bytes", a[0], a[1]);
        return 2;
    case 'o':
    case 'i':
        add_iovs(c, (uint32_t)a[0], (uint32_t)a[1], kind == 'o');
        return 2;
    case 'r':
    case 'R':
        add_result(c, (uint32_t)a[0], succeeded, kind == 'R');
        return 1;
    case 'c':
        add("%s", name_in(clocks, sizeof clocks / sizeof *clocks, a[0]));
        return 1;
    case 'w':
        add("%s", name_in(whences, sizeof whences / sizeof *whences, a[0]));
        return 1;
    case 'd':
        add("%ld", type == 'I' ? (int64_t)a[0] : (int64_t)(int32_t)a[0]);
        return 1;
    default:
        add("0x%lx", a[0]);
        return 1;
    }
}

static bool is_wasi(const trace_call_t *call) {
    return strncmp(call->module, "wasi_", 5) == 0;
}

static const char *format_of(const trace_call_t *call) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats && is_wasi(call); i++) {
        if (strcmp(formats[i].field, call->field) == 0) {
            return formats[i].arguments;
        }
    }
    return NULL;
}

static void add_call(const wasm_caller_t *c, const trace_call_t *call, const uint64_t *args,
                     bool succeeded) {
    const char *format = format_of(call);
    unsigned n = (unsigned)strlen(call->params);
    add("ingot: strace: %s%s%s(", format != NULL ? "" : call->module,
        format != NULL ? "" : "::", call->field);
    for (unsigned i = 0; i < n;) {
        add(i > 0 ? ", " : "");
        char kind = 'd';
        if (format != NULL) {
            size_t name = strcspn(format, ":");
            add("%.*s=", (int)name, format);
            kind = format[name + 1];
            format += name + 2 + (format[name + 2] == ' ');
        }
        i += add_argument(c, kind, call->params[i], args + i, succeeded);
    }
    add(")");
}

void trace_enter(const wasm_caller_t *caller, trace_call_t *call, const uint64_t *args) {
    if (summary && call->calls++ == 0) {
        call->next = called;
        called = call;
    }
    /* A call without a result may be one that never returns. */
    if (lines && call->result == 0) {
        add_call(caller, call, args, false);
        flush();
    }
}

void trace_leave(const wasm_caller_t *caller, trace_call_t *call, const uint64_t *args,
                 uint64_t result) {
    bool is_errno = is_wasi(call), succeeded = !is_errno || result == 0;
    call->failures += !succeeded;
    if (!lines || call->result == 0) {
        return;
    }
    add_call(caller, call, args, succeeded);
    if (is_errno) {
        add(" = %s", name_in(errnos, sizeof errnos / sizeof *errnos, result));
    } else {
        add(" = %ld", call->result == 'I' ? (int64_t)result : (int64_t)(int32_t)result);
    }
    flush();
}

static void print_summary(void) {
    add("ingot: strace:    calls failures");
    flush();
    for (const trace_call_t *c = called; c != NULL; c = c->next) {
        add("ingot: strace: %8lu %8lu  %s::%s", c->calls, c->failures, c->module, c->field);
        flush();
    }
}

static status_t start(void) {
    const char *option = bootargs_option("strace");
    if (option == NULL) {
        return STATUS_OK;
    }
    lines = strcmp(option, "1") == 0;
    summary = strcmp(option, "summary") == 0;
    if (!lines && !summary) {
        refuse("boot argument ingot.strace: \"%s\" is neither 1 nor summary", option);
    }
    if (summary) {
        machine_at_exit(print_summary);
    }
    return STATUS_OK;
}

SERVICE(strace_service) = {.name = "strace", .order = 90, .start = start};
