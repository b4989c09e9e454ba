// @ts-check

/**
 * @typedef {object} Local what a started runtime tells people and programs; kept in `.tidings/local.json`
 * @property {string} url
 * @property {string} adminUrl
 * @property {string} writeKey
 * @property {string} secretKey
 * @property {string} kafkaBrokers
 * @property {string} topicPrefix
 * @property {string} databaseUrl
 */

/**
 * The block that `npm start` ends with: where everything is, and a first call to try.
 * @param {Local} local
 */
export function announcement({ url, writeKey, secretKey, kafkaBrokers, topicPrefix }) {
  const batch = [
    { type: 'identify', userId: 'first-profile', traits: { email: 'first.profile@example.com' } },
    { type: 'track', userId: 'first-profile', event: 'Signed Up' },
  ];
  return `
Tidings is ready.

  Events, API  ${url}   (described at ${url}/api/docs)
  Sandbox      ${url}/sandbox   (what would have been delivered)
  Write key    ${writeKey}
  Secret key   ${secretKey}
  Kafka        ${kafkaBrokers}   (write to the topic ${topicPrefix}inbound)

Sign somebody up, and see the welcome message in the sandbox:

  curl -u ${writeKey}: -H 'content-type: application/json' ${url}/v1/batch \\
    -d '${JSON.stringify({ batch })}'

Ctrl-C stops everything.
`;
}
