import { asBuffer } from '../../kernel/bytes.ts';
import type { UndoFile } from '../contract.ts';
import { asciiJson, scriptHead, shellWord } from '../aws/shell.ts';
import { createRecorded } from '../recorded.ts';
import { keyText, type KeyedItem } from './batches/keyed-item.ts';
import type { KeyAttribute } from './item-key.ts';

/** An item that is about to be written or deleted. */
export interface ItemBefore {
  readonly item: KeyedItem;
  /** What it is, in DynamoDB JSON; undefined: it is not there. */
  readonly there?: Uint8Array | undefined;
}

/** Items that may be changed: the file holds them, and they are as it holds them. */
export interface RecordedItems {
  /** `there`: what the item is now. */
  has(item: KeyedItem, there: Uint8Array | undefined): boolean;
}

export interface UndoneTable {
  readonly name: string;
  readonly key: readonly KeyAttribute[];
  readonly region: string;
  readonly account: string;
}

/** BatchWriteItem takes 25 requests and 16 MB; one item has 400 KB, more as JSON. */
const mostRequests = 25;
const mostBytes = 4 * 1024 * 1024;

/**
 * Writes, before the first change, what takes it back: a script of `aws dynamodb batch-write-item`, which sends again what DynamoDB
 * leaves unprocessed. Throws item errors, machine.disk-full.
 */
export async function recordUndo(
  undo: UndoFile,
  ending: string,
  table: UndoneTable,
  changes: AsyncIterable<readonly ItemBefore[]>,
): Promise<RecordedItems> {
  const recorded = createRecorded();
  const script = scriptOf(table, changes, (before) => recorded.add(...stateOf(before.item, before.there)));
  await undo.create(`${ending}.sh`, script);
  return { has: (item, there) => recorded.has(...stateOf(item, there)) };
}

function stateOf({ key }: KeyedItem, there: Uint8Array | undefined): (string | Uint8Array)[] {
  return [key, ...(there ? [there] : [])];
}

async function* scriptOf(
  table: UndoneTable,
  changes: AsyncIterable<readonly ItemBefore[]>,
  note: (before: ItemBefore) => void,
): AsyncGenerator<string> {
  yield head(table);
  let requests: string[] = [];
  let bytes = 0;
  for await (const batch of changes) {
    for (const before of batch) {
      note(before);
      const request = asciiJson(
        before.there
          ? `{"PutRequest":{"Item":${asBuffer(before.there).toString('utf8')}}}`
          : `{"DeleteRequest":{"Key":${keyText(table.key, before.item)}}}`,
      );
      if (requests.length === mostRequests || (requests.length > 0 && bytes + request.length > mostBytes)) {
        yield sending(table.name, requests);
        requests = [];
        bytes = 0;
      }
      requests.push(request);
      bytes += request.length;
    }
  }
  if (requests.length > 0) yield sending(table.name, requests);
}

function head({ name, region, account }: UndoneTable): string {
  return `${scriptHead([
    `What takes a tenant's restore back: items of the DynamoDB table ${name} in ${region}, account ${account}.`,
    'Only after a restore that was applied; it may be repeated: sh THIS_FILE',
    'Needs the AWS CLI (version 2 where items hold binary values) and credentials that may dynamodb:BatchWriteItem.',
  ])}case "$(aws --version 2>&1)" in
  aws-cli/1.*) binary='' ;;
  *) binary='--cli-binary-format base64' ;;
esac
send() {
  cat > "$scratch"
  if [ -z "$binary" ] && grep -q '"BS\\{0,1\\}":' "$scratch"; then
    echo 'Items hold binary values, which version 1 of the AWS CLI cannot write: install version 2 and run this again.' >&2
    exit 1
  fi
  pause=1
  while :; do
    left=$(aws dynamodb batch-write-item --region ${shellWord(region)} $binary --request-items "file://$scratch" --query UnprocessedItems --output json)
    case $left in '{}' | null | '') return ;; esac
    printf '%s\\n' "$left" > "$scratch"
    sleep "$pause"
    pause=$((pause < 32 ? pause * 2 : 32))
  done
}
`;
}

/** JSON is one line that begins with a brace: no line of it ends the document. */
function sending(table: string, requests: readonly string[]): string {
  return `send <<'HOLDFAST'\n{${JSON.stringify(table)}:[${requests.join(',')}]}\nHOLDFAST\n`;
}
