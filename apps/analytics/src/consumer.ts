import type { ConsumesOptions } from '@tidings/bus';

/** How analytics consumes. Nobody waits for its numbers, so that it takes many messages at a time, in few transactions. */
export const analytics = { group: 'analytics', schema: 'analytics', lingerMs: 250 } as const satisfies ConsumesOptions;
