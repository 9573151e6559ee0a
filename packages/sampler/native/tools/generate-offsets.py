#!/usr/bin/env python3
"""Writes the offset tables of CPython 3.8 to 3.12, taken from CPython's own headers by the C compiler.

From 3.13 on an interpreter describes itself (`_Py_DebugOffsets`). For those versions the same method gives test data:
the words of the self-description next to what the headers say, with and without the GIL.

    generate-offsets.py                  write the tables (and, with --samples, the test data)
    generate-offsets.py --check          compare with the committed files, change nothing

Headers are those of the interpreters named by --python, else by AUSTIN_TEST_PYTHONS (separated by colons), else of every
python3.N on PATH. The target of the compiler (CC, default cc) is the target of the tables.
"""

import argparse
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

NATIVE = pathlib.Path(__file__).resolve().parent.parent
TABLES = NATIVE / "src" / "cpython" / "offset_tables.inc"
SAMPLES = NATIVE / "test" / "debug_offsets_samples.inc"
TABLE_MINORS = range(8, 13)
SAMPLE_MINORS = range(13, 16)
COMMAND = "python3 packages/sampler/native/tools/generate-offsets.py"


def at(struct_name, member):
    return f"offsetof({struct_name}, {member})"


def since(minor, expression, until=99):
    """An expression for the minors from `minor` to `until`, inclusive."""
    return (minor, until, expression)


# The record of the GIL: within the interpreter from 3.12 on, addressed through `ceval.gil`; before, the one record of the
# runtime, of which the layout gives the address of `last_holder`.
def gil(member):
    return [
        since(8, f"{at('struct _gil_runtime_state', member)} - {at('struct _gil_runtime_state', 'last_holder')}", 11),
        since(12, at("struct _gil_runtime_state", member)),
    ]


def code(member, first=8, last=99):
    return [since(first, at("PyCodeObject", member), last)]


IFRAME = "_PyInterpreterFrame"

