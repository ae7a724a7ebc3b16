/* SPDX-License-Identifier: MIT */
/*
 * ingot-pack: from the linked kernel to what machines boot.
 *
 *     ingot-pack elf2bin APP.elf -o APP.bin
 *     ingot-pack image --firmware FW.bin --offset BYTES --kernel APP.bin -o APP.img
 *     ingot-pack manifest APP.elf|APP.bin|APP.img
 *     ingot-pack kind APP.elf|APP.bin|APP.img
 *
 * elf2bin flattens the loadable segments by physical address; the result starts with the RISC-V
 * Linux boot header that the linker script puts there, which is checked. image puts the flat kernel
 * behind the firmware, into one file, with the code that moves what does not lie at the offset that
 * the firmware jumps to (mover.S). manifest prints what the image says of itself: in an ELF file a
 * section that is not loaded, in the others the last bytes (the text, its length as eight bytes,
 * "INGOTMAN"), which lie where the kernel's zeroed memory begins. kind prints which of the three it
 * is, by its contents: elf, bin or img. Exit codes: 0 done, 1 refused (told on stderr), 2 usage.
 * Source: ELF-64 object file format 1.5; Linux Documentation/arch/riscv/boot-image-header.rst.
 */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_IMAGE (UINT64_C(1) << 30)
#define HEADER_MAGIC2_OFFSET 56
#define HEADER_LEN 64

typedef struct bytes {
    unsigned char *data;
    size_t len;
} bytes_t;

_Noreturn static void refuse(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("ingot-pack: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static bytes_t read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        refuse("%s: %s", path, strerror(errno));
    }
    bytes_t b = {0};
    size_t room = 0;
    for (;;) {
        if (b.len == room) {
            room = room == 0 ? 1 << 20 : room * 2;
            b.data = room > 2 * MAX_IMAGE ? NULL : realloc(b.data, room);
            if (b.data == NULL) {
                refuse("%s: too large", path);
            }
        }
        size_t n = fread(b.data + b.len, 1, room - b.len, f);
        if (n == 0) {
            break;
        }
        b.len += n;
    }
    if (ferror(f)) {
        refuse("%s: cannot read", path);
    }
    fclose(f);
    return b;
}

/* Through a temporary file, so that an image is there whole or not at all. */
static void write_file(const char *path, const bytes_t *b) {
    char temporary[4096];
    if (snprintf(temporary, sizeof temporary, "%s.tmp", path) >= (int)sizeof temporary) {
        refuse("%s: name too long", path);
    }
    FILE *f = fopen(temporary, "wb");
    if (f == NULL) {
        refuse("%s: %s", temporary, strerror(errno));
    }
    if (fwrite(b->data, 1, b->len, f) != b->len || fclose(f) != 0 || rename(temporary, path) != 0) {
        remove(temporary);
        refuse("%s: cannot write: %s", path, strerror(errno));
    }
}

static bool has_boot_header(const bytes_t *flat) {
    return flat->len >= HEADER_LEN && memcmp(flat->data + HEADER_MAGIC2_OFFSET, "RSC\x05", 4) == 0;
}

static void check_boot_header(const char *path, const bytes_t *b) {
    if (!has_boot_header(b)) {
        refuse("%s: no RISC-V boot header at its start", path);
    }
}

static bytes_t flatten(const char *path, const bytes_t *elf) {
    Elf64_Ehdr eh;
    if (elf->len < sizeof eh) {
        refuse("%s: not an ELF file", path);
    }
    memcpy(&eh, elf->data, sizeof eh);
    if (memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 || eh.e_ident[EI_CLASS] != ELFCLASS64 ||
        eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_machine != EM_RISCV) {
        refuse("%s: not a little-endian 64-bit RISC-V ELF file", path);
    }
    if (eh.e_phentsize != sizeof(Elf64_Phdr) || eh.e_phoff > elf->len ||
        eh.e_phnum > (elf->len - eh.e_phoff) / sizeof(Elf64_Phdr)) {
        refuse("%s: program headers lie outside the file", path);
    }
    uint64_t low = UINT64_MAX, high = 0;
    bytes_t flat = {0};
    /* First the extent, then the bytes. */
    for (int pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < eh.e_phnum; i++) {
            Elf64_Phdr ph;
            memcpy(&ph, elf->data + eh.e_phoff + i * sizeof ph, sizeof ph);
            if (ph.p_type != PT_LOAD || ph.p_filesz == 0) {
                continue;
            }
            uint64_t end;
            if (ph.p_offset > elf->len || ph.p_filesz > elf->len - ph.p_offset ||
                __builtin_add_overflow(ph.p_paddr, ph.p_filesz, &end)) {
                refuse("%s: segment %u lies outside the file", path, i);
            }
            if (pass == 0) {
                low = ph.p_paddr < low ? ph.p_paddr : low;
                high = end > high ? end : high;
            } else {
                memcpy(flat.data + (ph.p_paddr - low), elf->data + ph.p_offset, ph.p_filesz);
            }
        }
        if (pass == 0) {
            if (high <= low || high - low > MAX_IMAGE) {
                refuse("%s: nothing to load, or more than 1 GiB", path);
            }
            flat.len = high - low;
            flat.data = calloc(1, flat.len);
            if (flat.data == NULL) {
                refuse("out of memory");
            }
        }
    }
    return flat;
}

