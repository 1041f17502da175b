import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemRuntime } from '../../kernel/runtime.ts';
import { describeObjectStore } from '../conformance.ts';
import { openDirectoryStore } from './index.ts';

const folder = await mkdtemp(join(tmpdir(), 'holdfast-directory-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

describeObjectStore('directory', () => openDirectoryStore({ path: folder, runtime: systemRuntime }));