# (group, field, choices). A choice is (first minor, last minor, C expression); no matching choice means the version has no
# such field. Literals (C++ text) start with "=". "ft:" before an expression: free-threaded builds only.
FIELDS = [
    ("runtime", "size", [since(8, "sizeof(_PyRuntimeState)")]),
    ("runtime", "interpreters_head", [since(8, at("_PyRuntimeState", "interpreters.head"))]),
    ("runtime", "finalizing", [
        since(8, at("_PyRuntimeState", "finalizing"), 8), since(9, at("_PyRuntimeState", "_finalizing"))]),
    ("runtime", "gil_last_holder", [since(8, at("_PyRuntimeState", "ceval.gil.last_holder"), 11)]),
    ("runtime", "gc_collecting", [since(8, at("_PyRuntimeState", "gc.collecting"), 8)]),

    ("interpreter", "size", [since(8, "sizeof(PyInterpreterState)")]),
    ("interpreter", "next", [since(8, at("PyInterpreterState", "next"))]),
    ("interpreter", "id", [since(8, at("PyInterpreterState", "id"))]),
    ("interpreter", "threads_head", [
        since(8, at("PyInterpreterState", "tstate_head"), 10), since(11, at("PyInterpreterState", "threads.head"))]),
    ("interpreter", "modules", [
        since(8, at("PyInterpreterState", "modules"), 11), since(12, at("PyInterpreterState", "imports.modules"))]),
    ("interpreter", "runtime", [since(9, at("PyInterpreterState", "runtime"))]),
    ("interpreter", "gc_collecting", [since(9, at("PyInterpreterState", "gc.collecting"))]),
    ("interpreter", "gil_pointer", [since(12, at("PyInterpreterState", "ceval.gil"))]),
    ("interpreter", "code_object_generation", [since(14, "gil:" + at("PyInterpreterState", "_code_object_generation"))]),
    ("interpreter", "gc_frame", [since(15, at("PyInterpreterState", "gc.frame"))]),

    ("gil", "last_holder", gil("last_holder")),
    ("gil", "locked", gil("locked")),
    ("gil", "switch_number", gil("switch_number")),
    ("gil", "enabled", [since(13, "ft:" + at("struct _gil_runtime_state", "enabled"))]),
    ("gil", "wait_begin", gil("cond")),
    ("gil", "wait_end", gil("switch_cond")),

    ("thread", "size", [since(8, "sizeof(PyThreadState)")]),
    ("thread", "next", [since(8, at("PyThreadState", "next"))]),
    ("thread", "previous", [since(8, at("PyThreadState", "prev"))]),
    ("thread", "interp", [since(8, at("PyThreadState", "interp"))]),
    ("thread", "top", [
        since(8, at("PyThreadState", "frame"), 10), since(11, at("PyThreadState", "cframe"), 12),
        since(13, at("PyThreadState", "current_frame"))]),
    ("thread", "base_frame", [since(15, at("PyThreadState", "base_frame"))]),
    ("thread", "thread_id", [since(8, at("PyThreadState", "thread_id"))]),
    ("thread", "native_thread_id", [since(11, at("PyThreadState", "native_thread_id"))]),
    ("thread", "datastack_chunk", [since(11, at("PyThreadState", "datastack_chunk"))]),
    ("thread", "state", [since(13, at("PyThreadState", "state"))]),
    ("thread", "gil_requested", [since(15, at("PyThreadState", "gil_requested"))]),

    ("cframe", "current_frame", [since(11, at("_PyCFrame", "current_frame"), 12)]),
    ("cframe", "previous", [since(11, at("_PyCFrame", "previous"), 12)]),

    # The whole structure up to the locals; of heap frames, up to the last field used.
    ("frame", "size", [
        since(8, f"{at('PyFrameObject', 'f_executing')} + sizeof(char)", 9),
        since(10, f"{at('PyFrameObject', 'f_state')} + sizeof(char)", 10), since(11, at(IFRAME, "localsplus"))]),
    ("frame", "code", [
        since(8, at("PyFrameObject", "f_code"), 10), since(11, at(IFRAME, "f_code"), 12),
        since(13, at(IFRAME, "f_executable"))]),
    ("frame", "previous", [since(8, at("PyFrameObject", "f_back"), 10), since(11, at(IFRAME, "previous"))]),
    ("frame", "instruction", [since(11, at(IFRAME, "prev_instr"), 12), since(13, at(IFRAME, "instr_ptr"))]),
    ("frame", "last_instruction", [since(8, at("PyFrameObject", "f_lasti"), 10)]),
    ("frame", "owner", [since(11, at(IFRAME, "owner"))]),
    ("frame", "entry", [since(11, at(IFRAME, "is_entry"), 11)]),
    ("frame", "tlbc_index", [since(14, "ft:" + at(IFRAME, "tlbc_index"))]),
    ("frame", "locals", [since(8, at("PyFrameObject", "f_localsplus"), 10), since(11, at(IFRAME, "localsplus"))]),
    ("frame", "locals_mapping", [since(8, at("PyFrameObject", "f_locals"), 10), since(11, at(IFRAME, "f_locals"))]),
    ("frame", "stack_pointer", [since(14, at(IFRAME, "stackpointer"))]),
    ("frame", "running", [since(8, at("PyFrameObject", "f_executing"), 9), since(10, at("PyFrameObject", "f_state"), 10)]),
    ("frame", "running_value", [since(8, "=1", 9), since(10, "=0", 10), since(11, "=0")]),
    ("frame", "last_instruction_unit", [since(8, "=1", 9), since(10, "=2", 10), since(11, "=0")]),

    # Everything before the instructions; up to 3.10, up to the last field used.
    ("code", "size", [
        since(8, f"{at('PyCodeObject', 'co_lnotab')} + sizeof(void *)", 9),
        since(10, f"{at('PyCodeObject', 'co_linetable')} + sizeof(void *)", 10),
        since(11, at("PyCodeObject", "co_code_adaptive"))]),
    ("code", "filename", code("co_filename")),
    ("code", "name", code("co_name")),
    ("code", "qualname", code("co_qualname", 11)),
    ("code", "line_table", code("co_lnotab", 8, 9) + code("co_linetable", 10)),
    ("code", "first_line", code("co_firstlineno")),
    ("code", "flags", code("co_flags")),
    ("code", "arg_count", code("co_argcount")),
    ("code", "version", code("co_version", 12)),
    ("code", "frame_size", code("co_framesize", 12)),
    ("code", "locals_plus_count", code("co_nlocalsplus", 11, 11)),
    ("code", "stack_size", code("co_stacksize", 11, 11)),
    ("code", "first_traceable", code("_co_firsttraceable", 11)),
    ("code", "code_adaptive", code("co_code_adaptive", 11)),
    ("code", "code_bytes", code("co_code", 8, 10)),
    ("code", "tlbc", [since(14, "ft:" + at("PyCodeObject", "co_tlbc"))]),
    ("code", "constants", code("co_consts", 8, 10)),
    ("code", "locals_names", code("co_varnames", 8, 10) + code("co_localsplusnames", 11)),
    ("code", "locals_kinds", code("co_localspluskinds", 11)),
    ("code", "cell_names", code("co_cellvars", 8, 10)),
    ("code", "free_names", code("co_freevars", 8, 10)),

    ("object", "type", [since(8, at("PyObject", "ob_type"))]),
    ("object", "size", [since(8, at("PyVarObject", "ob_size"))]),

    ("unicode", "length", [since(8, at("PyASCIIObject", "length"))]),
    ("unicode", "state", [since(8, at("PyASCIIObject", "state"))]),
    ("unicode", "ascii_data", [since(8, "sizeof(PyASCIIObject)")]),
    ("unicode", "compact_data", [since(8, "sizeof(PyCompactUnicodeObject)")]),
    ("unicode", "legacy_data_pointer", [since(8, at("PyUnicodeObject", "data"))]),
    # Bit fields have no offset. Free-threaded 3.14 made `interned`, two bits before, a byte (cpython/unicodeobject.h).
    ("unicode", "state_shift", [since(8, "=0", 13), since(14, "=FT ? 6 : 0")]),

    ("bytes", "size", [since(8, at("PyVarObject", "ob_size"))]),
    ("bytes", "data", [since(8, at("PyBytesObject", "ob_sval"))]),

    ("dict", "keys", [since(8, at("PyDictObject", "ma_keys"))]),
    ("dict", "values", [since(8, at("PyDictObject", "ma_values"))]),
    # Up to 3.10 the keys are private to the interpreter's sources (Objects/dict-common.h): five words, then the indices.
    ("dict", "keys_slot_count", [since(8, "=8", 10)]),
    ("dict", "keys_log2_index_bytes", [since(11, at("PyDictKeysObject", "dk_log2_index_bytes"))]),
    ("dict", "keys_kind", [since(11, at("PyDictKeysObject", "dk_kind"))]),
    ("dict", "keys_entry_count", [since(8, "=32", 10), since(11, at("PyDictKeysObject", "dk_nentries"))]),
    ("dict", "keys_indices", [since(8, "=40", 10), since(11, at("PyDictKeysObject", "dk_indices"))]),
    ("dict", "values_first", [since(8, "=0", 10), since(11, at("struct _dictvalues", "values"))]),
    ("dict", "size", [since(8, f"{at('PyDictObject', 'ma_values')} + sizeof(void *)")]),
    ("dict", "keys_size", [since(8, "=40", 10), since(11, at("PyDictKeysObject", "dk_indices"))]),

    ("type", "name", [since(8, at("PyTypeObject", "tp_name"))]),
    ("type", "flags", [since(8, at("PyTypeObject", "tp_flags"))]),
    ("type", "basic_size", [since(8, at("PyTypeObject", "tp_basicsize"))]),
    ("type", "dict_offset", [since(8, at("PyTypeObject", "tp_dictoffset"))]),
    ("type", "attributes", [since(8, at("PyTypeObject", "tp_dict"))]),
    ("type", "qualname", [since(8, at("PyHeapTypeObject", "ht_qualname"))]),
    ("type", "cached_keys", [since(8, at("PyHeapTypeObject", "ht_cached_keys"))]),
    ("type", "attribute_model", [
        since(8, "=AttributeModel::kDictOffset", 10), since(11, "=AttributeModel::kTwoPointers", 11),
        since(12, "=AttributeModel::kTaggedPointer", 12), since(13, "=AttributeModel::kInlineValues")]),
    # 3.12 has no name for it (_PyObject_DictOrValuesPointer: three words before the object).
    ("type", "dict_before", [
        since(11, "-(MANAGED_DICT_OFFSET)", 11), since(12, "3 * sizeof(PyObject *)", 12),
        since(13, "-(MANAGED_DICT_OFFSET)")]),
    # _PyObject_ValuesPointer: four words before the object.
    ("type", "values_before", [since(11, "4 * sizeof(PyObject *)", 11)]),

    ("integer", "tag", [since(8, at("PyVarObject", "ob_size"), 11), since(12, at("PyLongObject", "long_value.lv_tag"))]),
    ("integer", "digits", [since(8, at("PyLongObject", "ob_digit"), 11), since(12, at("PyLongObject", "long_value.ob_digit"))]),
    ("integer", "sign_in_tag", [since(8, "=false", 11), since(12, "=true")]),

    # PyModuleObject is private up to 3.10; its dict has always been the first member behind the header.
    ("module", "dict", [since(8, "sizeof(PyObject)", 10), since(11, at("PyModuleObject", "md_dict"))]),
    # Then its definition, its state and its weak references.
    ("module", "name", [since(8, "sizeof(PyObject) + 4 * sizeof(void *)", 10), since(11, at("PyModuleObject", "md_name"))]),

    ("tuple", "items", [since(8, at("PyTupleObject", "ob_item"))]),
    ("list", "items", [since(8, at("PyListObject", "ob_item"))]),
    ("real", "value", [since(8, at("PyFloatObject", "ob_fval"))]),
    ("set", "used", [since(8, at("PySetObject", "used"))]),
    ("set", "mask", [since(8, at("PySetObject", "mask"))]),
    ("set", "table", [since(8, at("PySetObject", "table"))]),
    ("cell", "value", [since(8, at("PyCellObject", "ob_ref"))]),
    ("function", "qualname", [since(8, at("PyFunctionObject", "func_qualname"))]),
    ("method", "function", [since(8, at("PyMethodObject", "im_func"))]),
    ("builtin", "definition", [since(8, at("PyCFunctionObject", "m_ml"))]),

    # The states as the byte in memory.
    ("generator", "frame", [since(14, at("struct _PyGenObject", "gi_iframe"))]),
    ("generator", "qualname", [since(14, at("struct _PyGenObject", "gi_qualname"))]),
    ("generator", "state", [since(14, at("struct _PyGenObject", "gi_frame_state"))]),
    ("generator", "created", [since(8, "=0", 13), since(14, "(unsigned char)FRAME_CREATED")]),
    ("generator", "waiting_first", [since(8, "=0", 13), since(14, "(unsigned char)FRAME_SUSPENDED_YIELD_FROM")]),
    ("generator", "waiting_last", [
        since(8, "=0", 13), since(14, "(unsigned char)FRAME_SUSPENDED_YIELD_FROM", 14),
        since(15, "(unsigned char)FRAME_SUSPENDED_YIELD_FROM_LOCKED")]),
    ("generator", "executing", [since(8, "=0", 13), since(14, "(unsigned char)FRAME_EXECUTING")]),
]

