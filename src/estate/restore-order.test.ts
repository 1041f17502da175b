import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderTypes, type DependencyLookup } from './restore-order.ts';

function lookupIn(graph: Readonly<Record<string, readonly string[]>>): DependencyLookup {
  return async (type) => await Promise.resolve(graph[type] && { dependsOn: graph[type] });
}

describe('the order of restore', () => {
  it('puts what others depend on first', async () => {
    const graph = { edge: ['code', 'data'], code: ['keys', 'data'], data: ['keys'], keys: [] };
    const { types, before } = await orderTypes(['edge', 'data', 'code', 'keys'], lookupIn(graph));
    expect(types).toEqual(['keys', 'data', 'code', 'edge']);
    expect([...(before.get('code') ?? [])].sort()).toEqual(['data', 'keys']);
  });

  it('passes dependencies on through types that are not restored or not known', async () => {
    const graph = { a: ['b'], b: ['c', 'unknown'], c: [] };
    const { types, before } = await orderTypes(['a', 'c'], lookupIn(graph));
    expect(types).toEqual(['c', 'a']);
    expect([...(before.get('a') ?? [])]).toEqual(['c']);
  });

  it('names the circle', async () => {
    const graph = { a: ['b'], b: ['c'], c: ['b'] };
    await expect(orderTypes(['a'], lookupIn(graph))).rejects.toMatchObject({
      code: 'internal.bug',
      message: expect.stringContaining('b → c → b') as string,
    });
  });

  it('is an order for any graph without circles', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `t${i}`);
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(edges, fc.subarray(names), async (pairs, wanted) => {
        const graph: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]));
        for (const [a, b] of pairs) if (a > b) graph[`t${a}`]?.push(`t${b}`);
        const { types } = await orderTypes(wanted, lookupIn(graph));
        expect([...types].sort()).toEqual([...wanted].sort());
        for (const type of wanted)
          for (const dependency of graph[type] ?? [])
            if (wanted.includes(dependency)) expect(types.indexOf(dependency)).toBeLessThan(types.indexOf(type));
      }),
    );
  });
});
