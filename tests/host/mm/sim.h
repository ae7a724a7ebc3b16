/* SPDX-License-Identifier: MIT */
/*
 * The simulated HAL of the host tests: RAM, one hart with a TLB that keeps what nobody flushes,
 * counters, failure injection at every point where frames are taken, and a walker over the raw
 * bytes of the page tables that shares nothing with hal/riscv64/pagetable.c.
 */
#ifndef INGOT_TESTS_MM_SIM_H
#define INGOT_TESTS_MM_SIM_H

#include <setjmp.h>

#include "mm/aspace.h"

#define SIM_RAM_BASE UINT64_C(0x80000000)

/* ---- The machine ---- */

/* Fresh RAM of that many pages, filled with junk, all given to the frame allocator. */
void sim_start(uint64_t pages);
void sim_stop(void);
/* Only the RAM: for tests that call frame_init() themselves. */
void sim_start_ram(uint64_t pages);
/* An image at the end of RAM, out of the allocator's sight; sim_start() leaves this many pages. */
#define SIM_IMAGE_PAGES 64u
paddr_t sim_image(void);

extern uint64_t sim_flushes;      /* calls of hal_tlb_flush_*() */
extern uint64_t sim_flush_alls;   /* of those, hal_tlb_flush_all() */
extern uint64_t sim_fetch_fences; /* calls of hal_fence_i_all() */

/* ---- Failure injection ---- */

/* The n-th taking of frames or promises from now on fails (1 is the next); 0: none. */
void sim_fail_at(uint64_t n);
/* Takings since sim_fail_at(). */
uint64_t sim_takings(void);
bool sim_failed(void);

/* ---- Panics ---- */

extern jmp_buf sim_panic_jump;
extern bool sim_panic_expected;
extern const char *sim_panic_text;

#define SIM_EXPECT_PANIC(statement)                                                                \
    do {                                                                                           \
        sim_panic_expected = true;                                                                 \
        sim_panic_text = NULL;                                                                     \
        if (setjmp(sim_panic_jump) == 0) {                                                         \
            statement;                                                                             \
        }                                                                                          \
        sim_panic_expected = false;                                                                \
        assert_non_null(sim_panic_text);                                                           \
    } while (0)

/* ---- The walker ---- */

typedef struct sim_leaf {
    uint64_t va, pa;
    unsigned level;
    uint64_t pte;
} sim_leaf_t;

#define SIM_V 0x001u
#define SIM_R 0x002u
#define SIM_W 0x004u
#define SIM_X 0x008u
#define SIM_U 0x010u
#define SIM_A 0x040u
#define SIM_D 0x080u
#define SIM_OWNED 0x100u

bool sim_walk(const aspace_t *as, uint64_t va, sim_leaf_t *out);
/* The tables below the root that a walk goes through; how many. */
unsigned sim_path(const aspace_t *as, uint64_t va, uint64_t tables[4]);
/* Goes over every table: checks the form of each entry, calls `leaf` for each leaf and `table` for
 * each table but the root with the addresses it covers. Either may be NULL. */
typedef void (*sim_leaf_fn)(const sim_leaf_t *leaf, void *context);
typedef void (*sim_table_fn)(uint64_t first, uint64_t last, void *context);
void sim_walk_all(const aspace_t *as, sim_leaf_fn leaf, sim_table_fn table, void *context);

/* ---- The hart ---- */

/* A byte access as the hart does it: TLB, walk, fault, again. */
fault_result_t sim_read(aspace_t *as, uint64_t va, uint8_t *byte);
fault_result_t sim_write(aspace_t *as, uint64_t va, uint8_t byte);
fault_result_t sim_fetch(aspace_t *as, uint64_t va, uint8_t *byte);
extern uint64_t sim_faults; /* faults taken by the three above */

/* Lets the test program itself touch addresses of `as` (which lie where the host maps nothing):
 * its page faults go to aspace_handle_fault(). NULL: ends it. */
void sim_attach(aspace_t *as);
/* A window for that. */
#define SIM_REAL_WINDOW ((vrange_t){VADDR(UINT64_C(0x200000000000)), UINT64_C(1) << 40})

#endif
