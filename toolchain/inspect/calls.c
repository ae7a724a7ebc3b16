/* SPDX-License-Identifier: MIT */
/*
 * What crosses the border between the modules and the kernel: each import that the kernel answers
 * is a call with a number of its own (kernel/user/call.h). Both sides are written here: the
 * function at user level that makes the call, under the name that the module's link header gives
 * the import, and the kernel's function behind the number.
 */
#include "kernel/user/call.h"
#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/plan.h"

/* An import that is a call: of the kernel's, or one that traps. */
static bool is_call(const plan_t *p, const link_module_t *lm, uint32_t import) {
    binding_kind_t kind = lm->bindings[import].kind;
    bool traps = kind == BIND_UNKNOWN && p->link.unknown == UNKNOWN_TRAP;
    return (kind == BIND_HOST || traps) && first_of_name(&lm->m, import);
}

static void zeros(text_t *t, const functype_t *type) {
    for (uint32_t i = 0; i < type->n_params; i++) {
        text_addf(t, "    (void)a%u;\n", i);
    }
    if (type->n_results > 0) {
        /* All zero bits are the zero of every type, and its null reference. */
        text_puts(t, "    ");
        c_result(t, type);
        text_puts(t, " zero;\n    __builtin_memset(&zero, 0, sizeof zero);\n    return zero;\n");
    }
}

/* What is on the stack travels in t2, t3 and so on. */
static void make_call(text_t *t, const functype_t *type, uint32_t number) {
    uint32_t words = host_stack_words(type);
    text_puts(t, "    __asm__(\"");
    for (uint32_t i = 0; i < words && i < USER_CALL_STACK_WORDS;
         i++) { /* one that traps needs none */
        text_addf(t, "ld t%u, %u(sp)\\n\\t", 2 + i, 8 * i);
    }
    text_addf(t, "li t0, %u\\n\\tecall\\n\\tret\");\n", number);
}

void emit_imports(text_t *t, const plan_t *p, uint32_t module, uint32_t *number) {
    const link_module_t *lm = &p->link.modules[module];
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        const import_t *import = &lm->m.imports[i];
        binding_kind_t kind = lm->bindings[i].kind;
        if ((kind != BIND_HOST && kind != BIND_UNKNOWN) || !first_of_name(&lm->m, i)) {
            continue;
        }
        bool call = is_call(p, lm, i);
        text_puts(t, call ? "USER_CALLER " : "");
        c_result(t, import->type.func);
        text_puts(t, " ");
        import_symbol(t, lm, import);
        text_puts(t, "(struct w2c_");
        mangle_module(t, import->module);
        text_puts(t, " *unused");
        c_params(t, import->type.func);
        text_puts(t, ") {\n");
        if (call) {
            make_call(t, import->type.func, (*number)++);
        } else {
            text_puts(t, "    (void)unused;\n");
            zeros(t, import->type.func);
        }
        text_puts(t, "}\n\n");
    }
}

/* ---- The kernel's side ---- */

/* The letters of functions.def. */
static void type_letters(text_t *t, const valtype_t *types, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const char *letter = types[i] == VT_I32   ? "i"
                             : types[i] == VT_I64 ? "I"
                             : types[i] == VT_F32 ? "f"
                                                  : "F";
        text_puts(t, letter);
    }
}

/* Before the call: its description, its arguments as bits. */
static void trace_before(text_t *t, const link_module_t *lm, const import_t *import) {
    const functype_t *type = import->type.func;
    text_puts(t, "    static trace_call_t trace = {.module = ");
    text_c_string(t, import->module.ptr, import->module.len);
    text_puts(t, ", .field = ");
    text_c_string(t, import->field.ptr, import->field.len);
    text_puts(t, ", .params = \"");
    type_letters(t, type->params, type->n_params);
    text_puts(t, "\"");
    if (type->n_results > 0) {
        text_puts(t, ", .result = '");
        type_letters(t, type->results, 1);
        text_puts(t, "'");
    }
    text_puts(t, "};\n    uint64_t args[] = {0");
    for (uint32_t i = 0; i < type->n_params; i++) {
        text_addf(t, ", trace_bits(a%u)", i);
    }
    text_addf(t, "};\n    trace_enter(&caller_%s, &trace, args + 1);\n", lm->symbol);
}

