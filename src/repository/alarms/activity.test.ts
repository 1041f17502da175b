import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import { createActivityCounter } from './activity.ts';
import { looksDense } from './density.ts';

describe('density', () => {
  const text = Buffer.from('It was a dark and stormy night; the rain fell in torrents. '.repeat(300));
  const code = Buffer.from(createActivityCounter.toString().repeat(20));
  const table = Buffer.alloc(20_000);
  for (let i = 0; i < 5000; i++) table.writeFloatLE(20 + Math.sin(i / 50) * 5, i * 4);

  it('tells encrypted and compressed bytes from text, code and tables', () => {
    // 4 standard deviations: one in 30,000 would be taken for plain.
    let dense = 0;
    for (let i = 0; i < 200; i++) if (looksDense(randomBytes(4096))) dense++;
    expect(dense).toBeGreaterThan(197);
    expect(looksDense(deflateRawSync(randomBytes(20_000).map((byte) => byte & 0x3f)))).toBe(true);
    for (const plain of [text, code, table, Buffer.alloc(4096)]) expect(looksDense(plain)).toBe(false);
    expect(looksDense(randomBytes(500))).toBe(false);
  });
});

describe('the activity of a resource', () => {
  const added = { reused: false, news: 'added' as const };

  it('counts what came, what went and how names end', () => {
    const counter = createActivityCounter();
    for (const name of ['a/b.TXT', 'c.txt', 'd.tar.gz', '.profile', 'a/.hidden', 'dir.d/', 'none', 'x.'])
      counter.entry({ ...added, key: utf8(name), content: { size: 10, novelty: { fresh: 4, dense: 2 } } });
    counter.entry({ key: utf8('old.txt'), content: { size: 100 }, reused: true, news: undefined });
    counter.entry({ key: utf8('row'), content: { size: 3, inline: utf8('row') }, reused: false, news: 'changed' });
    counter.entry({ key: utf8('same'), content: { size: 4, inline: utf8('same') }, reused: false, news: undefined });
    const txt = { name: 'txt', count: 2 };
    expect(counter.counts(7, 1)).toEqual({
      added: 8,
      changed: 1,
      removed: 3,
      read: 87,
      fresh: 35,
      dense: 16,
      endings: [
        { name: 'txt', count: 3 },
        { name: 'gz', count: 1 },
      ],
      addedEndings: [txt, { name: 'gz', count: 1 }],
    });
  });

  it('is bounded, however many endings there are', () => {
    const counter = createActivityCounter();
    for (let i = 0; i < 5000; i++) counter.entry({ ...added, key: utf8(`x.${i}`), content: { size: 0 } });
    expect(counter.counts(0, 0).endings).toHaveLength(5);
  });
});
