import { httpEnv, kafkaEnv, postgresEnv, readEnv } from '@tidings/service';
import Type from 'typebox';

const schema = Type.Object({ ...kafkaEnv, ...postgresEnv, ...httpEnv });

/** Every setting of segmentation. */
export const readConfig = () => readEnv(schema);
