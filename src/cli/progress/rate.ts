/** A speed over the last seconds, so that it follows what happens now and still does not flicker. */
export interface RateMeter {
  /** Tells the value (cumulative) at `now` in ms. */
  sample(value: number, now: number): void;
  /** Per second; 0 until two samples are half a second apart. */
  perSecond(): number;
}

const windowMs = 8_000;

export function createRateMeter(): RateMeter {
  const samples: { value: number; at: number }[] = [];
  return {
    sample(value, now) {
      samples.push({ value, at: now });
      while (samples.length > 2 && now - (samples[0]?.at ?? now) > windowMs) samples.shift();
    },
    perSecond() {
      const first = samples[0];
      const last = samples.at(-1);
      if (!first || !last || last.at - first.at < 500) return 0;
      return Math.max(0, ((last.value - first.value) * 1000) / (last.at - first.at));
    },
  };
}
