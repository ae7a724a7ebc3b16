/* SPDX-License-Identifier: MIT */
/* The simulated HAL (sim.h): RAM, failure injection, panics, TLB. */
#define _GNU_SOURCE
#include "tests/host/mm/sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hal/boot.h"
#include "mm/frame.h"

static uint8_t *ram;
static uint64_t ram_pages;
static int ram_file = -1;

static void die(const char *what) {
    fprintf(stderr, "sim: %s\n", what);
    abort();
}

/* ---- RAM ---- */

void *hal_phys_to_virt(paddr_t p) {
    if (p.raw < SIM_RAM_BASE || p.raw - SIM_RAM_BASE >= ram_pages * PAGE_SIZE) {
        die("physical address outside of RAM");
    }
    return ram + (p.raw - SIM_RAM_BASE);
}

void hal_clear_pages(paddr_t first, uint64_t pages) {
    if (pages > 0) {
        (void)hal_phys_to_virt(PADDR(first.raw + pages * PAGE_SIZE - 1));
        memset(hal_phys_to_virt(first), 0, pages * PAGE_SIZE);
    }
}

static void forget_tlb(void);

static uint64_t mapped_pages;

/* A machine of the same size gets the RAM of the last one, with what is in it. True: it is new. */
static bool get_ram(uint64_t pages) {
    if (pages == mapped_pages) {
        return false;
    }
    if (mapped_pages != 0) {
        munmap(ram, mapped_pages * PAGE_SIZE);
        close(ram_file);
    }
    ram_file = memfd_create("ram", 0);
    if (ram_file < 0 || ftruncate(ram_file, (off_t)(pages * PAGE_SIZE)) != 0) {
        die("no memory file");
    }
    ram = mmap(NULL, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ram_file, 0);
    if (ram == MAP_FAILED) {
        die("no RAM");
    }
    mapped_pages = pages;
    return true;
}

static bool start_ram(uint64_t pages) {
    bool fresh = get_ram(pages);
    ram_pages = pages;
    sim_fail_at(0);
    sim_flushes = sim_flush_alls = sim_fetch_fences = sim_faults = 0;
    forget_tlb();
    return fresh;
}

void sim_start_ram(uint64_t pages) {
    start_ram(pages);
}

paddr_t sim_image(void) {
    return PADDR(SIM_RAM_BASE + (ram_pages - SIM_IMAGE_PAGES) * PAGE_SIZE);
}

void sim_start(uint64_t pages) {
    if (start_ram(pages + SIM_IMAGE_PAGES)) {
        memset(ram, 0xa5, ram_pages * PAGE_SIZE);
    }
    uint64_t *image = hal_phys_to_virt(sim_image());
    for (uint64_t i = 0; i < SIM_IMAGE_PAGES * PAGE_SIZE / sizeof *image; i++) {
        image[i] = i * UINT64_C(0x9e3779b97f4a7c15) | 1;
    }
    const prange_t bank = {PADDR(SIM_RAM_BASE), ram_pages * PAGE_SIZE};
    const prange_t reserved = {sim_image(), SIM_IMAGE_PAGES * PAGE_SIZE};
    if (frame_init(&bank, 1, &reserved, 1) != STATUS_OK) {
        die("frame_init");
    }
}

void sim_stop(void) {
    sim_attach(NULL);
    ram_pages = 0;
}

/* ---- Panics ---- */

jmp_buf sim_panic_jump;
bool sim_panic_expected;
const char *sim_panic_text;

_Noreturn void mm_panic(const char *file, int line, const char *what) {
    if (sim_panic_expected) {
        sim_panic_text = what;
        longjmp(sim_panic_jump, 1);
    }
    fprintf(stderr, "panic at %s:%d: expected that %s\n", file, line, what);
    abort();
}

/* ---- Failure injection: these stand in front of mm/frame.c (frame_under_test.c) ---- */

static uint64_t takings, fail_at;

void sim_fail_at(uint64_t n) {
    takings = 0;
    fail_at = n;
}

uint64_t sim_takings(void) {
    return takings;
}

bool sim_failed(void) {
    return fail_at != 0 && takings >= fail_at;
}

static bool fails(void) {
    return ++takings == fail_at;
}