FRAME_MODEL = [since(8, "kHeapFrames", 10), since(11, "kCFrame", 12), since(13, "kCurrentFrame")]
LINE_TABLE_FORMAT = [since(8, "kLnotab", 9), since(10, "kPep626", 10), since(11, "kLocations")]

INCLUDES = [
    since(8, "frameobject.h", 10), since(8, "pycore_pystate.h"), since(8, "pycore_gil.h"), since(9, "pycore_interp.h"),
    since(9, "pycore_runtime.h"), since(11, "pycore_frame.h"), since(11, "pycore_code.h"), since(11, "pycore_dict.h"),
    since(11, "pycore_object.h"), since(11, "pycore_moduleobject.h"), since(13, "pycore_ceval.h"), since(13, "pycore_runtime_init.h"),
    since(14, "pycore_interpframe.h"), since(14, "pycore_debug_offsets.h"),
]


def choose(choices, minor):
    for first, last, value in choices:
        if first <= minor <= last:
            return value
    return None


class Headers:
    """One set of CPython headers and the flags to compile against it."""

    def __init__(self, python):
        script = ("import sys, sysconfig; p = sysconfig.get_paths(); h = sys.hexversion; print(h);"
                  "print(p['include']); print(p['platinclude'])")
        hexversion, *folders = subprocess.run(
            [python, "-c", script], check=True, capture_output=True, text=True).stdout.splitlines()
        self.hex = int(hexversion)
        self.folders = list(dict.fromkeys(folders))
        self.minor = self.hex >> 16 & 0xFF
        level = {0xA: "a", 0xB: "b", 0xC: "rc", 0xF: ""}[self.hex >> 4 & 0xF]
        self.version = f"3.{self.minor}.{self.hex >> 8 & 0xFF}{level}" + (str(self.hex & 0xF) if level else "")

    def present(self):
        return any((pathlib.Path(folder) / "Python.h").exists() for folder in self.folders)

    def compiler(self, free_threaded):
        flags = ["-DPy_BUILD_CORE=1", "-w", "-O0"] + (["-DPy_GIL_DISABLED=1"] if free_threaded else [])
        for folder in self.folders:
            # The parent folder serves distributions whose pyconfig.h includes the one of the architecture.
            flags += ["-I", folder, "-I", f"{folder}/internal", "-I", str(pathlib.Path(folder).parent)]
        return [os.environ.get("CC", "cc"), *flags]

    def prologue(self):
        includes = ["Python.h"] + [value for first, last, value in INCLUDES if first <= self.minor <= last]
        return "#include <stddef.h>\n" + "".join(f'#include "{name}"\n' for name in includes)

    def evaluate(self, expressions, free_threaded=False):
        """Constant C expressions to numbers: each becomes an immediate operand of a comment in the assembler text."""
        lines = [f'  __asm__ volatile("#@ {name} %c0" :: "i"((long long)({text})));' for name, text in expressions.items()]
        source = self.prologue() + "void Offsets(void) {\n" + "\n".join(lines) + "\n}\n"
        result = subprocess.run(
            [*self.compiler(free_threaded), "-S", "-x", "c", "-", "-o", "-"], input=source, capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"generate-offsets: the headers of {self.version} do not compile:\n{result.stderr}")
        values = {name: int(value) for name, value in re.findall(r"#@ (\S+) \$?(-?\d+)", result.stdout)}
        missing = set(expressions) - set(values)
        if missing:
            sys.exit(f"generate-offsets: {self.version}: no value for {', '.join(sorted(missing))}")
        return values

    def debug_offsets(self, free_threaded):
        """The words of `_Py_DebugOffsets` that an interpreter built from these headers holds."""
        initial = (("static _PyRuntimeState runtime = _PyRuntimeState_INIT(runtime, _Py_Debug_Cookie);\n"
                    "_Py_DebugOffsets *Words(void) { return &runtime.debug_offsets; }\n")
                   if self.minor == 13 else "_Py_DebugOffsets words = _Py_DebugOffsets_INIT(_Py_Debug_Cookie);\n")
        # The initialiser is a constant, so the compiler writes it out; the words come first, in order.
        source = self.prologue() + initial
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "words.o"
            subprocess.run([*self.compiler(free_threaded), "-fno-pic", "-c", "-x", "c", "-", "-o", unit],
                           input=source, text=True, check=True)
            data = pathlib.Path(folder) / "words.bin"
            subprocess.run(["objcopy", "-O", "binary", "-j", ".data", unit, data], check=True)
            size = self.evaluate({"size": "sizeof(_Py_DebugOffsets)"}, free_threaded)["size"]
            contents = data.read_bytes()
        start = contents.index(b"xdebugpy")
        return struct.unpack_from(f"<{size // 8}Q", contents, start)


