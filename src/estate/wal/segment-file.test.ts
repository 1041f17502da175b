import { expect, it } from 'vitest';
import type { Repository } from '../../repository/contract.ts';
import { pushFile } from './segment-file.ts';

const repository = {} as Repository;
const segment = '00000001000000000000000D';

it('what a mistyped archive_command hands over is refused, and never taken for archived', async () => {
  for (const name of ['p%', '%f', segment.slice(1), `${segment}.tmp`])
    await expect(pushFile(repository, `/nowhere/${name}`)).rejects.toMatchObject({ code: 'item.unreadable' });
  for (const name of [`${segment}.00000028.backup`, `${segment}.partial`])
    expect(await pushFile(repository, `/nowhere/${name}`)).toBe('ignored');
});
