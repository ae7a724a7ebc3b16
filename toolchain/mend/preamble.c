/* SPDX-License-Identifier: MIT */
/*
 * The fixed text that wasm2c 1.0.39 puts at the top of its output. What must be found is spelled as
 * short as it can be and still be unmistakable.
 */
#define _GNU_SOURCE /* memmem */

#include <string.h>

#include "toolchain/mend/parts.h"

typedef struct rewrite {
    const char *what, *from, *to;
} rewrite_t;

static const rewrite_t rewrites[] = {
    /* A volatile load is never dropped and costs no instruction; what was read stays free to be
     * extended, converted or kept where the compiler likes, unlike an operand of inline assembly.
     */
    {"load",
     "    t1 result;                                                         \\\n"
     "    wasm_rt_memcpy(&result, MEM_ADDR_MEMOP(mem, addr, sizeof(t1)),     \\\n"
     "                   sizeof(t1));                                        \\\n"
     "    force_read(result);                                                \\\n",
     "    typedef t1 unaligned __attribute__((aligned(1), may_alias));       \\\n"
     "    t1 result = *(const volatile unaligned*)                           \\\n"
     "        MEM_ADDR_MEMOP(mem, addr, sizeof(t1));                         \\\n"},
    {"call_indirect check",
     "  (LIKELY((x) < table.size && table.data[x].func &&      \\\n"
     "          func_types_eq(ft, table.data[x].func_type)) || \\\n"
     "   TRAP(CALL_INDIRECT))\n",
     /* A null entry has no type, so one comparison finds all three ways to trap. */
     "  (LIKELY((x) < table.size && table.data[x].func_type == (ft)) || \\\n"
     "   (wasm_rt_trap_call_indirect(&table, x, ft), 0))\n"},
    {"call_indirect", "#define CALL_INDIRECT(table, t, ft, x, ...) \\\n",
     "#define INGOT_HIDDEN __attribute__((visibility(\"hidden\")))\n"
     /* Volatile: else the compiler tests a mask of the entries beside loading one. But an index
      * that it knows makes a direct call. */
     "#define INGOT_CALL_KNOWN(table, entries, t, ft, x, ...)           \\\n"
     "  ({                                                              \\\n"
     "    wasm_rt_function_ptr_t known = NULL;                          \\\n"
     "    if (LIKELY((x) < sizeof(entries) / sizeof((entries)[0])))     \\\n"
     "      known = __builtin_constant_p(x)                               \\\n"
     "                  ? (entries)[x]                                    \\\n"
     "                  : *(const volatile wasm_rt_function_ptr_t*)&(entries)[x]; \\\n"
     "    if (UNLIKELY(known == NULL))                                  \\\n"
     "      wasm_rt_trap_call_indirect(&table, x, ft);                  \\\n"
     "    ((t)known)(__VA_ARGS__);                                      \\\n"
     "  })\n\n"
     "#define CALL_INDIRECT(table, t, ft, x, ...) \\\n"},
    /* The check that traps knows what the report of the trap tells. */
    {"range check",
     "    if (UNLIKELY(add_overflow(offset, len, &res))) \\\n"
     "      TRAP(OOB);                                   \\\n"
     "    if (UNLIKELY(res > (mem)->size))               \\\n"
     "      TRAP(OOB);                                   \\\n",
     "    if (UNLIKELY(add_overflow(offset, len, &res) || res > (mem)->size)) \\\n"
     "      wasm_rt_trap_range(mem, offset);             \\\n"},
    {"data segment check",
     "  if (UNLIKELY(src_addr + (uint64_t)n > src_size))\n"
     "    TRAP(OOB);\n"
     "  LOAD_DATA(",
     "  if (UNLIKELY(src_addr + (uint64_t)n > src_size))\n"
     "    wasm_rt_trap_segment(src_addr, src_size);\n"
     "  LOAD_DATA("},
    {"address sum", "// MEMCHECK_DEFAULT32 is an \"accelerated\" MEMCHECK used only for\n",
     "#define INGOT_AT(base, address, offset) \\\n"
     "  (&(wasm_rt_memory_t){.data = (u8*)((base) + (u64)(address)) + (offset)})\n"
     "#define INGOT_LOW(address, offset) \\\n"
     "  (&(wasm_rt_memory_t){.data = (u8*)(u64)(address) + (offset)})\n\n"
     "static inline uint64_t ingot_address(const wasm_rt_memory_t* mem, uint64_t address,\n"
     "                                     uint64_t offset) {\n"
     "  uint64_t sum;\n"
     "  if (UNLIKELY(__builtin_add_overflow(address, offset, &sum)))\n"
     "    wasm_rt_trap_address(mem, sum);\n"
     "  return sum;\n"
     "}\n\n"
     "#define TABLE_RANGE_CHECK(table, offset, len)                                      \\\n"
     "  do {                                                                             \\\n"
     "    uint64_t res;                                                                  \\\n"
     "    if (UNLIKELY(add_overflow(offset, len, &res) || res > (table)->size))          \\\n"
     "      TRAP(TABLE_OOB);                                                             \\\n"
     "  } while (0);\n\n"
     "// MEMCHECK_DEFAULT32 is an \"accelerated\" MEMCHECK used only for\n"},
    {"function type definition", "#define FUNC_TYPE_T(x) static const char* const x\n",
     "#define FUNC_TYPE_T(x) static const char* const x\n"
     "#define INGOT_FUNC_TYPE(x) __attribute__((weak, visibility(\"hidden\"))) const char x[32]\n"
     "#define INGOT_FUNC_TYPE_DECL(x) "
     "extern __attribute__((visibility(\"hidden\"))) const char x[32]\n"},
};

