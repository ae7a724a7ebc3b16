/* SPDX-License-Identifier: MIT */
/* The hart: waiting, time, stacks, and the TLB operations of hal/mmu.h. */
#include "hal/cpu.h"

#include "hal/mmu.h"
#include "hal/riscv64/csr.h"
#include "hal/riscv64/layout.h"
#include "hal/riscv64/sbi.h"
#include "hal/riscv64/trapframe.h"

unsigned hal_hart_index(void) {
    return 0; /* only the boot hart runs */
}

uint64_t hal_time_ticks(void) {
    return csr_read(time);
}

void hal_timer_arm(uint64_t ticks) {
    sbi_set_timer(ticks);
}

void hal_wake_on(bool timer, bool external) {
    csr_write(sie, (timer ? SIE_TIMER : 0) | (external ? SIE_EXTERNAL : 0));
}

bool hal_take_interrupts(bool on) {
    bool was = (csr_read(sstatus) & SSTATUS_SIE) != 0;
    /* For whenever user.S comes back into the kernel. */
    *hart_word(HB_INTERRUPTS) = on ? SSTATUS_SIE : 0;
    if (on) {
        csr_set(sstatus, SSTATUS_SIE);
    } else {
        csr_clear(sstatus, SSTATUS_SIE);
    }
    return was;
}

/* With sstatus.SIE clear, wfi still ends on a pending enabled interrupt (privileged, 3.3.3). */
void hal_wait(void) {
    __asm__ volatile("wfi" ::: "memory");
}

uint64_t hal_instructions_retired(void) {
    return csr_read(instret);
}

uint64_t hal_stack_pointer(void) {
    uint64_t sp;
    __asm__ volatile("mv %0, sp" : "=r"(sp));
    return sp;
}

/* One hart runs, so local fences are all harts' fences (privileged, 4.2.1; Zifencei). */
void hal_tlb_flush_range(vrange_t range) {
    /* By length, not by end: a range may reach the last byte of the address space. */
    uint64_t va = align_down(range.start.raw, PAGE_SIZE);
    uint64_t len = range.len + (range.start.raw - va);
    for (uint64_t done = 0; done < len; done += PAGE_SIZE) {
        __asm__ volatile("sfence.vma %0" ::"r"(va + done) : "memory");
    }
}

void hal_tlb_flush_all(void) {
    __asm__ volatile("sfence.vma" ::: "memory");
}

void hal_fence_i_all(void) {
    __asm__ volatile("fence.i" ::: "memory");
}

void hal_mmu_activate(const hal_pt_t *pt) {
    uint64_t mode = pt->levels == 4 ? SATP_MODE_SV48 : SATP_MODE_SV39;
    hal_tlb_flush_all();
    csr_write(satp, mode | pt->root.raw >> PAGE_SHIFT);
    hal_tlb_flush_all();
}

/* A mode that the hart lacks leaves satp as it was (privileged, 4.1.11). */
bool hal_mmu_is_active(const hal_pt_t *pt) {
    uint64_t mode = pt->levels == 4 ? SATP_MODE_SV48 : SATP_MODE_SV39;
    return csr_read(satp) == (mode | pt->root.raw >> PAGE_SHIFT);
}

_Noreturn void hal_halt(void) {
    csr_write(sie, 0);
    for (;;) {
        hal_wait();
    }
}
