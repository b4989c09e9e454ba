import type { LoggerService } from '@nestjs/common';
import { logger } from './log.js';

const log = logger('nest');

/** Nest's own words in our log: its warnings and errors; that it mapped a route is nobody's news. */
export const nestLog: LoggerService = {
  log: () => undefined,
  warn: (message: unknown) => log.warn(String(message)),
  error: (message: unknown) =>
    message instanceof Error ? log.error({ err: message }, message.message) : log.error(String(message)),
  fatal: (message: unknown) => log.fatal(String(message)),
};