#define MANIFEST_SECTION ".ingot.manifest"
#define MANIFEST_MAGIC "INGOTMAN"
enum { MANIFEST_TAIL = 16 }; /* length and magic */

static bool is_elf(const bytes_t *b) {
    return b->len >= sizeof(Elf64_Ehdr) && memcmp(b->data, ELFMAG, SELFMAG) == 0;
}

/* The bytes of a section; false when it lies outside the file. */
static bool section_bytes(const bytes_t *elf, const Elf64_Ehdr *eh, unsigned index, Elf64_Shdr *sh,
                          bytes_t *out) {
    if (eh->e_shentsize != sizeof *sh || eh->e_shoff > elf->len ||
        index >= (elf->len - eh->e_shoff) / sizeof *sh) {
        return false;
    }
    memcpy(sh, elf->data + eh->e_shoff + index * sizeof *sh, sizeof *sh);
    if (sh->sh_type == SHT_NOBITS || sh->sh_offset > elf->len ||
        sh->sh_size > elf->len - sh->sh_offset) {
        return false;
    }
    *out = (bytes_t){elf->data + sh->sh_offset, sh->sh_size};
    return true;
}

/* The manifest inside an ELF file; len 0 when there is none. */
static bytes_t elf_manifest(const bytes_t *elf) {
    Elf64_Ehdr eh;
    Elf64_Shdr sh;
    bytes_t names, section;
    memcpy(&eh, elf->data, sizeof eh);
    if (!section_bytes(elf, &eh, eh.e_shstrndx, &sh, &names)) {
        return (bytes_t){0};
    }
    for (unsigned i = 0; i < eh.e_shnum; i++) {
        if (section_bytes(elf, &eh, i, &sh, &section) && sh.sh_name < names.len &&
            names.len - sh.sh_name >= sizeof MANIFEST_SECTION &&
            memcmp(names.data + sh.sh_name, MANIFEST_SECTION, sizeof MANIFEST_SECTION) == 0) {
            return section;
        }
    }
    return (bytes_t){0};
}

/* The manifest at the end of a flat file; len 0 when there is none. */
static bytes_t flat_manifest(const bytes_t *flat) {
    uint64_t len;
    if (flat->len < MANIFEST_TAIL || memcmp(flat->data + flat->len - 8, MANIFEST_MAGIC, 8) != 0) {
        return (bytes_t){0};
    }
    memcpy(&len, flat->data + flat->len - MANIFEST_TAIL, sizeof len);
    if (len > flat->len - MANIFEST_TAIL) {
        return (bytes_t){0};
    }
    return (bytes_t){flat->data + flat->len - MANIFEST_TAIL - len, len};
}

static void append_manifest(bytes_t *flat, const bytes_t *manifest) {
    if (manifest->len == 0) {
        return;
    }
    uint64_t len = manifest->len;
    flat->data = realloc(flat->data, flat->len + len + MANIFEST_TAIL);
    if (flat->data == NULL) {
        refuse("out of memory");
    }
    unsigned char *at = flat->data + flat->len;
    memcpy(at, manifest->data, len);
    memcpy(at + len, &len, sizeof len);
    memcpy(at + len + sizeof len, MANIFEST_MAGIC, 8);
    flat->len += len + MANIFEST_TAIL;
}

/* An image's file and the manifest in it. */
static bytes_t read_image(const char *path, bytes_t *manifest) {
    bytes_t file = read_file(path);
    *manifest = is_elf(&file) ? elf_manifest(&file) : flat_manifest(&file);
    if (manifest->len == 0) {
        refuse("%s: no manifest: not an image of Ingot, or stripped", path);
    }
    return file;
}

static int print_manifest(const char *path) {
    bytes_t manifest;
    bytes_t file = read_image(path, &manifest);
    fwrite(manifest.data, 1, manifest.len, stdout);
    free(file.data);
    return 0;
}

static int print_kind(const char *path) {
    bytes_t manifest;
    bytes_t file = read_image(path, &manifest);
    puts(is_elf(&file) ? "elf" : has_boot_header(&file) ? "bin" : "img");
    free(file.data);
    return 0;
}

static const unsigned char mover[] = {
#include "mover.inc"
};

/* Behind mover.S's `parameters` there is nothing but its two words. */
typedef struct mover_parameters {
    uint64_t self, from_end, to_end, len, first_bytes;
} mover_parameters_t;

#define MOVER_PARAMETERS (sizeof mover - sizeof(mover_parameters_t) - 8)
#define MOVER_ROOM 4096u /* a gap between segments is at least this long, zeroed data seldom is */
#define JAL_REACH (UINT64_C(1) << 20)

/* The start of the longest run of zeroes in the firmware, rounded up; 0 when none is long enough.
 */
