import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalName, recordKey, zoneResourceNames } from './names.ts';

describe('names', () => {
  it('are the same however a provider writes them', () => {
    expect(canonicalName('\\052.example.com.')).toBe('*.example.com.');
    expect(canonicalName('*.example.com')).toBe('*.example.com.');
    expect(canonicalName('a&b.example.com')).toBe('a\\046b.example.com.');
    expect(canonicalName('a\\046b.example.com.')).toBe('a\\046b.example.com.');
    expect(canonicalName('0/25.2.0.192.in-addr.arpa')).toBe('0\\05725.2.0.192.in-addr.arpa.');
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        (text) => canonicalName(canonicalName(text)) === canonicalName(text),
      ),
    );
  });

  it('make keys that stay within the collection and differ where the records differ', () => {
    const key = (SetIdentifier: string) => recordKey({ Name: 'www.example.com.', Type: 'A', SetIdentifier });
    expect(recordKey({ Name: 'www.example.com.', Type: 'A' })).toBe('www.example.com/A');
    expect(key('blue')).toBe('www.example.com/A/blue');
    expect(key('../../x')).toBe('www.example.com/A/%2E.%2F..%2Fx');
    const identifier = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(identifier, identifier, (a, b) => {
        expect(key(a).split('/').length).toBe(3);
        expect(
          key(a)
            .split('/')
            .some((part) => part === '..' || part === '.'),
        ).toBe(false);
        if (a !== b) expect(key(a)).not.toBe(key(b));
      }),
    );
  });

  it('of zones that share a name carry an id, and a plain name means one zone', () => {
    const zone = (id: string, name: string, isPrivate = false) => ({ id, origin: id, name, private: isPrivate });
    const names = zoneResourceNames([
      zone('Z1', 'example.com.'),
      zone('Z2', 'example.com.', true),
      zone('Z3', 'twice.com.'),
      zone('Z4', 'twice.com.'),
      { ...zone('Z9', 'twice.com.', true), origin: 'Z5' },
    ]);
    expect([...names.values()]).toEqual([
      'example.com',
      'example.com.private-Z2',
      'twice.com.public-Z3',
      'twice.com.public-Z4',
      'twice.com.private-Z5',
    ]);
  });
});
