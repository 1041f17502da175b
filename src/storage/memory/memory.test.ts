import { systemRuntime } from '../../kernel/runtime.ts';
import { describeObjectStore } from '../conformance.ts';
import { createMemoryStore } from './index.ts';

const store = createMemoryStore({ runtime: systemRuntime });

describeObjectStore('memory', async () => ({ ...store, close: async () => {} }));
