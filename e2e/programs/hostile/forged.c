/* A process that looks like CPython 3.13 and is none: its runtime describes itself as that version does, and everything behind it is
 * forged. What it forges is its first argument; it prints `ready` and then lives until its standard input ends.
 *
 *     cc -O1 -rdynamic -o forged forged.c && ./forged frames
 */

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uint64_t word;

/* `struct _Py_DebugOffsets` of CPython 3.13.0, x86-64, by word. Words that no reader of stacks needs are 0. */
enum {
  INTERPRETERS_HEAD = 632,
  INTERP_NEXT = 7264, INTERP_ID = 7272, INTERP_THREADS = 7344, INTERP_RUNTIME = 7376, INTERP_GIL_POINTER = 16, INTERP_GIL = 7752,
  THREAD_NEXT = 8, THREAD_INTERP = 16, THREAD_TOP = 72, THREAD_ID = 152, THREAD_NATIVE_ID = 160, THREAD_CHUNK = 232,
  FRAME_CODE = 0, FRAME_PREVIOUS = 8, FRAME_INSTRUCTION = 56, FRAME_OWNER = 70, FRAME_SIZE = 72,
  CODE_UNITS = 16, CODE_FIRST_LINE = 68, CODE_FRAME_WORDS = 76, CODE_VERSION = 92, CODE_FILENAME = 112, CODE_NAME = 120,
  CODE_QUALNAME = 128, CODE_LINES = 136, CODE_START = 200,
  STR_LENGTH = 16, STR_STATE = 32, STR_DATA = 40, BYTES_LENGTH = 16, BYTES_DATA = 32,
};
__attribute__((section(".PyRuntime"), used)) word _PyRuntime[1024] = {
    [1] = 0x030d00f0,
    [3] = 8192, [4] = 608, [5] = INTERPRETERS_HEAD,
    [6] = 16384, [7] = INTERP_ID, [8] = INTERP_NEXT, [9] = INTERP_THREADS, [10] = 7400, [11] = 7656, [12] = 7640, [13] = 7648,
    [14] = INTERP_GIL_POINTER, [15] = INTERP_GIL, [17] = INTERP_GIL + 16, [18] = INTERP_GIL + 8,
    [19] = 304, [21] = THREAD_NEXT, [22] = THREAD_INTERP, [23] = THREAD_TOP, [24] = THREAD_ID, [25] = THREAD_NATIVE_ID,
    [26] = THREAD_CHUNK, [27] = 32,
    [28] = 80, [29] = FRAME_PREVIOUS, [30] = FRAME_CODE, [31] = FRAME_INSTRUCTION, [32] = FRAME_SIZE, [33] = FRAME_OWNER,
    [34] = 208, [35] = CODE_FILENAME, [36] = CODE_NAME, [37] = CODE_QUALNAME, [38] = CODE_LINES, [39] = CODE_FIRST_LINE,
    [40] = 52, [41] = 96, [42] = 104, [43] = CODE_START,
    [44] = 16, [45] = 8, [46] = 416, [47] = 24, [49] = 168,
    [50] = 40, [51] = 24, [52] = 16, [53] = 40, [54] = 24, [55] = 16, [56] = 48, [57] = 32, [58] = 40,
    [59] = 40, [60] = 16, [61] = 32, [62] = 16, [63] = 24, [64] = 40, [65] = BYTES_LENGTH, [66] = BYTES_DATA,
    [67] = 64, [68] = STR_STATE, [69] = STR_LENGTH, [70] = STR_DATA, [71] = 240, [72] = 200,
};
__attribute__((used)) const unsigned long Py_Version = 0x030d00f0;

#define AT(address, offset) (*(word *)((address) + (offset)))
#define MIB ((word)1 << 20)

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* Memory that costs nothing until it is written to. */
static word map(word size) {
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) die("mmap");
  return (word)at;
}

static word heap, heap_next;
static word allocate(word size) {
  if (heap == 0) heap = heap_next = map(64 * MIB);
  word at = heap_next;
  heap_next += (size + 63) / 64 * 64;
  if (heap_next > heap + 64 * MIB) die("heap");
  return at;
}

