/** Nobody waits for the numbers of analytics, so it takes many messages at a time, in few transactions. */
export const LINGER_MS = 250;
