import type { EstateConfig, SourceConfig } from '../config/contract.ts';
import { compileGlob } from '../config/glob.ts';
import { suggestion } from '../config/nearest.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { Selection } from './contract.ts';

/** What a selection asks of one resource. Names may be given qualified (`worker@eu-west-1`) or bare. */
interface Selected {
  readonly source: string;
  readonly type: string;
  readonly names: readonly string[];
  readonly site?: string | undefined;
}

export interface CompiledSelection {
  /** Nothing was selected by hand: everything counts. */
  readonly everything: boolean;
  /** Whether any resource of this source can be selected: others need not be listed. */
  hasSource(source: { readonly name: string; readonly type: string }): boolean;
  has(resource: Selected): boolean;
  /** Whether it may have something whose name begins with `prefix`. */
  mayHave(part: { readonly source: string; readonly type: string; readonly prefix: string }): boolean;
  /** What of this source is selected, where that is not all of it; for the snapshot to say what it stands for. */
  partOf(source: { readonly name: string; readonly type: string }): string | undefined;
}

/** Whether a pattern may match a name that begins with `prefix`, by what it says before its first wildcard. */
export function mayBegin(pattern: string, prefix: string): boolean {
  const literal = /^[^*?[{\\]*/.exec(pattern)?.[0] ?? '';
  return literal.startsWith(prefix) || (literal.length < pattern.length && prefix.startsWith(literal));
}

/** SELECTOR is a source's name, a type, or `type/name-pattern`. Throws usage.invalid for a pattern that is none. */
export function compileSelection(selection: Selection): CompiledSelection {
  const selectors = selection.selectors.map((selector) => {
    const slash = selector.indexOf('/');
    if (slash === -1) return { head: selector, matches: () => true, isWhole: true, pattern: '*' };
    const head = selector.slice(0, slash);
    const pattern = selector.slice(slash + 1);
    return { head, matches: compileGlob(pattern), isWhole: false, selector, pattern };
  });
  const { site } = selection;
  return {
    everything: selectors.length === 0 && site === undefined,
    hasSource: ({ name, type }) =>
      selectors.length === 0 || selectors.some(({ head }) => head === name || head === type),
    has: (resource) =>
      (site === undefined || resource.site === site) &&
      (selectors.length === 0 ||
        selectors.some(
          ({ head, matches }) =>
            (head === resource.source || head === resource.type) && resource.names.some((name) => matches(name)),
        )),
    mayHave: ({ source, type, prefix }) =>
      selectors.length === 0 ||
      selectors.some(({ head, pattern }) => (head === source || head === type) && mayBegin(pattern, prefix)),
    partOf({ name, type }) {
      const ofSource = selectors.filter(({ head }) => head === name || head === type);
      const patterns = ofSource.some(({ isWhole }) => isWhole) ? [] : ofSource.flatMap(({ selector = '' }) => selector);
      const parts = [...new Set(patterns)].sort().concat(site === undefined ? [] : `site=${site}`);
      return parts.length === 0 ? undefined : parts.join(' ');
    },
  };
}

/** The sources of the configuration that a selection touches. Throws usage.invalid, snapshot.nothing-selected. */
export function selectedSources(config: EstateConfig, selection: Selection): readonly SourceConfig[] {
  const known = [...new Set(config.sources.flatMap(({ name, type }) => [name, type]))];
  for (const selector of selection.selectors) {
    const head = selector.split('/')[0] ?? selector;
    if (known.includes(head)) continue;
    throw new HoldfastError('usage.invalid', `no source is named ${head}${suggestion(head, known)}`, {
      hint: `Select by a source's name or type: ${known.join(', ')}.`,
    });
  }
  const { site } = selection;
  if (site !== undefined && !(site in config.sites)) {
    const sites = Object.keys(config.sites);
    throw new HoldfastError('usage.invalid', `no site is named ${site}${suggestion(site, sites)}`, {
      hint: sites.length === 0 ? 'The configuration has no sites.' : `The sites are: ${sites.join(', ')}.`,
    });
  }
  const compiled = compileSelection(selection);
  const sources = config.sources.filter((source) => compiled.hasSource(source));
  if (sources.length === 0) {
    throw new HoldfastError('snapshot.nothing-selected', 'the configuration has no sources', {
      hint: 'Add sources to holdfast.yaml, or run holdfast init in an empty folder to see an example.',
    });
  }
  return sources;
}
