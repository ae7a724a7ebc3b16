/* SPDX-License-Identifier: MIT */
#include "tests/modules/common.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/core/exit.h"
#include "kernel/core/stream.h"
#include "kernel/wasm/user.h"

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

static unsigned n_tests, n_failed;

void say(const char *format, ...) {
    char line[200];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    stream_stdout->write(stream_stdout, line, strlen(line));
}

void result(bool good, const char *what) {
    say("%s %u %s\n", good ? "ok" : "not ok", ++n_tests, what);
    n_failed += !good;
}

_Noreturn void finish(void) {
    say("1..%u\n", n_tests);
    machine_exit(n_failed == 0 ? 0 : 1);
}

const wasm_instance_t *find(const char *name) {
    for (uint32_t i = 0; i < wasm_image.n_instances; i++) {
        if (strcmp(wasm_image.instances[i]->name, name) == 0) {
            return wasm_image.instances[i];
        }
    }
    return NULL;
}

uint64_t random_number(void) {
    static uint64_t state = 7;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, uint64_t len) {
    for (uint64_t i = 0; i < len; i++) {
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

uint64_t hash_memory(const wasm_instance_t *instance) {
    const wasm_memory_t *memory = instance->caller->memory;
    return hash_bytes(FNV_BASIS, memory->bytes, memory->size);
}

uint64_t hash_instance(const wasm_instance_t *instance) {
    static uint8_t part[64];
    uint64_t hash = hash_memory(instance);
    for (size_t at = 0, len; at < instance->state_size; at += len) {
        len = instance->state_size - at < sizeof part ? instance->state_size - at : sizeof part;
        user_read(part, (const uint8_t *)instance->state + at, len);
        hash = hash_bytes(hash, part, len);
    }
    return hash;
}
