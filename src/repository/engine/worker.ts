import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, StoredItem, ToWorker, WorkerSetup } from './messages.ts';
import { createHandler } from './handler.ts';

/** Entry of a worker thread. Waits, blocking, while too many of its bytes are on their way: the store sets the pace. */
const setup = workerData as WorkerSetup;
const inFlight = new Int32Array(setup.inFlight);
const port = parentPort;
if (!port) throw new Error('worker.ts runs in a worker thread only');

const handle = createHandler(
  setup,
  (message) => port.postMessage(message, message.type === 'done' ? openedMemory(message.items) : []),
  (group) => {
    for (;;) {
      const now = Atomics.load(inFlight, 0);
      if (now < setup.inFlightLimit) break;
      Atomics.wait(inFlight, 0, now, 1000);
    }
    Atomics.add(inFlight, 0, group.length);
    const message: FromWorker = { type: 'group', group };
    const owned = [...group.parts, group.ids].filter(ownsItsMemory);
    port.postMessage(
      message,
      owned.map((bytes) => bytes.buffer as ArrayBuffer),
    );
  },
);
port.on('message', (message: ToWorker) => handle(message));

/** Groups that were opened for the other thread move there. */
function openedMemory(items: readonly StoredItem[]): ArrayBuffer[] {
  return items.flatMap(({ opened }) => (opened ? [opened.plain.buffer as ArrayBuffer] : []));
}

/** Small buffers share the memory of Node's pool and must be copied instead. */
function ownsItsMemory(bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength;
}
