/**
 * The address of a service that tests need, from the environment that `npm test` and `tools/with-services.mjs` set. Throws
 * with the command to run when it is not there.
 */
export function serviceAddress(name: 'TEST_DATABASE_URL' | 'TEST_KAFKA_BROKERS', env = process.env): string {
  const address = env[name];
  if (address) return address;
  throw new Error(`${name} is not set; run the spec through the tool that starts Kafka and Postgres: node tools/with-services.mjs <command>`);
}
