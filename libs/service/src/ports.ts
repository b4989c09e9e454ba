import { rename, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';

/** The ports that a process listens on. */
export interface Ports {
  readonly http: number;
  readonly admin: number;
}

/** Listens on all addresses and resolves with the port; a port in use rejects with a sentence that names the setting. */
export async function listen(server: Server, port: number, setting: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portError(error, port, setting)));
    server.listen(port, everywhere(), () => resolve());
  });
  return portOf(server);
}

/** All addresses of this machine, IPv6 among them where it has it. */
export function everywhere(): string {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.some((address) => address?.family === 'IPv6') ? '::' : '0.0.0.0';
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}

/** Says in one sentence which setting to change when a port is taken; any other error is what it was. */
export function portError(error: unknown, port: number, setting: string): Error {
  if (!(error instanceof Error)) return new Error(`port ${port} cannot be listened on`, { cause: error });
  if (!('code' in error) || error.code !== 'EADDRINUSE') return error;
  return new Error(`port ${port} is in use by another process; set ${setting} to a free one`, { cause: error });
}

/** Writes the ports for whoever waits for the file: it appears whole or not at all. */
export async function writePorts(file: string, ports: Ports): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(ports)}\n`);
  await rename(`${file}.part`, file);
}
