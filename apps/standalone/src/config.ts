import { apiEnv } from '@tidings/api';
import { dispatchEnv } from '@tidings/dispatch';
import { ingestEnv } from '@tidings/ingest';
import { httpEnv, kafkaEnv, postgresEnv, readEnv, securityEnv } from '@tidings/service';
import Type from 'typebox';

const schema = Type.Object({ ...kafkaEnv, ...postgresEnv, ...httpEnv, ...securityEnv, ...ingestEnv, ...dispatchEnv, ...apiEnv });

/** The settings of every service, for all of them in one process. */
export const readConfig = () => readEnv(schema);
