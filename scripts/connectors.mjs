// `npm run docs:connectors`: runs the tests of all connectors and writes docs/connectors.md from what they have shown. No
// cell of it is filled by hand.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startVitest } from 'vitest/node';
import { root } from './prepare.mjs';

const header = `# Connectors

Written by \`npm run docs:connectors\` from the run of the tests; no cell is filled by hand. Each connector's readme says what it captures, what it
cannot, and which permissions it needs; \`holdfast doctor --policy\` prints those of a configuration.

- **capture**: seeded through the SDK, captured twice without a failure and twice the same.
- **calls**: calls of a capture for each resource of the seeded ones, listings included.
- **denied**: each call of a capture was denied in turn, and cost what it reads, by a failure that names it, and nothing else.
- **restore**: damaged and deleted through the SDK, restored by a plan, read back through the SDK and found equal; a second plan is empty.
- **other region**: restored there beside the original, and read back through the SDK: equal apart from the region and announced identities.
- **drift**: the damage shows when live and captured are compared.
- **served by**: who answered. None of it has been compared with AWS itself.
`;

const columns = ['capture', 'calls', 'denied', 'restore', 'other region', 'drift'];

/** What the tests of a run noted, by connector. */
function matrixOf(modules) {
  const found = new Map();
  for (const module of modules)
    for (const test of module.children.allTests())
      for (const cell of test.meta().matrix ?? []) {
        const row = found.get(cell.connector) ?? { ...cell, cells: new Map() };
        found.set(cell.connector, row);
        if (test.result().state === 'passed') row.cells.set(cell.cell, cell);
      }
  return [...found.values()].sort((a, b) => (a.connector < b.connector ? -1 : 1));
}

function renderMatrix(rows) {
  const lines = [
    header,
    `| connector | ${columns.join(' | ')} | served by |`,
    `|---|${'---|'.repeat(columns.length + 1)}`,
  ];
  for (const row of rows) {
    const cells = columns.map((column) => {
      const cell = row.cells.get(column);
      if (cell === undefined) return '';
      return cell.instead ?? cell.value ?? 'yes';
    });
    const readme = `[\`${row.connector}\`](../src/connectors/${row.connector}/README.md)`;
    lines.push(`| ${readme} | ${cells.join(' | ')} | ${row.servedBy} |`);
  }
  lines.push('', '## What does not come back as it was', '', 'By the ledger of the seeded resources.', '');
  for (const { connector, cells } of rows) {
    const ledger = cells.get('ledger');
    if (ledger) lines.push(`- \`${connector}\`: ${ledger.value ?? ledger.instead}`);
  }
  lines.push('', '## What no emulator could show', '');
  for (const { connector, unverified } of rows)
    if (unverified.length > 0) lines.push(`- \`${connector}\`: ${unverified.join('; ')}`);
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === path.join(root, 'scripts', 'connectors.mjs')) {
  let modules = [];
  process.env.HOLDFAST_DENIED = '1';
  // Some restores take so long that they are tested with the long suite.
  process.env.HOLDFAST_SUITE = 'all';
  const vitest = await startVitest('test', ['src/connectors'], {
    run: true,
    watch: false,
    testNamePattern: 'connector conformance',
    reporters: ['default', { onTestRunEnd: (ended) => void (modules = ended) }],
  });
  await vitest.close();
  await writeFile(path.join(root, 'docs', 'connectors.md'), renderMatrix(matrixOf(modules)));
}
