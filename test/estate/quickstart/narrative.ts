import { styleText } from 'node:util';

/** What the quickstart says, apart from what the commands it runs say themselves. */
export interface Narrative {
  chapter(title: string): void;
  say(...lines: readonly string[]): void;
  /** A line as it would be typed. */
  typed(line: string): void;
  took(what: string, ms: number): void;
  good(line: string): void;
  bad(line: string): void;
}

type Format = Parameters<typeof styleText>[0];

export function createNarrative(write: (text: string) => void, colours: boolean): Narrative {
  const paint = (format: Format, text: string): string => (colours ? styleText(format, text) : text);
  let chapters = 0;
  const line = (text: string): void => write(`${text}\n`);
  return {
    chapter: (title) => {
      chapters += 1;
      line(`\n${paint('bold', `${chapters}  ${title}`)}`);
    },
    say: (...lines) => lines.forEach((text) => line(`   ${text}`)),
    typed: (text) => line(`\n   ${paint('dim', '$')} ${paint('bold', text)}`),
    took: (what, ms) => line(`   ${paint('dim', `${what}: ${(ms / 1000).toFixed(1)} s`)}`),
    good: (text) => line(`   ${paint('green', '✓')} ${text}`),
    bad: (text) => line(`   ${paint('red', '✗')} ${text}`),
  };
}

/** `2,461 objects`; `1 object`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`;
}
