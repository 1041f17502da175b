import { itemText } from './items.ts';
import { connect } from './connect.ts';

/**
 * What the service at hand gives and takes at most: `client.js ORIGIN scan|write TABLE LANES ITEMS`. Requests are signed and their
 * answers drained, nothing else. A scan has one segment a lane. Prints what went over the wire.
 */
export interface Traffic {
  readonly items: number;
  /** Of JSON: answers of a scan, requests of a writer. */
  readonly bytes: number;
}

const [origin = '', what, table = '', lanes = '4', items = '0'] = process.argv.slice(2);
const itemsPerWrite = 25;
const { call, close } = connect(origin, Number(lanes));
const total = { items: 0, bytes: 0 };

async function scan(segment: number): Promise<void> {
  let from = '';
  do {
    const answer = await call(
      'Scan',
      `{"TableName":"${table}","Segment":${segment},"TotalSegments":${lanes}${from && `,"ExclusiveStartKey":${from}`}}`,
    );
    total.bytes += answer.length;
    // Both lie before or behind the items: nothing of those is looked at.
    const around = answer.toString('latin1', 0, 500) + answer.toString('latin1', Math.max(500, answer.length - 500));
    total.items += Number(/"Count":(\d+)/.exec(around)?.[1]);
    from = /"LastEvaluatedKey":(\{(?:[^{}]|\{[^{}]*\})*\})/.exec(around)?.[1] ?? '';
  } while (from !== '');
}

async function write(lane: number): Promise<void> {
  for (let at = lane * itemsPerWrite; at < Number(items); at += Number(lanes) * itemsPerWrite) {
    const count = Math.min(itemsPerWrite, Number(items) - at);
    const puts = Array.from({ length: count }, (_, i) => `{"PutRequest":{"Item":${itemText(at + i)}}}`);
    const text = `{"RequestItems":{"${table}":[${puts.join(',')}]}}`;
    const answer = await call('BatchWriteItem', text);
    if (!/"UnprocessedItems":\{\}/.test(answer.toString('latin1'))) throw new Error('items were left unprocessed');
    total.items += count;
    total.bytes += text.length;
  }
}

await Promise.all(Array.from({ length: Number(lanes) }, (_, lane) => (what === 'scan' ? scan(lane) : write(lane))));
await close();
process.stdout.write(`${JSON.stringify(total)}\n`);
