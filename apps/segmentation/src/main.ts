import { serve } from '@tidings/service';
import { readConfig } from './config.js';
import { SegmentationModule, segmentationSchema } from './segmentation.module.js';

await serve({ name: 'segmentation', module: SegmentationModule, schemas: [segmentationSchema], config: readConfig() });
