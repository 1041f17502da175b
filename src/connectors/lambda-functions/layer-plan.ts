import type { CapturedResource } from '../../kernel/entry.ts';
import { displayBytes } from '../../kernel/bytes.ts';
import { isItemError } from '../../kernel/errors.ts';
import { comparableStatement, sidOf, type Statement } from './permissions.ts';
import { equal } from './comparison.ts';
import { plain, type Document } from './documents.ts';
import { layerFile, layerFiles, layerStatements, layerVersions, readLayerVersion } from './layer-capture.ts';
import type { Step } from './step.ts';
import type { Target } from './target.ts';

/** A captured layer version and the live one that holds the same, if any. */
export interface LayerPair {
  readonly number: number;
  readonly config: Document;
  readonly statements: readonly Statement[];
  readonly live: number | undefined;
}

/** Pairs every captured version with a live one of the same bytes and compatibility; the same number where it can be. */
export async function layerPairs({ lambda, captured, name, resource }: Target): Promise<{
  readonly pairs: readonly LayerPair[];
  /** Live versions that no captured one stands for. */
  readonly others: readonly number[];
}> {
  const live = new Map<number, Document>();
  for (const { Version: version = 0 } of await layerVersions(lambda, name, resource)) {
    try {
      live.set(version, (await readLayerVersion(lambda, name, version, resource)).config);
    } catch (error) {
      // Deleted since it was listed: as good as never listed.
      if (!isItemError(error) || error.code !== 'item.not-found') throw error;
    }
  }
  const wanted = await capturedVersions(captured);
  const found = new Map<number, number>();
  for (const [number, config] of wanted) {
    const now = live.get(number);
    if (now && sameLayer(config, now)) found.set(number, number);
  }
  for (const [number, config] of wanted) {
    if (found.has(number)) continue;
    const taken = new Set(found.values());
    const match = [...live].find(([candidate, now]) => !taken.has(candidate) && sameLayer(config, now));
    if (match) found.set(number, match[0]);
  }
  const taken = new Set(found.values());
  return {
    pairs: await Promise.all(
      [...wanted].map(async ([number, config]) => ({
        number,
        config,
        statements: ((await captured.json('', layerFile(number, layerFiles.policy))) ?? []) as readonly Statement[],
        live: found.get(number),
      })),
    ),
    others: [...live.keys()].filter((number) => !taken.has(number)),
  };
}

async function capturedVersions(captured: CapturedResource): Promise<Map<number, Document>> {
  const numbers: number[] = [];
  for await (const entry of captured.entries('')) {
    const number = /^versions\/(\d+)\/config\.json$/.exec(displayBytes(entry.key))?.[1];
    if (number !== undefined) numbers.push(Number(number));
  }
  const found = new Map<number, Document>();
  for (const number of numbers.sort((a, b) => a - b))
    found.set(number, ((await captured.json('', layerFile(number, layerFiles.config))) ?? {}) as Document);
  return found;
}

/** What a layer version is, whatever its number: bytes, description, licence and compatibility. */
function sameLayer(a: Document, b: Document): boolean {
  const fields = ['CodeSha256', 'CompatibleArchitectures', 'CompatibleRuntimes', 'Description', 'LicenseInfo'];
  const what = (layer: Document): Document =>
    Object.fromEntries(fields.map((field) => [field, plain(layer[field]) ?? null]));
  return equal(what(a), what(b));
}

export function samePolicy(wanted: readonly Statement[], live: readonly Statement[]): boolean {
  const what = (statements: readonly Statement[]): Document =>
    Object.fromEntries(statements.map((statement) => [sidOf(statement), comparableStatement(statement)]));
  return equal(what(wanted), what(live));
}

/** Publishing in the order of the captured numbers, then permissions; in exact mode deletions. */
export async function planLayer(target: Target): Promise<Step[][]> {
  const { context, captured, lambda, name, resource } = target;
  const { pairs, others } = await layerPairs(target);
  const stages: Step[][] = [];
  const permissions: Step[] = [];
  for (const { number, statements, live } of pairs) {
    const content = await captured.entry('', layerFile(number, layerFiles.content));
    if (live === undefined)
      stages.push([
        {
          id: `publish-layer/${number}`,
          operation: 'publish-layer',
          title: `publish version ${number} of layer ${name}`,
          effect: 'create',
          file: layerFile(number, layerFiles.content),
          input: { number },
          ...(content ? { bytes: content.size } : {}),
        },
      ]);
    const now = live === undefined ? [] : await layerStatements(lambda, name, live, resource);
    const differs = context.mode === 'exact' ? !samePolicy(statements, now) : !grants(now, statements);
    if (!differs || (live !== undefined && context.mode === 'create-missing' && now.length > 0)) continue;
    permissions.push({
      id: `put-layer-permissions/${number}`,
      operation: 'put-layer-permissions',
      title: `put ${statements.length} permissions of version ${number} of layer ${name}`,
      effect: now.length === 0 ? 'create' : 'update',
      file: layerFile(number, layerFiles.policy),
      input: { number },
    });
  }
  stages.push(permissions);
  if (context.mode === 'exact')
    stages.push(
      others.map((number) => ({
        id: `delete-layer/${number}`,
        operation: 'delete-layer',
        title: `delete version ${number} of layer ${name}`,
        effect: 'delete' as const,
        file: layerFile(number, layerFiles.content),
        input: { number },
      })),
    );
  return stages;
}

/** True when `live` has every statement of `wanted`, as it is. */
function grants(live: readonly Statement[], wanted: readonly Statement[]): boolean {
  return wanted.every((statement) =>
    samePolicy(
      [statement],
      live.filter((now) => sidOf(now) === sidOf(statement)),
    ),
  );
}
