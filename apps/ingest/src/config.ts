import Type from 'typebox';
import { httpEnv, kafkaEnv, readEnv, securityEnv } from '@tidings/service';
import { ingestEnv } from './ingest.settings.js';

const schema = Type.Object({ ...kafkaEnv, ...httpEnv, ...securityEnv, ...ingestEnv });

/** Every setting of the ingest service. */
export const readConfig = () => readEnv(schema);
