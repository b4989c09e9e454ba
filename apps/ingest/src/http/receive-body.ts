import type { IncomingMessage } from 'node:http';

/**
 * Hands over the bytes of a request once they are all there, or null as soon as it is plain that they are more than
 * `limit`. A request that is cut off is never handed over: nobody waits for its answer.
 */
export function receiveBody(request: IncomingMessage, limit: number, then: (body: Buffer | null) => void): void {
  if (Number(request.headers['content-length']) > limit) return then(null);
  const chunks: Buffer[] = [];
  let received = 0;
  const take = (chunk: Buffer): void => {
    received += chunk.length;
    if (received <= limit) return void chunks.push(chunk);
    request.off('data', take).off('end', finish);
    then(null);
  };
  const finish = (): void => then(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, received));
  request.on('data', take).on('end', finish);
}
