import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { HoldfastError } from '../kernel/errors.ts';
import type { KeyPath, Mistake, Position } from './mistakes.ts';

/** holdfast.yaml as read: plain values, and where each of them stands. */
export interface ConfigDocument {
  /** Absolute. */
  readonly file: string;
  readonly folder: string;
  /** For messages: `holdfast.yaml`. */
  readonly name: string;
  readonly value: unknown;
  /** Mistakes of YAML itself; with any of them `value` means nothing. */
  readonly mistakes: readonly Mistake[];
  /** Where the value at the path stands, or its key; where there is none, the nearest thing around it. */
  position(path: KeyPath, part: 'key' | 'value'): Position;
}

/** Throws config.unreadable. */
export async function readConfigDocument(file: string): Promise<ConfigDocument> {
  const absolute = resolve(file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(absolute));
  } catch (error) {
    throw new HoldfastError('config.unreadable', `${file} cannot be read: ${(error as Error).message}`, {
      resource: file,
      cause: error,
    });
  }
  return parseConfigDocument(absolute, text);
}

function parseConfigDocument(file: string, text: string): ConfigDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const mistakes: Mistake[] = [...document.errors, ...document.warnings].map((found) => ({
    ...at(found.pos[0]),
    path: '',
    message: found.message,
  }));
  return {
    file,
    folder: dirname(file),
    name: basename(file),
    value: mistakes.length > 0 ? undefined : plainValue(document, at, mistakes),
    mistakes,
    position: (path, part) => at(offsetOf(document, path, part)),
  };
}

function plainValue(document: Document, at: (offset: number) => Position, mistakes: Mistake[]): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias without its anchor, or more aliases than any honest file has.
    mistakes.push({ ...at(0), path: '', message: (error as Error).message });
    return undefined;
  }
}

function offsetOf(document: Document, path: KeyPath, part: 'key' | 'value'): number {
  let node: Node | null = document.contents;
  let offset = start(node);
  for (const [depth, step] of path.entries()) {
    const container = isAlias(node) ? node.resolve(document) : node;
    let next: unknown;
    if (isMap(container)) {
      const pair = container.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!pair) return offset;
      offset = start(pair.key);
      if (depth === path.length - 1 && part === 'key') return offset;
      next = pair.value;
    } else if (isSeq(container)) next = container.items[Number(step)];
    if (next === undefined || next === null) return offset;
    node = next as Node;
    // An empty value (`key:`) has no place of its own: its key is what a person looks for.
    if (!(isScalar(node) && node.value === null && node.source === '')) offset = start(node);
  }
  return offset;
}

function start(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
