import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Header, Inject, Param, StreamableFile } from '@nestjs/common';
import { asyncApi, definitionSchemas } from '@tidings/contracts';
import { Problem, Public } from '@tidings/service';
import { API_SETTINGS, type ApiSettings } from '../api-settings.js';
import { openApi } from './open-api.js';

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tidings API</title><link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><div id="ui"></div><script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body></html>`;
const start = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#ui', deepLinking: true })`;
const files: Readonly<Record<string, string>> = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' };

/** The API, the topics and the definition files, described for people and for tools. */
@Controller('api')
@Public()
export class DocumentsController {
  constructor(@Inject(API_SETTINGS) private readonly settings: ApiSettings) {}

  @Get('openapi.json')
  openApi(): object {
    return openApi();
  }

  @Get('asyncapi.json')
  asyncApi(): object {
    return asyncApi(this.settings.topicPrefix);
  }

  @Get('schemas/:name')
  schema(@Param('name') name: string): object {
    const schemas: Readonly<Record<string, object>> = definitionSchemas();
    const schema = Object.hasOwn(schemas, name.replace(/\.json$/, '')) ? schemas[name.replace(/\.json$/, '')] : undefined;
    if (schema === undefined) throw new Problem(404, 'Not found', `schemas are ${Object.keys(schemas).join(', ')}`);
    return schema;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return page;
  }

  @Get('docs/start.js')
  @Header('content-type', 'text/javascript')
  start(): string {
    return start;
  }

  @Get('docs/:file')
  async file(@Param('file') name: string): Promise<StreamableFile> {
    const type = Object.hasOwn(files, name) ? files[name] : undefined;
    if (type === undefined) throw new Problem(404, 'Not found');
    const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
    return new StreamableFile(await readFile(join(folder, name)), { type });
  }
}
