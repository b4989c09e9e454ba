import { serve } from '@tidings/service';
import { readConfig } from './config.js';
import { SegmentationModule, segmentationSchema } from './segmentation.module.js';

const config = readConfig();
await serve({ name: 'segmentation', module: SegmentationModule.with(config), schemas: [segmentationSchema], config });
