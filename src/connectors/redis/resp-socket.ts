import type { Socket } from 'node:net';
import { encodeCommands, type Command } from './resp-command.ts';
import { createReplyReader, type Reply } from './resp-reply.ts';

/** Commands and their replies over one socket. */
export interface RespSocket {
  /** One reply for each command, all sent in one write. Throws when the connection breaks first. */
  request(commands: readonly Command[]): Promise<Reply[]>;
  destroy(): void;
}

interface Request {
  readonly replies: Reply[];
  readonly count: number;
  readonly resolve: (replies: Reply[]) => void;
  readonly reject: (error: Error) => void;
}

/** `silenceMs`: a server that owes an answer and says nothing for so long has gone. */
export function createRespSocket(socket: Socket, silenceMs: number): RespSocket {
  const waiting: Request[] = [];
  let broken: Error | undefined;

  function fail(error: Error): void {
    broken ??= error;
    socket.destroy();
    for (const { reject } of waiting.splice(0)) reject(broken);
  }
  const reader = createReplyReader((reply) => {
    const request = waiting[0];
    // Why it lets nobody in, a server says unasked.
    if (!request) return fail(reply instanceof Error ? reply : new Error('the server said what nobody asked for'));
    request.replies.push(reply);
    if (request.replies.length < request.count) return;
    waiting.shift();
    if (waiting.length === 0) socket.setTimeout(0);
    request.resolve(request.replies);
  });
  socket.on('data', (piece: Buffer) => {
    try {
      reader.add(piece);
    } catch (error) {
      fail(error as Error);
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('timeout', () => fail(new Error(`the server has said nothing for ${silenceMs / 1000} seconds`)));
  return {
    async request(commands) {
      if (broken) throw broken;
      if (commands.length === 0) return [];
      return await new Promise<Reply[]>((resolve, reject) => {
        if (waiting.length === 0) socket.setTimeout(silenceMs);
        waiting.push({ replies: [], count: commands.length, resolve, reject });
        socket.write(encodeCommands(commands));
      });
    },
    destroy: () => fail(new Error('the connection was closed')),
  };
}
