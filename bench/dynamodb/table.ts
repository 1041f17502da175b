import { itemsPerPartition, itemText, keyText, numberOf, type ItemKey } from './items.ts';

/** What DynamoDB puts into one answer of a Scan: 1 MiB of items of 400 bytes. */
const itemsPerPage = 2600;

/** A table of numbered items: which of them are there is all that is kept. */
export interface NumberedTable {
  has(number: number): boolean;
  put(number: number): void;
  /** Body of an answer to Scan. */
  scan(request: ScanRequest): string;
}

export interface ScanRequest {
  readonly Segment?: number;
  readonly TotalSegments?: number;
  readonly ExclusiveStartKey?: ItemKey;
  readonly Limit?: number;
}

/**
 * Partitions come in an order that has nothing to do with their names, as with a service that hashes them, and each segment has its
 * share of that order. It begins empty. `items`: a multiple of ten.
 */
export function createTable(items: number): NumberedTable {
  const partitions = items / itemsPerPartition;
  const step = coprimeTo(partitions);
  const back = inverseOf(step, partitions);
  const there = new Uint8Array(items);

  /** The item at a place of the hash order, and the other way round. */
  const numberAt = (place: number): number => {
    const partition = (Math.floor(place / itemsPerPartition) * step) % partitions;
    return partition * itemsPerPartition + (place % itemsPerPartition);
  };
  const placeOf = (number: number): number =>
    ((Math.floor(number / itemsPerPartition) * back) % partitions) * itemsPerPartition + (number % itemsPerPartition);
  return {
    has: (number) => there[number] === 1,
    put(number) {
      there[number] = 1;
    },
    scan({ Segment = 0, TotalSegments = 1, ExclusiveStartKey: from, Limit = itemsPerPage }) {
      const bound = (segment: number): number => Math.floor((partitions * segment) / TotalSegments) * itemsPerPartition;
      const end = bound(Segment + 1);
      let place = from === undefined ? bound(Segment) : placeOf(numberOf(from)) + 1;
      const found: string[] = [];
      let last = 0;
      for (; place < end && found.length < Math.min(Limit, itemsPerPage); place++) {
        last = numberAt(place);
        if (there[last] === 1) found.push(itemText(last));
      }
      const more = place < end ? `,"LastEvaluatedKey":${keyText(last)}` : '';
      const units = Math.ceil(found.length / 20);
      return (
        `{"ConsumedCapacity":{"CapacityUnits":${units},"TableName":"orders"},"Count":${found.length},` +
        `"Items":[${found.join(',')}]${more},"ScannedCount":${found.length}}`
      );
    },
  };
}

/** Far from any small fraction of the whole, so that neighbours come to lie apart. */
function coprimeTo(whole: number): number {
  let step = Math.max(1, Math.floor(whole * 0.618));
  while (greatestDivisor(step, whole) !== 1) step++;
  return step;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Extended Euclid: what takes a multiplication by `step` back. */
function inverseOf(step: number, whole: number): number {
  let [a, b, x, y] = [step % whole, whole, 1, 0];
  while (b > 0) {
    const times = Math.floor(a / b);
    [a, b] = [b, a % b];
    [x, y] = [y, x - times * y];
  }
  return ((x % whole) + whole) % whole;
}
