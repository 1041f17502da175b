import { expect, it } from 'vitest';
import { elementsOf, textOf } from './xml.ts';

it('finds elements and decodes their texts', () => {
  const xml = '<L><C><Key>a&amp;b&lt;&#233;&#x1F600;&quot;</Key></C><C><Key/></C><Token>t</Token></L>';
  expect(elementsOf(xml, 'C').map((one) => textOf(one, 'Key'))).toEqual(['a&b<é😀"', undefined]);
  expect(textOf(xml, 'Token')).toBe('t');
  expect(textOf(xml, 'None')).toBeUndefined();
  expect(textOf('<Key>&nothing;&#x110000;</Key>', 'Key')).toBe('&nothing;&#x110000;');
});

it('takes no part of an element that does not end', () => {
  expect(elementsOf('<C>1</C><C>2', 'C')).toEqual(['1']);
  expect(textOf('<Key>abc', 'Key')).toBeUndefined();
});