static word text(const char *characters) {
  word at = allocate(STR_DATA + strlen(characters) + 1);
  AT(at, STR_LENGTH) = strlen(characters);
  *(uint32_t *)(at + STR_STATE) = 1 << 2 | 1 << 5 | 1 << 6; /* one byte a character, compact, ASCII */
  strcpy((char *)(at + STR_DATA), characters);
  return at;
}

static word code(const char *name) {
  static uint32_t version;
  word at = allocate(CODE_START + 64);
  AT(at, CODE_UNITS) = 16;
  *(int32_t *)(at + CODE_FIRST_LINE) = 1;
  *(int32_t *)(at + CODE_FRAME_WORDS) = 12;
  *(uint32_t *)(at + CODE_VERSION) = ++version;
  AT(at, CODE_FILENAME) = text("forged.py");
  AT(at, CODE_NAME) = AT(at, CODE_QUALNAME) = text(name);
  word lines = allocate(BYTES_DATA + 16);
  AT(lines, BYTES_LENGTH) = 2;
  memcpy((void *)(lines + BYTES_DATA), "\xef\x00", 2); /* eight units in the first line, without columns */
  AT(at, CODE_LINES) = lines;
  memset((void *)(at + CODE_START), 9, 32);
  return at;
}

static word interpreter(void) {
  static word id;
  word at = allocate(16384);
  AT(at, INTERP_ID) = id++;
  AT(at, INTERP_RUNTIME) = (word)_PyRuntime;
  AT(at, INTERP_GIL_POINTER) = at + INTERP_GIL;
  AT(at, INTERP_NEXT) = AT((word)_PyRuntime, INTERPRETERS_HEAD);
  AT((word)_PyRuntime, INTERPRETERS_HEAD) = at;
  return at;
}

static word thread(word interp) {
  static word ident = 0x7f0000001000;
  word at = allocate(320);
  AT(at, THREAD_INTERP) = interp;
  AT(at, THREAD_NEXT) = AT(interp, INTERP_THREADS);
  AT(interp, INTERP_THREADS) = at;
  AT(at, THREAD_ID) = ident += 64;
  AT(at, THREAD_NATIVE_ID) = getpid();
  return at;
}

/* A chunk of a data stack before which `previous` was used up. */
static word chunk(word size, word previous) {
  word at = map(size);
  AT(at, 0) = previous;
  AT(at, 8) = size;
  AT(at, 16) = (size - 24) / 8;
  return at;
}

static void use(word thread_state, word chunk_at, word end) {
  AT(thread_state, THREAD_CHUNK) = chunk_at;
  AT(thread_state, THREAD_CHUNK + 8) = end;
  AT(thread_state, THREAD_CHUNK + 16) = chunk_at + AT(chunk_at, 8);
}

static word put_frame(word at, word previous, word code_at) {
  AT(at, FRAME_CODE) = code_at;
  AT(at, FRAME_PREVIOUS) = previous;
  AT(at, FRAME_INSTRUCTION) = code_at + CODE_START + 4;
  return at;
}

/* Frames of 12 words, one behind the other, from the beginning of a chunk to its end. Returns the last one. */
static word fill_with_frames(word chunk_at, word begin, word first_previous, word code_at) {
  word end = chunk_at + AT(chunk_at, 8), previous = first_previous;
  for (word at = chunk_at + begin; at + 96 <= end; at += 96) previous = put_frame(at, previous, code_at);
  return previous;
}

/* A thread as it should be: three frames. */
static word honest_thread(word interp) {
  word at = thread(interp), stack = chunk(16384, 0), frame = 0;
  for (int i = 0; i < 3; i++) frame = put_frame(stack + 32 + 96 * i, frame, code("honest"));
  AT(at, THREAD_TOP) = frame;
  use(at, stack, stack + 32 + 96 * 3);
  return at;
}

/* The list of threads leads back into itself, not to its head. */
static void forge_threads(word interp) {
  word last = honest_thread(interp), middle = honest_thread(interp);
  honest_thread(interp);
  AT(last, THREAD_NEXT) = middle;
}

/* So does the list of interpreters. */
static void forge_interpreters(word interp) {
  word second = interpreter(), third = interpreter();
  honest_thread(interp), honest_thread(second), honest_thread(third);
  AT(interp, INTERP_NEXT) = second;
}

