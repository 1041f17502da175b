export interface DistinctNumbers {
  /** Whether there were more than `most`: what was added then is not told. */
  isFull(): boolean;
  add(number: number): void;
  /** In ascending order, each once: the first `count`. */
  sorted(): { readonly numbers: Float64Array; readonly count: number };
}

/** Gathers numbers, `most` of them at most; neighbours that are equal count once. */
export function gatherNumbers(most: number): DistinctNumbers {
  let numbers = new Float64Array(256);
  let count = 0;
  let full = false;
  return {
    isFull: () => full,
    add(number) {
      if (count > 0 && numbers[count - 1] === number) return;
      full ||= count === most;
      if (full) return;
      if (count === numbers.length) {
        const wider = new Float64Array(count * 4);
        wider.set(numbers);
        numbers = wider;
      }
      numbers[count++] = number;
    },
    sorted() {
      const sorted = numbers.slice(0, count).sort();
      return { numbers: sorted, count: withoutRepeats(sorted) };
    },
  };
}

/** Moves the first of each run of equal numbers to the front; returns how many there are. */
export function withoutRepeats(sorted: Float64Array): number {
  let count = 0;
  for (const number of sorted) if (count === 0 || sorted[count - 1] !== number) sorted[count++] = number;
  return count;
}
