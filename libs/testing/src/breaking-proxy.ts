import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Between a client and its server, to break their connection in the middle of something. */
export interface BreakingProxy {
  /** The server's url, by way of the proxy. */
  readonly url: string;
  readonly close: () => void;
}

/** A proxy that passes everything on, and resets a connection over which the client sends `word`. */
export async function breakingProxy(serverUrl: string, word: string): Promise<BreakingProxy> {
  const { hostname, port } = new URL(serverUrl);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) open.add(socket.on('error', () => undefined));
    client.on('data', (bytes) => {
      if (!bytes.includes(word)) return void upstream.write(bytes);
      client.resetAndDestroy();
      upstream.destroy();
    });
    client.on('close', () => upstream.destroy());
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = Object.assign(new URL(serverUrl), { host: `127.0.0.1:${(server.address() as AddressInfo).port}` }).toString();
  return {
    url,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
