import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HeldPublisher, keys, startApp } from '../app.fixture.js';

const body = JSON.stringify({ userId: 'ann', event: 'E' });
const authorization = `authorization: Basic ${Buffer.from(`${keys.write.text}:`).toString('base64')}\r\n`;
const head = (...lines: readonly string[]): string =>
  `POST /v1/track HTTP/1.1\r\nhost: ingest\r\n${authorization}${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const call = head(`content-length: ${body.length}`) + body;

describe('the routes of the tracking API, byte by byte', () => {
  let publisher: HeldPublisher;
  let app: NestFastifyApplication;
  let socket: Socket;
  let heard: string;

  beforeEach(async () => {
    publisher = new HeldPublisher();
    const started = await startApp({ publisher, config: { ACK_TIMEOUT_MS: 60_000 } });
    app = started.app;
    const { port, hostname } = new URL(started.url);
    socket = connect(Number(port), hostname);
    heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    await once(socket, 'connect');
  });
  afterEach(async () => {
    socket.destroy();
    await app.close();
  });

  async function until(true_: () => boolean): Promise<void> {
    while (!true_()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async function published(count: number): Promise<void> {
    await until(() => publisher.held.length === count);
    publisher.held.at(-1)?.resolve();
  }

  it('takes a body in pieces and in chunks, one call after the other on a connection', async () => {
    socket.write(head(`content-length: ${body.length}`));
    socket.write(body.slice(0, 7));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(body.slice(7));
    await published(1);
    await until(() => heard.endsWith('{"success":true}'));
    socket.write(`${head('transfer-encoding: chunked')}7\r\n${body.slice(0, 7)}\r\n`);
    socket.write(`${(body.length - 7).toString(16)}\r\n${body.slice(7)}\r\n0\r\n\r\n`);
    await published(2);
    await until(() => heard.split('{"success":true}').length === 3);
    expect(heard.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  it('refuses chunks without end at the limit, and hangs up', async () => {
    socket.write(head('transfer-encoding: chunked'));
    socket.on('error', () => undefined);
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    for (let sent = 0; sent < 16; sent++) socket.write(chunk);
    await once(socket, 'close');
    expect(heard).toMatch(/^HTTP\/1\.1 413 [^]*larger than 500 KB/);
    expect(heard).toMatch(/connection: close/i);
    expect(publisher.held).toHaveLength(0);
  });

  it('forgets a call that is cut off, and answers the next', async () => {
    const other = connect(socket.remotePort ?? 0, socket.remoteAddress);
    other.end(head(`content-length: ${body.length}`) + body.slice(0, 7));
    await once(other.resume(), 'close');
    socket.write(call);
    await published(1);
    await until(() => heard.endsWith('{"success":true}'));
    expect(publisher.held).toHaveLength(1);
  });

  it('takes any content type, as long as the body is JSON', async () => {
    socket.write(head('content-type: whatever', `content-length: ${body.length}`) + body);
    await published(1);
    await until(() => heard.endsWith('{"success":true}'));
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('answers what it has in hand when it leaves, and keeps no connection open', async () => {
    socket.write(call);
    await until(() => publisher.held.length === 1);
    const closed = app.close();
    await until(() => !(app.getHttpServer() as { listening: boolean }).listening);
    publisher.held[0]?.resolve();
    await once(socket, 'close');
    await closed;
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{"success":true\}$/);
    expect(heard).toMatch(/connection: close/i);
  });
});
