#!/usr/bin/env node
// Old versions of Node must be able to parse this file to report that they are too old, so it imports built-ins only.
import { readFileSync } from 'node:fs';

const MINIMUM_NODE = 24;

const USAGE = `claude-code-api: the OpenAI API in front of the Claude Code CLI

Usage: claude-code-api [--help | --version]
       ccapi keys add | list | revoke      who may use it: ccapi keys --help

Settings are read from config/default.toml, config/local.toml (or the file that
CLAUDE_CODE__CONFIG_FILE names) and variables CLAUDE_CODE__SECTION__KEY.
`;

/** Reports an old version of Node, in which no other module can be imported. */
function refuseOldNode(): boolean {
  const isOld = Number(process.versions.node.split('.')[0]) < MINIMUM_NODE;
  if (isOld) {
    process.stderr.write(
      `claude-code-api needs Node.js ${MINIMUM_NODE} or later; this is ${process.versions.node}.\n` +
        'Start it with "npm start" in its directory, which uses a suitable one, or install a newer Node.js.\n',
    );
    process.exitCode = 1;
  }
  return isOld;
}

async function main(options: readonly string[]): Promise<void> {
  const [option] = options;
  if (option === '--help' || option === '-h') {
    process.stdout.write(USAGE);
  } else if (option === '--version') {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    process.stdout.write(`${manifest.version}\n`);
  } else if (option === 'keys') {
    if (refuseOldNode()) return;
    const { runKeysCommand } = await import('./keys/keys-command.ts');
    process.exitCode = runKeysCommand(options.slice(1), {
      environment: process.env,
      directory: process.cwd(),
      output: (text) => process.stdout.write(text),
      report: (text) => process.stderr.write(text),
    });
  } else if (option !== undefined) {
    process.stderr.write(`claude-code-api: unknown option ${option}\n\n${USAGE}`);
    process.exitCode = 64;
  } else if (!refuseOldNode()) {
    const { bootstrap } = await import('./bootstrap.ts');
    await bootstrap();
  }
}

await main(process.argv.slice(2));
