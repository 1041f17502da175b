/**
 * Items of some 400 bytes as DynamoDB counts them (names and values), each made of its number alone: an order of a customer who
 * has ten, with most types. The words of the note are drawn anew for each, so that it compresses as text does.
 */
export const itemsPerPartition = 10;

const words = Array.from({ length: 512 }, (_, i) => word(i));
const states = ['placed', 'packed', 'sent', 'returned'];

/** The item as the service writes it: DynamoDB JSON, attributes in an order of its own. */
export function itemText(number: number): string {
  const partition = Math.floor(number / itemsPerPartition);
  let drawn = number * 2 + 1;
  let note = '';
  for (let i = 0; i < 36; i++) {
    drawn = (drawn * 48_271) % 2_147_483_647;
    note += `${words[drawn & 511]} `;
  }
  return (
    `{"placed":{"S":"2026-${two(number % 12)}-${two(number % 28)}T10:00:00Z"},"note":{"S":"${note}"},` +
    `"number":{"N":"${number % itemsPerPartition}"},"total":{"N":"${(drawn % 100_000) / 100}"},` +
    `"tags":{"SS":["web","gift","${states[number & 3]}"]},"customer":{"S":"${partitionText(partition)}"},` +
    `"address":{"M":{"street":{"S":"${words[(drawn >> 9) & 511]} ${drawn & 63}"},"city":{"S":"${words[(drawn >> 18) & 511]}"}}},` +
    `"express":{"BOOL":${number % 3 === 0}},"state":{"S":"${states[drawn & 3]}"}}`
  );
}

/** The primary key of an item, as the service writes it. */
export function keyText(number: number): string {
  const partition = partitionText(Math.floor(number / itemsPerPartition));
  return `{"customer":{"S":"${partition}"},"number":{"N":"${number % itemsPerPartition}"}}`;
}

/** What a table of them is keyed by. */
export const tableKeys = {
  AttributeDefinitions: [
    { AttributeName: 'customer', AttributeType: 'S' },
    { AttributeName: 'number', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'customer', KeyType: 'HASH' },
    { AttributeName: 'number', KeyType: 'RANGE' },
  ],
};

/** Key attributes as they come in requests. */
export interface ItemKey {
  readonly customer: { readonly S: string };
  readonly number: { readonly N: string };
}

export function numberOf({ customer, number }: ItemKey): number {
  return Number(customer.S.slice('customer#'.length)) * itemsPerPartition + Number(number.N);
}

function partitionText(partition: number): string {
  return `customer#${String(partition).padStart(8, '0')}`;
}

function two(number: number): string {
  return String(number + 1).padStart(2, '0');
}

function word(seed: number): string {
  return ((seed + 1) * 7_919 + 60_466_176).toString(36).slice(-3 - (seed % 5));
}