static void host_call(text_t *t, const plan_t *p, const link_module_t *lm, const import_t *import,
                      const host_func_t *host) {
    const functype_t *type = import->type.func;
    bool result = type->n_results > 0;
    if (p->strace) {
        trace_before(t, lm, import);
    }
    text_puts(t, "    ");
    if (result && p->strace) {
        c_result(t, type);
        text_puts(t, " result = ");
    } else if (result) {
        text_puts(t, "return ");
    }
    text_addf(t, "%s(&caller_%s", host->symbol, lm->symbol);
    c_args(t, type);
    text_puts(t, ");\n");
    if (p->strace) {
        text_addf(t, "    trace_leave(&caller_%s, &trace, args + 1, %s);\n%s", lm->symbol,
                  result ? "trace_bits(result)" : "0", result ? "    return result;\n" : "");
    }
}

/* Puts what travelled in t2, t3 and so on where the function behind expects it. */
static void stack_bridge(text_t *t, uint32_t number, uint32_t words) {
    text_addf(t,
              "USER_CALLER static void call_%u(void) {\n    __asm__(\"addi sp, sp, -64\\n\\tsd ra, "
              "56(sp)",
              number);
    for (uint32_t i = 0; i < words; i++) {
        text_addf(t, "\\n\\tsd t%u, %u(sp)", 2 + i, 8 * i);
    }
    text_addf(
        t, "\\n\\tcall ingot_call_%u\\n\\tld ra, 56(sp)\\n\\taddi sp, sp, 64\\n\\tret\");\n}\n\n",
        number);
}

static void call(text_t *t, const plan_t *p, const link_module_t *lm, uint32_t index,
                 uint32_t number) {
    const import_t *import = &lm->m.imports[index];
    const functype_t *type = import->type.func;
    if (lm->bindings[index].kind == BIND_UNKNOWN) {
        text_addf(t, "static void call_%u(void) {\n    wasm_unknown_import(", number);
        text_c_string(t, import->module.ptr, import->module.len);
        text_puts(t, ", ");
        text_c_string(t, import->field.ptr, import->field.len);
        text_puts(t, ");\n}\n\n");
        return;
    }
    uint32_t words = host_stack_words(type);
    text_puts(t, words > 0 ? "" : "static ");
    c_result(t, type);
    text_addf(t, words > 0 ? " ingot_call_%u(void *unused" : " call_%u(void *unused", number);
    c_params(t, type);
    text_puts(t, ") {\n    (void)unused;\n");
    host_call(t, p, lm, import, lm->bindings[index].host);
    text_puts(t, "}\n\n");
    if (words > 0) {
        stack_bridge(t, number, words);
    }
}

/* The calls that the modules' runtime makes, as far as these modules can come to make them. */
static void runtime_calls(text_t *t, const plan_t *p) {
    bool memories = false, grow = false, tables = false, table_grow = false;
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        const module_t *m = &p->link.modules[i].m;
        memories |= m->space[KIND_MEMORY].count > m->space[KIND_MEMORY].n_imported;
        tables |= m->space[KIND_TABLE].count > m->space[KIND_TABLE].n_imported;
        grow |= m->grows_memory;
        table_grow |= m->grows_table;
    }
    text_puts(t, "    [0 ... USER_CALLS - 1] = CALL(call_unknown),\n"
                 "    [USER_CALL_TRAP] = CALL(call_trap),\n"
                 "    [USER_CALL_STACK_SMASHED] = CALL(call_stack_smashed),\n"
                 "    [USER_CALL_TRAP_RANGE] = CALL(call_trap_range),\n"
                 "    [USER_CALL_TRAP_SEGMENT] = CALL(call_trap_segment),\n");
    text_puts(t, memories ? "    [USER_CALL_MEMORY_NEW] = CALL(call_memory_new),\n" : "");
    text_puts(t, grow ? "    [USER_CALL_MEMORY_GROW] = CALL(call_memory_grow),\n" : "");
    text_puts(t, tables ? "    [USER_CALL_TRAP_INDIRECT] = CALL(call_trap_indirect),\n"
                          "    [USER_CALL_TABLE_NEW] = CALL(call_table_new),\n"
                        : "");
    text_puts(t, table_grow ? "    [USER_CALL_TABLE_GROW] = CALL(call_table_grow),\n" : "");
}

void emit_calls(text_t *t, const plan_t *p) {
    uint32_t first = USER_CALLS, number = first;
    for (uint32_t k = 0; k < p->link.n_modules; k++) {
        const link_module_t *lm = &p->link.modules[p->link.order[k]];
        for (uint32_t i = 0; i < lm->m.n_imports; i++) {
            if (is_call(p, lm, i)) {
                call(t, p, lm, i, number++);
            }
        }
    }
    text_puts(t, "#define CALL(f) (hal_user_function_t)(void (*)(void))f\n"
                 "static const hal_user_function_t calls[] = {\n");
    runtime_calls(t, p);
    for (uint32_t i = first; i < number; i++) {
        text_addf(t, "    [%u] = CALL(call_%u),\n", i, i);
    }
    text_puts(t, "};\n\n");
}
