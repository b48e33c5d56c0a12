// A Nest application with one route and nothing else, which answers any body with what it is given as argument. Prints its
// address. What a cached answer is measured against in bench/cache.ts.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const answer = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as object;

@Controller('v1/chat/completions')
class BareController {
  @Post()
  @HttpCode(200)
  create(@Body() _body: unknown): object {
    return answer;
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

const app = await NestFactory.create(BareModule, { logger: false });
await app.listen(0, '127.0.0.1');
process.stdout.write(`${await app.getUrl()}\n`);
