/* SPDX-License-Identifier: MIT */
/*
 * poll_oneoff. Clocks become one monotonic deadline each, fixed when the call starts; descriptors
 * are asked after every wake-up. Between that the hart sleeps.
 */
#include "kernel/core/clock.h"
#include "kernel/core/wait.h"
#include "kernel/wasi/abi.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

typedef struct poll {
    const uint8_t *subscriptions; /* in guest memory */
    bool unstable;
    uint32_t n;
    uint64_t start; /* monotonic */
} poll_t;

/* Preview 0's subscription in preview 1's shape. */
static wasi_subscription_t subscription(const poll_t *p, uint32_t i) {
    wasi_subscription_t s;
    if (!p->unstable) {
        memcpy(&s, p->subscriptions + (size_t)i * sizeof s, sizeof s);
        return s;
    }
    wasi_unstable_subscription_t old;
    memcpy(&old, p->subscriptions + (size_t)i * sizeof old, sizeof old);
    s = (wasi_subscription_t){.userdata = old.userdata, .type = old.type};
    if (old.type == WASI_EVENTTYPE_CLOCK) {
        s.clock.id = old.clock.id;
        s.clock.timeout = old.clock.timeout;
        s.clock.precision = old.clock.precision;
        s.clock.flags = old.clock.flags;
    } else {
        s.fd = old.fd;
    }
    return s;
}

/* When the clock subscription is due, in monotonic time; WAIT_FOREVER is centuries away. */
static wasi_errno_t clock_deadline(const poll_t *p, const wasi_subscription_t *s, uint64_t *out) {
    uint64_t timeout = s->clock.timeout;
    if (s->clock.flags & ~WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME ||
        s->clock.id > WASI_CLOCKID_THREAD_CPUTIME_ID) {
        return WASI_ERRNO_INVAL;
    }
    if (s->clock.flags & WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) {
        if (s->clock.id != WASI_CLOCKID_REALTIME) {
            *out = timeout;
            return WASI_ERRNO_SUCCESS;
        }
        uint64_t now, monotonic = monotonic_ns();
        if (clock_realtime_ns(&now) != STATUS_OK) {
            return WASI_ERRNO_NOTSUP;
        }
        timeout = timeout > now ? timeout - now : 0;
        if (__builtin_add_overflow(monotonic, timeout, out)) {
            *out = WAIT_FOREVER;
        }
    } else if (__builtin_add_overflow(p->start, timeout, out)) {
        *out = WAIT_FOREVER;
    }
    return WASI_ERRNO_SUCCESS;
}

/* True when the descriptor is ready or wrong; then the event is filled in. */
static bool poll_fd(const wasi_subscription_t *s, wasi_event_t *event) {
    bool reads = s->type == WASI_EVENTTYPE_FD_READ;
    file_t *f;
    uint64_t n = 1;
    wasi_errno_t e = fd_lookup(s->fd, WASI_RIGHTS_POLL_FD_READWRITE, &f);
    if (e == WASI_ERRNO_SUCCESS) {
        e = fd_lookup(s->fd, reads ? WASI_RIGHTS_FD_READ : WASI_RIGHTS_FD_WRITE, &f);
    }
    if (e == WASI_ERRNO_SUCCESS && reads && f->ops->readable != NULL) {
        e = f->ops->readable(f, &n);
        if (e == WASI_ERRNO_AGAIN) {
            return false;
        }
        if (e == WASI_ERRNO_SUCCESS && n == 0 &&
            f->ops->filetype(f) != WASI_FILETYPE_REGULAR_FILE) {
            event->flags = WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP;
        }
    }
    event->error = e;
    event->nbytes = e == WASI_ERRNO_SUCCESS ? n : 0;
    return true;
}

/* One look at everything: writes the events that are due, and finds the next deadline. */
static uint32_t collect(const poll_t *p, uint8_t *out, uint64_t *next) {
    uint64_t now = monotonic_ns();
    uint32_t found = 0;
    *next = WAIT_FOREVER;
    for (uint32_t i = 0; i < p->n; i++) {
        wasi_subscription_t s = subscription(p, i);
        wasi_event_t event = {.userdata = s.userdata, .type = s.type};
        bool due;
        if (s.type == WASI_EVENTTYPE_CLOCK) {
            uint64_t deadline = 0;
            event.error = clock_deadline(p, &s, &deadline);
            due = event.error != WASI_ERRNO_SUCCESS || deadline <= now;
            *next = deadline < *next ? deadline : *next;
        } else if (s.type <= WASI_EVENTTYPE_FD_WRITE) {
            due = poll_fd(&s, &event);
        } else {
            event.error = WASI_ERRNO_INVAL;
            due = true;
        }
        if (due) {
            memcpy(out + (size_t)found++ * sizeof event, &event, sizeof event);
        }
    }
    return found;
}

static uint32_t poll_oneoff(wasm_caller_t *c, bool unstable, uint32_t in, uint32_t out, uint32_t n,
                            uint32_t nevents) {
    uint64_t size = unstable ? sizeof(wasi_unstable_subscription_t) : sizeof(wasi_subscription_t);
    void *subscriptions, *events, *count;
    if (n == 0) {
        return WASI_ERRNO_INVAL;
    }
    if (!guest_span(c, in, n * size, &subscriptions) ||
        !guest_span(c, out, (uint64_t)n * sizeof(wasi_event_t), &events) ||
        !guest_span(c, nevents, 4, &count)) {
        return WASI_ERRNO_FAULT;
    }
    poll_t p = {subscriptions, unstable, n, monotonic_ns()};
    for (;;) {
        uint64_t deadline;
        uint32_t found = collect(&p, events, &deadline);
        if (found > 0) {
            memcpy(count, &found, 4);
            return WASI_ERRNO_SUCCESS;
        }
        wait_for_interrupt(deadline);
    }
}

uint32_t wasi_poll_oneoff(wasm_caller_t *c, uint32_t in, uint32_t out, uint32_t n,
                          uint32_t nevents) {
    return poll_oneoff(c, false, in, out, n, nevents);
}

uint32_t wasi_unstable_poll_oneoff(wasm_caller_t *c, uint32_t in, uint32_t out, uint32_t n,
                                   uint32_t nevents) {
    return poll_oneoff(c, true, in, out, n, nevents);
}