/* Only where the module uses vectors. */
static const rewrite_t vector_rewrite = {
    "vector read barrier", "#else\n#define SIMD_FORCE_READ(var)\n#endif\n",
    "#else\n#define SIMD_FORCE_READ(var)                          \\\n"
    "  do {                                                \\\n"
    "    uint64_t halves[2];                               \\\n"
    "    wasm_rt_memcpy(halves, &(var), sizeof halves);    \\\n"
    "    __asm__(\"\" ::\"r\"(halves[0]), \"r\"(halves[1])); \\\n"
    "  } while (0)\n#endif\n"};

/*
 * Only where the module uses atomics: in memories that are not shared, read-modify-write gave the
 * new value and compare-exchange what was expected, where both give what was there.
 */
static const rewrite_t atomic_rewrites[] = {
    {"atomic read-modify-write",
     "    ret = ret op wrapped;                                                \\\n"
     "    wasm_rt_memcpy(MEM_ADDR(mem, addr, sizeof(t1)), &ret, sizeof(t1));   \\\n",
     "    wrapped = ret op wrapped;                                                \\\n"
     "    wasm_rt_memcpy(MEM_ADDR(mem, addr, sizeof(t1)), &wrapped, sizeof(t1));   \\\n"},
    {"atomic compare-exchange",
     "                     sizeof(t2));                                            \\\n"
     "    }                                                                        \\\n"
     "    return (t1)expected_wrapped;                                             \\\n",
     "                     sizeof(t2));                                            \\\n"
     "    }                                                                        \\\n"
     "    return (t1)ret;                                                          \\\n"},
};

/* In [start, end) of the text, every `from` becomes `to`; at least `least` of them must be there.
 */
static status_t replace_between(text_t *t, const char *what, const char *start, const char *end,
                                const char *from, const char *to, unsigned least,
                                mend_error_t *error) {
    const char *base = text_str(t);
    const char *first = memmem(base, t->len, start, strlen(start));
    const char *last =
        first == NULL ? NULL : memmem(first, t->len - (size_t)(first - base), end, strlen(end));
    if (last == NULL) {
        return mend_fail(error, "%s: the text to be rewritten was not found", what);
    }
    text_t out = {0};
    text_add(&out, base, (size_t)(first - base));
    unsigned found = 0;
    const char *at = first;
    for (;;) {
        const char *hit = memmem(at, (size_t)(last - at), from, strlen(from));
        if (hit == NULL) {
            break;
        }
        text_add(&out, at, (size_t)(hit - at));
        text_puts(&out, to);
        at = hit + strlen(from);
        found++;
    }
    text_add(&out, at, t->len - (size_t)(at - base));
    if (found < least) {
        text_free(&out);
        return mend_fail(error, "%s: found %u times, expected at least %u", what, found, least);
    }
    text_free(t);
    *t = out;
    return STATUS_OK;
}

static status_t mend_table_traps(text_t *t, mend_error_t *error) {
    static const char start[] = "static inline void funcref_table_init(";
    static const char end[] = "#define FUNC_TYPE_DECL_EXTERN_T(x)";
    status_t s =
        replace_between(t, "table traps", start, end, "TRAP(OOB)", "TRAP(TABLE_OOB)", 4, error);
    if (s == STATUS_OK) {
        s = replace_between(t, "table range checks", start, end, " RANGE_CHECK(",
                            " TABLE_RANGE_CHECK(", 5, error);
    }
    return s;
}

status_t mend_preamble(mend_file_t *file, mend_error_t *error) {
    text_t *t = &file->text;
    status_t s = STATUS_OK;
    for (size_t i = 0; i < sizeof rewrites / sizeof rewrites[0] && s == STATUS_OK; i++) {
        s = replace_exact(t, rewrites[i].what, rewrites[i].from, rewrites[i].to, 1, error);
    }
    if (s == STATUS_OK && strstr(text_str(t), "#define SIMD_FORCE_READ(var)") != NULL) {
        s = replace_exact(t, vector_rewrite.what, vector_rewrite.from, vector_rewrite.to, 1, error);
    }
    size_t n_atomic = sizeof atomic_rewrites / sizeof atomic_rewrites[0];
    bool atomics = strstr(text_str(t), "#define DEFINE_ATOMIC_RMW(") != NULL;
    for (size_t i = 0; atomics && i < n_atomic && s == STATUS_OK; i++) {
        const rewrite_t *r = &atomic_rewrites[i];
        s = replace_exact(t, r->what, r->from, r->to, 1, error);
    }
    return s == STATUS_OK ? mend_table_traps(t, error) : s;
}
