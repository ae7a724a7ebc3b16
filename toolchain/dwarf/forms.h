/* SPDX-License-Identifier: MIT */
/* How DWARF writes the values of attributes: for the readers of this room. */
#ifndef INGOT_TOOLCHAIN_DWARF_FORMS_H
#define INGOT_TOOLCHAIN_DWARF_FORMS_H

#include "toolchain/dwarf/dwarf.h"

/* Forms (section 7.5.6). */
enum {
    FORM_addr = 0x01,
    FORM_block2 = 0x03,
    FORM_block4,
    FORM_data2,
    FORM_data4,
    FORM_data8,
    FORM_string,
    FORM_block,
    FORM_block1,
    FORM_data1,
    FORM_flag,
    FORM_sdata,
    FORM_strp,
    FORM_udata,
    FORM_ref_addr,
    FORM_ref1,
    FORM_ref2,
    FORM_ref4,
    FORM_ref8,
    FORM_ref_udata,
    FORM_indirect,
    FORM_sec_offset,
    FORM_exprloc,
    FORM_flag_present,
    FORM_strx,
    FORM_addrx,
    FORM_ref_sup4,
    FORM_strp_sup,
    FORM_data16,
    FORM_line_strp,
    FORM_ref_sig8,
    FORM_implicit_const,
    FORM_loclistx,
    FORM_rnglistx,
    FORM_ref_sup8,
    FORM_strx1,
    FORM_strx2,
    FORM_strx3,
    FORM_strx4,
    FORM_addrx1,
    FORM_addrx2,
    FORM_addrx3,
    FORM_addrx4,
};

typedef struct dwarf_value {
    uint64_t form, number;
    const char *string;
} dwarf_value_t;

/* Indices stay indices: the bases that they need may come later in the same entry. */
dwarf_value_t dwarf_value(const dwarf_unit_t *u, cursor_t *c, uint64_t form, int64_t implicit);

/* What a value is in the end; NULL, or 0, for one of another class. */
const char *dwarf_string(const dwarf_unit_t *u, dwarf_value_t v);
uint64_t dwarf_address(const dwarf_unit_t *u, dwarf_value_t v);
uint64_t dwarf_reference(const dwarf_unit_t *u, dwarf_value_t v);
uint64_t dwarf_indexed_address(const dwarf_unit_t *u, uint64_t index);
bool dwarf_is_address(uint64_t form);

#endif