def layout(headers, free_threaded=False):
    """All fields in order, as [(group, field, C++ text)]."""
    chosen = []
    for group, field, choices in FIELDS:
        text = choose(choices, headers.minor)
        if text and text.startswith("ft:"):
            text = text[3:] if free_threaded else None
        elif text and text.startswith("gil:"):
            text = None if free_threaded else text[4:]
        chosen.append((group, field, text))
    values = headers.evaluate(
        {f"{group}.{field}": text for group, field, text in chosen if text and text[0] != "="}, free_threaded)
    rows = []
    for group, field, text in chosen:
        if text is None:
            shown = "kAbsent"
        elif text == "=FT ? 6 : 0":
            shown = "6" if free_threaded else "0"
        elif text[0] == "=":
            shown = text[1:]
        else:
            shown = str(values[f"{group}.{field}"])
        rows.append((group, field, shown))
    return rows


def cpp_layout(headers, free_threaded=False):
    version = [str(headers.hex >> shift & 0xFF) for shift in (24, 16, 8)]
    lines = [
        f"    .version = {{{', '.join(version)}, 0x{headers.hex >> 4 & 0xF:X}, {headers.hex & 0xF}}},",
        f"    .free_threaded = {str(free_threaded).lower()},",
        f"    .frame_model = FrameModel::{choose(FRAME_MODEL, headers.minor)},",
        f"    .line_table_format = LineTableFormat::{choose(LINE_TABLE_FORMAT, headers.minor)},",
        f"    .tagged_references = {str(headers.minor >= 14).lower()},",
    ]
    rows = layout(headers, free_threaded)
    for group in dict.fromkeys(row[0] for row in rows):
        lines.append(f"    .{group} =\n        {{")
        lines += [f"            .{field} = {text}," for other, field, text in rows if other == group]
        lines.append("        },")
    return "{\n" + "\n".join(lines) + "\n}"


