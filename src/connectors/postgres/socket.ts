import { Socket } from 'node:net';

/** Bytes that are read at a time. */
const readBytes = 256 * 1024;

type Listener = (bytes: Buffer) => void;
const rawListeners = new WeakMap<object, { listener: Listener | undefined }>();

/**
 * A socket that reads into one buffer, again and again: sockets of Node make a new one for each read, and while rows stream
 * at hundreds of MB a second, collecting those costs more than reading. Encrypted connections have ordinary ones.
 */
export function openSocket(config?: { readonly ssl?: unknown }): Socket {
  if (config?.ssl) return new Socket();
  const raw: { listener: Listener | undefined } = { listener: undefined };
  const socket: Socket = new Socket({
    onread: {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback(length: number, buffer: Buffer) {
        const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length);
        if (raw.listener) raw.listener(bytes);
        // Whoever listens for `data` may keep what he is given.
        else socket.emit('data', Buffer.from(bytes));
        return true;
      },
    },
  } as ConstructorParameters<typeof Socket>[0]);
  rawListeners.set(socket, raw);
  return socket;
}

/** From now on what comes goes to the listener alone, until the function that is returned is called. It is lent. */
export function takeOver(stream: NodeJS.ReadableStream, listener: Listener): () => void {
  const before = stream.listeners('data') as Listener[];
  for (const other of before) stream.removeListener('data', other);
  const raw = rawListeners.get(stream);
  if (raw) raw.listener = listener;
  else stream.on('data', listener);
  return () => {
    if (raw) raw.listener = undefined;
    else stream.removeListener('data', listener);
    for (const other of before) stream.on('data', other);
  };
}
