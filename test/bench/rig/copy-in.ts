import type pg from 'pg';

const nothing = (): void => undefined;

/** COPY FROM STDIN in the server's own protocol: the peer needs no library for one statement. Resolves when it is committed. */
export const copyIn = (client: pg.Client, sql: string, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const copy = {
      submit: ({ stream }: pg.Connection) => void stream.write(message('Q', Buffer.from(`${sql}\0`))),
      handleCopyInResponse: ({ stream }: pg.Connection) => {
        stream.write(message('d', Buffer.from(text)));
        stream.write(message('c', Buffer.alloc(0)));
      },
      handleCommandComplete: nothing,
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    };
    client.query(copy);
  });

/** A letter, the length with its own four bytes, and what is said. */
function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
