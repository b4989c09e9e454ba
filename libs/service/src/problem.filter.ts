import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { InfrastructureError } from '@tidings/bus';
import { logger } from './log.js';
import { Problem } from './problem.js';

const log = logger('http');

/** What the filter uses of Fastify's reply. */
interface Reply {
  readonly sent: boolean;
  status(code: number): Reply;
  headers(values: Readonly<Record<string, string>>): Reply;
  type(contentType: string): Reply;
  send(body: string): unknown;
}

/** Turns whatever a request threw into problem details; what is nobody's business but ours is logged and not told. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOf(error);
    if (problem.status === 500) log.error({ err: error }, 'a request failed');
    const reply = host.switchToHttp().getResponse<Reply>();
    if (reply.sent) return;
    reply
      .status(problem.status)
      .headers(problem.extra.headers ?? {})
      .type('application/problem+json')
      .send(JSON.stringify(problem.body()));
  }
}

/** The problem that an error is to the caller. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InfrastructureError) {
    return Problem.ofStatus(503, 'Try again in a moment.', { headers: { 'retry-after': '1' } });
  }
  if (error instanceof HttpException) return Problem.ofStatus(error.getStatus(), error.message);
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  // Fastify's own refusals (body too large, not JSON, unknown content type) say only what the caller sent wrong.
  if (error instanceof Error && typeof status === 'number' && status >= 400 && status < 500) {
    return Problem.ofStatus(status, error.message);
  }
  return Problem.ofStatus(500, 'This is our fault and was logged.');
}