def banner(headers, flag=""):
    versions = ", ".join(item.version for item in headers)
    target = subprocess.run([os.environ.get("CC", "cc"), "-dumpmachine"], check=True, capture_output=True, text=True)
    return (f"// Generated by `{COMMAND}{flag}`; do not edit.\n"
            f"// From the headers of CPython {versions}, compiled for {target.stdout.strip().split('-')[0]} LP64.\n")


def table_sections(headers):
    return {item.minor: f"// CPython {item.version}\nconstexpr Layout kLayout3{item.minor} = {cpp_layout(item)};\n" for item in headers}


def sample_sections(headers):
    sections = {}
    for item in headers:
        for free_threaded in (False, True):
            name = f"3{item.minor}{'t' if free_threaded else ''}"
            words = ", ".join(f"0x{word:x}" if index < 2 else str(word)
                              for index, word in enumerate(item.debug_offsets(free_threaded)))
            sections[(item.minor, free_threaded)] = (
                f"// CPython {item.version}{' free-threaded' if free_threaded else ''}\n"
                f"const uint64_t kWords{name}[] = {{{words}}};\n"
                f"constexpr Layout kExpected{name} = {cpp_layout(item, free_threaded)};\n")
    return sections


def split_sections(text):
    """The sections of a committed file by their first line, so that a check needs only some of the versions."""
    parts = re.split(r"(?m)^(?=// CPython )", text)[1:]
    return {part.splitlines()[0]: part.strip() for part in parts}


