/** A small seeded generator (a linear congruential one, by its high bits): the same numbers on every machine. */
export function seededRandom(seed) {
  let state = BigInt(seed);
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(below));
  };
}
