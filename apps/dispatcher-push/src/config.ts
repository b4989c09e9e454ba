import { dispatchEnv } from '@tidings/dispatch';
import { httpEnv, kafkaEnv, postgresEnv, readEnv, securityEnv } from '@tidings/service';
import Type from 'typebox';

const schema = Type.Object({ ...kafkaEnv, ...postgresEnv, ...httpEnv, ...securityEnv, ...dispatchEnv });

/** Every setting of the push dispatcher. */
export const readConfig = () => readEnv(schema);