status_t real_frame_alloc(unsigned order, paddr_t *out);
status_t real_frame_alloc_zeroed(unsigned order, paddr_t *out);
status_t real_frame_alloc_run(uint64_t count, paddr_t *out);
status_t real_frame_promise(uint64_t count);
void real_frame_free(paddr_t start, unsigned order);
void real_frame_free_run(paddr_t start, uint64_t count);

status_t frame_alloc(unsigned order, paddr_t *out) {
    return fails() ? ERR_NO_MEMORY : real_frame_alloc(order, out);
}

status_t frame_alloc_zeroed(unsigned order, paddr_t *out) {
    return fails() ? ERR_NO_MEMORY : real_frame_alloc_zeroed(order, out);
}

status_t frame_alloc_run(uint64_t count, paddr_t *out) {
    return fails() ? ERR_NO_MEMORY : real_frame_alloc_run(count, out);
}

status_t frame_promise(uint64_t count) {
    return count > 0 && fails() ? ERR_NO_MEMORY : real_frame_promise(count);
}

/* ---- The TLB ---- */

typedef struct tlb_entry {
    bool valid;
    uint64_t va, pa, bits; /* one page */
} tlb_entry_t;

#define TLB_SIZE 256u
static tlb_entry_t tlb[TLB_SIZE];

uint64_t sim_flushes, sim_flush_alls, sim_fetch_fences, sim_faults;

/* Tables that a walk has gone through: caches of inner entries, which only a full flush empties. */
static uint8_t walked[1 << 15];

static uint8_t *walked_at(uint64_t table) {
    return &walked[(table - SIM_RAM_BASE) / PAGE_SIZE % sizeof walked];
}

static tlb_entry_t *tlb_slot(uint64_t va) {
    return &tlb[(va >> PAGE_SHIFT) % TLB_SIZE];
}

static void forget_tlb(void) {
    memset(tlb, 0, sizeof tlb);
    memset(walked, 0, sizeof walked);
}

/* A frame that goes back must be out of every TLB: rule 11. */
static void check_not_cached(paddr_t start, uint64_t count) {
    for (unsigned i = 0; i < TLB_SIZE; i++) {
        if (tlb[i].valid && tlb[i].pa >= start.raw && tlb[i].pa < start.raw + count * PAGE_SIZE) {
            die("a frame was freed while the TLB still knew it");
        }
    }
    if (count == 1 && *walked_at(start.raw)) {
        die("a table was freed while a walk may still go through it");
    }
    memset(hal_phys_to_virt(start), 0x5a, count * PAGE_SIZE);
}

void frame_free(paddr_t start, unsigned order) {
    if (!sim_panic_expected) {
        check_not_cached(start, UINT64_C(1) << order);
    }
    real_frame_free(start, order);
}

void frame_free_run(paddr_t start, uint64_t count) {
    if (!sim_panic_expected && count > 0) {
        check_not_cached(start, count);
    }
    real_frame_free_run(start, count);
}

/* ---- Real addresses ---- */

static aspace_t *attached;

typedef struct host_page {
    uint64_t va;
} host_page_t;

static host_page_t host_pages[4096];
static unsigned host_page_count;

static void unmap_host(uint64_t first, uint64_t last) {
    for (unsigned i = 0; i < host_page_count;) {
        if (host_pages[i].va >= first && host_pages[i].va <= last) {
            munmap((void *)host_pages[i].va, PAGE_SIZE);
            host_pages[i] = host_pages[--host_page_count];
        } else {
            i++;
        }
    }
}

