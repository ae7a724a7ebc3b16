/* SPDX-License-Identifier: MIT */
/*
 * sbom.spdx.json: the modules and parts of an image as a software bill of materials.
 * Source: SPDX specification 2.3, in its JSON form.
 *
 * Equal inputs give equal bytes: the document's name space is made of the manifest's hash, and its
 * date is that of SOURCE_DATE_EPOCH, or of 1970.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "toolchain/inspect/plan.h"
#include "toolchain/lib/file.h"
#include "toolchain/lib/sha256.h"

static void created(text_t *t) {
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t seconds = epoch != NULL ? (time_t)strtoll(epoch, NULL, 10) : 0;
    const struct tm *tm = gmtime(&seconds);
    char date[32];
    if (tm == NULL || strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", tm) == 0) {
        strcpy(date, "1970-01-01T00:00:00Z");
    }
    text_addf(t, "  \"creationInfo\": {\"created\": \"%s\", \"creators\": [\"Tool: ingot\"]},\n",
              date);
}

static void string(text_t *t, const char *key, const char *value) {
    text_addf(t, ", \"%s\": ", key);
    text_json(t, value, strlen(value));
}

/* A package; `id` is what follows SPDXRef-. Its closing brace is the caller's. */
static void package(text_t *t, const char *id, const char *name, const char *version,
                    const char *license) {
    text_addf(t, ",\n    {\"SPDXID\": \"SPDXRef-%s\"", id);
    string(t, "name", name);
    if (version != NULL) {
        string(t, "versionInfo", version);
    }
    text_puts(t, ", \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false");
    string(t, "licenseConcluded", license);
    string(t, "licenseDeclared", license);
    text_puts(t, ", \"copyrightText\": \"NOASSERTION\"");
}

static void checksum(text_t *t, const char *file, const char *algorithm, const char *hex) {
    string(t, "packageFileName", file);
    text_addf(t, ", \"checksums\": [{\"algorithm\": \"%s\", \"checksumValue\": \"%s\"}]", algorithm,
              hex);
}

static void relation(text_t *t, const char *from, const char *kind, const char *to) {
    text_addf(t,
              ",\n    {\"spdxElementId\": \"SPDXRef-%s\", \"relationshipType\": \"%s\", "
              "\"relatedSpdxElement\": \"SPDXRef-%s\"}",
              from, kind, to);
}

static void modules(text_t *packages, text_t *relations, const link_t *l) {
    for (uint32_t i = 0; i < l->n_modules; i++) {
        const link_module_t *lm = &l->modules[i];
        char id[32];
        snprintf(id, sizeof id, "Module-%u", i);
        package(packages, id, lm->name, NULL, "NOASSERTION");
        checksum(packages, file_basename(lm->path), "SHA256", lm->sha256);
        text_puts(packages, "}");
        relation(relations, "Image", "CONTAINS", id);
    }
}

/* SPDX identifiers are of letters, digits, dots and dashes. */
static void part_id(char *id, size_t size, const char *name) {
    snprintf(id, size, "Part-%s", name);
    for (char *p = id; *p != 0; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || *p == '.';
        *p = plain ? *p : '-';
    }
}

static void parts(text_t *packages, text_t *relations, const plan_t *p) {
    for (uint32_t i = 0; i < p->parts.n; i++) {
        const part_t *part = &p->parts.items[i];
        char id[64];
        if (!plan_uses_part(p, part)) {
            continue;
        }
        part_id(id, sizeof id, part->name);
        package(packages, id, part->name, part->version, part->license);
        if (part->checksum != NULL && part->archive != NULL) {
            checksum(packages, part->archive, part->algorithm, part->checksum);
        }
        text_puts(packages, "}");
        if (part->role == PART_TOOL) {
            relation(relations, id, "BUILD_TOOL_OF", "Image");
        } else {
            relation(relations, "Image", part->role == PART_FIRMWARE ? "CONTAINS" : "STATIC_LINK",
                     id);
        }
    }
}

void emit_sbom(text_t *t, const plan_t *p) {
    text_t manifest = {0}, packages = {0}, relations = {0};
    char hash[65];
    const char *name = p->link.modules[p->link.main].name;
    emit_manifest(&manifest, p);
    sha256_hex((const uint8_t *)manifest.data, manifest.len, hash);
    modules(&packages, &relations, &p->link);
    parts(&packages, &relations, p);

    text_puts(t, "{\n  \"spdxVersion\": \"SPDX-2.3\",\n  \"dataLicense\": \"CC0-1.0\",\n"
                 "  \"SPDXID\": \"SPDXRef-DOCUMENT\",\n  \"name\": ");
    text_json(t, name, strlen(name));
    text_addf(t, ",\n  \"documentNamespace\": \"https://spdx.org/spdxdocs/ingot-image-%s\",\n",
              hash);
    created(t);
    text_puts(t, "  \"packages\": [\n    {\"SPDXID\": \"SPDXRef-Image\"");
    string(t, "name", name);
    text_puts(t, ", \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, "
                 "\"licenseConcluded\": \"NOASSERTION\", \"licenseDeclared\": \"NOASSERTION\", "
                 "\"copyrightText\": \"NOASSERTION\", \"primaryPackagePurpose\": "
                 "\"OPERATING-SYSTEM\"}");
    text_addf(t, "%s\n  ],\n  \"relationships\": [\n", text_str(&packages));
    text_puts(t, "    {\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": "
                 "\"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-Image\"}");
    text_addf(t, "%s\n  ]\n}\n", text_str(&relations));
    text_free(&manifest);
    text_free(&packages);
    text_free(&relations);
}
