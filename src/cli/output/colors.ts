import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Colours for one stream: only on a terminal, and neither NO_COLOR nor --no-color nor TERM=dumb (https://no-color.org). */
export function colorsFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv, wanted: boolean): Colors {
  const off = !wanted || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return pc.createColors(!off && (stream.isTTY === true || (env['FORCE_COLOR'] ?? '') !== ''));
}
