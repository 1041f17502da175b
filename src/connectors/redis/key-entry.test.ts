import { assert, integer, option, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { compactJson } from '../../kernel/json.ts';
import { keyEntry } from './key-entry.ts';

const bytes = uint8Array({ maxLength: 60 }).map((value) => Buffer.from(value));

test('a key’s row is compact JSON that says all of it', () => {
  assert(
    property(bytes, bytes, option(integer({ min: 0 }), { nil: undefined }), (key, payload, expiresAt) => {
      const { kind, content = Buffer.alloc(0), attributes } = keyEntry({ key, payload, expiresAt });
      const text = Buffer.from(content).toString('utf8');
      const row = JSON.parse(text) as { key?: string; keyBase64?: string; dump: string };
      expect(kind).toBe('row');
      expect(text).toBe(compactJson(row));
      const name = row.keyBase64 === undefined ? Buffer.from(row.key ?? '') : Buffer.from(row.keyBase64, 'base64');
      expect(name.equals(key)).toBe(true);
      expect(Buffer.from(row.dump, 'base64').equals(payload)).toBe(true);
      expect({ ...row, dump: undefined, key: undefined, keyBase64: undefined }).toEqual({ ...attributes });
    }),
  );
});
