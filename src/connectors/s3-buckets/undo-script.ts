import type { Json } from '../../kernel/json.ts';
import { asciiJson, scriptHead, shellWord } from '../aws/shell.ts';

/** What one line of a script does about one key. */
export type PutBack =
  | { readonly how: 'delete' }
  /** A version that the bucket keeps becomes the current object again. */
  | { readonly how: 'copy'; readonly versionId: string; readonly size: number; readonly headers: JsonFields }
  /** Bytes that lie beside the script. */
  | { readonly how: 'put'; readonly file: string; readonly size: number; readonly headers: JsonFields };

export type JsonFields = Readonly<Record<string, Json | undefined>>;

/** CopyObject and PutObject take so much; with more an object goes up in parts. */
const wholeUpTo = 5 * 1024 ** 3;
/** DeleteObjects takes so many. */
const deletedAtOnce = 1000;

/** A script of `aws s3api` that puts keys of a bucket back, going on where one fails: then it ends with 1. */
export async function* scriptOf(
  where: { readonly bucket: string; readonly region: string; readonly account: string },
  keys: AsyncIterable<{ readonly key: string; readonly back: PutBack }>,
): AsyncGenerator<string> {
  const { bucket: Bucket } = where;
  yield head(where);
  let deleted: { Key: string }[] = [];
  const deletion = (): string => call('delete', { Bucket, Delete: { Objects: deleted, Quiet: true } });
  for await (const { key: Key, back } of keys) {
    if (back.how === 'delete') {
      // XML has no control characters, and the list of keys is XML.
      if (/\p{Cc}/u.test(Key)) yield call('call delete-object', { Bucket, Key });
      else deleted.push({ Key });
      if (deleted.length < deletedAtOnce) continue;
      yield deletion();
      deleted = [];
    } else yield back.size > wholeUpTo ? byHand(Bucket, Key, back) : putting(Bucket, Key, back);
  }
  if (deleted.length > 0) yield deletion();
  yield 'exit "$failed"\n';
}

function putting(Bucket: string, Key: string, back: Exclude<PutBack, { how: 'delete' }>): string {
  if (back.how === 'put') return call(`put ${shellWord(back.file)}`, { Bucket, Key, ...back.headers });
  // The program escapes the key itself.
  const CopySource = `${Bucket}/${Key}?versionId=${back.versionId}`;
  return call('call copy-object', { Bucket, Key, CopySource, ...back.headers });
}

/** JSON is one line that begins with a brace: no line of it ends the document. */
function call(command: string, input: JsonFields): string {
  return `${command} <<'HOLDFAST'\n${asciiJson(JSON.stringify(input))}\nHOLDFAST\n`;
}

function byHand(Bucket: string, Key: string, back: Exclude<PutBack, { how: 'delete' }>): string {
  const from = back.how === 'copy' ? { VersionId: back.versionId } : { file: back.file };
  return call('by_hand', { Bucket, Key, ...from, ...back.headers });
}

function head({ bucket, region, account }: { bucket: string; region: string; account: string }): string {
  return `${scriptHead([
    `What takes a tenant's restore back: objects of the bucket ${bucket} in ${region}, account ${account}.`,
    'Only after a restore that was applied; it may be repeated: sh THIS_FILE',
    'Needs the AWS CLI and credentials that may read and write the objects, their versions and their tags.',
    'Ends with 1 where an object could not be put back, after it has tried the others.',
  ])}cd -- "$(dirname -- "$0")"
region=${shellWord(region)}
failed=0
refused() {
  failed=1
  echo 'Not put back:' >&2
  cat "$scratch" >&2
}
call() {
  cat > "$scratch"
  aws s3api "$1" --region "$region" --cli-input-json "file://$scratch" > /dev/null || refused
}
put() {
  cat > "$scratch"
  aws s3api put-object --region "$region" --cli-input-json "file://$scratch" --body "./$1" > /dev/null || refused
}
delete() {
  cat > "$scratch"
  errors=$(aws s3api delete-objects --region "$region" --cli-input-json "file://$scratch" --query Errors --output json) || errors=all
  case $errors in null | '[]' | '') ;; *) refused; printf '%s\\n' "$errors" >&2 ;; esac
}
by_hand() {
  cat > "$scratch"
  echo 'Larger than one call takes: copy it in parts (aws s3api upload-part-copy, or aws s3 cp for a file).' >&2
  refused
}
`;
}
