import { httpEnv, kafkaEnv, postgresEnv, readEnv, securityEnv } from '@tidings/service';
import Type from 'typebox';

const schema = Type.Object({ ...kafkaEnv, ...postgresEnv, ...httpEnv, ...securityEnv });

/** Every setting of the analytics service. */
export const readConfig = () => readEnv(schema);
