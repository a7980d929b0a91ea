# SPDX-License-Identifier: Apache-2.0
"""Writes unicode_tables.cc: python3 make_unicode_tables.py > unicode_tables.cc

Letters and numbers are what the regex package (which the reference tokenizers use) matches when it ignores case (a newer
Unicode than Python's own). The rest is from Python's copy of the Unicode Character Database.
"""
import sys
import unicodedata as ucd

import regex

LAST_SINGLETON = 0x3000  # compatibility ideographs are left out: no vocabulary knows them


def ranges(wanted):
    found = []
    for code in range(sys.maxunicode + 1):
        if not wanted(chr(code)):
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def lower_rows():
    rows = []
    for code in range(sys.maxunicode + 1):
        low = chr(code).lower()
        if low == chr(code) or len(low) != 1:
            continue
        delta = ord(low) - code
        for stride in (1, 2):
            if rows and rows[-1][2] == delta and rows[-1][1] + stride == code and rows[-1][3] in (0, stride):
                rows[-1][1], rows[-1][3] = code, stride
                break
        else:
            rows.append([code, code, delta, 0])
    return [[first, last, delta, stride or 1] for first, last, delta, stride in rows]


def compositions():
    pairs, singletons = [], []
    for code in range(0x10000):
        parts = ucd.decomposition(chr(code))
        if not parts or parts.startswith("<"):
            continue
        codes = [int(part, 16) for part in parts.split()]
        if len(codes) == 1 and code < LAST_SINGLETON:
            singletons.append([code, codes[0]])
        elif len(codes) == 2:
            # Excluded from composition (script-specific forms): normal form stays apart.
            composes = ucd.normalize("NFC", chr(code)) == chr(code)
            pairs.append([code, codes[0], codes[1], int(composes)])
    return pairs, singletons


def class_rows():
    rows = []
    for code in range(0x10000):
        value = ucd.combining(chr(code))
        if not value:
            continue
        if rows and rows[-1][1] == code - 1 and rows[-1][2] == value:
            rows[-1][1] = code
        else:
            rows.append([code, code, value])
    return rows


def text_of(value):
    return str(value) if abs(value) < 10 else hex(value).upper().replace("X", "x")


def table(kind, name, rows):
    lines, line = [], "   "
    for row in rows:
        item = " {" + ", ".join(map(text_of, row)) + "},"
        if len(line) + len(item) > 120:
            lines.append(line)
            line = "   "
        line += item
    print(f"const {kind} k{name}[] = {{\n" + "\n".join(lines + [line]) + "\n};")
    print(f"std::span<const {kind}> {snake(name)}() {{ return k{name}; }}\n")


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


pairs, singletons = compositions()
print("// SPDX-License-Identifier: Apache-2.0")
print(f"// Written by make_unicode_tables.py from the Unicode Character Database {ucd.unidata_version}; do not edit.")
print('#include "networks/unicode_tables.h"\n')
print("namespace normadd::networks {")
print("// clang-format off\n")
letter, number = regex.compile(r"[\p{L}]", regex.IGNORECASE), regex.compile(r"[\p{N}]", regex.IGNORECASE)
table("CodeRange", "Letters", ranges(lambda c: letter.match(c)))
table("CodeRange", "Numbers", ranges(lambda c: number.match(c)))
table("LowerCase", "LowerCases", lower_rows())
table("Composition", "Compositions", pairs)
table("Replacement", "Singletons", singletons)
table("CombiningClass", "CombiningClasses", class_rows())
print("// clang-format on")
print("}  // namespace normadd::networks")