/* Chains of frames that lead back into themselves: near the top, at the bottom, in the data stack and outside of it. */
static void forge_frames(word interp) {
  for (word length = 1; length < 40; length = length * 2 + 1) {
    word at = honest_thread(interp), bottom = AT(AT(AT(at, THREAD_TOP), FRAME_PREVIOUS), FRAME_PREVIOUS);
    AT(bottom, FRAME_PREVIOUS) = AT(at, THREAD_TOP);
    word first = allocate(80), frame = first, loose = honest_thread(interp);
    for (word i = 0; i < length; i++) {
      put_frame(frame, allocate(80), code("loose"));
      *(uint8_t *)(frame + FRAME_OWNER) = 1;
      frame = AT(frame, FRAME_PREVIOUS);
    }
    *(uint8_t *)(put_frame(frame, first, code("loose")) + FRAME_OWNER) = 1;
    AT(loose, THREAD_TOP) = first;
  }
}

/* Lengths that cannot be: of strings, of tables, of code, of frames, of chunks. */
static void forge_lengths(word interp) {
  const word lengths[] = {~(word)0, (word)1 << 62, (word)1 << 40, (word)1 << 31, 1 << 20};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    for (int which = 0; which < 6; which++) {
      word at = honest_thread(interp), victim = AT(AT(at, THREAD_TOP), FRAME_CODE);
      if (which == 0) AT(AT(victim, CODE_NAME), STR_LENGTH) = lengths[i];
      if (which == 1) AT(AT(victim, CODE_LINES), BYTES_LENGTH) = lengths[i];
      if (which == 2) AT(victim, CODE_UNITS) = lengths[i];
      if (which == 3) *(uint32_t *)(victim + CODE_FRAME_WORDS) = (uint32_t)lengths[i];
      if (which == 4) AT(AT(at, THREAD_CHUNK), 8) = lengths[i];
      if (which == 5) AT(at, THREAD_CHUNK + 8) = AT(at, THREAD_CHUNK) + lengths[i];
    }
  }
}

/* Pointers to nothing: unmapped, misaligned, to the kernel, to no canonical address. */
static void forge_pointers(word interp) {
  const word wild[] = {1, 4096, 0x7fff00000000, 0xffff800000000000, 0x8000000000000, ~(word)0, (word)die};
  for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
    for (int which = 0; which < 8; which++) {
      word at = honest_thread(interp), top = AT(at, THREAD_TOP), victim = AT(top, FRAME_CODE);
      if (which == 0) AT(top, FRAME_PREVIOUS) = wild[i];
      if (which == 1) AT(top, FRAME_CODE) = wild[i];
      if (which == 2) AT(top, FRAME_INSTRUCTION) = wild[i];
      if (which == 3) AT(at, THREAD_TOP) = wild[i];
      if (which == 4) AT(at, THREAD_CHUNK) = wild[i];
      if (which == 5) AT(AT(at, THREAD_CHUNK), 0) = wild[i];
      if (which == 6) AT(victim, CODE_NAME) = wild[i];
      if (which == 7) AT(victim, CODE_LINES) = wild[i];
    }
  }
}

/* Tens of thousands of threads, each on the same stack: 60 MiB, full of frames. */
static void forge_crowd(word interp) {
  word stack = chunk(60 * MIB, 0), top = fill_with_frames(stack, 32, 0, code("crowd"));
  for (int i = 0; i < 40000; i++) {
    word at = thread(interp);
    AT(at, THREAD_TOP) = top;
    use(at, stack, stack + 60 * MIB);
  }
}

/* The same with stacks of thousands of small chunks. */
static void forge_chunks(word interp) {
  word stack = 0, top = 0, victim = code("chunks"), all = map(4000 * 4096);
  for (int i = 0; i < 4000; i++) {
    word next = all + 4096 * (word)i;
    AT(next, 0) = stack;
    AT(next, 8) = 4096;
    AT(next, 16) = (4096 - 24) / 8;
    top = fill_with_frames(next, i == 0 ? 32 : 24, top, victim);
    stack = next;
  }
  for (int i = 0; i < 5000; i++) {
    word at = thread(interp);
    AT(at, THREAD_TOP) = top;
    use(at, stack, stack + 4096);
  }
}

