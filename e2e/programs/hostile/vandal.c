/* Overwrites the structures of the interpreter it is loaded into with evil words, a few at a time and each for a moment only, until
 * standard input ends. Never returns. Called with the GIL held: nothing of the interpreter runs meanwhile.
 *
 *     cc -shared -fPIC -O1 -o vandal.so vandal.c
 */

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

typedef uint64_t word;

struct area {
  word address, length;
};

static word seed = 88172645463325252;
static word random_word(void) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return seed;
}

static word *word_of(const struct area *area) { return (word *)(area->address + random_word() % (area->length / 8) * 8); }

static word evil_word(const struct area *areas, word count) {
  word evil = random_word();
  switch (random_word() % 8) {
    case 0: return 0;
    case 1: return ~(word)0 - evil % 256;
    case 2: return evil % 4096;
    case 3: return evil;
    case 4: return (word)1 << evil % 64;
    default: return (word)word_of(&areas[evil % count]);
  }
}

void overwrite(const struct area *areas, word count, word pace) {
  enum { EVIL = 12 };
  static struct { word *place, was; } evils[EVIL];
  struct pollfd input = {0, POLLIN, 0};
  for (word round = 0; round % 256 != 0 || poll(&input, 1, 0) == 0; round++) {
    const word which = round % EVIL;
    if (evils[which].place != NULL) *evils[which].place = evils[which].was;
    word *place = word_of(&areas[random_word() % count]);
    int is_struck = 0;
    for (word i = 0; i < EVIL; i++) is_struck |= i != which && evils[i].place == place;
    evils[which].place = is_struck ? NULL : place;
    if (is_struck) continue;
    evils[which].was = *place;
    *place = evil_word(areas, count);
    for (volatile word i = 0; i < pace; i++) {
    }
  }
  _exit(0);
}