static void on_segv(int number, siginfo_t *info, void *context) {
    (void)context;
    uint64_t va = align_down((uintptr_t)info->si_addr, PAGE_SIZE);
    vrange_t w = SIM_REAL_WINDOW;
    if (attached == NULL || va < w.start.raw || va - w.start.raw >= w.len) {
        signal(number, SIG_DFL); /* a real crash: let it happen again */
        return;
    }
    sim_leaf_t leaf;
    if (!sim_walk(attached, va, &leaf) || (leaf.pte & (SIM_R | SIM_W)) != (SIM_R | SIM_W)) {
        if (aspace_handle_fault(attached, VADDR(va), ACCESS_WRITE, LEVEL_BOTH) != FAULT_RESOLVED &&
            aspace_handle_fault(attached, VADDR(va), ACCESS_READ, LEVEL_BOTH) != FAULT_RESOLVED) {
            die("a fault on a real address was not resolved");
        }
        if (!sim_walk(attached, va, &leaf)) {
            die("a resolved fault left no page");
        }
    }
    if (host_page_count == sizeof host_pages / sizeof host_pages[0]) {
        unmap_host(0, UINT64_MAX);
    }
    int access = PROT_READ | (leaf.pte & SIM_W ? PROT_WRITE : 0);
    if (mmap((void *)va, PAGE_SIZE, access, MAP_SHARED | MAP_FIXED, ram_file,
             (off_t)(leaf.pa - SIM_RAM_BASE)) == MAP_FAILED) {
        die("no host page");
    }
    host_pages[host_page_count++].va = va;
}

void sim_attach(aspace_t *as) {
    unmap_host(0, UINT64_MAX);
    attached = as;
    if (as != NULL) {
        struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_NODEFER};
        sigaction(SIGSEGV, &action, NULL);
    } else {
        signal(SIGSEGV, SIG_DFL);
    }
}

/* ---- Flushes ---- */

void hal_tlb_flush_range(vrange_t range) {
    sim_flushes++;
    uint64_t last = range.start.raw + (range.len - 1);
    for (unsigned i = 0; i < TLB_SIZE; i++) {
        if (tlb[i].va >= range.start.raw && tlb[i].va <= last) {
            tlb[i].valid = false;
        }
    }
    unmap_host(range.start.raw, last);
}

void hal_tlb_flush_all(void) {
    sim_flushes++;
    sim_flush_alls++;
    forget_tlb();
    unmap_host(0, UINT64_MAX);
}

void hal_fence_i_all(void) {
    sim_fetch_fences++;
}

/* ---- Accesses ---- */

static fault_result_t access_byte(aspace_t *as, uint64_t va, fault_access_t access,
                                  uint8_t **byte) {
    static const uint64_t needed[] = {
        [ACCESS_READ] = SIM_R, [ACCESS_WRITE] = SIM_W, [ACCESS_EXECUTE] = SIM_X};
    uint64_t page = align_down(va, PAGE_SIZE);
    for (unsigned tries = 0; tries < 4; tries++) {
        tlb_entry_t *e = tlb_slot(va);
        sim_leaf_t leaf;
        if (!e->valid || e->va != page) {
            uint64_t tables[4];
            for (unsigned n = sim_path(as, page, tables); n > 0; n--) {
                *walked_at(tables[n - 1]) = 1; /* also on a walk that ends in nothing */
            }
            if (sim_walk(as, page, &leaf)) {
                *e = (tlb_entry_t){true, page, leaf.pa, leaf.pte};
            }
        }
        if (e->valid && e->va == page && (e->bits & needed[access])) {
            *byte = (uint8_t *)hal_phys_to_virt(PADDR(e->pa)) + (va & (PAGE_SIZE - 1));
            return FAULT_RESOLVED;
        }
        sim_faults++;
        fault_result_t r = aspace_handle_fault(as, VADDR(va), access, LEVEL_BOTH);
        if (r != FAULT_RESOLVED) {
            return r;
        }
    }
    die("a resolved fault came again and again");
    return FAULT_UNMAPPED;
}

fault_result_t sim_read(aspace_t *as, uint64_t va, uint8_t *byte) {
    uint8_t *at;
    fault_result_t r = access_byte(as, va, ACCESS_READ, &at);
    if (r == FAULT_RESOLVED) {
        *byte = *at;
    }
    return r;
}

fault_result_t sim_fetch(aspace_t *as, uint64_t va, uint8_t *byte) {
    uint8_t *at;
    fault_result_t r = access_byte(as, va, ACCESS_EXECUTE, &at);
    if (r == FAULT_RESOLVED) {
        *byte = *at;
    }
    return r;
}

fault_result_t sim_write(aspace_t *as, uint64_t va, uint8_t byte) {
    uint8_t *at;
    fault_result_t r = access_byte(as, va, ACCESS_WRITE, &at);
    if (r == FAULT_RESOLVED) {
        *at = byte;
    }
    return r;
}