static size_t find_gap(const bytes_t *firmware) {
    size_t best = 0, best_len = 0, start = 0;
    for (size_t i = 0; i <= firmware->len; i++) {
        if (i < firmware->len && firmware->data[i] == 0) {
            continue;
        }
        if (i - start > best_len) {
            best = start;
            best_len = i - start;
        }
        start = i + 1;
    }
    size_t aligned = (best + 63) & ~(size_t)63;
    return best_len >= MOVER_ROOM + 64 && aligned < JAL_REACH ? aligned : 0;
}

/* JAL x0, offset. Source: the RISC-V instruction set manual, volume I, section 2.5. */
static uint32_t jump_forward(uint32_t offset) {
    return (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20 |
           (offset >> 12 & 0xff) << 12 | 0x6f;
}

/* What is in the file: firmware, kernel and manifest, without padding. The kernel belongs at
 * `offset`, and its last part, or all of one that fits, lies in front of that, right behind the
 * firmware, until the mover has moved it. So the mover has at most two megabytes to move. */
static bytes_t join(const char *firmware_path, const char *kernel_path, uint64_t offset) {
    bytes_t firmware = read_file(firmware_path), kernel = read_file(kernel_path);
    check_boot_header(kernel_path, &kernel);
    size_t gap = find_gap(&firmware), place = (firmware.len + 15) & ~(size_t)15;
    if (place > offset) {
        refuse("%s: %zu bytes do not fit below the kernel at %llu", firmware_path, firmware.len,
               (unsigned long long)offset);
    }
    size_t tail = flat_manifest(&kernel).len;
    tail += tail > 0 ? MANIFEST_TAIL : 0;
    size_t body = kernel.len - tail, len = (body + 7) & ~(size_t)7;
    size_t moved = gap == 0 ? 0 : len < offset - place ? len : offset - place;
    size_t kept = len - moved; /* where it belongs from the start; all of it, without a mover */
    size_t end = kept > 0 ? offset + kept : place + moved;
    bytes_t image = {calloc(1, end + tail), end + tail};
    if (image.data == NULL) {
        refuse("out of memory");
    }
    memcpy(image.data, firmware.data, firmware.len);
    if (moved > 0) {
        uint32_t jump = jump_forward((uint32_t)gap);
        mover_parameters_t p = {gap + MOVER_PARAMETERS, place + moved, offset + len, moved, 0};
        memcpy(&p.first_bytes, firmware.data, sizeof jump);
        memcpy(image.data + gap, mover, sizeof mover);
        memcpy(image.data + gap + MOVER_PARAMETERS, &p, sizeof p);
        memcpy(image.data, &jump, sizeof jump);
        memcpy(image.data + place, kernel.data + kept, body - kept);
    }
    if (kept > 0) {
        memcpy(image.data + offset, kernel.data, kept < body ? kept : body);
    }
    memcpy(image.data + end, kernel.data + body, tail);
    free(firmware.data);
    free(kernel.data);
    return image;
}

static int usage(void) {
    fputs("usage: ingot-pack elf2bin APP.elf -o APP.bin\n"
          "       ingot-pack image --firmware FW.bin --offset BYTES --kernel APP.bin -o APP.img\n"
          "       ingot-pack manifest APP.elf|APP.bin|APP.img\n"
          "       ingot-pack kind APP.elf|APP.bin|APP.img\n",
          stderr);
    return 2;
}

int main(int argc, char **argv) {
    const char *out = NULL, *firmware = NULL, *kernel = NULL, *input = NULL, *offset_text = NULL;
    for (int i = 2; i < argc; i++) {
        const char **value = strcmp(argv[i], "-o") == 0           ? &out
                             : strcmp(argv[i], "--firmware") == 0 ? &firmware
                             : strcmp(argv[i], "--kernel") == 0   ? &kernel
                             : strcmp(argv[i], "--offset") == 0   ? &offset_text
                                                                  : NULL;
        if (value != NULL && i + 1 < argc) {
            *value = argv[++i];
        } else if (value == NULL && input == NULL && argv[i][0] != '-') {
            input = argv[i];
        } else {
            return usage();
        }
    }
    if (argc == 3 && strcmp(argv[1], "manifest") == 0 && input != NULL) {
        return print_manifest(input);
    }
    if (argc == 3 && strcmp(argv[1], "kind") == 0 && input != NULL) {
        return print_kind(input);
    }
    if (argc < 2 || out == NULL) {
        return usage();
    }
    bytes_t result;
    if (strcmp(argv[1], "elf2bin") == 0 && input != NULL) {
        bytes_t elf = read_file(input);
        result = flatten(input, &elf);
        check_boot_header(input, &result);
        bytes_t manifest = elf_manifest(&elf);
        append_manifest(&result, &manifest);
        free(elf.data);
    } else if (strcmp(argv[1], "image") == 0 && firmware != NULL && kernel != NULL &&
               offset_text != NULL) {
        char *end;
        unsigned long long offset = strtoull(offset_text, &end, 0);
        if (*end != 0 || offset == 0 || offset > MAX_IMAGE) {
            return usage();
        }
        result = join(firmware, kernel, offset);
    } else {
        return usage();
    }
    write_file(out, &result);
    free(result.data);
    return 0;
}