def interpreters(named):
    if named:
        return named
    listed = [path for path in os.environ.get("AUSTIN_TEST_PYTHONS", "").split(":") if path]
    if listed:
        return listed
    return [path for minor in range(8, 16) if (path := shutil.which(f"python3.{minor}"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the committed files; fail on a difference")
    parser.add_argument("--samples", action="store_true", help="also write the test data of 3.13 and later")
    parser.add_argument("--python", action="append", help="an interpreter whose headers to use; repeatable")
    options = parser.parse_args()

    found = {}
    for python in interpreters(options.python):
        try:
            headers = Headers(python)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"skipped: {python} does not run: {error}", file=sys.stderr)
            continue
        if headers.hex >> 24 == 3 and headers.present():
            found.setdefault(headers.minor, headers)
    tables = [found[minor] for minor in TABLE_MINORS if minor in found]
    samples = [found[minor] for minor in SAMPLE_MINORS if minor in found]

    if options.check:
        checked, differing = [], []
        for path, sections in ((TABLES, table_sections(tables)), (SAMPLES, sample_sections(samples))):
            if not path.exists():
                continue
            committed = split_sections(path.read_text())
            for section in sections.values():
                title = section.splitlines()[0]
                # Another patch release of the same minor may give other sizes; only the same release can be compared.
                if title not in committed:
                    print(f"skipped: {title[3:]} is not the release of the committed {path.name}")
                    continue
                checked.append(title[3:])
                if committed[title] != section.strip():
                    differing.append(f"{title[3:]} in {path.name}")
        if differing:
            sys.exit("generate-offsets: differs from the headers: " + "; ".join(differing) + f". Run `{COMMAND}`.")
        if not checked:
            sys.exit("generate-offsets: nothing was checked: no interpreter with headers of a committed release was found. "
                     "Name some with --python or AUSTIN_TEST_PYTHONS.")
        print("same as the headers: " + ", ".join(checked))
        return

    missing = [f"3.{minor}" for minor in TABLE_MINORS if minor not in found]
    if missing:
        sys.exit("generate-offsets: no headers for " + ", ".join(missing) + "; all of 3.8 to 3.12 are needed to write the tables.")
    TABLES.write_text(banner(tables) + "\n" + "\n".join(table_sections(tables).values()))
    if options.samples:
        if len(samples) != len(SAMPLE_MINORS):
            sys.exit("generate-offsets: --samples needs the headers of 3.13 to 3.15")
        SAMPLES.write_text(banner(samples, " --samples") + "\n" + "\n".join(sample_sections(samples).values()))


if __name__ == "__main__":
    main()