/* Frames by turns in two large chunks, so that a reader that keeps one chunk reads it again for each frame. */
static void forge_turns(word interp) {
  word victim = code("turns"), first = chunk(30 * MIB, 0), second = chunk(30 * MIB, first);
  for (int i = 0; i < 50; i++) {
    word previous = 0, at = thread(interp);
    for (word k = 0; k < 60000; k++) previous = put_frame((k % 2 ? second : first) + 32 + 96 * k, previous, victim);
    AT(at, THREAD_TOP) = previous;
    use(at, second, second + 30 * MIB);
  }
}

/* Frames outside of every chunk, each in a page of its own, for many threads. */
static void forge_pages(word interp) {
  word victim = code("pages"), pages = map(60000 * (word)4096), previous = 0;
  for (word k = 0; k < 60000; k++) {
    previous = put_frame(pages + 4096 * k, previous, victim);
    *(uint8_t *)(previous + FRAME_OWNER) = 1;
  }
  for (int i = 0; i < 2000; i++) AT(honest_thread(interp), THREAD_TOP) = previous;
}

static word seed = 88172645463325252;
static word random_word(void) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return seed;
}

/* Two interpreters with honest threads, a few words of which are evil at any time, for a moment each. */
static void forge_restlessly(word interp) {
  enum { EVIL = 12, PACE = 500 };
  static struct { word *place, was; } evils[EVIL];
  word areas[64][2], count = 0, second = interpreter();
  for (int i = 0; i < 24; i++) {
    word at = honest_thread(i % 4 == 0 ? second : interp), top = AT(at, THREAD_TOP), victim = AT(top, FRAME_CODE);
    areas[count][0] = at, areas[count++][1] = 320;
    areas[count][0] = AT(at, THREAD_CHUNK), areas[count++][1] = 32 + 96 * 3;
    if (i % 4 == 1) areas[count][0] = victim, areas[count++][1] = 640; /* with its strings and its table */
  }
  areas[count][0] = interp + 7168, areas[count++][1] = 640;
  areas[count][0] = second + 7168, areas[count++][1] = 640;
  areas[count][0] = (word)_PyRuntime + INTERPRETERS_HEAD, areas[count++][1] = 8;
  puts("ready");
  fflush(stdout);
  struct pollfd input = {0, POLLIN, 0};
  for (word round = 0; round % 256 != 0 || poll(&input, 1, 0) == 0; round++) {
    word which = round % EVIL, evil = random_word(), *area = areas[random_word() % count], *other = areas[random_word() % count];
    if (evils[which].place != NULL) *evils[which].place = evils[which].was;
    word *place = (word *)(area[0] + random_word() % (area[1] / 8) * 8);
    int is_struck = 0;
    for (int i = 0; i < EVIL; i++) is_struck |= i != (int)which && evils[i].place == place;
    evils[which].place = is_struck ? NULL : place;
    if (is_struck) continue;
    evils[which].was = *place;
    switch (random_word() % 8) {
      case 0: evil = 0; break;
      case 1: evil = ~(word)0 - evil % 256; break;
      case 2: evil %= 4096; break;
      case 3: break;
      case 4: evil = (word)1 << evil % 64; break;
      default: evil = other[0] + evil % (other[1] / 8) * 8; break;
    }
    *place = evil;
    for (volatile int i = 0; i < PACE; i++) {
    }
  }
  exit(0);
}

int main(int argc, char **argv) {
  static const struct { const char *name; void (*forge)(word); } kinds[] = {
      {"threads", forge_threads}, {"interpreters", forge_interpreters}, {"frames", forge_frames}, {"lengths", forge_lengths},
      {"pointers", forge_pointers}, {"crowd", forge_crowd}, {"chunks", forge_chunks}, {"turns", forge_turns},
      {"pages", forge_pages}, {"restless", forge_restlessly},
  };
  memcpy(_PyRuntime, "xdebugpy", 8);
  word interp = interpreter();
  honest_thread(interp);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (argc != 2 || strcmp(argv[1], kinds[i].name) != 0) continue;
    kinds[i].forge(interp);
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
    return 0;
  }
  fputs("usage: forged KIND\n", stderr);
  return 2;
}
