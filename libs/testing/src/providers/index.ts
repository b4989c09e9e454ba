export type { Behaviour, SimulatorOptions } from './behaviour.js';
export { startFcmSimulator, type FcmSimulator } from './fcm-simulator.js';
export { readJournal, type JournalEntry } from './journal.js';
export { startSendgridSimulator, type SendgridSimulator, type SentMail } from './sendgrid-simulator.js';
export { startSmtpSimulator, type SmtpSimulator } from './smtp-simulator.js';
export { DispatchWorld, fromNow, providerRecord, templateRecord, testMasterKey, workspaceRecord, type LedgerRow } from './dispatch-world.js';
