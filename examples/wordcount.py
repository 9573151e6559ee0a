"""Counts the words of a generated library and writes a report: text, sorting, JSON.

    python3 wordcount.py [BOOKS]

Where does the time go: making the text, splitting it, counting, or writing the report?
"""

import json
import re
import sys
from collections import Counter

SYLLABLES = ["ba", "du", "fen", "gor", "hi", "ka", "lor", "mi", "nu", "pa", "ri", "so", "tal", "vu", "zen"]
WORD = re.compile(r"[a-z]+")


class Random:
    """Numbers that look random and are the same in every run."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def make_word(random):
    return "".join(SYLLABLES[random.below(len(SYLLABLES))] for _ in range(1 + random.below(3)))


def make_book(number, lines=400):
    random = Random(number)
    return "\n".join(
        " ".join(make_word(random).capitalize() for _ in range(10)) + "." for _ in range(lines)
    )


def words_of(text):
    return [normalise(word) for word in WORD.findall(text.lower())]


def normalise(word):
    for ending in ("tal", "zen"):
        if word.endswith(ending) and len(word) > len(ending):
            return word[: -len(ending)]
    return word


def count_pairs(words):
    pairs = Counter()
    for left, right in zip(words, words[1:]):
        pairs[left, right] += 1
    return pairs


def report(name, words, pairs):
    common = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:20]
    return {
        "book": name,
        "words": len(words),
        "different": len(set(words)),
        "common": [{"pair": list(pair), "times": times} for pair, times in common],
    }


def main():
    books = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    total = Counter()
    reports = []
    for number in range(books):
        words = words_of(make_book(number))
        pairs = count_pairs(words)
        total.update(pairs)
        reports.append(report("book-%03d" % number, words, pairs))
    text = json.dumps(reports, indent=2, sort_keys=True)
    (left, right), times = max(total.items(), key=lambda item: (item[1], item[0]))
    print("%d books, %d bytes of report" % (books, len(text)))
    print('most frequent pair: "%s %s", %d times' % (left, right, times))


if __name__ == "__main__":
    main()
