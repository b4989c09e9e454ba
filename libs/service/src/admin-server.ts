import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Diagnosis, Health } from './health.js';
import type { Scrape } from './prometheus.js';

/** The server for probes and scrapes; plain Node, so that it answers from the first moment to the last. */
export function adminServer(health: Health, scrape: Scrape): Server {
  return createServer((request, response) => {
    switch (pathOf(request)) {
      case '/health/live':
        return tell(response, health.live());
      case '/health/ready':
        return tell(response, health.ready());
      case '/metrics':
        return scrape(request, response);
      default:
        response.writeHead(404).end();
    }
  });
}

const pathOf = ({ method, url }: IncomingMessage): string =>
  method === 'GET' || method === 'HEAD' ? ((url ?? '').split('?', 1)[0] ?? '') : '';

function tell(response: ServerResponse, { ok, checks }: Diagnosis): void {
  const body = JSON.stringify({ status: ok ? 'ok' : 'failing', checks });
  response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body);
}
