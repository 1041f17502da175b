import type { LedgerNote } from '../../kernel/entry.ts';
import { isImage, layersOf } from './documents.ts';
import type { FunctionAddress, FunctionState } from './state.ts';

/** What will not come back as it was, known when a function is captured. */
export function notes(state: FunctionState, { arn }: FunctionAddress): LedgerNote[] {
  const found: LedgerNote[] = [];
  const urls = state.parts.get('url.json')?.length ?? 0;
  if (urls > 0)
    found.push({
      class: 'new-identity',
      what: 'function URL',
      why: 'AWS gives a function URL a new host name whenever it is created.',
      action: 'Put a DNS name of your own in front of it (CloudFront and Route 53).',
      count: urls,
    });
  if (state.versions.length > 0)
    found.push({
      class: 'new-identity',
      what: 'version numbers',
      why: 'AWS numbers published versions on its own and never uses a number again, even for a new function of the same name.',
      action: 'Let callers name an alias instead of a number; aliases are restored and point to the new numbers.',
      count: state.versions.length,
    });
  const streams = state.mappings.filter((mapping) => mapping['StartingPosition'] !== undefined).length;
  if (streams > 0)
    found.push({
      class: 'lost',
      what: 'position of stream event sources',
      why: 'AWS does not tell how far a mapping has read; a new one begins at its starting position.',
      action: 'Make the function idempotent, so that records read twice do no harm.',
      count: streams,
    });
  const account = arn.split(':')[4];
  const versions = [state.latest, ...state.versions];
  const foreign = new Set(
    versions.flatMap(({ config }) => layersOf(config)).filter((layer) => layer.split(':')[4] !== account),
  ).size;
  if (foreign > 0)
    found.push({
      class: 'needs-human',
      what: 'layers of other accounts',
      why: 'Their content belongs to somebody else and is not captured; only the address is.',
      action: 'Publish them in this account, or keep the permission to use them.',
      count: foreign,
    });
  const images = versions.filter(({ config }) => isImage(config)).length;
  if (images > 0)
    found.push({
      class: 'needs-human',
      what: 'container images',
      why: 'Lambda tells the address and digest of an image; its layers lie in a container registry.',
      action: 'Capture the registry as well (source ecr), or keep the images that image.json names by digest.',
      count: images,
    });
  return found;
}
