import type { BusLog } from '@tidings/bus';
import { logger } from './log.js';

const log = logger('bus');

/** The bus's words in our log. */
export const busLog: BusLog = (level, message, fields = {}) => log[level](fields, message);
