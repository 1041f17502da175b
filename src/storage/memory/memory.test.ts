import { systemRuntime } from '../../kernel/runtime.ts';
import { describeObjectStore } from '../conformance.ts';
import { createMemoryStore } from './index.ts';
import { createVersionedMemoryStore } from './versioned.ts';

const store = createMemoryStore({ runtime: systemRuntime });

describeObjectStore('memory', async () => ({ ...store, close: async () => {} }));

const versioned = createVersionedMemoryStore({ runtime: systemRuntime });

describeObjectStore('memory with versions', async () => versioned);
